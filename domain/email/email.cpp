#include "domain/email/email.h"

#include "domain/kernel/impossible.h"

namespace skald::email {
namespace {

using kernel::accept;
using kernel::already_done;
using kernel::possible;
using kernel::refuse;

Decision on(const State& s, const Claim& c) {
    if (!is_id(c.account)) return refuse(Refusal::account_invalid);
    if (s.holder == c.account) return already_done();
    if (s.holder) return refuse(Refusal::taken);
    return accept(Claimed{c.account});
}

Decision on(const State& s, const Release& c) {
    if (!is_id(c.account)) return refuse(Refusal::account_invalid);
    if (!s.holder) return already_done();
    if (s.holder != c.account) return refuse(Refusal::not_holder);
    return accept(Released{c.account});
}

void apply(State& s, const Claimed& e) {
    possible(!s.holder, "claimed twice");
    s.holder = e.account;
}

void apply(State& s, const Released& e) {
    possible(s.holder == e.account, "released by one who does not hold it");
    s.holder.reset();
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

}  // namespace skald::email
