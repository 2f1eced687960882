// What the tests of HttpProvider share: a call, an answer to it, and how an outcome is said.
#pragma once

#include <string>

#include "sagas/providers/payment_provider.h"
#include "tests/integration/providers/raw_server.h"

namespace skald::tests {

inline const std::string done = R"({"key":"k","outcome":"succeeded","reference":"auth_1"})";

inline sagas::PaymentCall payment() {
    return {.operation = sagas::PaymentOperation::authorise,
            .key = "k",
            .order = kernel::OrderId("o1"),
            .amount = {1999, kernel::Currency("EUR")},
            .method = "card-ok"};
}

inline std::string url_of(const RawServer& server, const std::string& scheme = "http",
                          const std::string& host = "127.0.0.1") {
    return scheme + "://" + host + ":" + std::to_string(server.port());
}

// succeeded, refused, unknown:CODE, not_done:CODE
inline std::string said(const sagas::PaymentAnswer& answer) {
    if (answer.outcome == sagas::CallOutcome::succeeded) return "succeeded";
    if (answer.outcome == sagas::CallOutcome::refused) return "refused";
    return (answer.surely_not_done ? "not_done:" : "unknown:") + answer.code;
}

}  // namespace skald::tests
