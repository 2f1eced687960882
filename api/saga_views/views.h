// Sagas, plans and what came of them as operators read them: what `skald sagas --json` prints and
// /ops/sagas answers. Pure.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sagas/operator/desk.h"

namespace skald::saga_views {

struct SagaStepView {
    std::string name;
    std::string status;
    std::vector<std::string> commands;  // the status of each
    std::int32_t attempts = 0;          // of its call
    std::int32_t undo_attempts = 0;
    bool uncertain = false;  // a call may have happened, or may be under way
    std::string code;
    std::string reference;
};
BOOST_DESCRIBE_STRUCT(SagaStepView, (),
                      (name, status, commands, attempts, undo_attempts, uncertain, code, reference))

struct SagaMoment {
    std::int64_t version = 0;
    std::string at;
    std::string what;
};
BOOST_DESCRIBE_STRUCT(SagaMoment, (), (version, at, what))

// What a repair would do; where it cannot be, `refused` holds the code.
struct RepairView {
    std::string action;
    std::optional<std::string> refused;
    std::string what;
};
BOOST_DESCRIBE_STRUCT(RepairView, (), (action, refused, what))

struct SagaView {
    std::string stream;
    std::string saga;
    std::string subject;
    std::int32_t definition = 0;
    std::optional<std::string> parent;
    std::string phase;
    std::optional<std::string> step;
    bool undo = false;
    std::string code;
    std::int64_t version = 0;
    std::string started_at;
    std::string since;
    std::string deadline;                      // of the whole, before its pivot
    std::optional<std::string> step_deadline;  // of the step under way
    std::optional<std::string> due_at;         // when a deadline passes next
    std::vector<SagaStepView> steps;
    std::vector<std::string> holds;  // what it holds or promised, or may have
    std::vector<std::string> wants;  // what it wants done now
    std::vector<RepairView> repairs;
    std::vector<SagaMoment> timeline;
};
BOOST_DESCRIBE_STRUCT(SagaView, (),
                      (stream, saga, subject, definition, parent, phase, step, undo, code, version,
                       started_at, since, deadline, step_deadline, due_at, steps, holds, wants,
                       repairs, timeline))

struct PlannedView {
    std::string stream;
    std::int64_t version = 0;
    std::optional<std::string> phase;  // none where there is no such saga
    std::optional<std::string> step;
    std::string code;
    std::optional<std::string> refused;
    std::optional<std::string> next_phase;
    std::optional<std::string> next_step;
    std::vector<std::string> to_undo;
    std::vector<std::string> stores;
    std::vector<std::string> holds;  // afterwards
    std::string what;
};
BOOST_DESCRIBE_STRUCT(PlannedView, (),
                      (stream, version, phase, step, code, refused, next_phase, next_step, to_undo,
                       stores, holds, what))

struct PlanView {
    std::string plan;
    std::string action;
    std::string reason;
    std::string reference;
    std::int64_t possible = 0;
    std::vector<PlannedView> sagas;
};
BOOST_DESCRIBE_STRUCT(PlanView, (), (plan, action, reason, reference, possible, sagas))

struct AppliedView {
    std::string stream;
    std::string outcome;
    std::int64_t version = 0;
    std::string code;
    std::string detail;
};
BOOST_DESCRIBE_STRUCT(AppliedView, (), (stream, outcome, version, code, detail))

struct ApplicationView {
    std::string plan;
    std::int64_t repaired = 0;
    std::int64_t repeated = 0;
    std::int64_t refused = 0;
    std::int64_t unknown = 0;
    std::vector<AppliedView> sagas;
};
BOOST_DESCRIBE_STRUCT(ApplicationView, (), (plan, repaired, repeated, refused, unknown, sagas))

// `at`: the database's time.
SagaView view_of(const sagas::Sight& sight, kernel::Timestamp at);
PlanView view_of(const sagas::Plan& plan);
ApplicationView view_of(const std::string& plan, const std::vector<sagas::Applied>& applied);

}  // namespace skald::saga_views
