// What each stored event makes of an order.
#include <algorithm>

#include "domain/kernel/impossible.h"
#include "domain/order/order.h"

namespace skald::order {
namespace {

using kernel::possible;

void cancel_all(State& s) {
    for (Progress& line : s.progress) {
        line.cancelled += line.allocated;
        line.allocated = 0;
    }
}

// What needs no carrying goes to the customer.
void hand_over(State& s) {
    for (std::size_t i = 0; i < s.lines.size(); ++i) {
        if (s.lines[i].ships) continue;
        s.progress[i].shipped += s.progress[i].allocated;
        s.progress[i].allocated = 0;
    }
}

Progress& progress_of(State& s, const Sku& sku) {
    const auto line = find_line(s, sku);
    possible(line.has_value(), "a sku that was not ordered");
    return s.progress[*line];
}

void apply(State& s, const Placed& e) {
    possible(!s.exists, "placed twice");
    s = State{true, Status::pending, e.account, e.lines, e.total, e.payment_method, e.placed_at};
    s.refunded.currency = e.total.currency;
    for (const Line& line : e.lines) s.progress.push_back({line.quantity, 0, 0, 0});
}

void apply(State& s, const Confirmed& e) {
    possible(s.status == Status::pending, "confirmed, but not pending before");
    s.status = Status::confirmed;
    s.payment = e.payment_id;
}

void apply(State& s, const Rejected&) {
    possible(s.status == Status::pending, "rejected, but not pending before");
    s.status = Status::rejected;
    cancel_all(s);
}

void apply(State& s, const CancelRequested&) {
    possible(s.status == Status::pending || s.status == Status::confirmed,
             "a cancel request for what was neither pending nor confirmed");
    possible(s.shipments.empty(), "a cancel request for what has shipped");
    s.status = Status::cancelling;
    s.cancel_refused = false;
}

void apply(State& s, const CancelRefused&) {
    possible(s.status == Status::cancelling, "a cancel request refused that nobody made");
    s.status = s.payment ? Status::confirmed : Status::pending;
    s.cancel_refused = true;
}

void apply(State& s, const Cancelled& e) {
    possible(s.status == Status::cancelling, "cancelled without request");
    possible(e.refund_due.currency == s.total.currency && e.refund_due.amount <= s.total.amount,
             "a refund of more than the total");
    s.status = Status::cancelled;
    s.refund_due = e.refund_due;
    cancel_all(s);
}

void apply(State& s, const Shipped& e) {
    possible(s.status == Status::confirmed, "shipped, but not confirmed before");
    possible(s.shipments.emplace(e.shipment_id, e.lines).second, "a shipment twice");
    for (const auto& [sku, quantity] : e.lines) {
        Progress& line = progress_of(s, sku);
        possible(quantity <= line.allocated, "shipped more than was left");
        line.allocated -= quantity;
        line.shipped += quantity;
    }
    hand_over(s);
    if (!has_unshipped(s)) s.status = Status::shipped;
}

void apply(State& s, const RestCancelled& e) {
    possible(s.status == Status::confirmed && !s.shipments.empty(),
             "the rest of what has not shipped in part");
    possible(e.lines == unshipped(s) && e.total == cost(s, e.lines), "another rest than was left");
    possible(e.refund_due.currency == s.total.currency && e.refund_due.amount <= e.total.amount,
             "a refund of more than the rest");
    s.status = Status::shipped;
    s.rest_cancelled = true;
    s.refund_due = e.refund_due;
    cancel_all(s);
}

void apply(State& s, const ReturnRecorded& e) {
    possible(s.returns.emplace(e.return_id, Return{e.lines, e.refund, e.reason}).second,
             "a return twice");
    for (const auto& [sku, quantity] : e.lines) {
        Progress& line = progress_of(s, sku);
        possible(quantity <= line.shipped - line.returned, "returned more than was shipped");
        line.returned += quantity;
    }
    possible(e.refund.currency == s.total.currency &&
                 e.refund.amount <= owed(s).amount - s.refunded.amount,
             "refunds of more than the goods cost");
    s.refunded.amount += e.refund.amount;
}

void apply(State& s, const Completed&) {
    possible(s.status == Status::confirmed || s.status == Status::shipped,
             "completed, but neither confirmed nor shipped before");
    possible(!has_unshipped(s), "completed with goods to ship");
    hand_over(s);
    s.status = Status::completed;
}

}  // namespace

bool has_unshipped(const State& state) { return !unshipped(state).empty(); }

std::vector<Portion> unshipped(const State& state) {
    std::vector<Portion> portions;
    for (std::size_t i = 0; i < state.lines.size(); ++i) {
        const auto left = state.progress[i].allocated;
        if (state.lines[i].ships && left > 0) portions.push_back({state.lines[i].sku, left});
    }
    return portions;
}

Money cost(const State& state, const std::vector<Portion>& portions) {
    Money sum{0, state.total.currency};
    for (const auto& [sku, quantity] : portions) {
        const auto line = find_line(state, sku);
        if (line) sum.amount += state.lines[*line].unit_price.amount * quantity.value();
    }
    return sum;
}

Money owed(const State& state) {
    auto sum = state.total;
    for (std::size_t i = 0; i < state.lines.size(); ++i)
        sum.amount -= state.lines[i].unit_price.amount * state.progress[i].cancelled.value();
    return sum;
}

std::optional<std::size_t> find_line(const State& state, const Sku& sku) {
    const auto found = std::ranges::find(state.lines, sku, &Line::sku);
    if (found == state.lines.end()) return std::nullopt;
    return static_cast<std::size_t>(found - state.lines.begin());
}

void apply(State& state, const Event& event) {
    possible(state.exists || std::holds_alternative<Placed>(event), "nothing was placed before");
    std::visit([&](const auto& e) { apply(state, e); }, event);
}

State evolve(State state, const Event& event) {
    apply(state, event);
    return state;
}

}  // namespace skald::order
