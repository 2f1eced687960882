// Signed cursors of keyset pages. A cursor names the row it stands at by its sort keys; it is bound
// to the list, its order and its filters, and cannot be made or changed by clients. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http/problem.h"
#include "domain/kernel/result.h"

namespace skald::http {

enum class Direction { forward, backward };

// `keys`: the sort key of the row and what breaks ties, as texts.
struct Cursor {
    Direction direction = Direction::forward;
    std::vector<std::string> keys;
    friend bool operator==(const Cursor&, const Cursor&) = default;
};

class CursorCodec {
  public:
    // `secret` is shared by all processes of the store; at least 16 bytes.
    explicit CursorCodec(std::string secret);

    // `scope` is the list, its order and its filters, as one unambiguous text.
    std::string encode(const Cursor& cursor, std::string_view scope) const;
    // 400 with code cursor_invalid when it was not made by encode, cursor_of_other_list when it
    // was, for another scope.
    Result<Cursor, Problem> decode(std::string_view text, std::string_view scope) const;

  private:
    std::string secret_;
};

}  // namespace skald::http
