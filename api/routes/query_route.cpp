#include "api/routes/query_route.h"

#include <algorithm>

namespace skald::routes {

namespace {

constexpr std::chrono::milliseconds heads_time_max{2000};

// A token is not signed: what it names has to have happened, or waiting for it would be in vain.
std::optional<http::Problem> fault_of(const http::Token& token, const http::Request& request,
                                      const Services& services) {
    if (!is_beyond(token.heads, services.heads->heads())) return std::nullopt;
    const auto deadline = std::min(request.deadline, http::Clock::now() + heads_time_max);
    const auto heads =
        services.log->with(deadline, [](eventstore::Log& log) { return log.heads(); });
    services.heads->announce(heads);
    if (!is_beyond(token.heads, heads)) return std::nullopt;
    auto problem = http::bad_request(
        "token_ahead", "The token speaks of events that the log does not have. Read without it.");
    problem.errors.push_back(
        {request.header("Skald-Token") ? "/header/Skald-Token" : "/query/token", problem.code,
         "must be one that this API gave out"});
    return problem;
}

}  // namespace

bool is_beyond(const eventstore::Heads& wanted, const eventstore::Heads& heads) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i >= heads.size() || wanted[i] > heads[i]) return true;
    }
    return false;
}

Result<Asked, http::Problem> asked_of(const http::Request& request, const Services& services) {
    auto options = http::read_options(request, services.store);
    if (!options) return unexpected(std::move(options.error()));
    Asked asked;
    if (options->token) {
        if (auto fault = fault_of(*options->token, request, services)) {
            return unexpected(std::move(*fault));
        }
    }
    const auto wait = request.header("Skald-Wait") ? options->wait : services.wait_default;
    asked.request.deadline = std::min(request.deadline, request.begun + wait);
    if (options->token) asked.request.wanted = options->token->heads;
    asked.known = std::move(options->token);
    return asked;
}

http::Problem lagging(const projections::Lagging& lag) {
    const auto behind = lag.wanted - lag.have;
    auto problem = http::unavailable(
        "read_model_lagging",
        "The read model " + lag.read_model + " is " + std::to_string(behind) +
            (behind == 1 ? " event" : " events") + " behind the token: partition " +
            std::to_string(lag.partition.value()) + " is at " + std::to_string(lag.have.value()) +
            ", the token asks for " + std::to_string(lag.wanted.value()) +
            ". Ask again, or wait longer with Skald-Wait.");
    problem.again_until = lag.again_until;
    return problem;
}

std::string token_text(const Services& services, const std::optional<http::Token>& known,
                       const eventstore::Heads& heads) {
    auto token = http::Token::nothing_of(services.store);
    token.heads = heads;
    token.heads.resize(static_cast<std::size_t>(services.store.partitions));
    if (known) token.merge(*known);
    return token.encode();
}

http::Problem no_such(std::string_view target, std::string_view id) {
    auto problem =
        http::not_found("There is no " + std::string(target) + " " + std::string(id) + ".");
    problem.code = std::string(target) + "_not_found";
    return problem;
}

http::Problem absence(std::string_view target, std::string_view id,
                      const std::optional<projections::ParkedNote>& parked) {
    if (!parked) return no_such(target, id);
    auto problem =
        http::not_found("What there is of " + std::string(target) + " " + std::string(id) +
                        " is held back, since one of its events could not be applied (" +
                        parked->reason + "). An operator has to release it.");
    problem.code = std::string(target) + "_parked";
    return problem;
}

http::BlockingHandler guarded(http::BlockingHandler handler) {
    return [handler = std::move(handler)](
               const http::Request& request) -> Result<http::Response, http::Problem> {
        try {
            return handler(request);
        } catch (const std::invalid_argument&) {
            return unexpected(http::bad_request(
                "cursor_invalid", "The cursor does not belong to this list. Start without one."));
        }
    };
}

projections::KeysetPage keyset_of(const http::ListQuery& query) {
    projections::KeysetPage page;
    page.limit = static_cast<std::int32_t>(query.limit);
    if (!query.cursor) return page;
    page.direction = query.cursor->direction == http::Direction::backward
                         ? projections::PageDirection::backward
                         : projections::PageDirection::forward;
    page.after = query.cursor->keys;
    return page;
}

}  // namespace skald::routes
