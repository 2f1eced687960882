// What the sandbox provider is sent (sagas/providers/wire.h) and what it tells of an order.
#pragma once

#include <boost/describe.hpp>
#include <string>

#include "api/json/money.h"
#include "api/json/rules.h"

namespace skald::sandbox {

struct Authorisation {
    std::string order;
    json::Money amount;
    std::string method;
};
BOOST_DESCRIBE_STRUCT(Authorisation, (), (order, amount, method))

struct Capture {
    std::string order;
    std::string authorisation;
    json::Money amount;
};
BOOST_DESCRIBE_STRUCT(Capture, (), (order, authorisation, amount))

struct Void {
    std::string order;
    std::string authorisation;
};
BOOST_DESCRIBE_STRUCT(Void, (), (order, authorisation))

struct Refund {
    std::string order;
    std::string authorisation;
    json::Money amount;
};
BOOST_DESCRIBE_STRUCT(Refund, (), (order, authorisation, amount))

struct Balance {
    std::string order;
    std::string currency;
    std::int64_t authorised = 0;
    std::int64_t captured = 0;
    std::int64_t voided = 0;
    std::int64_t refunded = 0;
};
BOOST_DESCRIBE_STRUCT(Balance, (), (order, currency, authorised, captured, voided, refunded))

struct Health {
    std::string status;
};
BOOST_DESCRIBE_STRUCT(Health, (), (status))

inline json::Rule order_rule() { return json::text(1, 64, json::Form::id); }
inline json::Rule name_rule() { return json::text(1, 64, json::Form::id); }

inline json::Rules rules_for(json::Tag<Authorisation>) {
    return {{"order", order_rule()}, {"method", name_rule()}};
}
inline json::Rules rules_for(json::Tag<Capture>) {
    return {{"order", order_rule()}, {"authorisation", name_rule()}};
}
inline json::Rules rules_for(json::Tag<Void>) {
    return {{"order", order_rule()}, {"authorisation", name_rule()}};
}
inline json::Rules rules_for(json::Tag<Refund>) {
    return {{"order", order_rule()}, {"authorisation", name_rule()}};
}

}  // namespace skald::sandbox
