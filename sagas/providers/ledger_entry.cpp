#include "sagas/providers/ledger_entry.h"

#include <boost/describe/enum_from_string.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "domain/kernel/enum_name.h"

namespace skald::sagas {
namespace {

using Json = nlohmann::ordered_json;

template <class E>
E named(const Json& json, const char* field) {
    E value{};
    const auto name = json.at(field).get<std::string>();
    if (!boost::describe::enum_from_string(name.c_str(), value)) {
        throw std::runtime_error(std::string(field) + " is not one of the names known");
    }
    return value;
}

kernel::Money money_of(const Json& json) {
    const auto currency = kernel::Currency::make(json.at("currency").get<std::string>());
    if (!currency) throw std::runtime_error("currency is not a currency code");
    return {json.at("amount").get<std::int64_t>(), *currency};
}

LedgerEntry read(const Json& json) {
    LedgerEntry entry;
    entry.number = json.at("number").get<std::int64_t>();
    entry.operation = named<PaymentOperation>(json, "operation");
    entry.key = json.at("key").get<std::string>();
    entry.order = kernel::OrderId(json.at("order").get<std::string>());
    entry.amount = money_of(json.at("amount"));
    entry.method = json.at("method").get<std::string>();
    entry.authorisation = json.at("authorisation").get<std::string>();
    entry.outcome = named<CallOutcome>(json, "outcome");
    entry.reference = json.at("reference").get<std::string>();
    entry.code = json.at("code").get<std::string>();
    entry.at = kernel::Timestamp(json.at("at_us").get<std::int64_t>());
    const auto& expires = json.at("expires_at_us");
    if (!expires.is_null()) entry.expires_at = kernel::Timestamp(expires.get<std::int64_t>());
    return entry;
}

}  // namespace

std::string to_json(const LedgerEntry& entry) {
    const Json amount{{"amount", entry.amount.amount}, {"currency", entry.amount.currency.code()}};
    const Json expires = entry.expires_at ? Json(entry.expires_at->value()) : Json();
    return Json{{"number", entry.number},
                {"operation", kernel::name_of(entry.operation)},
                {"key", entry.key},
                {"order", entry.order.value()},
                {"amount", amount},
                {"method", entry.method},
                {"authorisation", entry.authorisation},
                {"outcome", kernel::name_of(entry.outcome)},
                {"reference", entry.reference},
                {"code", entry.code},
                {"at_us", entry.at.value()},
                {"expires_at_us", expires}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<LedgerEntry, std::string> entry_of(std::string_view json) {
    try {
        return read(Json::parse(json));
    } catch (const std::exception& error) {
        return unexpected(std::string(error.what()));
    }
}

PaymentAnswer answer_of(const LedgerEntry& entry) {
    return {.outcome = entry.outcome,
            .reference = entry.reference,
            .code = entry.code,
            .expires_at = entry.expires_at};
}

}  // namespace skald::sagas
