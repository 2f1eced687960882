#include "api/saga_views/rows.h"

#include <algorithm>
#include <set>

#include "api/json/time.h"
#include "api/json/traits.h"
#include "api/saga_views/sql.h"
#include "domain/kernel/enum_name.h"
#include "domain/saga/saga.h"
#include "projections/reading/page_query.h"
#include "sagas/engine/step.h"

namespace skald::saga_views {
namespace {

using eventstore::Refusal;
using eventstore::StreamName;
using projections::KeyType;
using projections::KeyValues;

// A row, and its sort keys in their exact form.
struct Fetched {
    SagaRow row;
    KeyValues keys;
};

Fetched fetched(const pq::Rows& rows, int i) {
    Fetched one;
    one.row = {.stream = rows.text(i, 0),
               .saga = rows.text(i, 1),
               .subject = rows.text(i, 2),
               .definition = rows.int4(i, 3),
               .phase = rows.text(i, 4),
               .step = rows.optional_text(i, 6),
               .undo = rows.boolean(i, 7),
               .code = rows.text(i, 8),
               .version = rows.int8(i, 9),
               .started_at = json::format_time_us(rows.timestamp(i, 10)),
               .since = json::format_time_us(rows.timestamp(i, 11)),
               .due_at = {}};
    if (!rows.is_null(i, 12)) one.row.due_at = json::format_time_us(rows.timestamp(i, 12));
    one.keys = {std::to_string(rows.int2(i, 5)), std::to_string(rows.timestamp(i, 11)),
                one.row.stream};
    return one;
}

// With what the list's index begins with, so that a phase is found in it.
std::string_view phase_condition(std::string_view phase) {
    if (phase == kernel::name_of(saga::Phase::stuck)) return "s.urgency = 0 AND s.phase = ?";
    if (phase == kernel::name_of(saga::Phase::forward) ||
        phase == kernel::name_of(saga::Phase::undoing))
        return "s.urgency = 1 AND s.phase = ?";
    return "s.urgency = 2 AND s.phase = ?";
}

}  // namespace

const std::vector<std::string>& phase_names() {
    static const auto names = json::choices_of<saga::Phase>();
    return names;
}

projections::Page<SagaRow> list_sagas(pq::Connection& connection, const SagaFilter& filter,
                                      const projections::KeysetPage& page) {
    projections::PageQuery query({{"s.urgency", KeyType::int8},
                                  {"s.since", KeyType::timestamp},
                                  {"s.stream", KeyType::text}},
                                 false, page);
    if (filter.saga) query.where("s.saga = ?", *filter.saga);
    if (filter.phase) query.where(phase_condition(*filter.phase), *filter.phase);
    if (filter.step) query.where("s.step = ?", *filter.step);
    if (filter.code) query.where("s.code = ?", *filter.code);
    if (filter.older_than) {
        const auto now = sagas::database_time(connection);
        query.where_timestamp("s.since <= ?",
                              now.value() - std::chrono::microseconds(*filter.older_than).count());
    }
    const auto rows = connection.query(query.statement(sql::list_sagas), query.params());
    std::vector<Fetched> all;
    for (int i = 0; i < rows.size(); ++i) all.push_back(fetched(rows, i));
    auto read =
        projections::page_of(std::move(all), page, [](const auto& one) { return one.keys; });
    projections::Page<SagaRow> shown;
    shown.has_next = read.has_next;
    shown.has_prev = read.has_prev;
    shown.first = std::move(read.first);
    shown.last = std::move(read.last);
    for (auto& one : read.rows) shown.rows.push_back(std::move(one.row));
    return shown;
}

std::vector<SagaCount> count_sagas(pq::Connection& connection) {
    const auto rows = connection.query(sql::count_sagas);
    std::vector<SagaCount> counts;
    for (int i = 0; i < rows.size(); ++i)
        counts.push_back({rows.text(i, 0), rows.text(i, 1), rows.int8(i, 2)});
    return counts;
}

std::vector<Refusal> faults_of(const SagaFilter& filter) {
    std::vector<Refusal> faults;
    if (filter.phase && std::ranges::find(phase_names(), *filter.phase) == phase_names().end()) {
        std::string names;
        for (const auto& name : phase_names()) names += (names.empty() ? "" : ", ") + name;
        faults.push_back({"bad_choice", "is one of " + names, "phase"});
    }
    return faults;
}

std::vector<Refusal> faults_of(const Selection& selection) {
    const auto& filter = selection.filter;
    auto faults = faults_of(filter);
    if (selection.streams.empty() && filter.empty())
        faults.push_back({"missing", "name the sagas' streams, or a filter", "streams"});
    if (!selection.streams.empty() && !filter.empty())
        faults.push_back({"unfit", "name streams or a filter, not both", "filter"});
    if (selection.streams.size() > sagas::plan_sagas_max)
        faults.push_back({"too_many",
                          "has at most " + std::to_string(sagas::plan_sagas_max) + " sagas",
                          "streams"});
    for (const auto& text : selection.streams) {
        if (const auto name = StreamName::parse(text); !name)
            faults.push_back({"bad_form", "\"" + text + "\" " + name.error(), "streams"});
    }
    return faults;
}

std::vector<StreamName> streams_of(pq::Connection& connection, Selection selection) {
    std::vector<StreamName> streams;
    for (const auto& text : selection.streams) streams.push_back(*StreamName::parse(text));
    if (!streams.empty()) return streams;
    if (!selection.filter.phase) selection.filter.phase = kernel::name_of(saga::Phase::stuck);
    const projections::KeysetPage first{.limit = std::int32_t{sagas::plan_sagas_max}, .after = {}};
    for (const auto& row : list_sagas(connection, selection.filter, first).rows)
        streams.push_back(*StreamName::parse(row.stream));
    return streams;
}

Stale stale_of(pq::Connection& connection, eventstore::Log& log, const Selection& selection,
               const sagas::Plan& now, const std::string& hash) {
    std::set<StreamName> candidates;
    for (const auto& saga : now.sagas) candidates.insert(saga.stream);
    if (selection.streams.empty()) {
        const projections::KeysetPage last{.limit = std::int32_t{sagas::plan_sagas_max},
                                           .direction = projections::PageDirection::backward,
                                           .after = {}};
        for (const auto& phase : phase_names()) {
            const SagaFilter filter{.saga = selection.filter.saga,
                                    .phase = phase,
                                    .step = {},
                                    .code = {},
                                    .older_than = {}};
            for (const auto& row : list_sagas(connection, filter, last).rows)
                candidates.insert(*StreamName::parse(row.stream));
        }
    }
    Stale stale;
    stale.before =
        sagas::Desk::applied_before(log, hash, std::vector(candidates.begin(), candidates.end()));
    stale.done = !stale.before.empty() &&
                 std::ranges::all_of(now.sagas, [&](const sagas::PlannedRepair& saga) {
                     return std::ranges::find(stale.before, saga.stream, &sagas::Applied::stream) !=
                            stale.before.end();
                 });
    return stale;
}

}  // namespace skald::saga_views
