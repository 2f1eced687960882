// GETs of single things that came together, answered together: those that need no more than what is
// there now, and find it. All others go their way alone. Handlers run on worker threads.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "api/http/parameters.h"
#include "api/routes/query_route.h"
#include "projections/reading/snapshot.h"

namespace skald::routes {

// Nothing if the request is not to be answered without a wait, or not at all.
std::optional<Asked> asked_at_once(const http::Request& request, const Services& services);

// `find` takes the things asked for, by the parameter `name` of the path, and gives a
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
            auto one = asked_at_once(*requests[i], services);
            if (!one || !kernel::is_id(id)) continue;
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

}  // namespace skald::routes
