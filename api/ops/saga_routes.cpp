// /ops/sagas: which sagas wait for an operator, what happened to one, and which repairs are
// possible.
#include "api/ops/repair_shop.h"
#include "api/ops/routes.h"
#include "api/ops/saga_requests.h"
#include "api/routes/query_route.h"
#include "api/saga_views/views.h"
#include "sagas/engine/step.h"

namespace skald::ops {
namespace {

using routes::Services;
using saga_views::SagaRow;

const http::ListOrder saga_order{{"urgency"}, "urgency"};
constexpr std::int64_t older_than_s_max = 10 * 366 * std::int64_t{86'400};

Result<http::Response, http::Problem> sagas_of(const http::Request& request,
                                               const Services& services) {
    http::Parameters parameters(request);
    const auto word = [&](std::string_view name) {
        return parameters.text(name, json::text(1, saga_word_max));
    };
    saga_views::SagaFilter filter{.saga = word("saga"),
                                  .phase = word("phase"),
                                  .step = word("step"),
                                  .code = word("code"),
                                  .older_than = {}};
    if (const auto seconds = parameters.integer("older_than_s", 0, older_than_s_max))
        filter.older_than = std::chrono::seconds(*seconds);
    for (auto& fault : saga_views::faults_of(filter))
        parameters.add_issue(fault.pointer, fault.code, fault.detail);
    const auto query = http::read_list(parameters, saga_order, *services.cursors);
    if (!query) return unexpected(query.error());
    if (query->descending)
        return unexpected(http::invalid(
            {{"/query/sort", "bad_choice", "must be urgency: stuck ones come first"}}));
    const auto read =
        routes::with_connection(services, request.deadline, [&](pq::Connection& connection) {
            return saga_views::list_sagas(connection, filter, routes::keyset_of(*query));
        });
    http::Page<SagaRow> page;
    page.data = read.rows;
    page.pagination = http::paginate(*query, {read.has_next, read.has_prev, read.first, read.last},
                                     *services.cursors);
    return http::json_response(200, json::to_text(page));
}

Result<http::Response, http::Problem> one_saga(const http::Request& request,
                                               const Services& services, const RepairShop& shop) {
    http::Parameters parameters(request);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    const auto& text = request.parameter("stream");
    const auto stream = eventstore::StreamName::parse(text);
    const auto absent = [&](const std::string& detail) {
        auto problem = http::not_found(detail);
        problem.code = "saga_not_found";
        return unexpected(std::move(problem));
    };
    if (!stream) return absent("There is no saga " + text + ".");
    const auto sight = services.log->with(
        request.deadline, [&](eventstore::Log& log) { return shop.desk().look(log, *stream); });
    if (!sight && sight.error().code == "unknown_saga") return absent(sight.error().detail);
    if (!sight) return unexpected(http::conflict(sight.error().code, sight.error().detail));
    const auto at = routes::with_connection(services, request.deadline, sagas::database_time);
    return http::json_response(200, json::to_text(saga_views::view_of(*sight, at)));
}

}  // namespace

std::vector<http::Route> saga_routes(const Services& services, RepairShop& shop) {
    auto filters = http::list_parameter_docs(saga_order);
    const auto add = [&](std::string name, std::string description) {
        filters.push_back({.name = std::move(name), .description = std::move(description)});
    };
    add("saga", "only of this name, such as checkout");
    add("phase", "only in this phase");
    add("step", "only at this step");
    add("code", "only those undone or stuck for this reason");
    filters.push_back({.name = "older_than_s",
                       .description = "only those that have not moved for so many seconds",
                       .schema = json::integer_schema(json::integer(0, older_than_s_max))});
    std::vector<http::Route> routes;
    routes.push_back({.method = "GET",
                      .path = "/ops/sagas",
                      .handler = routes::guarded(
                          [&services](const auto& request) { return sagas_of(request, services); }),
                      .doc = {.tag = "ops",
                              .summary = "The sagas, stuck ones first, then by age",
                              .parameters = std::move(filters),
                              .answers = {{200, "a page", json::shape<http::Page<SagaRow>>()}}}});
    routes.push_back(
        {.method = "GET",
         .path = "/ops/sagas/{stream}",
         .handler = routes::guarded(
             [&services, &shop](const auto& request) { return one_saga(request, services, shop); }),
         .doc = {.tag = "ops",
                 .summary = "A saga: what happened, and which repairs are possible",
                 .answers = {{200, "the saga", json::shape<saga_views::SagaView>()}}}});
    for (auto& route : saga_repair_routes(services, shop)) routes.push_back(std::move(route));
    return routes;
}

}  // namespace skald::ops
