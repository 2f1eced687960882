#include "projections/accounts/queries.h"

#include "projections/accounts/projection.h"
#include "projections/reading/page_query.h"
#include "projections/reading/snapshot.h"
#include "projections/sql.h"

namespace skald::projections::accounts {
namespace {

Account account_in(const pq::Rows& rows, int row) {
    Account account;
    account.id = kernel::AccountId(rows.text(row, 0));
    account.email = kernel::EmailAddress(rows.text(row, 1));
    account.name = kernel::PersonName(rows.text(row, 2));
    account.version = eventstore::Version(rows.int8(row, 3));
    account.created_at = kernel::Timestamp(rows.timestamp(row, 4));
    account.updated_at = kernel::Timestamp(rows.timestamp(row, 5));
    return account;
}

}  // namespace

ReadResult<std::optional<Account>> find(Reading& reading, const kernel::AccountId& id,
                                        const ReadRequest& request) {
    return read(reading, projection(), id.value(), request, [&](Snapshot& snapshot) {
        const auto rows = snapshot.query(sql::find_account, pq::Params().text(id.value()));
        return rows.empty() ? std::nullopt : std::optional(account_in(rows, 0));
    });
}

ReadResult<Page<Account>> list(Reading& reading, const Listing& listing,
                               const ReadRequest& request) {
    const PageQuery query({{"a.created_at", KeyType::timestamp}, {"a.id", KeyType::text}},
                          listing.descending, listing.page);
    return read(reading, projection(), std::nullopt, request, [&](Snapshot& snapshot) {
        const auto rows = snapshot.query_once(query.statement(sql::list_accounts), query.params());
        std::vector<Account> accounts;
        for (int i = 0; i < rows.size(); ++i) accounts.push_back(account_in(rows, i));
        return page_of(std::move(accounts), listing.page, [](const Account& account) {
            return KeyValues{std::to_string(account.created_at.value()), account.id.value()};
        });
    });
}

}  // namespace skald::projections::accounts
