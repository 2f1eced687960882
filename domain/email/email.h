// The claim on an e-mail address: it belongs to one account at a time. Stream `email-<hash>`, the
// keyed hash of the address in lower case, so that no address stands in a stream's name. Pure
// functions.
#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <variant>

#include "domain/kernel/decision.h"
#include "domain/kernel/ids.h"

namespace skald::email {

using kernel::AccountId;

// Facts. Names and fields are stored for ever; schemas/email/v1/email.proto is their wire form.
struct Claimed {
    AccountId account;
    bool operator==(const Claimed&) const = default;
};
struct Released {
    AccountId account;  // who held it
    bool operator==(const Released&) const = default;
};
using Event = std::variant<Claimed, Released>;

struct Claim {
    AccountId account;
};
struct Release {
    AccountId account;
};
using Command = std::variant<Claim, Release>;

// Checked in this order. not_holder: another account holds what this one releases.
BOOST_DEFINE_ENUM_CLASS(Refusal, account_invalid, taken, not_holder)

struct State {
    std::optional<AccountId> holder;
    bool operator==(const State&) const = default;
};

using Decision = kernel::Decision<Event, Refusal>;
Decision decide(const State& state, const Command& command);
// Throws kernel::ImpossibleEvent if the event cannot follow on this state.
void apply(State& state, const Event& event);
State evolve(State state, const Event& event);

}  // namespace skald::email
