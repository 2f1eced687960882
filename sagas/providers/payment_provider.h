// The port to whoever moves the money. Every implementation blocks, bounded by the caller's
// timeout, and may be used by many threads at once.
//
// The difference that counts is between what did not happen and what nobody knows. `refused` is
// only ever the provider's own word; whatever went wrong on the way is `unknown`, and is settled by
// find() or by making the same call again under the same key.
#pragma once

#include <boost/describe/enum.hpp>
#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/time.h"

namespace skald::sagas {

// Their names are part of the sandbox's ledger: stored for ever.
BOOST_DEFINE_ENUM_CLASS(PaymentOperation, authorise, capture, void_authorisation, refund)

BOOST_DEFINE_ENUM_CLASS(CallOutcome, succeeded, refused, unknown)

struct PaymentCall {
    PaymentOperation operation = PaymentOperation::authorise;
    // Our reference, 1 to 255 printable ASCII characters, no blanks: the same for every attempt of
    // one operation, never the same for two operations. The provider does it once, however often it
    // is asked, and what it refused it refuses for ever.
    std::string key;
    kernel::OrderId order;
    // Capture and refund may take part of what there is; void_authorisation releases all that is
    // left and does not look at it.
    kernel::Money amount;
    std::string method;         // such as card-ok; authorise only
    std::string authorisation;  // the provider's reference of it; empty for authorise
};

struct PaymentAnswer {
    CallOutcome outcome = CallOutcome::unknown;
    std::string reference;  // the provider's own, of succeeded; of authorise: the authorisation
    // Of refused: the provider's reason. Of unknown: where it broke (busy, circuit_open,
    // not_connected, no_answer, provider_error, not_accepted, key_reused, unreadable_answer).
    std::string code;
    std::optional<kernel::Timestamp> expires_at;  // of an authorisation that succeeded
    std::string detail;                           // for people; no personal data
    // Of unknown: this attempt surely had no effect (it never left, or was turned away unread), so
    // it needs no reconciling before the next one. Of refused: the provider turned the request down
    // as such, and does not know its key. It says nothing about earlier attempts.
    bool surely_not_done = false;

    friend bool operator==(const PaymentAnswer&, const PaymentAnswer&) = default;
};

class PaymentProvider {
  public:
    virtual ~PaymentProvider() = default;

    // How many calls may be under way now; 0 while call() would turn all away at once.
    virtual std::size_t room() const { return std::numeric_limits<std::size_t>::max(); }

    // Makes one attempt; answers `unknown` when `timeout` has passed. Throws nothing but
    // std::bad_alloc.
    virtual PaymentAnswer call(const PaymentCall& call, std::chrono::milliseconds timeout) = 0;

    // What became of the operation with our `key`: succeeded or refused as the first answer said;
    // nothing when the provider has not done it; `unknown` when the provider could not be asked.
    // "Has not done it" holds for the moment: an attempt that is still on its way may yet arrive.
    // Making the call again under the same key is always safe; to give it up instead, first outwait
    // what bounds the way (of HttpProvider: signature_tolerance after the last attempt).
    virtual std::optional<PaymentAnswer> find(const std::string& key,
                                              std::chrono::milliseconds timeout) = 0;
};

}  // namespace skald::sagas
