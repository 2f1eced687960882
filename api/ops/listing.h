// What the lists of operators that fit on one page share. Used by worker threads.
#pragma once

#include <boost/describe.hpp>
#include <vector>

#include "api/http/message.h"
#include "api/json/write.h"
#include "api/routes/services.h"

namespace skald::ops {

// {"data": [...]}
template <class Row>
struct Listing {
    std::vector<Row> data;
    BOOST_DESCRIBE_CLASS(Listing, (), (data), (), ())
};

template <class Row>
http::Response listing(std::vector<Row> rows) {
    return http::json_response(200, json::to_text(Listing<Row>{std::move(rows)}));
}

// Runs `read` with a connection of the pool, which is thrown away when it failed.
template <class Read>
auto with_connection(const routes::Services& services, const http::Request& request, Read&& read) {
    auto connection = services.reading->pool.acquire(request.deadline);
    try {
        return read(*connection);
    } catch (...) {
        connection.discard();
        throw;
    }
}

}  // namespace skald::ops
