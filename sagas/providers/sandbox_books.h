// The sandbox provider's rules: what its entries add up to, and what may be done next. In memory
// and without a clock; not thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "sagas/providers/ledger_entry.h"

namespace skald::sagas {

// How the sandbox answers a call; its method decides, so that anyone can try every path.
enum class Manner {
    at_once,      // card-ok, card-declined, and every other method
    slowly,       // card-slow: done at once, told 3 s later
    never,        // card-timeout: done, and never told but by find()
    fails,        // card-error: not done, "500" every time
    fails_twice,  // card-flaky: the same twice per key, then as card-ok
};
Manner manner_of(std::string_view method);

// What was done for one order. Money that is held: authorised - captured - voided; money that was
// taken: captured - refunded.
struct OrderBalance {
    kernel::Currency currency;
    std::int64_t authorised = 0;
    std::int64_t captured = 0;
    std::int64_t voided = 0;
    std::int64_t refunded = 0;

    friend bool operator==(const OrderBalance&, const OrderBalance&) = default;
};

class SandboxBooks {
  public:
    explicit SandboxBooks(std::chrono::microseconds authorisation_life)
        : authorisation_life_(authorisation_life) {}

    const LedgerEntry* find(const std::string& key) const;
    // Whether a repeated key asks for what it asked for the first time.
    static bool same_content(const LedgerEntry& entry, const PaymentCall& call);
    // The method that decides the manner: the call's own, or that of the authorisation it is about.
    std::string method_of(const PaymentCall& call) const;

    // The entry that this call makes: succeeded, or refused with the first reason that holds, in
    // this order: amount_not_positive, unknown_method, card_declined; of the others
    // amount_not_positive, unknown_authorisation, currency_differs, then authorisation_voided,
    // authorisation_expired, amount_exceeds_authorised (capture), authorisation_voided,
    // already_captured (void), amount_exceeds_captured (refund). A key that has an entry is a bug.
    LedgerEntry decide(const PaymentCall& call, kernel::Timestamp now) const;
    // Entries come in the order of their numbers; one that does not fit is thrown as
    // std::runtime_error.
    void apply(LedgerEntry entry);

    const std::vector<LedgerEntry>& entries() const { return entries_; }
    std::optional<OrderBalance> balance(const kernel::OrderId& order) const;

  private:
    struct Authorisation {
        std::string method;
        kernel::OrderId order;
        kernel::Money amount;
        kernel::Timestamp expires_at;
        std::int64_t captured = 0;
        std::int64_t refunded = 0;
        bool voided = false;
    };
    const Authorisation* authorisation_of(const PaymentCall& call) const;
    std::string refusal_of(const PaymentCall& call, kernel::Timestamp now) const;
    std::string refusal_of_authorise(const PaymentCall& call) const;
    void add_up(const LedgerEntry& entry);

    std::chrono::microseconds authorisation_life_;
    std::vector<LedgerEntry> entries_;
    std::map<std::string, std::size_t> by_key_;
    std::map<std::string, Authorisation> authorisations_;  // by reference
    std::map<kernel::OrderId, OrderBalance> balances_;
};

}  // namespace skald::sagas
