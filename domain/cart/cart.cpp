#include "domain/cart/cart.h"

#include "domain/kernel/impossible.h"

namespace skald::cart {
namespace {

using kernel::accept;
using kernel::already_done;
using kernel::possible;
using kernel::refuse;

Decision on(const State& s, const Create& c) {
    if (s.exists && s.account != c.account) return refuse(Refusal::already_exists);
    if (s.exists) return already_done();
    if (c.account && !is_id(*c.account)) return refuse(Refusal::account_invalid);
    return accept(Created{c.account});
}

Decision on(const State& s, const SetItem& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (!is_id(c.sku)) return refuse(Refusal::sku_invalid);
    if (c.quantity < 1 || c.quantity > quantity_max) return refuse(Refusal::quantity_out_of_range);
    if (s.order) return refuse(Refusal::checked_out);
    const auto item = s.items.find(c.sku);
    if (item == s.items.end() && s.items.size() == items_max)
        return refuse(Refusal::too_many_items);
    if (item != s.items.end() && item->second == c.quantity) return already_done();
    return accept(ItemSet{c.sku, c.quantity});
}

Decision on(const State& s, const RemoveItem& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (!is_id(c.sku)) return refuse(Refusal::sku_invalid);
    if (s.order) return refuse(Refusal::checked_out);
    if (!s.items.contains(c.sku)) return already_done();
    return accept(ItemRemoved{c.sku});
}

Decision on(const State& s, const CheckOut& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (!is_id(c.order_id)) return refuse(Refusal::order_invalid);
    if (s.order == c.order_id) return already_done();
    if (s.order) return refuse(Refusal::checked_out);
    if (s.items.empty()) return refuse(Refusal::empty);
    return accept(CheckedOut{c.order_id});
}

void apply(State& s, const Created& e) {
    possible(!s.exists, "created twice");
    s.exists = true;
    s.account = e.account;
}

void apply(State& s, const ItemSet& e) {
    s.items[e.sku] = e.quantity;
    possible(s.items.size() <= items_max, "more items than a cart holds");
}

void apply(State& s, const ItemRemoved& e) {
    possible(s.items.erase(e.sku) == 1, "removed what was not in the cart");
}

void apply(State& s, const CheckedOut& e) {
    possible(!s.items.empty(), "checked out with nothing in it");
    s.order = e.order_id;
}

}  // namespace

Decision decide(const State& state, const Command& command) {
    return std::visit([&](const auto& c) { return on(state, c); }, command);
}

void apply(State& state, const Event& event) {
    possible(state.exists || std::holds_alternative<Created>(event), "nothing was created before");
    possible(!state.order, "something happened after the check-out");
    std::visit([&](const auto& e) { apply(state, e); }, event);
}

State evolve(State state, const Event& event) {
    apply(state, event);
    return state;
}

}  // namespace skald::cart
