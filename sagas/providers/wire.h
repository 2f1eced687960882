// The provider's REST interface as both ends write it. Pure functions.
//   POST /v1/authorisations {"order", "amount": {"amount", "currency"}, "method"}
//   POST /v1/captures       {"order", "authorisation", "amount"}
//   POST /v1/voids          {"order", "authorisation"}
//   POST /v1/refunds        {"order", "authorisation", "amount"}
//        with the headers Idempotency-Key and Skald-Signature. 201 (or 200) and 402 carry the entry
//        (ledger_entry.h): done, and refused. 400 and 422 with a code: turned down as a request,
//        which says nothing of earlier ones. 409 with a code: another call has the key, or had it.
//   GET  /v1/operations/{key}  200 the entry, or 404 with the code no_such_operation
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sagas/providers/payment_provider.h"

namespace skald::sagas {

inline constexpr std::string_view key_header = "Idempotency-Key";
inline constexpr std::string_view no_such_operation = "no_such_operation";
inline constexpr std::string_view key_reused = "key_reused";
// Codes of `unknown`: it was sent and nobody knows; and for what never came as far as what was
// asked for.
inline constexpr std::string_view no_answer = "no_answer";
inline constexpr std::string_view not_connected = "not_connected";
inline constexpr std::string_view not_accepted = "not_accepted";

// 1 to 255 printable ASCII characters, no blanks.
bool is_payment_key(std::string_view text);
// What a call with another key is told without being made.
PaymentAnswer refused_key();

std::string_view path_of(PaymentOperation operation);
std::string path_of_key(std::string_view key);
std::string body_of(const PaymentCall& call);

// What an HTTP answer to a call means. Only what the provider surely said itself is succeeded or
// refused; an answer that cannot be read, or is about another key, is unknown.
PaymentAnswer answer_of_call(int status, std::string_view body, const std::string& key);
// The same for the question by key.
std::optional<PaymentAnswer> answer_of_find(int status, std::string_view body,
                                            const std::string& key);

}  // namespace skald::sagas
