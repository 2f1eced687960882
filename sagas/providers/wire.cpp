#include "sagas/providers/wire.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "domain/kernel/invariant.h"

namespace skald::sagas {
namespace {

using Json = nlohmann::json;

// A member that is a text, or nothing.
std::optional<std::string> text_in(const Json& json, const char* name) {
    if (!json.is_object()) return std::nullopt;
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

PaymentAnswer unknown(std::string code, int status, bool surely_not_done = false) {
    return {.code = std::move(code),
            .detail = "the provider answered " + std::to_string(status),
            .surely_not_done = surely_not_done};
}

PaymentAnswer refused(std::string code, const Json& json, bool surely_not_done = false) {
    return {.outcome = CallOutcome::refused,
            .code = std::move(code),
            .detail = text_in(json, "detail").value_or(""),
            .surely_not_done = surely_not_done};
}

// An operation that the provider has done or refused, told with 200, 201 or 402.
std::optional<PaymentAnswer> answer_of_entry(const Json& json, const std::string& key) {
    if (text_in(json, "key") != key) return std::nullopt;
    const auto outcome = text_in(json, "outcome");
    const auto code = text_in(json, "code");
    if (outcome == "refused" && code && !code->empty()) return refused(*code, json);
    const auto reference = text_in(json, "reference");
    if (outcome != "succeeded" || !reference || reference->empty()) return std::nullopt;
    PaymentAnswer answer{.outcome = CallOutcome::succeeded, .reference = *reference};
    const auto expires = json.find("expires_at_us");
    if (expires != json.end() && expires->is_number_integer()) {
        answer.expires_at = kernel::Timestamp(expires->get<std::int64_t>());
    }
    return answer;
}

bool is_turned_away(int status) { return status == 401 || status == 403 || status == 429; }

}  // namespace

bool is_payment_key(std::string_view text) {
    return !text.empty() && text.size() <= 255 &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

PaymentAnswer refused_key() {
    return {.outcome = CallOutcome::refused,
            .code = "invalid_request",
            .detail = "a key is 1 to 255 printable characters without blanks"};
}

std::string_view path_of(PaymentOperation operation) {
    switch (operation) {
        case PaymentOperation::authorise:
            return "/v1/authorisations";
        case PaymentOperation::capture:
            return "/v1/captures";
        case PaymentOperation::void_authorisation:
            return "/v1/voids";
        case PaymentOperation::refund:
            return "/v1/refunds";
    }
    INVARIANT(false);
    return "";
}

std::string path_of_key(std::string_view key) {
    std::string path = "/v1/operations/";
    for (const char c : key) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '~';
        if (plain) {
            path += c;
        } else {
            path += '%';
            path += "0123456789ABCDEF"[byte >> 4];
            path += "0123456789ABCDEF"[byte & 15];
        }
    }
    return path;
}

std::string body_of(const PaymentCall& call) {
    Json body{{"order", call.order.value()}};
    if (call.operation != PaymentOperation::void_authorisation) {
        body["amount"] = {{"amount", call.amount.amount},
                          {"currency", call.amount.currency.code()}};
    }
    if (call.operation == PaymentOperation::authorise) {
        body["method"] = call.method;
    } else {
        body["authorisation"] = call.authorisation;
    }
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

PaymentAnswer answer_of_call(int status, std::string_view body, const std::string& key) {
    const auto json = Json::parse(body, nullptr, false);
    if (status == 200 || status == 201 || status == 402) {
        const auto answer = answer_of_entry(json, key);
        const bool fits = answer && (answer->outcome == CallOutcome::refused || status != 402);
        return fits ? *answer : unknown("unreadable_answer", status);
    }
    if (status == 400 || status == 409 || status == 422) {
        const auto code = text_in(json, "code");
        if (!code || code->empty()) return unknown("unreadable_answer", status);
        if (status == 409) return unknown(std::string(key_reused), status);
        return refused(*code, json, true);
    }
    if (is_turned_away(status)) return unknown(std::string(not_accepted), status, true);
    return unknown(status >= 500 ? "provider_error" : "unreadable_answer", status);
}

std::optional<PaymentAnswer> answer_of_find(int status, std::string_view body,
                                            const std::string& key) {
    const auto json = Json::parse(body, nullptr, false);
    if (status == 200) {
        return answer_of_entry(json, key).value_or(unknown("unreadable_answer", status));
    }
    if (status == 404 && text_in(json, "code") == no_such_operation) return std::nullopt;
    if (is_turned_away(status)) return unknown(std::string(not_accepted), status);
    return unknown(status >= 500 ? "provider_error" : "unreadable_answer", status);
}

}  // namespace skald::sagas
