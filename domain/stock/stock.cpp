#include "domain/stock/stock.h"

#include <algorithm>

#include "domain/kernel/impossible.h"
#include "domain/kernel/text.h"

namespace skald::stock {
namespace {

using kernel::accept;
using kernel::already_done;
using kernel::possible;
using kernel::refuse;
using Fault = std::optional<Refusal>;

Fault fault_of(Quantity quantity) {
    if (quantity <= 0) return Refusal::quantity_not_positive;
    if (quantity > quantity_max) return Refusal::too_much;
    return std::nullopt;
}

Fault fault_of_text(const std::string& text) {
    if (text.size() > kernel::label_bytes_max) return Refusal::text_too_long;
    if (!kernel::is_text(text)) return Refusal::text_invalid;
    return std::nullopt;
}

Fault fault_of_reason(const std::string& reason) {
    return reason.empty() ? Refusal::reason_empty : fault_of_text(reason);
}

Quantity of(const auto& counts, const auto& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? Quantity(0) : found->second;
}

void take(auto& counts, const auto& key, Quantity quantity) {
    const auto found = counts.find(key);
    possible(found != counts.end() && found->second >= quantity, "takes more than was there");
    found->second -= quantity;
    if (found->second == Quantity(0)) counts.erase(found);
}

Decision on(const State& s, const Receive& c) {
    if (const auto fault = fault_of(c.quantity)) return refuse(*fault);
    if (c.reference) {
        if (const auto fault = fault_of_text(*c.reference)) return refuse(*fault);
    }
    if (s.on_hand + c.quantity > quantity_max) return refuse(Refusal::too_much);
    return accept(Received{c.quantity, c.reference});
}

Decision on(const State& s, const Adjust& c) {
    if (c.delta == Quantity(0)) return refuse(Refusal::delta_zero);
    if (c.delta > quantity_max || c.delta < Quantity(0) - quantity_max)
        return refuse(Refusal::too_much);
    if (const auto fault = fault_of_reason(c.reason)) return refuse(*fault);
    if (!s.exists) return refuse(Refusal::not_found);
    if (s.on_hand + c.delta > quantity_max) return refuse(Refusal::too_much);
    if (s.available() + c.delta < Quantity(0)) return refuse(Refusal::not_enough_stock);
    return accept(Adjusted{c.delta, c.reason});
}

Decision on(const State& s, const Reserve& c) {
    if (const auto fault = fault_of(c.quantity)) return refuse(*fault);
    if (!is_id(c.hold)) return refuse(Refusal::id_invalid);
    if (!s.exists) return refuse(Refusal::not_found);
    if (const auto hold = s.holds.find(c.hold); hold != s.holds.end()) {
        if (hold->second != c.quantity) return refuse(Refusal::hold_differs);
        return already_done();
    }
    if (s.available() < c.quantity) return refuse(Refusal::not_enough_stock);
    return accept(Reserved{c.hold, c.quantity});
}

Decision on(const State& s, const Release& c) {
    if (const auto fault = fault_of_reason(c.reason)) return refuse(*fault);
    if (!s.exists) return refuse(Refusal::not_found);
    if (!s.holds.contains(c.hold)) return refuse(Refusal::hold_not_held);
    return accept(Released{c.hold, of(s.holds, c.hold), c.reason});
}

Decision on(const State& s, const Allocate& c) {
    if (const auto fault = fault_of(c.quantity)) return refuse(*fault);
    if (!is_id(c.order)) return refuse(Refusal::id_invalid);
    if (!s.exists) return refuse(Refusal::not_found);
    if (!s.holds.contains(c.hold)) return refuse(Refusal::hold_not_held);
    if (of(s.holds, c.hold) != c.quantity) return refuse(Refusal::quantity_not_the_holds);
    return accept(Allocated{c.hold, c.order, c.quantity});
}

Decision on(const State& s, const Unallocate& c) {
    if (const auto fault = fault_of(c.quantity)) return refuse(*fault);
    if (!s.exists) return refuse(Refusal::not_found);
    if (of(s.allocations, c.order) < c.quantity) return refuse(Refusal::more_than_allocated);
    return accept(Unallocated{c.order, c.quantity});
}

Decision on(const State& s, const Free& c) {
    if (const auto fault = fault_of(c.quantity)) return refuse(*fault);
    if (const auto fault = fault_of_reason(c.reason)) return refuse(*fault);
    std::vector<Event> events;
    if (s.holds.contains(c.hold))
        events.emplace_back(Released{c.hold, of(s.holds, c.hold), c.reason});
    if (const auto allocated = of(s.allocations, c.order); allocated > 0)
        events.emplace_back(Unallocated{c.order, std::min(allocated, c.quantity)});
    return events;
}

Decision on(const State& s, const Ship& c) {
    if (const auto fault = fault_of(c.quantity)) return refuse(*fault);
    if (!s.exists) return refuse(Refusal::not_found);
    if (of(s.allocations, c.order) < c.quantity) return refuse(Refusal::more_than_allocated);
    if (s.out + c.quantity > quantity_max) return refuse(Refusal::too_much);
    return accept(Shipped{c.order, c.quantity});
}

Decision on(const State& s, const Return& c) {
    if (const auto fault = fault_of(c.quantity)) return refuse(*fault);
    if (!is_id(c.order)) return refuse(Refusal::id_invalid);
    if (!s.exists) return refuse(Refusal::not_found);
    if (s.out < c.quantity) return refuse(Refusal::more_than_shipped);
    if (s.on_hand + c.quantity > quantity_max) return refuse(Refusal::too_much);
    return accept(Returned{c.order, c.quantity});
}

Decision on(const State& s, const TakeBack& c) {
    if (of(s.allocations, c.order) >= c.quantity) return on(s, Unallocate{c.order, c.quantity});
    return on(s, Return{c.order, c.quantity});
}

void apply(State& s, const Received& e) {
    s.exists = true;
    s.on_hand += e.quantity;
}

void apply(State& s, const Adjusted& e) { s.on_hand += e.delta; }

void apply(State& s, const Reserved& e) {
    const bool fresh = s.holds.emplace(e.hold, e.quantity).second;
    possible(fresh, "the hold exists already");
    s.held += e.quantity;
}

void apply(State& s, const Released& e) {
    take(s.holds, e.hold, e.quantity);
    s.held -= e.quantity;
}

void apply(State& s, const Allocated& e) {
    take(s.holds, e.hold, e.quantity);
    s.held -= e.quantity;
    s.allocations[e.order] += e.quantity;
    s.allocated += e.quantity;
}

void apply(State& s, const Unallocated& e) {
    take(s.allocations, e.order, e.quantity);
    s.allocated -= e.quantity;
}

void apply(State& s, const Shipped& e) {
    take(s.allocations, e.order, e.quantity);
    s.allocated -= e.quantity;
    s.on_hand -= e.quantity;
    s.out += e.quantity;
}

void apply(State& s, const Returned& e) {
    s.out -= e.quantity;
    s.on_hand += e.quantity;
}

}  // namespace

Decision decide(const State& state, const Command& command) {
    return std::visit([&](const auto& c) { return on(state, c); }, command);
}

void apply(State& state, const Event& event) {
    std::visit([&](const auto& e) { apply(state, e); }, event);
    possible(state.exists, "nothing was received before");
    possible(state.available() >= 0, "available stock is negative");
    possible(state.out >= 0, "more returned than was shipped");
    possible(state.on_hand <= quantity_max && state.out <= quantity_max, "beyond all bounds");
}

State evolve(State state, const Event& event) {
    apply(state, event);
    return state;
}

}  // namespace skald::stock
