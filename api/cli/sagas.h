// What the commands of `skald sagas` share: the filter on the command line, and how it is read.
#pragma once

#include <string>

#include "api/cli/command.h"
#include "api/saga_views/rows.h"

namespace skald::cli {

struct SagaFilterOptions {
    std::string saga, phase, step, code, older_than;
};
void add_saga_filter(CLI::App& command, SagaFilterOptions& options);
// Throws Misused.
saga_views::SagaFilter filter_of(const SagaFilterOptions& options);
// Throws Misused with all of them, if there are any; `option_of` says how an argument is written.
void require_none(const std::vector<eventstore::Refusal>& faults);

// `skald sagas plan` and `skald sagas apply`.
void add_saga_repairs(CLI::App& sagas, Invocation& invocation);

}  // namespace skald::cli
