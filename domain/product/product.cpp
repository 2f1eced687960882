#include "domain/product/product.h"

#include "domain/kernel/impossible.h"
#include "domain/kernel/text.h"

namespace skald::product {
namespace {

using kernel::accept;
using kernel::already_done;
using kernel::possible;
using kernel::refuse;
using Text = std::optional<std::string>;

std::optional<Refusal> fault_of_title(const Text& title) {
    if (!title) return std::nullopt;
    if (title->empty()) return Refusal::title_empty;
    if (title->size() > kernel::title_bytes_max) return Refusal::title_too_long;
    return std::nullopt;
}

std::optional<Refusal> fault_of_label(const Text& label) {
    if (!label) return std::nullopt;
    if (label->empty()) return Refusal::label_empty;
    if (label->size() > kernel::label_bytes_max) return Refusal::label_too_long;
    return std::nullopt;
}

std::optional<Refusal> fault_of(const Describe& d) {
    if (const auto fault = fault_of_title(d.title)) return fault;
    for (const Text* label : {&d.department, &d.category, &d.brand})
        if (const auto fault = fault_of_label(*label)) return fault;
    for (const Text* text : {&d.title, &d.department, &d.category, &d.brand})
        if (*text && !kernel::is_text(**text)) return Refusal::text_invalid;
    return std::nullopt;
}

std::optional<Refusal> absence(const State& s) {
    if (!s.exists) return Refusal::not_found;
    if (s.archived) return Refusal::archived;
    return std::nullopt;
}

// `wanted`, unless it is what `held` says already.
Text changed(const Text& wanted, const Text& held) { return wanted == held ? Text{} : wanted; }

Decision on(const State& s, const Create& c) {
    if (s.exists) return refuse(Refusal::already_exists);
    if (!is_id(c.sku)) return refuse(Refusal::sku_invalid);
    if (const auto fault = fault_of(Describe{c.title, c.department, c.category, c.brand}))
        return refuse(*fault);
    if (c.price.amount < 1) return refuse(Refusal::price_not_positive);
    return accept(Created{c.sku, c.title, c.department, c.category, c.brand, c.price, c.ships});
}

Decision on(const State& s, const Change& c) {
    if (const auto fault = absence(s)) return refuse(*fault);
    if (const auto fault = fault_of(c.description)) return refuse(*fault);
    if (c.price && c.price->amount < 1) return refuse(Refusal::price_not_positive);
    if (c.price && c.price->currency != s.price.currency) return refuse(Refusal::currency_mismatch);
    const Describe& d = c.description;
    const Described described{changed(d.title, s.title), changed(d.department, s.department),
                              changed(d.category, s.category), changed(d.brand, s.brand)};
    std::vector<Event> events;
    if (described != Described{}) events.emplace_back(described);
    if (c.price && *c.price != s.price) events.emplace_back(PriceSet{*c.price});
    if (c.ships && *c.ships != s.ships) events.emplace_back(ShippingSet{*c.ships});
    return events;
}

Decision on(const State& s, const Describe& c) { return on(s, Change{c, std::nullopt}); }

Decision on(const State& s, const SetPrice& c) { return on(s, Change{{}, c.price}); }

Decision on(const State& s, const SetShipping& c) {
    return on(s, Change{{}, std::nullopt, c.ships});
}

Decision on(const State& s, const Archive&) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (s.archived) return already_done();
    return accept(Archived{});
}

void apply(State& s, const Created& e) {
    possible(!s.exists, "created twice");
    s = State{true, false, e.sku, e.title, e.department, e.category, e.brand, e.price, e.ships};
}

void apply(State& s, const Described& e) {
    possible(s.exists, "described before it was created");
    if (e.title) s.title = *e.title;
    if (e.department) s.department = e.department;
    if (e.category) s.category = e.category;
    if (e.brand) s.brand = e.brand;
}

void apply(State& s, const PriceSet& e) {
    possible(s.exists, "priced before it was created");
    possible(e.price.currency == s.price.currency, "priced in another currency");
    s.price = e.price;
}

void apply(State& s, const ShippingSet& e) {
    possible(s.exists, "its shipping was set before it was created");
    s.ships = e.ships;
}

void apply(State& s, const Archived&) {
    possible(s.exists, "archived before it was created");
    s.archived = true;
}

}  // namespace

Decision decide(const State& state, const Command& command) {
    return std::visit([&](const auto& c) { return on(state, c); }, command);
}

void apply(State& state, const Event& event) {
    std::visit([&](const auto& e) { apply(state, e); }, event);
}

State evolve(State state, const Event& event) {
    apply(state, event);
    return state;
}

}  // namespace skald::product
