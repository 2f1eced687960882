// The requests of /ops/sagas/plan and /ops/sagas/apply.
#pragma once

#include "api/json/read.h"
#include "api/json/schema.h"
#include "api/saga_views/rows.h"
#include "sagas/operator/plan.h"

namespace skald::ops {

inline constexpr std::size_t saga_word_max = 200;  // of a saga's name, a step, a code

struct SagaFilterRequest {
    std::optional<std::string> saga;
    std::optional<std::string> phase;
    std::optional<std::string> step;
    std::optional<std::string> code;
    std::optional<std::int64_t> older_than_s;
};
BOOST_DESCRIBE_STRUCT(SagaFilterRequest, (), (saga, phase, step, code, older_than_s))

struct SagaPlanRequest {
    sagas::RepairAction action = sagas::RepairAction::retry;
    std::optional<std::vector<std::string>> streams;
    std::optional<SagaFilterRequest> filter;
    std::string reason;
    std::optional<std::string> reference;
};
BOOST_DESCRIBE_STRUCT(SagaPlanRequest, (), (action, streams, filter, reason, reference))

struct SagaApplyRequest {
    sagas::RepairAction action = sagas::RepairAction::retry;
    std::optional<std::vector<std::string>> streams;
    std::optional<SagaFilterRequest> filter;
    std::string reason;
    std::optional<std::string> reference;
    std::string actor;
    std::string plan;
};
BOOST_DESCRIBE_STRUCT(SagaApplyRequest, (),
                      (action, streams, filter, reason, reference, actor, plan))

}  // namespace skald::ops
