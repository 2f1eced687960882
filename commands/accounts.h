// What can be done with accounts. An account's e-mail address is claimed in the same atomic group
// as the account's own events, so that no two accounts ever have one address.
#pragma once

#include <optional>

#include "commands/context.h"
#include "commands/email_key.h"
#include "domain/account/account.h"
#include "domain/email/email.h"

namespace skald::commands {

eventstore::StreamName account_stream(const kernel::AccountId& id);
eventstore::StreamName email_stream(const kernel::EmailHash& hash);

// The new account's id is the command's id, so that a retried registration finds itself.
// Refused: email_taken.
eventstore::Command register_account(const CommandContext& context, const EmailKey& key,
                                     kernel::EmailAddress email, kernel::PersonName name);

// What is absent stays as it is.
struct AccountChange {
    std::optional<kernel::EmailAddress> email = std::nullopt;
    std::optional<kernel::PersonName> name = std::nullopt;
};
// Both or neither. Claims the new address and releases the old one. Refused: account_not_found,
// account_erased, email_taken. The reply comes on the executor's thread, once; `executor` must
// outlive it.
void change_account(eventstore::Executor& executor, const CommandContext& context,
                    const EmailKey& key, const kernel::AccountId& id, AccountChange change,
                    eventstore::Reply reply);

eventstore::Refusal explain(account::Refusal refusal, const kernel::AccountId& id);
eventstore::Refusal explain(email::Refusal refusal);

}  // namespace skald::commands
