// The figures a benchmark comes to, each beside its control, as a line of JSON on standard output;
// bench/suite gathers them. What is under way is told on standard error.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/program/sample.h"

namespace skald::bench {

// What a figure should be. `ratio_...` speaks of value / control_value, the others of the value.
struct Target {
    enum class Of { value_at_least, value_at_most, ratio_at_least, ratio_at_most };
    Of of = Of::value_at_least;
    double limit = 0;
};
inline Target at_least(double limit) { return {Target::Of::value_at_least, limit}; }
inline Target at_most(double limit) { return {Target::Of::value_at_most, limit}; }
inline Target ratio_at_least(double limit) { return {Target::Of::ratio_at_least, limit}; }
inline Target ratio_at_most(double limit) { return {Target::Of::ratio_at_most, limit}; }

struct Figure {
    std::string bench;
    std::string metric;
    double value = 0;
    std::string unit;
    std::string control;
    double control_value = 0;
    std::vector<Target> targets = {};  // all of them; none: a figure that is only looked at
};

void print(const Figure& figure);

struct Named {
    std::string name;
    const Samples& samples;
};

// The rate of a thing beside that of a control.
void print_rate(const std::string& bench, const Named& subject, const Named& control,
                std::vector<Target> targets = {});
// One quantile of its times, in ms.
struct Quantile {
    std::string name;
    double share = 0;
    std::optional<double> ms_max = {};
};
void print_time(const std::string& bench, const Named& subject, const Named& control,
                const Quantile& quantile);
// Its p50, p99, p99.9 and longest time, and the CPU seconds per 1000 operations on both sides.
struct TimeTargets {
    std::optional<double> p50_ms_max = {};
    std::optional<double> p99_ms_max = {};
};
void print_times(const std::string& bench, const Named& subject, const Named& control,
                 const TimeTargets& targets = {});
// `asks`: who asks PostgreSQL, of the control.
void print_cpu(const std::string& bench, const Named& subject, const Named& control,
               const std::string& asks = "its clients");

void tell(const std::string& what);

}  // namespace skald::bench
