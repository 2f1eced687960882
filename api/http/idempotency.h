// Which command a request is: the same Idempotency-Key of the same principal on the same method and
// path is the same command, for ever.
#pragma once

#include "api/http/problem.h"
#include "api/json/value.h"
#include "domain/kernel/result.h"
#include "eventstore/types.h"

namespace skald::http {

struct CommandKey {
    eventstore::CommandId id;
    bool from_outside = false;  // made of an Idempotency-Key; else fresh
    eventstore::Fingerprint fingerprint{};
};

// The id alone: of a key that is none, or of no key, a fresh one each time. Two ways of writing a
// path, with percent-encoding or without, are one path.
eventstore::CommandId command_id(const Request& request);

// `body`: the parsed body, null where the request has none. The key has 1 to 255 printable ASCII
// characters, else 400. The fingerprint covers the body's canonical JSON and If-Match.
Result<CommandKey, Problem> command_key(const Request& request, const json::Value& body);

}  // namespace skald::http
