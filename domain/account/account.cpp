#include "domain/account/account.h"

#include <optional>

#include "domain/kernel/impossible.h"
#include "domain/kernel/text.h"

namespace skald::account {
namespace {

using kernel::accept;
using kernel::already_done;
using kernel::possible;
using kernel::refuse;
using Fault = std::optional<Refusal>;

Fault absence(const State& s) {
    if (!s.exists) return Refusal::not_found;
    if (s.erased) return Refusal::erased;
    return std::nullopt;
}

Fault fault_of(const EmailAddress& email) {
    if (!kernel::is_email_address(email.value())) return Refusal::email_invalid;
    return std::nullopt;
}

Fault fault_of(const PersonName& name) {
    if (name.value().empty()) return Refusal::name_empty;
    if (name.value().size() > kernel::label_bytes_max) return Refusal::name_too_long;
    if (!kernel::is_text(name.value())) return Refusal::name_invalid;
    return std::nullopt;
}

Decision on(const State& s, const Register& c) {
    if (s.exists) return refuse(Refusal::already_registered);
    if (const auto fault = fault_of(c.email)) return refuse(*fault);
    if (const auto fault = fault_of(c.name)) return refuse(*fault);
    return accept(Registered{c.email, c.name});
}

Decision on(const State& s, const ChangeEmail& c) {
    if (const auto fault = absence(s)) return refuse(*fault);
    if (const auto fault = fault_of(c.email)) return refuse(*fault);
    if (c.email == s.email) return already_done();
    return accept(EmailChanged{c.email});
}

Decision on(const State& s, const UpdateProfile& c) {
    if (const auto fault = absence(s)) return refuse(*fault);
    if (const auto fault = fault_of(c.name)) return refuse(*fault);
    if (c.name == s.name) return already_done();
    return accept(ProfileUpdated{c.name});
}

Decision on(const State& s, const Erase&) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (s.erased) return already_done();
    return accept(Erased{});
}

void living(const State& s) {
    possible(s.exists, "not registered before");
    possible(!s.erased, "erased before");
}

void apply(State& s, const Registered& e) {
    possible(!s.exists, "registered twice");
    s = State{true, false, e.email, e.name};
}

void apply(State& s, const EmailChanged& e) {
    living(s);
    s.email = e.email;
}

void apply(State& s, const ProfileUpdated& e) {
    living(s);
    s.name = e.name;
}

void apply(State& s, const Erased&) {
    living(s);
    s = State{true, true, {}, {}};
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

}  // namespace skald::account
