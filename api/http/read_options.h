// What every query accepts beside its parameters: the client's token, and how long it will wait for
// the read model to reach it.
#pragma once

#include "api/http/preferences.h"
#include "api/http/token.h"

namespace skald::http {

struct ReadOptions {
    std::optional<Token> token;
    std::chrono::milliseconds wait = skald_wait_default;
};

// 400 for what is malformed.
Result<ReadOptions, Problem> read_options(const Request& request,
                                          const eventstore::StoreInfo& store);

}  // namespace skald::http
