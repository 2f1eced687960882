// GETs that came together, answered together: those that need no more than what is there now, and
// find it. All others go their way alone. Handlers run on worker threads.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/http/parameters.h"
#include "api/routes/query_route.h"
#include "projections/reading/snapshot.h"

namespace skald::routes {

// How new its answer has to be; nothing if that cannot be said, or had without a wait.
std::optional<Asked> asked_at_once(const http::Request& request, const Services& services);

// Single things: `find` takes those asked for, by the parameter `name` of the path, and gives a
// projections::Together; `show` makes the body.
template <class Find, class Show>
http::TogetherHandler together(const Services& services, std::string_view name, Find find,
                               Show show) {
    return [&services, name, find, show](std::span<const http::Request* const> requests) {
        http::Answers answers(requests.size());
        std::vector<std::size_t> taken;
        std::vector<Asked> asked;
        std::vector<projections::AskedThing> things;
        for (std::size_t i = 0; i < requests.size(); ++i) {
            const auto& id = requests[i]->parameter(name);
            if (!kernel::is_id(id) || http::Parameters(*requests[i]).problem()) continue;
            auto one = asked_at_once(*requests[i], services);
            if (!one) continue;
            taken.push_back(i);
            things.push_back({id, one->request});
            asked.push_back(std::move(*one));
        }
        if (things.empty()) return answers;
        const auto found = find(*services.reading, things);
        for (std::size_t i = 0; i < taken.size(); ++i) {
            if (!found[i] || !found[i]->value) continue;
            const auto& value = *found[i]->value;
            answers[taken[i]] = thing(*requests[taken[i]], services, asked[i], *found[i],
                                      value.version, json::to_text(show(value)));
        }
        return answers;
    };
}

// What one index answers in a few rows. Anything else would be waited for by all of its round trip.
template <class Listing>
bool is_quick(const PageAsked<Listing>& page) {
    return page.listing.filter.count() <= 1 && page.query.limit <= http::page_limit_default;
}

// The pages of one list; those who ask for the same page are given the same. `list` takes what is
// asked for, and gives a projections::PagesTogether; `open` and `show` as in one_page.
template <class Listing, class List, class Show>
http::TogetherHandler pages_together(const Services& services, OpenPage<Listing> open, List list,
                                     Show show) {
    struct Reader {
        std::size_t request;
        std::size_t page;
        Asked asked;
    };
    return [&services, open, list, show](std::span<const http::Request* const> requests) {
        http::Answers answers(requests.size());
        std::vector<Reader> readers;
        std::vector<Listing> listings;
        std::vector<http::ListQuery> queries;
        std::unordered_map<std::string, std::size_t> pages;
        for (std::size_t i = 0; i < requests.size(); ++i) {
            auto page = open(*requests[i], services);
            auto asked = page ? asked_at_once(*requests[i], services) : std::nullopt;
            if (!asked || !is_quick(*page)) continue;
            const auto own = pages.try_emplace(http::page_asked(page->query), pages.size());
            if (own.second) {
                listings.push_back(std::move(page->listing));
                queries.push_back(std::move(page->query));
            }
            readers.push_back({i, own.first->second, std::move(*asked)});
        }
        if (readers.empty()) return answers;
        const auto found = list(*services.reading, listings);
        std::vector<std::string> bodies(listings.size());
        for (const auto& [request, page, asked] : readers) {
            const auto& answer = found[page];
            if (!answer || is_beyond(asked.request.wanted, answer->heads)) continue;
            auto& body = bodies[page];
            if (body.empty()) body = page_body(services, queries[page], answer->value, show);
            answers[request] =
                with_freshness(http::json_response(200, body), services, asked, *answer);
        }
        return answers;
    };
}

}  // namespace skald::routes
