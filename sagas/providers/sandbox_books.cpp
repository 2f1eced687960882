#include "sagas/providers/sandbox_books.h"

#include <stdexcept>

#include "domain/kernel/invariant.h"

namespace skald::sagas {
namespace {

// The sum of what was ever authorised for an order stays far from int64's end.
constexpr std::int64_t order_amount_max = 1'000'000'000'000'000;

const std::map<std::string_view, Manner>& manners() {
    static const std::map<std::string_view, Manner> all{
        {"card-ok", Manner::at_once},  {"card-declined", Manner::at_once},
        {"card-slow", Manner::slowly}, {"card-timeout", Manner::never},
        {"card-error", Manner::fails}, {"card-flaky", Manner::fails_twice}};
    return all;
}

// "auth_7": told apart by what it is of, unique by its number.
std::string reference_of(PaymentOperation operation, std::int64_t number) {
    switch (operation) {
        case PaymentOperation::authorise:
            return "auth_" + std::to_string(number);
        case PaymentOperation::capture:
            return "capture_" + std::to_string(number);
        case PaymentOperation::void_authorisation:
            return "void_" + std::to_string(number);
        case PaymentOperation::refund:
            return "refund_" + std::to_string(number);
    }
    INVARIANT(false);
    return {};
}

}  // namespace

Manner manner_of(std::string_view method) {
    const auto found = manners().find(method);
    return found == manners().end() ? Manner::at_once : found->second;
}

const LedgerEntry* SandboxBooks::find(const std::string& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : &entries_[found->second];
}

bool SandboxBooks::same_content(const LedgerEntry& entry, const PaymentCall& call) {
    const bool authorises = call.operation == PaymentOperation::authorise;
    const bool voids = call.operation == PaymentOperation::void_authorisation;
    return entry.operation == call.operation && entry.order == call.order &&
           (voids || entry.amount == call.amount) && (!authorises || entry.method == call.method) &&
           (authorises || entry.authorisation == call.authorisation);
}

std::string SandboxBooks::method_of(const PaymentCall& call) const {
    if (call.operation == PaymentOperation::authorise) return call.method;
    const auto* authorisation = authorisation_of(call);
    return authorisation == nullptr ? "" : authorisation->method;
}

LedgerEntry SandboxBooks::decide(const PaymentCall& call, kernel::Timestamp now) const {
    INVARIANT(find(call.key) == nullptr);
    const bool authorises = call.operation == PaymentOperation::authorise;
    LedgerEntry entry;
    entry.number = static_cast<std::int64_t>(entries_.size()) + 1;
    entry.operation = call.operation;
    entry.key = call.key;
    entry.order = call.order;
    entry.amount = call.amount;
    (authorises ? entry.method : entry.authorisation) =
        authorises ? call.method : call.authorisation;
    entry.at = now;
    entry.code = refusal_of(call, now);
    if (!entry.code.empty()) return entry;
    entry.outcome = CallOutcome::succeeded;
    entry.reference = reference_of(call.operation, entry.number);
    if (authorises) entry.expires_at = now + authorisation_life_.count();
    if (call.operation == PaymentOperation::void_authorisation) {
        const auto& on = *authorisation_of(call);
        entry.amount = {on.amount.amount - on.captured, on.amount.currency};
    }
    return entry;
}

const SandboxBooks::Authorisation* SandboxBooks::authorisation_of(const PaymentCall& call) const {
    const auto found = authorisations_.find(call.authorisation);
    if (found == authorisations_.end() || found->second.order != call.order) return nullptr;
    return &found->second;
}

std::string SandboxBooks::refusal_of_authorise(const PaymentCall& call) const {
    if (!manners().contains(call.method)) return "unknown_method";
    if (call.method == "card-declined") return "card_declined";
    const auto so_far = balance(call.order);
    if (so_far && so_far->currency != call.amount.currency) return "currency_differs";
    if (call.amount.amount > order_amount_max - (so_far ? so_far->authorised : 0)) {
        return "amount_too_large";
    }
    return "";
}

std::string SandboxBooks::refusal_of(const PaymentCall& call, kernel::Timestamp now) const {
    const bool voids = call.operation == PaymentOperation::void_authorisation;
    if (!voids && call.amount.amount <= 0) return "amount_not_positive";
    if (call.operation == PaymentOperation::authorise) return refusal_of_authorise(call);
    const auto* on = authorisation_of(call);
    if (on == nullptr) return "unknown_authorisation";
    if (!voids && on->amount.currency != call.amount.currency) return "currency_differs";
    if (call.operation == PaymentOperation::refund) {
        const bool too_much = call.amount.amount > on->captured - on->refunded;
        return too_much ? "amount_exceeds_captured" : "";
    }
    if (on->voided) return "authorisation_voided";
    const auto left = on->amount.amount - on->captured;
    if (voids) return left == 0 ? "already_captured" : "";
    if (now >= on->expires_at) return "authorisation_expired";
    const bool too_much = call.amount.amount > left;
    return too_much ? "amount_exceeds_authorised" : "";
}

void SandboxBooks::apply(LedgerEntry entry) {
    if (entry.number != static_cast<std::int64_t>(entries_.size()) + 1) {
        throw std::runtime_error("its number is not the next one");
    }
    if (by_key_.contains(entry.key)) throw std::runtime_error("its key occurs before");
    if (entry.outcome == CallOutcome::succeeded) add_up(entry);
    by_key_.emplace(entry.key, entries_.size());
    entries_.push_back(std::move(entry));
}

void SandboxBooks::add_up(const LedgerEntry& entry) {
    auto& balance =
        balances_.try_emplace(entry.order, OrderBalance{entry.amount.currency}).first->second;
    const auto amount = entry.amount.amount;
    if (entry.operation == PaymentOperation::authorise) {
        authorisations_[entry.reference] = {.method = entry.method,
                                            .order = entry.order,
                                            .amount = entry.amount,
                                            .expires_at = entry.expires_at.value_or(entry.at)};
        balance.authorised += amount;
        return;
    }
    const auto on = authorisations_.find(entry.authorisation);
    if (on == authorisations_.end()) throw std::runtime_error("its authorisation does not exist");
    if (entry.operation == PaymentOperation::capture) {
        on->second.captured += amount;
        balance.captured += amount;
    } else if (entry.operation == PaymentOperation::refund) {
        on->second.refunded += amount;
        balance.refunded += amount;
    } else {
        on->second.voided = true;
        balance.voided += amount;
    }
}

std::optional<OrderBalance> SandboxBooks::balance(const kernel::OrderId& order) const {
    const auto found = balances_.find(order);
    if (found == balances_.end()) return std::nullopt;
    return found->second;
}

}  // namespace skald::sagas
