#include "api/http/read_options.h"

namespace skald::http {

Result<ReadOptions, Problem> read_options(const Request& request,
                                          const eventstore::StoreInfo& store) {
    auto token = token_of(request, store);
    if (!token) return unexpected(std::move(token.error()));
    auto wait = skald_wait(request);
    if (!wait) return unexpected(std::move(wait.error()));
    return ReadOptions{std::move(*token), *wait};
}

}  // namespace skald::http
