#include "domain/shipment/shipment.h"

#include <set>

#include "domain/kernel/impossible.h"
#include "domain/kernel/text.h"

namespace skald::shipment {
namespace {

using kernel::accept;
using kernel::already_done;
using kernel::possible;
using kernel::refuse;
using Fault = std::optional<Refusal>;

Fault fault_of(const std::vector<Portion>& lines) {
    if (lines.empty()) return Refusal::no_lines;
    if (lines.size() > kernel::portions_max) return Refusal::too_many_lines;
    std::set<kernel::Sku> skus;
    for (const auto& [sku, quantity] : lines) {
        if (!is_id(sku)) return Refusal::sku_invalid;
        if (quantity < 1 || quantity > kernel::portion_quantity_max)
            return Refusal::quantity_out_of_range;
        if (!skus.insert(sku).second) return Refusal::duplicate_sku;
    }
    return std::nullopt;
}

Fault fault_of_tracking(const std::string& tracking) {
    if (tracking.empty()) return Refusal::tracking_empty;
    if (tracking.size() > kernel::label_bytes_max) return Refusal::tracking_too_long;
    if (!kernel::is_text(tracking)) return Refusal::tracking_invalid;
    return std::nullopt;
}

Fault fault_of(const Ship& c) {
    if (const auto fault = fault_of_tracking(c.tracking)) return fault;
    if (c.shipped_at < kernel::time_min || c.shipped_at > kernel::time_max)
        return Refusal::shipped_at_out_of_range;
    return std::nullopt;
}

Fault fault_of(const Fail& c) {
    if (c.reason.empty()) return Refusal::reason_empty;
    if (c.reason.size() > kernel::label_bytes_max) return Refusal::reason_too_long;
    if (!kernel::is_text(c.reason)) return Refusal::reason_invalid;
    return std::nullopt;
}

Decision on(const State& s, const Create& c) {
    const Created created{c.order, c.lines, c.tracking};
    if (s.exists && s.contents != created) return refuse(Refusal::already_created);
    if (s.exists) return already_done();
    if (!is_id(c.order)) return refuse(Refusal::order_invalid);
    if (c.tracking) {
        if (const auto fault = fault_of_tracking(*c.tracking)) return refuse(*fault);
    }
    if (const auto fault = fault_of(c.lines)) return refuse(*fault);
    return accept(created);
}

Decision on(const State& s, const Ship& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (const auto fault = fault_of(c)) return refuse(*fault);
    const Shipped shipped{c.tracking, c.shipped_at};
    if (s.dispatch && *s.dispatch != shipped) return refuse(Refusal::already_shipped);
    if (s.dispatch) return already_done();
    if (s.status != Status::created) return refuse(Refusal::status_forbids);
    return accept(shipped);
}

Decision on(const State& s, const Deliver&) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (s.status == Status::delivered) return already_done();
    if (s.status != Status::shipped) return refuse(Refusal::status_forbids);
    return accept(Delivered{});
}

Decision on(const State& s, const Fail& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (const auto fault = fault_of(c)) return refuse(*fault);
    if (s.status == Status::failed) return already_done();
    if (s.status == Status::delivered) return refuse(Refusal::status_forbids);
    return accept(Failed{c.reason});
}

void apply(State& s, const Created& e) {
    possible(!s.exists, "created twice");
    s = State{true, Status::created, e, std::nullopt};
}

void apply(State& s, const Shipped& e) {
    possible(s.status == Status::created, "shipped, but not just created before");
    s.status = Status::shipped;
    s.dispatch = e;
}

void apply(State& s, const Delivered&) {
    possible(s.status == Status::shipped, "delivered, but not shipped before");
    s.status = Status::delivered;
}

void apply(State& s, const Failed&) {
    possible(s.status == Status::created || s.status == Status::shipped,
             "failed after it had come to its end");
    s.status = Status::failed;
}

}  // namespace

Decision decide(const State& state, const Command& command) {
    return std::visit([&](const auto& c) { return on(state, c); }, command);
}

void apply(State& state, const Event& event) {
    possible(state.exists || std::holds_alternative<Created>(event), "nothing was created before");
    std::visit([&](const auto& e) { apply(state, e); }, event);
}

State evolve(State state, const Event& event) {
    apply(state, event);
    return state;
}

}  // namespace skald::shipment
