// Which claim a change of address has to release depends on the address the account has when the
// change is decided: the command is sent with the claim it believes to be the old one (none, at
// first).
#include "commands/accounts.h"

#include <memory>

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/seeking.h"

namespace skald::commands {
namespace {

using eventstore::Accepted;
using eventstore::Decided;
using eventstore::States;

// The account's events of a change, or the first refusal.
account::Decision decide_account(account::State state, const AccountChange& change) {
    std::vector<account::Event> events;
    const auto add = [&](const account::Command& command) -> std::optional<account::Refusal> {
        const auto decision = account::decide(state, command);
        if (!decision) return decision.error();
        for (const auto& event : *decision) account::apply(state, event);
        events.insert(events.end(), decision->begin(), decision->end());
        return std::nullopt;
    };
    if (change.email) {
        if (auto refusal = add(account::ChangeEmail{*change.email})) return unexpected(*refusal);
    }
    // Also where nothing is wanted: of an account that is not there, even that is refused.
    const auto name = change.name.value_or(state.name);
    if (change.name || !change.email) {
        if (auto refusal = add(account::UpdateProfile{name})) return unexpected(*refusal);
    }
    return events;
}

class AddressChange : public Seeking {
  public:
    AddressChange(const CommandContext& context, EmailKey key, kernel::AccountId id,
                  AccountChange wanted)
        : Seeking(context), key_(std::move(key)), id_(std::move(id)), wanted_(std::move(wanted)) {
        if (wanted_.email) claims_ = key_.hash(*wanted_.email);
    }

    eventstore::Command next() override {
        auto command = command_of(context());
        command.streams = {account_stream(id_)};
        if (claims_) command.streams.push_back(email_stream(*claims_));
        const auto releases = old_ == claims_ ? std::nullopt : old_;
        if (releases) command.streams.push_back(email_stream(*releases));
        command.decide = [this, releases](const States& states) {
            return decide(releases, states);
        };
        return command;
    }

  private:
    // Streams: the account, the claim on the new address, and that on `releases`.
    Decided decide(const std::optional<kernel::EmailHash>& releases, const States& states) {
        const auto& state = states.get<account::State>(0);
        const auto events = decide_account(state, wanted_);
        if (!events) return explain(events.error(), id_);
        Accepted accepted;
        accepted.events.push_back(encoded<AccountBinding>(*events, context()));
        if (!claims_) return accepted;

        const auto old = key_.hash(state.email);
        const bool moves = old != *claims_;
        if (moves && releases != old) {
            old_ = old;
            return needs_others();
        }
        const auto claimed = email::decide(states.get<email::State>(1), email::Claim{id_});
        if (!claimed) return explain(claimed.error());
        accepted.events.push_back(encoded<EmailBinding>(*claimed, context()));
        if (!moves) return accepted;
        const auto released = email::decide(states.get<email::State>(2), email::Release{id_});
        if (!released) return explain(released.error());
        accepted.events.push_back(encoded<EmailBinding>(*released, context()));
        return accepted;
    }

    EmailKey key_;
    kernel::AccountId id_;
    AccountChange wanted_;
    std::optional<kernel::EmailHash> claims_;  // the new address
    std::optional<kernel::EmailHash> old_;     // the present one, as the last decision saw it
};

}  // namespace

eventstore::StreamName account_stream(const kernel::AccountId& id) {
    return eventstore::StreamName::of("account", id.value());
}

eventstore::StreamName email_stream(const kernel::EmailHash& hash) {
    return eventstore::StreamName::of("email", hash.value());
}

eventstore::Command register_account(const CommandContext& context, const EmailKey& key,
                                     kernel::EmailAddress email, kernel::PersonName name) {
    const kernel::AccountId id(eventstore::to_text(context.id.value()));
    auto command = command_of(context);
    command.streams = {account_stream(id), email_stream(key.hash(email))};
    command.decide = [context, id, wanted = account::Register{std::move(email), std::move(name)}](
                         const States& states) -> Decided {
        const auto registered = account::decide(states.get<account::State>(0), wanted);
        if (!registered) return explain(registered.error(), id);
        const auto claimed = email::decide(states.get<email::State>(1), email::Claim{id});
        if (!claimed) return explain(claimed.error());
        return Accepted{.events = {encoded<AccountBinding>(*registered, context),
                                   encoded<EmailBinding>(*claimed, context)}};
    };
    return command;
}

void change_account(eventstore::Executor& executor, const CommandContext& context,
                    const EmailKey& key, const kernel::AccountId& id, AccountChange change,
                    eventstore::Reply reply) {
    send(executor, std::make_shared<AddressChange>(context, key, id, std::move(change)),
         std::move(reply));
}

eventstore::Refusal explain(account::Refusal refusal, const kernel::AccountId& id) {
    using account::Refusal;
    switch (refusal) {
        case Refusal::already_registered:
            return {"account_already_registered", "This account is registered already.", ""};
        case Refusal::not_found:
            return {"account_not_found",
                    "There is no account " + id.value() + ". Register it first.", ""};
        case Refusal::erased:
            return {"account_erased",
                    "The account " + id.value() + " was erased. Register another one.", ""};
        case Refusal::email_invalid:
            return {"account_email_invalid", "This is no e-mail address we take.", "/email"};
        case Refusal::name_empty:
            return {"account_name_empty", "A name is not empty.", "/name"};
        case Refusal::name_too_long:
            return {"account_name_too_long", "The name is too long. Shorten it.", "/name"};
        case Refusal::name_invalid:
            return {"account_name_invalid",
                    "A name is UTF-8 without control characters. Remove what is not.", "/name"};
    }
    INVARIANT(false);
}

eventstore::Refusal explain(email::Refusal refusal) {
    using email::Refusal;
    switch (refusal) {
        case Refusal::taken:
            return {"email_taken",
                    "This e-mail address belongs to another account. Use another address.",
                    "/email"};
        case Refusal::account_invalid:
            return {"account_not_found", "An account's id is 1 to 64 of A-Z a-z 0-9 _ -.", ""};
        case Refusal::not_holder:
            return {"email_not_held",
                    "The present e-mail address is claimed by another account. An operator has to "
                    "look at it.",
                    ""};
    }
    INVARIANT(false);
}

}  // namespace skald::commands
