// Reads accounts: the only read model that holds personal data. Thread-safe.
#pragma once

#include <optional>

#include "domain/kernel/ids.h"
#include "domain/kernel/personal.h"
#include "domain/kernel/time.h"
#include "projections/reading/reading.h"

namespace skald::projections::accounts {

struct Account {
    kernel::AccountId id;
    kernel::EmailAddress email;
    kernel::PersonName name;
    eventstore::Version version;
    kernel::Timestamp created_at;
    kernel::Timestamp updated_at;
    friend bool operator==(const Account&, const Account&) = default;
};

// By created_at, ties by id in the same direction.
struct Listing {
    bool descending = true;
    KeysetPage page;
};

ReadResult<std::optional<Account>> find(Reading& reading, const kernel::AccountId& id,
                                        const ReadRequest& request);
ReadResult<Page<Account>> list(Reading& reading, const Listing& listing,
                               const ReadRequest& request);

}  // namespace skald::projections::accounts
