// /ops/sagas/plan and /ops/sagas/apply: what a repair would do, and doing exactly that.
#include <algorithm>

#include "api/http/parameters.h"
#include "api/ops/repair_shop.h"
#include "api/ops/routes.h"
#include "api/ops/saga_requests.h"
#include "api/routes/query_route.h"
#include "api/saga_views/views.h"
#include "sagas/engine/step.h"

namespace skald::ops {

json::Rules rules_for(json::Tag<SagaFilterRequest>) {
    const auto word = json::text(1, saga_word_max);
    return {{"saga", word},
            {"phase", json::one_of(saga_views::phase_names())},
            {"step", word},
            {"code", word},
            {"older_than_s", json::integer(0, 10 * 366 * std::int64_t{86'400})}};
}
json::Rules rules_for(json::Tag<SagaPlanRequest>) {
    return {{"streams", json::list(1, sagas::plan_sagas_max)},
            {"reason", json::text(1, sagas::repair_text_bytes_max)},
            {"reference", json::text(1, sagas::repair_text_bytes_max)}};
}
json::Rules rules_for(json::Tag<SagaApplyRequest>) {
    auto rules = rules_for(json::Tag<SagaPlanRequest>{});
    rules.emplace_back("actor", json::text(1, sagas::repair_text_bytes_max));
    rules.emplace_back("plan", json::text(1, 64).about("the hash that the plan answered"));
    return rules;
}

namespace {

using eventstore::StreamName;
using routes::Services;

template <class Body>
saga_views::Selection selection_of(const Body& body) {
    saga_views::Selection selection;
    if (body.streams) selection.streams = *body.streams;
    if (!body.filter) return selection;
    const auto& from = *body.filter;
    selection.filter = {.saga = from.saga,
                        .phase = from.phase,
                        .step = from.step,
                        .code = from.code,
                        .older_than = {}};
    if (from.older_than_s) selection.filter.older_than = std::chrono::seconds(*from.older_than_s);
    return selection;
}

template <class Body>
void check_selection(const Body& body, json::Findings& findings) {
    for (const auto& fault : saga_views::faults_of(selection_of(body)))
        findings.add("/" + fault.pointer, fault.code, fault.detail);
}

template <class Body>
void check_repair(const sagas::Repair& repair, const Body& body, json::Findings& findings) {
    for (const auto& fault : sagas::faults_of(repair))
        findings.add("/" + fault.pointer, fault.code, fault.detail);
    check_selection(body, findings);
}

// Whoever plans is not asked for a name: the plan does not depend on it.
sagas::Repair repair_of(const SagaPlanRequest& body) {
    return {body.action, "planner", body.reason, body.reference.value_or("")};
}
sagas::Repair repair_of(const SagaApplyRequest& body) {
    return {body.action, body.actor, body.reason, body.reference.value_or("")};
}

// The body, with all that is wrong with it.
template <class Body>
Result<Body, http::Problem> body_of(const http::Request& request) {
    http::Parameters parameters(request);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    auto body = json::parse_as<Body>(request.body);
    if (!body) return unexpected(http::invalid(std::move(body.error())));
    json::Findings findings;
    check_repair(repair_of(*body), *body, findings);
    if (!findings.empty()) return unexpected(http::invalid(findings.take()));
    return *std::move(body);
}

template <class Body>
sagas::Plan plan_of(const Body& body, const http::Request& request, const Services& services,
                    const RepairShop& shop) {
    std::vector<StreamName> streams;
    kernel::Timestamp at;
    routes::with_connection(services, request.deadline, [&](pq::Connection& connection) {
        streams = saga_views::streams_of(connection, selection_of(body));
        at = sagas::database_time(connection);
    });
    return services.log->with(request.deadline, [&](eventstore::Log& log) {
        return shop.desk().plan(log, repair_of(body), streams, at);
    });
}

Result<http::Response, http::Problem> plan(const http::Request& request, const Services& services,
                                           const RepairShop& shop) {
    const auto body = body_of<SagaPlanRequest>(request);
    if (!body) return unexpected(body.error());
    return http::json_response(
        200, json::to_text(saga_views::view_of(plan_of(*body, request, services, shop))));
}

http::Response applied(const std::string& hash, const std::vector<sagas::Applied>& applied) {
    return http::json_response(200, json::to_text(saga_views::view_of(hash, applied)));
}

Result<http::Response, http::Problem> apply(const http::Request& request, const Services& services,
                                            RepairShop& shop) {
    const auto body = body_of<SagaApplyRequest>(request);
    if (!body) return unexpected(body.error());
    const auto plan = plan_of(*body, request, services, shop);
    if (plan.hash != body->plan) {
        const auto stale =
            routes::with_connection(services, request.deadline, [&](pq::Connection& connection) {
                return services.log->with(request.deadline, [&](eventstore::Log& log) {
                    return saga_views::stale_of(connection, log, selection_of(*body), plan,
                                                body->plan);
                });
            });
        if (stale.done) return applied(body->plan, stale.before);
        return unexpected(
            http::conflict("plan_stale", sagas::stale(body->plan, stale.before.size()), "/plan"));
    }
    const auto at = routes::with_connection(services, request.deadline, sagas::database_time);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(request.deadline -
                                                                            http::Clock::now());
    return applied(plan.hash, shop.desk().apply(
                                  plan, {.executor = shop.executor(),
                                         .now = [at] { return at; },
                                         .patience = std::min(services.command_time_max, left)}));
}

}  // namespace

std::vector<http::Route> saga_repair_routes(const Services& services, RepairShop& shop) {
    std::vector<http::Route> routes;
    routes.push_back(
        {.method = "POST",
         .path = "/ops/sagas/plan",
         .handler = routes::guarded(
             [&services, &shop](const auto& request) { return plan(request, services, shop); }),
         .doc = {.tag = "ops",
                 .summary = "Says what a repair would do to each saga, and changes nothing",
                 .description = "Name streams, or a filter: without a phase it means stuck ones.",
                 .body = json::shape<SagaPlanRequest>(),
                 .answers = {{200, "the plan", json::shape<saga_views::PlanView>()}}}});
    routes.push_back(
        {.method = "POST",
         .path = "/ops/sagas/apply",
         .handler = routes::guarded(
             [&services, &shop](const auto& request) { return apply(request, services, shop); }),
         .doc = {.tag = "ops",
                 .summary = "Does what was planned, if nothing has moved since",
                 .description = "The plan's arguments again, with its hash and who does it. 409 "
                                "plan_stale: something moved, and nothing was done. Sent again, "
                                "what was repaired before is `repeated`.",
                 .body = json::shape<SagaApplyRequest>(),
                 .answers = {{200, "what became of each saga",
                              json::shape<saga_views::ApplicationView>()}}}});
    return routes;
}

}  // namespace skald::ops
