#include "sagas/providers/http_provider.h"

#include <chrono>
#include <stdexcept>

#include "sagas/providers/signature.h"
#include "sagas/providers/wire.h"

namespace skald::sagas {
namespace {

HttpTransportSettings transport_of(const HttpProviderSettings& settings) {
    auto url = parse_http_url(settings.url);
    if (!url) {
        throw std::runtime_error("the payment provider's address \"" + settings.url +
                                 "\" is not http://host:port or https://host");
    }
    return {.url = *std::move(url),
            .ca_file = settings.ca_file,
            .idle_connections_max = settings.idle_connections_max};
}

PaymentAnswer answer_of_failure(const HttpFailure& failure) {
    return {.code = std::string(failure.maybe_sent ? no_answer : not_connected),
            .detail = failure.why,
            .surely_not_done = !failure.maybe_sent};
}

}  // namespace

std::int64_t system_seconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

HttpProvider::HttpProvider(HttpProviderSettings settings)
    : settings_(std::move(settings)), transport_(transport_of(settings_)) {}

PaymentAnswer HttpProvider::call(const PaymentCall& call, std::chrono::milliseconds timeout) {
    if (!is_payment_key(call.key)) return refused_key();
    auto request = signed_request("POST", std::string(path_of(call.operation)), body_of(call));
    request.headers.emplace_back("Content-Type", "application/json");
    request.headers.emplace_back(key_header, call.key);
    const auto reply = transport_.exchange(request, timeout);
    if (!reply) return answer_of_failure(reply.error());
    return answer_of_call(reply->status, reply->body, call.key);
}

std::optional<PaymentAnswer> HttpProvider::find(const std::string& key,
                                                std::chrono::milliseconds timeout) {
    const auto reply = transport_.exchange(signed_request("GET", path_of_key(key), ""), timeout);
    if (reply) return answer_of_find(reply->status, reply->body, key);
    auto answer = answer_of_failure(reply.error());
    answer.surely_not_done = false;  // that speaks of an attempt, and this is none
    return answer;
}

HttpRequest HttpProvider::signed_request(std::string method, std::string path,
                                         std::string body) const {
    HttpRequest request{.method = std::move(method), .path = std::move(path)};
    if (!settings_.secret.empty()) {
        request.headers.emplace_back(signature_header,
                                     sign(settings_.secret, body, settings_.now()));
    }
    request.body = std::move(body);
    return request;
}

}  // namespace skald::sagas
