#include "bench/program/figures.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace skald::bench {
namespace {

// Four digits are more than a shared machine gives.
double rounded(double value) {
    if (value == 0 || !std::isfinite(value)) return value;
    const double scale = std::pow(10.0, 3 - std::floor(std::log10(std::abs(value))));
    return std::round(value * scale) / scale;
}

std::string text_of(double limit) {
    auto text = nlohmann::json(limit).dump();
    return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

bool is_minimum(const Target& target) {
    return target.of == Target::Of::value_at_least || target.of == Target::Of::ratio_at_least;
}

bool is_of_control(const Target& target) {
    return target.of == Target::Of::ratio_at_least || target.of == Target::Of::ratio_at_most;
}

std::string text_of(const Target& target) {
    return (is_minimum(target) ? ">= " : "<= ") + text_of(target.limit) +
           (is_of_control(target) ? " x control" : "");
}

bool is_met(const Target& target, double value, double ratio) {
    const double measured = is_of_control(target) ? ratio : value;
    return is_minimum(target) ? measured >= target.limit : measured <= target.limit;
}

}  // namespace

void print(const Figure& figure) {
    nlohmann::ordered_json line{{"bench", figure.bench},
                                {"metric", figure.metric},
                                {"value", rounded(figure.value)},
                                {"unit", figure.unit},
                                {"control", figure.control},
                                {"control_value", rounded(figure.control_value)},
                                {"ratio", nullptr},
                                {"target", nullptr},
                                {"met", nullptr}};
    const double ratio = figure.value / figure.control_value;
    if (std::isfinite(ratio)) line["ratio"] = rounded(ratio);
    if (!figure.targets.empty()) {
        std::string text;
        bool met = true;
        for (const auto& target : figure.targets) {
            text += (text.empty() ? "" : " and ") + text_of(target);
            met = met && is_met(target, figure.value, ratio);
        }
        line["target"] = text;
        line["met"] = met;
    }
    std::cout << line.dump() << std::endl;
}

void print_rate(const std::string& bench, const Named& subject, const Named& control,
                std::vector<Target> targets) {
    print({.bench = bench,
           .metric = subject.name,
           .value = subject.samples.rate(),
           .unit = "1/s",
           .control = control.name,
           .control_value = control.samples.rate(),
           .targets = std::move(targets)});
}

void print_time(const std::string& bench, const Named& subject, const Named& control,
                const Quantile& quantile) {
    std::vector<Target> targets;
    if (quantile.ms_max) targets.push_back(at_most(*quantile.ms_max));
    print({.bench = bench,
           .metric = subject.name + ", " + quantile.name,
           .value = subject.samples.latency().quantile_ms(quantile.share),
           .unit = "ms",
           .control = control.name + ", " + quantile.name,
           .control_value = control.samples.latency().quantile_ms(quantile.share),
           .targets = std::move(targets)});
}

void print_times(const std::string& bench, const Named& subject, const Named& control,
                 const TimeTargets& targets) {
    print_time(bench, subject, control, {"p50", 0.5, targets.p50_ms_max});
    print_time(bench, subject, control, {"p99", 0.99, targets.p99_ms_max});
    print_time(bench, subject, control, {"p99.9", 0.999});
    print({.bench = bench,
           .metric = subject.name + ", max",
           .value = subject.samples.latency().max_ms(),
           .unit = "ms",
           .control = control.name + ", max",
           .control_value = control.samples.latency().max_ms()});
}

void print_cpu(const std::string& bench, const Named& subject, const Named& control,
               const std::string& asks) {
    print({.bench = bench,
           .metric = subject.name + ", CPU of skald per 1000",
           .value = subject.samples.client_cpu_per_1000(),
           .unit = "s",
           .control = control.name + ", CPU of " + asks,
           .control_value = control.samples.client_cpu_per_1000()});
    print({.bench = bench,
           .metric = subject.name + ", CPU of PostgreSQL per 1000",
           .value = subject.samples.server_cpu_per_1000(),
           .unit = "s",
           .control = control.name + ", CPU of PostgreSQL",
           .control_value = control.samples.server_cpu_per_1000()});
}

void tell(const std::string& what) { std::cerr << what << std::endl; }

}  // namespace skald::bench
