// The process's metrics in Prometheus' text form. Names start with skald_; counters end with
// _total, durations with _seconds.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <string>

namespace skald::diagnostics {

using Labels = std::map<std::string, std::string>;

// The one registry of this process. Thread-safe.
prometheus::Registry& registry();

// The metric of this name and these labels, made on first use; it lives as long as the process.
prometheus::Counter& counter(const std::string& name, const std::string& help,
                             const Labels& labels = {});
prometheus::Gauge& gauge(const std::string& name, const std::string& help,
                         const Labels& labels = {});
// Buckets from 100 microseconds to 10 seconds.
prometheus::Histogram& duration_histogram(const std::string& name, const std::string& help,
                                          const Labels& labels = {});

// All metrics in the text exposition format, version 0.0.4.
std::string render_metrics();

}  // namespace skald::diagnostics
