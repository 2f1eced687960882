// The way of a query through the edge: how new the answer has to be, what the read model says, and
// the answer with its token, its ETag, and what is parked. Handlers run on worker threads.
#pragma once

#include <string>

#include "api/http/conditional.h"
#include "api/http/list_query.h"
#include "api/http/parameters.h"
#include "api/http/read_options.h"
#include "api/http/route.h"
#include "api/json/write.h"
#include "api/routes/services.h"

namespace skald::routes {

// A query as the read models take it.
struct Asked {
    projections::ReadRequest request;
    std::optional<http::Token> known;  // the token the client brought
};
Result<Asked, http::Problem> asked_of(const http::Request& request, const Services& services);

// Whether anything wanted is not among the heads.
bool is_beyond(const eventstore::Heads& wanted, const eventstore::Heads& heads);

// 503, retryable, with how far behind the read model is.
http::Problem lagging(const projections::Lagging& lag);
// The token of what was read, and of what the client knew before.
std::string token_text(const Services& services, const std::optional<http::Token>& known,
                       const eventstore::Heads& heads);

// Runs `read` with a connection of the pool, which is thrown away when it failed; again where it
// had gone stale in the pool, as all do when PostgreSQL is restarted.
template <class Read>
auto with_connection(const Services& services, http::Clock::time_point deadline, Read&& read) {
    while (true) {
        auto connection = services.reading->pool.acquire(deadline);
        try {
            return read(*connection);
        } catch (const pq::ConnectionLost&) {
            const bool fresh = connection.fresh();
            connection.discard();
            if (fresh) throw;
        } catch (...) {
            connection.discard();
            throw;
        }
    }
}

// Runs the handler; a cursor whose keys are not those of the list becomes 400.
http::BlockingHandler guarded(http::BlockingHandler handler);

// The headers every answer of a query carries: Skald-Token, and Skald-Parked (the reason) or
// Skald-Parked-Keys (how many keys a list was made without).
template <class T>
http::Pairs freshness(const Services& services, const Asked& asked,
                      const projections::Answer<T>& answer) {
    http::Pairs headers{{"Skald-Token", token_text(services, asked.known, answer.heads)}};
    if (answer.parked) headers.emplace_back("Skald-Parked", answer.parked->reason);
    if (answer.parked_keys > 0) {
        headers.emplace_back("Skald-Parked-Keys", std::to_string(answer.parked_keys));
    }
    return headers;
}

template <class T>
http::Response with_freshness(http::Response response, const Services& services, const Asked& asked,
                              const projections::Answer<T>& answer) {
    for (auto& header : freshness(services, asked, answer)) {
        response.headers.push_back(std::move(header));
    }
    return response;
}

// 404 for what cannot be: <target>_not_found.
http::Problem no_such(std::string_view target, std::string_view id);
// 404 for what the read model does not have: <target>_not_found, or <target>_parked where it would
// have it if the thing's events were not held back.
http::Problem absence(std::string_view target, std::string_view id,
                      const std::optional<projections::ParkedNote>& parked);
template <class T>
http::Problem absent(std::string_view target, std::string_view id, const Services& services,
                     const Asked& asked, const projections::Answer<T>& answer) {
    auto problem = absence(target, id, answer.parked);
    problem.headers = freshness(services, asked, answer);
    return problem;
}

// One thing as `body`, or 304.
template <class T>
Result<http::Response, http::Problem> thing(const http::Request& request, const Services& services,
                                            const Asked& asked,
                                            const projections::Answer<T>& answer, std::string etag,
                                            std::string body) {
    const auto unchanged = http::is_unchanged(request, etag);
    if (!unchanged) return unexpected(unchanged.error());
    auto response = *unchanged
                        ? http::not_modified(std::move(etag))
                        : http::json_response(200, std::move(body)).with("ETag", std::move(etag));
    return with_freshness(std::move(response), services, asked, answer);
}
// The same of a thing that its version tells all of.
template <class T>
Result<http::Response, http::Problem> thing(const http::Request& request, const Services& services,
                                            const Asked& asked,
                                            const projections::Answer<T>& answer,
                                            eventstore::Version version, std::string body) {
    return thing(request, services, asked, answer, http::etag(version), std::move(body));
}

// A thing that a query names, and how new its answer has to be.
template <class Id>
struct Opening {
    Id id;
    Asked asked;
};
// What the GET of one thing begins with: no parameters but those of every query, and an id that can
// be one, else 404 <target>_not_found. The id is the path's parameter.
template <class Id>
Result<Opening<Id>, http::Problem> opening_of(const http::Request& request,
                                              const Services& services, std::string_view target) {
    http::Parameters parameters(request);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    auto asked = asked_of(request, services);
    if (!asked) return unexpected(std::move(asked.error()));
    Id id(request.path_parameters.front().second);
    if (!is_id(id)) return unexpected(no_such(target, id.value()));
    return Opening<Id>{std::move(id), std::move(*asked)};
}

// One thing as a read model has it.
template <class Row>
struct Found {
    Asked asked;
    projections::Answer<std::optional<Row>> answer;
    Row& row() { return *answer.value; }
};
// The thing that the path names, found by `find`; 404 where there is none.
template <class Id, class Row>
Result<Found<Row>, http::Problem> found_by(
    projections::ReadResult<std::optional<Row>> (*find)(projections::Reading&, const Id&,
                                                        const projections::ReadRequest&),
    const http::Request& request, const Services& services, std::string_view target) {
    auto opening = opening_of<Id>(request, services, target);
    if (!opening) return unexpected(std::move(opening.error()));
    auto& [id, asked] = *opening;
    auto answer = find(*services.reading, id, asked.request);
    if (!answer) return unexpected(lagging(answer.error()));
    if (!answer->value) return unexpected(absent(target, id.value(), services, asked, *answer));
    return Found<Row>{std::move(asked), std::move(*answer)};
}

// GET of one thing that its version tells all of; `show(row)` makes the body.
template <class Id, class Row, class Show>
http::BlockingHandler one_thing(
    const Services& services, std::string target,
    projections::ReadResult<std::optional<Row>> (*find)(projections::Reading&, const Id&,
                                                        const projections::ReadRequest&),
    Show show) {
    return [&services, target = std::move(target), find,
            show](const http::Request& request) -> Result<http::Response, http::Problem> {
        auto found = found_by(find, request, services, target);
        if (!found) return unexpected(std::move(found.error()));
        return thing(request, services, found->asked, found->answer, found->row().version,
                     json::to_text(show(found->row())));
    };
}

projections::KeysetPage keyset_of(const http::ListQuery& query);

// A page of a list, as a read model takes it and as its cursors need it.
template <class Listing>
struct PageAsked {
    Listing listing;
    http::ListQuery query;
};
template <class Listing>
using OpenPage = Result<PageAsked<Listing>, http::Problem> (*)(const http::Request&,
                                                               const Services&);

constexpr std::size_t row_bytes = 512;  // that most rows of a page have room in

// The body of a page, each row shown by `show(row)`.
template <class Row, class Show>
std::string page_body(const Services& services, const http::ListQuery& query,
                      const projections::Page<Row>& read, const Show& show) {
    http::Page<std::invoke_result_t<Show, const Row&>> shown;
    shown.data.reserve(read.rows.size());
    for (const auto& row : read.rows) shown.data.push_back(show(row));
    const http::PageEnds ends{read.has_next, read.has_prev, read.first, read.last};
    shown.pagination = http::paginate(query, ends, *services.cursors);
    std::string body;
    body.reserve(row_bytes * read.rows.size());
    json::write(body, shown);
    return body;
}

template <class Row, class Show>
http::Response page(const Services& services, const Asked& asked, const http::ListQuery& query,
                    const projections::Answer<projections::Page<Row>>& answer, const Show& show) {
    auto body = page_body(services, query, answer.value, show);
    return with_freshness(http::json_response(200, std::move(body)), services, asked, answer);
}

// GET of a page: `open` reads what the request asks for, `list` reads the page.
template <class Listing, class Row, class Show>
http::BlockingHandler one_page(
    const Services& services, OpenPage<Listing> open,
    projections::ReadResult<projections::Page<Row>> (*list)(projections::Reading&, const Listing&,
                                                            const projections::ReadRequest&),
    Show show) {
    return guarded([&services, open, list,
                    show](const http::Request& request) -> Result<http::Response, http::Problem> {
        const auto wanted = open(request, services);
        if (!wanted) return unexpected(wanted.error());
        const auto asked = asked_of(request, services);
        if (!asked) return unexpected(asked.error());
        const auto answer = list(*services.reading, wanted->listing, asked->request);
        if (!answer) return unexpected(lagging(answer.error()));
        return page(services, *asked, wanted->query, *answer, show);
    });
}

}  // namespace skald::routes
