#include "api/routes/receipts.h"

#include "api/http/parameters.h"
#include "api/json/write.h"
#include "api/routes/query_route.h"

namespace skald::routes {

struct CommandOutcome {
    std::string id;
    std::string outcome;
    std::optional<std::string> stream;
    std::optional<std::int64_t> version;  // of the stream, once the command was done
    std::int32_t events = 0;              // it appended to the stream
    std::optional<std::string> location;  // of the thing that the command was about
};
BOOST_DESCRIBE_STRUCT(CommandOutcome, (), (id, outcome, stream, version, events, location))

namespace {

std::optional<std::string> location_of(const eventstore::StreamName& stream) {
    for (const auto& [category, path] : {std::pair{"product", "/v1/products/"},
                                         {"stock", "/v1/stock/"},
                                         {"account", "/v1/accounts/"},
                                         {"cart", "/v1/carts/"},
                                         {"order", "/v1/orders/"},
                                         {"payment", "/v1/payments/"}}) {
        if (stream.category() == category) return path + std::string(stream.id());
    }
    if (stream.category() == "shipment") {  // which its order tells of
        return "/v1/orders/" + std::string(stream.id().substr(0, stream.id().find('.')));
    }
    return std::nullopt;
}

CommandOutcome shown(const eventstore::Receipt& receipt) {
    CommandOutcome outcome{.id = eventstore::to_text(receipt.id.value()),
                           .outcome = std::string(eventstore::name_of(receipt.verdict)),
                           .stream = std::nullopt,
                           .version = std::nullopt,
                           .events = receipt.count,
                           .location = std::nullopt};
    if (receipt.stream.text().empty()) return outcome;  // a cancelled command never named one
    outcome.stream = receipt.stream.text();
    outcome.version = receipt.version_after().value();
    outcome.location = location_of(receipt.stream);
    return outcome;
}

Result<http::Response, http::Problem> get(const http::Request& request, const Services& services) {
    http::Parameters parameters(request);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    const auto known = http::token_of(request, services.store);
    if (!known) return unexpected(known.error());
    std::optional<eventstore::Receipt> receipt;
    eventstore::Heads heads = services.heads->heads();
    if (const auto id = eventstore::parse_uuid(request.parameter("id"))) {
        receipt = services.log->with(request.deadline, [&](eventstore::Log& log) {
            auto found = log.receipt(eventstore::CommandId(*id));
            heads = log.heads();  // behind the receipt, so that they reflect it
            return found;
        });
        services.heads->announce(heads);
    }
    if (!receipt) {
        auto problem = http::not_found(
            "No outcome of this command is recorded. It was refused, never arrived, or is still "
            "on its way: only sending it again with the same Idempotency-Key settles it.");
        problem.code = "not_recorded";
        problem.headers.emplace_back("Skald-Token", token_text(services, *known, heads));
        return unexpected(std::move(problem));
    }
    return http::json_response(200, json::to_text(shown(*receipt)))
        .with("Skald-Token", token_text(services, *known, heads));
}

}  // namespace

std::vector<http::Route> receipt_routes(const Services& services) {
    std::vector<http::Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/v1/commands/{id}",
         .handler = guarded([&services](const auto& request) { return get(request, services); }),
         .doc = {.tag = "commands",
                 .summary = "What became of a command, by the id in Skald-Command",
                 .description = "appended, nothing_to_do, refused or cancelled. 404 not_recorded "
                                "is no promise that it will not happen.",
                 .answers = {{200, "its outcome", json::shape<CommandOutcome>()}}}});
    return routes;
}

}  // namespace skald::routes
