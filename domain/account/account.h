// A customer's account: who they are and where to write to them. Stream `account-<id>`. Pure
// functions.
//
// That an e-mail address belongs to one account only is the e-mail claim's matter (domain/email):
// register, change of address and erasure are appended together with it, all or nothing.
#pragma once

#include <boost/describe/enum.hpp>
#include <variant>

#include "domain/kernel/decision.h"
#include "domain/kernel/personal.h"

namespace skald::account {

using kernel::EmailAddress;
using kernel::PersonName;

// Facts. Names and fields are stored for ever; schemas/account/v1/account.proto is their wire form.
struct Registered {
    EmailAddress email;  // as the customer writes it
    PersonName name;
    bool operator==(const Registered&) const = default;
};
struct EmailChanged {
    EmailAddress email;
    bool operator==(const EmailChanged&) const = default;
};
struct ProfileUpdated {
    PersonName name;
    bool operator==(const ProfileUpdated&) const = default;
};
struct Erased {
    bool operator==(const Erased&) const = default;
};
using Event = std::variant<Registered, EmailChanged, ProfileUpdated, Erased>;

struct Register {
    EmailAddress email;
    PersonName name;
};
struct ChangeEmail {
    EmailAddress email;
};
struct UpdateProfile {
    PersonName name;
};
struct Erase {};
using Command = std::variant<Register, ChangeEmail, UpdateProfile, Erase>;

// Checked in this order. email_invalid: not what kernel::is_email_address() takes.
BOOST_DEFINE_ENUM_CLASS(Refusal, already_registered, not_found, erased, email_invalid, name_empty,
                        name_too_long, name_invalid)

struct State {
    bool exists = false;
    bool erased = false;  // then nothing personal is left here
    EmailAddress email;
    PersonName name;
    bool operator==(const State&) const = default;
};

using Decision = kernel::Decision<Event, Refusal>;
Decision decide(const State& state, const Command& command);
// Throws kernel::ImpossibleEvent if the event cannot follow on this state.
void apply(State& state, const Event& event);
State evolve(State state, const Event& event);

}  // namespace skald::account
