// Which claim a change of address has to release depends on the address the account has when the
// change is decided, but a command names its streams before that. So the change is sent with the
// claim it believes to be the old one (none, at first). Where the account turns out to have another
// address, the decision names that claim and has no effect, and the change is sent again with it.
// As every decision states the versions it saw, a race between two changes ends the same way.
#include "commands/accounts.h"

#include <memory>

#include "commands/aggregate.h"
#include "commands/bindings.h"

namespace skald::commands {
namespace {

using eventstore::Accepted;
using eventstore::Decided;
using eventstore::States;

// Never leaves this file.
constexpr const char* another_claim_needed = "another_claim_needed";

struct Change {
    CommandContext context;
    kernel::AccountId id;
    AccountChange wanted;
    std::optional<kernel::EmailHash> claims;  // the new address
    std::optional<kernel::EmailHash> old;     // the present one, as the last decision saw it
    std::function<kernel::EmailHash(const kernel::EmailAddress&)> hash;
};

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

// Streams: the account, the claim on the new address, and that on `releases`. May run again after a
// conflict, so what it notes for the next sending is apart from what this one was sent with.
Decided decide_change(Change& change, const std::optional<kernel::EmailHash>& releases,
                      const States& states) {
    const auto& state = states.get<account::State>(0);
    const auto events = decide_account(state, change.wanted);
    if (!events) return explain(events.error(), change.id);
    Accepted accepted;
    accepted.events.push_back(encoded<AccountBinding>(*events, change.context));
    if (!change.claims) return accepted;

    const auto old = change.hash(state.email);
    const bool moves = old != *change.claims;
    if (moves && releases != old) {
        change.old = old;
        return eventstore::Refusal{another_claim_needed, "", ""};
    }
    const auto claimed = email::decide(states.get<email::State>(1), email::Claim{change.id});
    if (!claimed) return explain(claimed.error());
    accepted.events.push_back(encoded<EmailBinding>(*claimed, change.context));
    if (!moves) return accepted;
    const auto released = email::decide(states.get<email::State>(2), email::Release{change.id});
    if (!released) return explain(released.error());
    accepted.events.push_back(encoded<EmailBinding>(*released, change.context));
    return accepted;
}

// Everything in `change` is touched by the executor's thread only, once it is sent.
void send(eventstore::Executor& executor, const std::shared_ptr<Change>& change,
          eventstore::Reply reply) {
    auto command = command_of(change->context);
    command.streams = {account_stream(change->id)};
    if (change->claims) command.streams.push_back(email_stream(*change->claims));
    const auto releases = change->old == change->claims ? std::nullopt : change->old;
    if (releases) command.streams.push_back(email_stream(*releases));
    command.decide = [change, releases](const States& states) {
        return decide_change(*change, releases, states);
    };
    executor.submit(std::move(command), [&executor, change, reply = std::move(reply)](
                                            const eventstore::Answer& answer) {
        if (answer.kind == eventstore::AnswerKind::refused &&
            answer.refusal.code == another_claim_needed) {
            return send(executor, change, reply);
        }
        reply(answer);
    });
}

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
    auto sent = std::make_shared<Change>(
        Change{.context = context,
               .id = id,
               .wanted = std::move(change),
               .claims = std::nullopt,
               .old = std::nullopt,
               .hash = [key](const kernel::EmailAddress& email) { return key.hash(email); }});
    if (sent->wanted.email) sent->claims = key.hash(*sent->wanted.email);
    send(executor, sent, std::move(reply));
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
