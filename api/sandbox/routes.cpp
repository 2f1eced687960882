#include "api/sandbox/routes.h"

#include "api/json/read.h"
#include "api/json/write.h"
#include "api/sandbox/bodies.h"
#include "diagnostics/logger.h"
#include "sagas/providers/http_provider.h"
#include "sagas/providers/signature.h"
#include "sagas/providers/wire.h"

namespace skald::sandbox {
namespace {

using http::Problem;
using http::Request;
using http::Response;
using sagas::PaymentCall;
using sagas::PaymentOperation;

constexpr std::chrono::seconds ledger_time_max{30};

Result<kernel::Money, json::Issues> money_of(const json::Money& money) {
    const auto currency = kernel::Currency::make(money.currency);
    if (currency) return kernel::Money{money.amount, *currency};
    return unexpected(json::Issues{{"/amount/currency", "not_a_currency", "is no currency code"}});
}

// A body as a call, but for its key. One function for all four: the members that a body does not
// have stay empty.
template <class Body>
Result<PaymentCall, json::Issues> call_of(PaymentOperation operation, const Body& body) {
    PaymentCall call{.operation = operation, .order = kernel::OrderId(body.order)};
    if constexpr (requires { body.method; }) call.method = body.method;
    if constexpr (requires { body.authorisation; }) call.authorisation = body.authorisation;
    if constexpr (requires { body.amount; }) {
        const auto amount = money_of(body.amount);
        if (!amount) return unexpected(amount.error());
        call.amount = *amount;
    }
    return call;
}

std::optional<Problem> unsigned_problem(const Services& services, const Request& request) {
    if (services.secret.empty()) return std::nullopt;
    const auto header = request.header(sagas::signature_header).value_or("");
    if (sagas::is_signed(header, services.secret, request.body, sagas::system_seconds())) {
        return std::nullopt;
    }
    return Problem{401, "not_signed",
                   "Skald-Signature is missing, of another secret or body, or too old"};
}

template <class Body>
Result<PaymentCall, Problem> read_call(PaymentOperation operation, const Request& request) {
    const auto key = request.header(sagas::key_header).value_or("");
    if (!sagas::is_payment_key(key) || request.count_headers(sagas::key_header) > 1) {
        return unexpected(http::bad_request(
            "invalid_key", "Idempotency-Key must be there once: 1 to 255 printable characters"));
    }
    const auto body = json::parse_as<Body>(request.body);
    if (!body) return unexpected(http::invalid(body.error()));
    auto call = call_of(operation, *body);
    if (!call) return unexpected(http::invalid(call.error()));
    call->key = key;
    return *std::move(call);
}

Result<Response, Problem> response_to(const sagas::Sandbox::Done& done) {
    if (done.other_content) {
        return unexpected(http::conflict(std::string(sagas::key_reused),
                                         "the key was used for another operation"));
    }
    if (!done.entry) return unexpected(Problem{500, "provider_error", "the provider failed"});
    const bool succeeded = done.entry->outcome == sagas::CallOutcome::succeeded;
    return http::json_response(succeeded ? 201 : 402, sagas::to_json(*done.entry));
}

void perform(const Services& services, const PaymentCall& call, const Request& request,
             const http::Respond& respond) {
    sagas::Sandbox::Done done;
    try {
        done = services.sandbox.perform(call);
    } catch (const sagas::LedgerUnusable& error) {
        diagnostics::log_error("sandbox provider failed", {{"error", error.what()}});
        respond(http::to_response(http::internal_error(), request.trace));
        return;
    }
    const auto result = response_to(done);
    auto response = result ? *result : http::to_response(result.error(), request.trace);
    const auto now = http::Clock::now();
    if (!result || done.manner == sagas::Manner::at_once) {
        respond(std::move(response));
    } else if (done.manner == sagas::Manner::slowly) {
        services.delayed.at(now + services.sandbox.slow(), respond, std::move(response));
    } else if (done.manner == sagas::Manner::never) {
        services.delayed.at(now + silence, respond, {.status = 504});
    } else {
        respond(std::move(response));
    }
}

template <class Body>
http::Route post(const Services& services, PaymentOperation operation, std::string summary) {
    const auto handle = [&services, operation](const std::shared_ptr<const Request>& request,
                                               const http::Respond& respond) {
        const auto refuse = [request, respond](const Problem& problem) {
            respond(http::to_response(problem, request->trace));
        };
        if (const auto problem = unsigned_problem(services, *request)) return refuse(*problem);
        auto call = read_call<Body>(operation, *request);
        if (!call) return refuse(call.error());
        const auto busy = [refuse] {
            refuse(http::unavailable("overloaded", "the ledger has too much to write"));
        };
        http::Workers::Job job{.run = [&services, call = *call, request,
                                       respond] { perform(services, call, *request, respond); },
                               .expire = busy,
                               .deadline = http::Clock::now() + ledger_time_max};
        if (!services.workers.submit(std::move(job))) busy();
    };
    return {
        .method = "POST",
        .path = std::string(sagas::path_of(operation)),
        .handler = http::Handler(handle),
        .doc = {.tag = "operations", .summary = std::move(summary), .body = json::shape<Body>()},
        .time_max = silence + ledger_time_max};
}

using Reading = std::function<Result<Response, Problem>(const Request&)>;

http::Route get(const Services& services, std::string path, std::string summary, Reading read) {
    return {.method = "GET",
            .path = std::move(path),
            .handler = http::BlockingHandler(
                [&services, read](const Request& request) -> Result<Response, Problem> {
                    if (auto problem = unsigned_problem(services, request)) {
                        return unexpected(*std::move(problem));
                    }
                    return read(request);
                }),
            .doc = {.tag = "ledger", .summary = std::move(summary)}};
}

Result<Response, Problem> operation(sagas::Sandbox& sandbox, const Request& request) {
    if (const auto entry = sandbox.entry(request.parameter("key"))) {
        return http::json_response(200, sagas::to_json(*entry));
    }
    return unexpected(Problem{404, std::string(sagas::no_such_operation),
                              "nothing was done or refused under this key"});
}

Result<Response, Problem> ledger(sagas::Sandbox& sandbox) {
    std::string text = R"({"entries":[)";
    for (const auto& entry : sandbox.entries()) {
        text += (entry.number > 1 ? ",\n" : "\n") + sagas::to_json(entry);
    }
    return http::json_response(200, text + "]}");
}

Result<Response, Problem> order(sagas::Sandbox& sandbox, const Request& request) {
    const auto& id = request.parameter("order");
    const auto sum = sandbox.balance(kernel::OrderId(id));
    if (!sum) return unexpected(http::not_found("nothing was done for this order"));
    return http::json_response(200,
                               json::to_text(Balance{.order = id,
                                                     .currency = std::string(sum->currency.code()),
                                                     .authorised = sum->authorised,
                                                     .captured = sum->captured,
                                                     .voided = sum->voided,
                                                     .refunded = sum->refunded}));
}

}  // namespace

std::vector<http::Route> routes(const Services& services) {
    using enum PaymentOperation;
    auto& sandbox = services.sandbox;
    std::vector<http::Route> all;
    all.push_back(post<Authorisation>(services, authorise, "Set money aside"));
    all.push_back(post<Capture>(services, capture, "Take money that was set aside"));
    all.push_back(post<Void>(services, void_authorisation, "Give up what was set aside"));
    all.push_back(post<Refund>(services, refund, "Give money back"));
    all.push_back(get(services, "/v1/operations/{key}", "What became of the call with this key",
                      [&](const Request& request) { return operation(sandbox, request); }));
    all.push_back(get(services, "/v1/ledger", "All that was done or refused",
                      [&](const Request&) { return ledger(sandbox); }));
    all.push_back(get(services, "/v1/orders/{order}", "What was done for an order",
                      [&](const Request& request) { return order(sandbox, request); }));
    all.push_back({.method = "GET",
                   .path = "/health",
                   .handler = http::Handler([](const auto&, const http::Respond& respond) {
                       respond(http::json_response(200, json::to_text(Health{"live"})));
                   }),
                   .doc = {.tag = "health", .summary = "Whether the process runs"},
                   .counts = false});
    return all;
}

}  // namespace skald::sandbox
