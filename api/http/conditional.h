// Conditional requests (RFC 9110, section 13) with strong ETags made of versions: "7", and for what
// is shown with more than its version tells, of a digest too: "7.k3Jx...".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/http/problem.h"
#include "domain/kernel/result.h"
#include "eventstore/types.h"

namespace skald::http {

// "7", in quotes.
std::string etag(eventstore::Version version);
// Of a thing that is shown with what changes without it, such as prices: "7.k3Jx...", the version
// and a digest of all that is shown.
std::string etag(eventstore::Version version, std::string_view shown);

// Whether If-None-Match names the present ETag, so that 304 is the answer. Malformed: 400.
Result<bool, Problem> is_unchanged(const Request& request, std::string_view present);
// 304 with the ETag.
Response not_modified(std::string etag);

// What If-Match demands. `exists`: "*". One version at most; a list, or an ETag that no version of
// ours has, is refused: 400 when malformed, 412 when it can never hold. `with_digest`: it is the
// ETag of what is shown with more than its version tells, which most things never have.
struct IfMatch {
    bool exists = false;
    std::optional<eventstore::Version> version;
    bool with_digest = false;
};
Result<IfMatch, Problem> if_match(const Request& request);

}  // namespace skald::http
