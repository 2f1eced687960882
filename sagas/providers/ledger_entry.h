// One finished operation as the sandbox provider writes it down and tells of it. Names and fields
// are stored in ledgers and known to clients: they only ever grow. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/kernel/result.h"
#include "sagas/providers/payment_provider.h"

namespace skald::sagas {

struct LedgerEntry {
    std::int64_t number = 0;  // dense from 1 in its ledger
    PaymentOperation operation = PaymentOperation::authorise;
    std::string key;
    kernel::OrderId order;
    kernel::Money amount;                        // of void_authorisation: what it released
    std::string method;                          // of authorise
    std::string authorisation;                   // what it was done to; empty for authorise
    CallOutcome outcome = CallOutcome::refused;  // never unknown
    std::string reference;                       // of succeeded
    std::string code;                            // of refused
    kernel::Timestamp at;
    std::optional<kernel::Timestamp> expires_at;

    friend bool operator==(const LedgerEntry&, const LedgerEntry&) = default;
};

// One line of JSON, without the end of the line. Times are microseconds since the epoch:
// {"number", "operation", "key", "order", "amount": {"amount", "currency"}, "method",
//  "authorisation", "outcome", "reference", "code", "at_us", "expires_at_us"}
std::string to_json(const LedgerEntry& entry);
// What to_json() wrote, or what is wrong with it.
Result<LedgerEntry, std::string> entry_of(std::string_view json);

PaymentAnswer answer_of(const LedgerEntry& entry);

}  // namespace skald::sagas
