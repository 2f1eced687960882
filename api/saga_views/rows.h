// Sagas as their table lists them: stuck ones first, then by age. Rows follow the log a moment
// behind; what is decided is decided on the log.
#pragma once

#include <boost/describe.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/executor.h"
#include "eventstore/postgres/pq.h"
#include "projections/reading/read.h"
#include "sagas/operator/desk.h"

namespace skald::saga_views {

struct SagaRow {
    std::string stream;
    std::string saga;
    std::string subject;
    std::int32_t definition = 0;
    std::string phase;
    std::optional<std::string> step;  // under way
    bool undo = false;                // it is being undone
    std::string code;                 // why it is undone or stuck
    std::int64_t version = 0;
    std::string started_at;
    std::string since;  // it last moved
    std::optional<std::string> due_at;
};
BOOST_DESCRIBE_STRUCT(SagaRow, (),
                      (stream, saga, subject, definition, phase, step, undo, code, version,
                       started_at, since, due_at))

struct SagaFilter {
    std::optional<std::string> saga;
    std::optional<std::string> phase;
    std::optional<std::string> step;
    std::optional<std::string> code;
    std::optional<std::chrono::seconds> older_than;  // it has not moved for that long

    bool empty() const { return !saga && !phase && !step && !code && !older_than; }
};

struct SagaCount {
    std::string saga;
    std::string phase;
    std::int64_t sagas = 0;
};
BOOST_DESCRIBE_STRUCT(SagaCount, (), (saga, phase, sagas))

const std::vector<std::string>& phase_names();

// Throws std::invalid_argument when the page's keys are not those of this list.
projections::Page<SagaRow> list_sagas(pq::Connection& connection, const SagaFilter& filter,
                                      const projections::KeysetPage& page);
// Of those that have not ended.
std::vector<SagaCount> count_sagas(pq::Connection& connection);

// The sagas that a repair is about: named, or all that fit a filter.
struct Selection {
    std::vector<std::string> streams;
    SagaFilter filter;
};
// What is wrong with them, with the name of the argument: phase, streams or filter.
std::vector<eventstore::Refusal> faults_of(const SagaFilter& filter);
std::vector<eventstore::Refusal> faults_of(const Selection& selection);
// A filter that names no phase means those that are stuck. Of more than sagas::plan_sagas_max those
// that come first in the list. The selection has no faults.
std::vector<eventstore::StreamName> streams_of(pq::Connection& connection, Selection selection);

// The plan that was made of a selection is not the one it makes now.
struct Stale {
    std::vector<sagas::Applied> before;  // what an apply of it repaired
    bool done = false;                   // all that fit now are among those: it was applied
};
// `now`: the plan that the selection makes now. What does not fit the filter any more is looked for
// among the sagas of its name that moved last.
Stale stale_of(pq::Connection& connection, eventstore::Log& log, const Selection& selection,
               const sagas::Plan& now, const std::string& hash);

}  // namespace skald::saga_views
