// Conditional requests (RFC 9110, section 13) with strong ETags made of versions: "7".
#pragma once

#include <optional>
#include <string>

#include "api/http/problem.h"
#include "domain/kernel/result.h"
#include "eventstore/types.h"

namespace skald::http {

// "7", in quotes.
std::string etag(eventstore::Version version);

// Whether If-None-Match names the present version, so that 304 is the answer. Malformed: 400.
Result<bool, Problem> is_unchanged(const Request& request, eventstore::Version present);
// 304 with the ETag.
Response not_modified(eventstore::Version version);

// What If-Match demands. `exists`: "*". One version at most; a list, or an ETag that no version of
// ours has, is refused: 400 when malformed, 412 when it can never hold.
struct IfMatch {
    bool exists = false;
    std::optional<eventstore::Version> version;
};
Result<IfMatch, Problem> if_match(const Request& request);

}  // namespace skald::http
