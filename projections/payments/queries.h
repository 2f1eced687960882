// Reads payments: one with its refunds and its ledger. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/time.h"
#include "projections/reading/reading.h"

namespace skald::projections::payments {

// Money that was promised, taken, let go of or given back: the type of the event that says so, such
// as payment.captured.
struct Movement {
    std::string type;
    kernel::Timestamp at;
    kernel::Money amount;
    std::optional<kernel::RefundId> refund;  // of what was given back
    friend bool operator==(const Movement&, const Movement&) = default;
};

struct Refund {
    kernel::RefundId id;
    kernel::Money amount;
    std::string reason;
    std::string status;               // requested, refunded, failed
    std::optional<std::string> code;  // why it failed
    kernel::Timestamp requested_at;
    friend bool operator==(const Refund&, const Refund&) = default;
};

struct Payment {
    kernel::PaymentId id;
    kernel::OrderId order;
    std::string method;
    kernel::Money amount;
    std::string authorisation;        // pending, authorised, declined, voided
    std::optional<std::string> code;  // why it was declined
    kernel::Money authorised;         // what was promised; stays when it is voided
    std::optional<kernel::Timestamp> authorised_until;  // of a promise that stands
    kernel::Money capturing;                            // asked for and not answered
    bool voiding = false;                               // asked for and not answered
    kernel::Money captured;
    kernel::Money refunding;  // requested, and neither refunded nor failed
    kernel::Money refunded;
    bool unknown = false;  // the provider may have done something or not
    std::vector<Refund> refunds;
    std::vector<Movement> movements;
    eventstore::Version version;
    kernel::Timestamp created_at;
    kernel::Timestamp updated_at;
};

ReadResult<std::optional<Payment>> find(Reading& reading, const kernel::PaymentId& id,
                                        const ReadRequest& request);

}  // namespace skald::projections::payments
