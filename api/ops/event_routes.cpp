// /ops/events and /ops/streams: the log as it is, page by page.
#include <charconv>
#include <limits>

#include "api/events/event_json.h"
#include "api/http/list_query.h"
#include "api/json/write.h"
#include "api/ops/routes.h"
#include "api/ops/window.h"
#include "api/routes/query_route.h"

namespace skald::ops {
namespace {

using eventstore::Partition;
using eventstore::Position;
using eventstore::StoredEvent;
using eventstore::Version;
using routes::Services;

constexpr std::int64_t number_max = std::numeric_limits<std::int64_t>::max() / 2;
constexpr std::int64_t page_bytes_max = 64 * 1024 * 1024;

// A cursor of these lists holds one number. One that does not was made by another program.
Result<Wanted, http::Problem> wanted_of(const http::ListQuery& query, std::int64_t floor,
                                        std::int64_t head) {
    Wanted wanted{.floor = floor, .head = head, .limit = query.limit, .upwards = !query.descending};
    if (!query.cursor) return wanted;
    if (query.cursor->direction == http::Direction::backward) wanted.upwards = query.descending;
    const auto& keys = query.cursor->keys;
    wanted.has_cursor =
        keys.size() == 1 &&
        std::from_chars(keys[0].data(), keys[0].data() + keys[0].size(), wanted.cursor).ec ==
            std::errc();
    if (wanted.has_cursor) return wanted;
    return unexpected(
        http::bad_request("cursor_invalid", "The cursor is not one that this API gave out."));
}

http::Response shown(const std::vector<StoredEvent>& read, const http::Pagination& pagination) {
    nlohmann::ordered_json page{{"data", nlohmann::ordered_json::array()}};
    for (const auto& event : read) page["data"].push_back(events::event_as_json(event));
    page["pagination"] = nlohmann::ordered_json::parse(json::to_text(pagination));
    return http::json_response(200, page.dump());
}

// `read`: ascending. `number_of`: what the list is ordered by.
template <class NumberOf>
http::Response page_of(std::vector<StoredEvent> read, const http::ListQuery& query,
                       const Wanted& wanted, const http::CursorCodec& cursors,
                       NumberOf&& number_of) {
    if (query.descending) std::reverse(read.begin(), read.end());
    http::PageEnds ends;
    if (!read.empty()) {
        const auto first = number_of(read.front());
        const auto last = number_of(read.back());
        const auto above = [&](std::int64_t number) { return number > wanted.floor + 1; };
        const auto below = [&](std::int64_t number) { return number < wanted.head; };
        ends = {.has_next = query.descending ? above(last) : below(last),
                .has_prev = query.descending ? below(first) : above(first),
                .first = {std::to_string(first)},
                .last = {std::to_string(last)}};
    }
    return shown(read, http::paginate(query, ends, cursors));
}

const http::ListOrder by_position{{"position"}, "-position"};
const http::ListOrder by_version{{"version"}, "version"};  // upwards only: heads are not known

Result<http::Response, http::Problem> partition(const http::Request& request,
                                                const Services& services) {
    http::Parameters parameters(request);
    const auto number = parameters.integer("partition", 0, services.store.partitions - 1);
    const auto after = parameters.integer("after", 0, number_max).value_or(0);
    if (!request.query_value("partition")) {
        parameters.add_issue("partition", "missing", "is required: each has an order of its own");
    }
    const auto query = http::read_list(parameters, by_position, *services.cursors);
    if (!query) return unexpected(query.error());
    return services.log->with(
        request.deadline, [&](eventstore::Log& log) -> Result<http::Response, http::Problem> {
            const Partition of(static_cast<std::int32_t>(*number));
            const auto head = log.heads().at(static_cast<std::size_t>(*number));
            const auto wanted = wanted_of(*query, after, head.value());
            if (!wanted) return unexpected(wanted.error());
            const auto window = window_of(*wanted);
            std::vector<StoredEvent> read;
            if (window.count > 0) {
                read = log.read(of, Position(window.after),
                                {.events_max = static_cast<std::int32_t>(window.count),
                                 .bytes_max = page_bytes_max});
            }
            return page_of(std::move(read), *query, *wanted, *services.cursors,
                           [](const StoredEvent& event) { return event.position.value(); });
        });
}

// The head of a stream is not asked for: one event more than the page tells whether there is more.
Result<http::Response, http::Problem> stream(const http::Request& request,
                                             const Services& services) {
    http::Parameters parameters(request);
    const auto after = parameters.integer("after", 0, number_max).value_or(0);
    const auto query = http::read_list(parameters, by_version, *services.cursors);
    if (!query) return unexpected(query.error());
    if (query->descending) {
        return unexpected(http::invalid(
            {{"/query/sort", "bad_choice", "must be version: streams are read from their start"}}));
    }
    const auto& text = request.parameter("name");
    const auto name = eventstore::StreamName::parse(text);
    auto wanted = wanted_of(*query, after, number_max);
    if (!wanted) return unexpected(wanted.error());
    std::vector<StoredEvent> read;
    if (name) {
        read = services.log->with(request.deadline, [&](eventstore::Log& log) {
            const auto window = window_of(*wanted);
            const eventstore::StreamFrom from{*name, Version(window.after)};
            return log.read_streams(std::span(&from, 1),
                                    static_cast<std::int32_t>(window.count) + 1);
        });
    }
    if (read.empty() && after == 0 && !query->cursor) {
        auto problem = http::not_found("There is no stream " + text + ".");
        problem.code = "stream_not_found";
        return unexpected(std::move(problem));
    }
    const auto window = window_of(*wanted);
    if (read.size() > static_cast<std::size_t>(window.count)) {
        read.resize(static_cast<std::size_t>(window.count));
    } else if (!read.empty()) {
        wanted->head = read.back().version.value();
    }
    return page_of(std::move(read), *query, *wanted, *services.cursors,
                   [](const StoredEvent& event) { return event.version.value(); });
}

}  // namespace

std::vector<http::Route> event_routes(const Services& services) {
    const http::ParameterDoc after{.name = "after",
                                   .description = "only what comes behind this number",
                                   .schema = json::integer_schema(json::integer(0, number_max))};
    const http::AnswerDoc page{200, "a page of events, as skald events read --json has them"};
    auto of_partition = http::list_parameter_docs(by_position);
    of_partition.push_back(after);
    of_partition.push_back(
        {.name = "partition",
         .description = "the partition's number",
         .schema = json::integer_schema(json::integer(0, services.store.partitions - 1)),
         .required = true});
    std::vector<http::Route> routes;
    routes.push_back({.method = "GET",
                      .path = "/ops/events",
                      .handler = routes::guarded([&services](const auto& request) {
                          return partition(request, services);
                      }),
                      .doc = {.tag = "ops",
                              .summary = "The events of a partition, newest first",
                              .parameters = std::move(of_partition),
                              .answers = {page}}});
    auto of_stream = http::list_parameter_docs({{"version"}, "version"});
    of_stream.push_back(after);
    routes.push_back({.method = "GET",
                      .path = "/ops/streams/{name}",
                      .handler = routes::guarded(
                          [&services](const auto& request) { return stream(request, services); }),
                      .doc = {.tag = "ops",
                              .summary = "The events of a stream, oldest first",
                              .parameters = std::move(of_stream),
                              .answers = {page}}});
    return routes;
}

}  // namespace skald::ops
