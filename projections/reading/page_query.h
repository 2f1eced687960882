// Builds the statement of one page of a list: filters, the place to go on from, order and limit,
// all on keys that have an index, so that a late page costs what the first one costs. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/postgres/pq.h"
#include "projections/reading/read.h"
#include "projections/reading/snapshot.h"

namespace skald::projections {

enum class KeyType { text, int8, timestamp, day };

// A sort key: the SQL expression that the index is on, and its type.
struct SortKey {
    std::string_view expression;
    KeyType type = KeyType::text;
};

class PageQuery {
  public:
    // `sort`: from the most significant key to the one that makes rows unique; all keys have the
    // direction of the list. Throws std::invalid_argument when the page's keys do not fit them.
    PageQuery(std::vector<SortKey> sort, bool descending, const KeysetPage& page);

    // A condition with its parameter in place of `?`, such as "department = ?".
    PageQuery& where(std::string_view condition, std::string_view text);
    PageQuery& where_timestamp(std::string_view condition, std::int64_t unix_us);
    PageQuery& where_day(std::string_view condition, std::int64_t day);

    // `sql` as a read model is asked: of every page size the same text, planned for a large page.
    Statement asked(std::string_view sql) const;
    // `sql` with {where}, {order} and {limit} filled in. {where} begins with "WHERE true", or, if
    // `sql` has conditions of its own, follows them as "AND ...".
    std::string statement(std::string_view sql) const { return statement(sql, fetched_max()); }
    const pq::Params& params() const { return params_; }
    // How many rows the statement asks for: one more than the page, to see whether there are more.
    std::int32_t fetched_max() const { return page_.limit + 1; }

  private:
    void add(std::string_view condition, std::string_view cast);
    std::string statement(std::string_view sql, std::int32_t limit) const;

    std::vector<SortKey> sort_;
    bool ascending_;  // in the order of fetching
    KeysetPage page_;
    std::string conditions_;
    pq::Params params_;
};

// Whether the page is another one than the list's first (or last).
inline bool goes_on(const KeysetPage& page) { return page.after && !page.after->empty(); }

// The page made of the rows that a PageQuery's statement gave, in their order. `key_of` tells a
// row's sort keys.
template <class Row, class KeyOf>
Page<Row> page_of(std::vector<Row> fetched, const KeysetPage& page, KeyOf key_of) {
    const bool forward = page.direction == PageDirection::forward;
    const bool more = std::cmp_greater(fetched.size(), page.limit);
    if (more) fetched.resize(static_cast<std::size_t>(page.limit));
    if (!forward)
        fetched = {std::make_move_iterator(fetched.rbegin()),
                   std::make_move_iterator(fetched.rend())};
    Page<Row> result;
    result.has_next = forward ? more : goes_on(page);
    result.has_prev = forward ? goes_on(page) : more;
    if (!fetched.empty()) {
        result.first = key_of(fetched.front());
        result.last = key_of(fetched.back());
    }
    result.rows = std::move(fetched);
    return result;
}

}  // namespace skald::projections
