// Reads a read model as of one moment, by one statement or one transaction: live version, cursors
// and rows belong together, once the cursors have reached what the request wants. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "projections/engine/projection.h"
#include "projections/reading/reading.h"

namespace skald::projections {

// How long a query waits for a connection at least, whatever its deadline.
inline constexpr std::chrono::milliseconds connection_wait{500};

// What is asked of a read model: `sql` names its tables by _vN. Each text is prepared once on each
// connection, so there is a bounded number of them: what a user chooses freely is a parameter.
struct Statement {
    Statement(std::string_view text, pq::Params given = {},
              std::optional<std::int32_t> most = std::nullopt)
        : sql(text), params(std::move(given)), rows_max(most) {}
    std::string sql;
    pq::Params params;
    std::optional<std::int32_t> rows_max;
};

// The rows of an answer; only the first `size` are the statement's own.
struct Found {
    const pq::Rows& rows;
    int size = 0;
};

// One of several things asked for together, by its partition key.
struct AskedThing {
    std::string key;
    ReadRequest request;
};

namespace detail {

struct Standing {
    Heads heads;
    std::int64_t parked_keys = 0;
    std::map<std::string, ParkedNote> parked;  // of the keys asked for
};

// With keys the heads of all partitions but theirs stand at 0, and only theirs have to be new
// enough; without, it is a list.
using Keys = std::vector<std::string>;
using Use = std::function<void(const Found&, Standing&)>;

// Calls `use` with the rows, once what is wanted is reached.
std::optional<Lagging> with_rows(Reading& reading, const Projection& projection,
                                 const std::optional<Keys>& keys, const ReadRequest& request,
                                 const Statement& statement, const Use& use);

// Calls `use` with the rows of each list that could be read at once, and with which it is.
using UseOfList = std::function<void(std::size_t, const Found&, Standing&)>;
void with_lists(Reading& reading, const Projection& projection,
                std::span<const Statement> statements, const UseOfList& use);

// What one of things read together is told of.
std::optional<Lagging> behind_for(const Reading& reading, const Projection& projection,
                                  const AskedThing& asked, const Heads& heads);
Heads heads_for(const Reading& reading, const std::string& key, const Heads& heads);

}  // namespace detail

// The partition of `heads` that is furthest behind what is wanted.
std::optional<Lagging> behind(const std::string& name, const Heads& heads, const Heads& wanted);

// A list: all partitions have to be new enough. `use` makes the value of what was found. Throws
// eventstore::Unavailable, too, while the tables that are live were filled by another definition
// than the projection's.
template <class Use>
auto read_list(Reading& reading, const Projection& projection, const ReadRequest& request,
               const Statement& statement, Use use)
    -> ReadResult<std::invoke_result_t<Use, const Found&>> {
    Answer<std::invoke_result_t<Use, const Found&>> answer;
    const auto lagging = detail::with_rows(reading, projection, std::nullopt, request, statement,
                                           [&](const Found& found, detail::Standing& standing) {
                                               answer.value = use(found);
                                               answer.heads = std::move(standing.heads);
                                               answer.parked_keys = standing.parked_keys;
                                           });
    if (lagging) return unexpected(*lagging);
    return answer;
}

template <class Row>
using PagesTogether = std::vector<std::optional<Answer<Page<Row>>>>;

// Several lists of one read model, by one round trip and without waiting, all as of one moment:
// nothing where that could not be. `use` is told which list it is.
template <class Use>
auto read_lists(Reading& reading, const Projection& projection,
                std::span<const Statement> statements, Use use)
    -> std::vector<std::optional<Answer<std::invoke_result_t<Use, std::size_t, const Found&>>>> {
    std::vector<std::optional<Answer<std::invoke_result_t<Use, std::size_t, const Found&>>>>
        answers(statements.size());
    const auto answer = [&](std::size_t i, const Found& found, detail::Standing& standing) {
        answers[i].emplace(use(i, found), std::move(standing.heads), std::nullopt,
                           standing.parked_keys);
    };
    detail::with_lists(reading, projection, statements, answer);
    return answers;
}

// What several partition keys tell: only their partitions have to be new enough. `parked_keys`
// counts those of them that are held back.
template <class Use>
auto read_keys(Reading& reading, const Projection& projection, std::vector<std::string> keys,
               const ReadRequest& request, const Statement& statement, Use use)
    -> ReadResult<std::invoke_result_t<Use, const Found&>> {
    Answer<std::invoke_result_t<Use, const Found&>> answer;
    const auto lagging = detail::with_rows(reading, projection, std::move(keys), request, statement,
                                           [&](const Found& found, detail::Standing& standing) {
                                               answer.value = use(found);
                                               answer.heads = std::move(standing.heads);
                                               answer.parked_keys = std::ssize(standing.parked);
                                           });
    if (lagging) return unexpected(*lagging);
    return answer;
}

// One thing, by its partition key.
template <class Use>
auto read_thing(Reading& reading, const Projection& projection, const std::string& key,
                const ReadRequest& request, const Statement& statement, Use use)
    -> ReadResult<std::invoke_result_t<Use, const Found&>> {
    Answer<std::invoke_result_t<Use, const Found&>> answer;
    const auto lagging =
        detail::with_rows(reading, projection, detail::Keys{key}, request, statement,
                          [&](const Found& found, detail::Standing& standing) {
                              answer.value = use(found);
                              answer.heads = std::move(standing.heads);
                              if (!standing.parked.empty())
                                  answer.parked = std::move(standing.parked.begin()->second);
                          });
    if (lagging) return unexpected(*lagging);
    return answer;
}

template <class Thing>
using Together = std::vector<std::optional<Answer<std::optional<Thing>>>>;

// Several things by their partition keys, by one statement and without waiting: nothing where the
// read model is not as far as that thing's request wants. `use` makes a map of partition keys to
// things.
template <class Thing, class Use>
Together<Thing> read_together(Reading& reading, const Projection& projection,
                              std::span<const AskedThing> asked, const Statement& statement,
                              Use use) {
    detail::Keys keys;
    for (const auto& one : asked) keys.push_back(one.key);
    Together<Thing> answers(asked.size());
    const auto answer_all = [&](const Found& found, detail::Standing& standing) {
        const std::map<std::string, Thing> things = use(found);
        for (std::size_t i = 0; i < asked.size(); ++i) {
            if (detail::behind_for(reading, projection, asked[i], standing.heads)) continue;
            auto& answer = answers[i].emplace();
            answer.heads = detail::heads_for(reading, asked[i].key, standing.heads);
            const auto thing = things.find(asked[i].key);
            if (thing != things.end()) answer.value = thing->second;
            const auto parked = standing.parked.find(asked[i].key);
            if (parked != standing.parked.end()) answer.parked = parked->second;
        }
    };
    detail::with_rows(reading, projection, std::move(keys), {}, statement, answer_all);
    return answers;
}

}  // namespace skald::projections
