// What the executor counts and times.
#pragma once

#include "diagnostics/metrics.h"

namespace skald::eventstore {

struct ExecutorMetrics {
    prometheus::Counter& batches =
        diagnostics::counter("skald_executor_batches_total", "Appends sent to the log");
    prometheus::Counter& commands =
        diagnostics::counter("skald_executor_commands_total", "Commands appended or verified");
    prometheus::Counter& conflicts = diagnostics::counter(
        "skald_executor_conflicts_total", "Commands decided again because the log had moved on");
    prometheus::Histogram& append_seconds = diagnostics::duration_histogram(
        "skald_executor_append_seconds", "Time of one append, from sending to its answer");
    prometheus::Gauge& waiting =
        diagnostics::gauge("skald_executor_waiting", "Commands submitted and not yet answered");
};

}  // namespace skald::eventstore
