// What the lists of operators share that are always one page. Used by worker threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "api/http/list_query.h"
#include "api/http/message.h"
#include "api/json/write.h"

namespace skald::ops {

// All rows there are, as the one page of their list.
template <class Row>
http::Response listing(std::vector<Row> rows) {
    http::Page<Row> page;
    page.pagination.limit = std::max<std::int64_t>(1, static_cast<std::int64_t>(rows.size()));
    page.data = std::move(rows);
    return http::json_response(200, json::to_text(page));
}

}  // namespace skald::ops
