// Lists: ?limit= ?cursor= ?sort= and filters in, a page with signed cursors out.
//
//   Parameters parameters(request);
//   filter.department = parameters.text("department", json::text(1, 100));
//   auto query = read_list(parameters, {{"created_at", "title"}, "-created_at"}, cursors);
//   if (!query) return unexpected(query.error());
//   ...
//   page.pagination = paginate(*query, {has_next, has_prev, first, last}, cursors);
#pragma once

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
};

// To be called when all filters have been read from `parameters`: whatever else the request holds
// is an unknown parameter. 400 names everything at once.
Result<ListQuery, Problem> read_list(Parameters& parameters, const ListOrder& order,
                                     const CursorCodec& cursors);

// The same text for requests that ask for the same page, and for no others.
std::string page_asked(const ListQuery& query);

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

// The cursors to the pages beside one whose first and last row have these keys.
struct PageEnds {
    bool has_next = false;
    bool has_prev = false;
    std::vector<std::string> first;
    std::vector<std::string> last;
};
Pagination paginate(const ListQuery& query, const PageEnds& ends, const CursorCodec& cursors);

// The parameters of a list, for its documentation.
std::vector<ParameterDoc> list_parameter_docs(const ListOrder& order);

}  // namespace skald::http
