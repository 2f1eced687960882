// Lists: ?limit= ?cursor= ?sort= and filters in, a page with signed cursors out.
//
//   Parameters parameters(request);
//   filter.department = parameters.text("department", json::text(1, 100));
//   auto query = read_list(parameters, request, {{"created_at", "title"}, "-created_at"}, cursors);
//   if (!query) return unexpected(query.error());
//   // select ... order by the sort key and the id, `query->limit + 1` rows beyond `query->cursor`
//   auto page = make_page(std::move(rows), *query, cursors, [](const Row& r) { return r.keys(); });
//
// Reading order: rows are to be read in the list's order when the cursor goes forward, in reverse
// when it goes backward (reads_descending() has worked it out).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/page_cursor.h"
#include "api/http/parameters.h"
#include "api/http/route.h"
#include "api/json/traits.h"

namespace skald::http {

inline constexpr std::int64_t page_limit_max = 100;
inline constexpr std::int64_t page_limit_default = 20;

struct ListOrder {
    std::vector<std::string> sort_keys;  // those the list can be sorted by
    std::string otherwise;               // the default, "-" before it for descending
};

struct ListQuery {
    std::int64_t limit = page_limit_default;
    std::string sort_key;
    bool descending = false;
    std::optional<Cursor> cursor;
    std::string scope;  // what its cursors are bound to

    // The direction the rows are to be read in.
    bool reads_descending() const {
        const bool backward = cursor && cursor->direction == Direction::backward;
        return descending != backward;
    }
};

// To be called when all filters have been read from `parameters`: whatever else the request holds
// is an unknown parameter. 400 names everything at once.
Result<ListQuery, Problem> read_list(Parameters& parameters, const Request& request,
                                     const ListOrder& order, const CursorCodec& cursors);

struct Pagination {
    std::optional<std::string> next;
    std::optional<std::string> prev;
    std::int64_t limit = page_limit_default;
};
BOOST_DESCRIBE_STRUCT(Pagination, (), (next, prev, limit))

// {"data": [...], "pagination": {...}}
template <class Row>
struct Page {
    std::vector<Row> data;
    Pagination pagination;
    BOOST_DESCRIBE_CLASS(Page, (), (data, pagination), (), ())
};

// `rows`: up to limit + 1, in the order they were read. `keys_of(row)` gives the texts of its sort
// key and of what breaks ties.
template <class Row, class KeysOf>
Page<Row> make_page(std::vector<Row> rows, const ListQuery& query, const CursorCodec& cursors,
                    KeysOf&& keys_of) {
    const bool backward = query.cursor && query.cursor->direction == Direction::backward;
    const bool more = rows.size() > static_cast<std::size_t>(query.limit);
    if (more) rows.resize(static_cast<std::size_t>(query.limit));
    if (backward) std::reverse(rows.begin(), rows.end());
    Page<Row> page;
    page.pagination.limit = query.limit;
    const bool has_next = backward || more;
    const bool has_prev = backward ? more : query.cursor.has_value();
    if (has_next && !rows.empty()) {
        page.pagination.next =
            cursors.encode(Cursor{Direction::forward, keys_of(rows.back())}, query.scope);
    }
    if (has_prev && !rows.empty()) {
        page.pagination.prev =
            cursors.encode(Cursor{Direction::backward, keys_of(rows.front())}, query.scope);
    }
    page.data = std::move(rows);
    return page;
}

// The parameters of a list, for its documentation.
std::vector<ParameterDoc> list_parameter_docs(const ListOrder& order);

}  // namespace skald::http
