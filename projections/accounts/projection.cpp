#include "projections/accounts/projection.h"

#include "projections/decoded.h"
#include "projections/sql.h"
#include "schemas/account/codec.h"

namespace skald::projections::accounts {
namespace {

using eventstore::StoredEvent;

const Table table{.name = "accounts",
                  .create = sql::accounts_table,
                  .key_columns = 1,
                  .key_has_partition = false,
                  .columns = {{"id"},
                              {"email"},
                              {"name"},
                              {"version", ColumnType::int8},
                              {"created_at", ColumnType::timestamp},
                              {"updated_at", ColumnType::timestamp}}};

std::string id_of(const StoredEvent& event) { return std::string(event.stream.id()); }

Changes changes_of(const account::Registered& fact, const StoredEvent& event) {
    return {put(table, {{"id", id_of(event)},
                        {"email", fact.email.value()},
                        {"name", fact.name.value()},
                        {"version", event.version.value()},
                        {"created_at", event.recorded_at.value()},
                        {"updated_at", event.recorded_at.value()}})};
}

Changes changes_of(const account::EmailChanged& fact, const StoredEvent& event) {
    return {update(table, {{"id", id_of(event)},
                           {"email", fact.email.value()},
                           {"version", event.version.value()},
                           {"updated_at", event.recorded_at.value()}})};
}

Changes changes_of(const account::ProfileUpdated& fact, const StoredEvent& event) {
    return {update(table, {{"id", id_of(event)},
                           {"name", fact.name.value()},
                           {"version", event.version.value()},
                           {"updated_at", event.recorded_at.value()}})};
}

Changes changes_of(const account::Erased&, const StoredEvent& event) {
    return {remove(table, {{"id", id_of(event)}})};
}

}  // namespace

const Projection& projection() {
    static const Projection accounts{.name = "accounts",
                                     .definition = 1,
                                     .event_types = {"account.registered", "account.email_changed",
                                                     "account.profile_updated", "account.erased"},
                                     .tables = {&table},
                                     .changes_of =
                                         [](const StoredEvent& event, Earlier) {
                                             return decoded(
                                                 event, schemas::account::decode,
                                                 [](const auto& fact, const StoredEvent& stored) {
                                                     return changes_of(fact, stored);
                                                 });
                                         },
                                     .knows = in_catalogue};
    return accounts;
}

}  // namespace skald::projections::accounts
