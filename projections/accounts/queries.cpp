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
    return read_thing(reading, projection(), id.value(), request,
                      {sql::find_account, pq::Params().text(id.value())}, [](const Found& found) {
                          return found.size == 0 ? std::nullopt
                                                 : std::optional(account_in(found.rows, 0));
                      });
}

ReadResult<Page<Account>> list(Reading& reading, const Listing& listing,
                               const ReadRequest& request) {
    const PageQuery query({{"a.created_at", KeyType::timestamp}, {"a.id", KeyType::text}},
                          listing.descending, listing.page);
    const auto statement = query.asked(sql::list_accounts);
    return read_list(reading, projection(), request, statement, [&](const Found& found) {
        std::vector<Account> accounts;
        for (int i = 0; i < found.size; ++i) accounts.push_back(account_in(found.rows, i));
        return page_of(std::move(accounts), listing.page, [](const Account& account) {
            return KeyValues{std::to_string(account.created_at.value()), account.id.value()};
        });
    });
}

}  // namespace skald::projections::accounts
