#include "diagnostics/metrics.h"

#include <prometheus/text_serializer.h>

namespace skald::diagnostics {

prometheus::Registry& registry() {
    static prometheus::Registry one;
    return one;
}

prometheus::Counter& counter(const std::string& name, const std::string& help,
                             const Labels& labels) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(labels);
}

prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(labels);
}

prometheus::Histogram& duration_histogram(const std::string& name, const std::string& help,
                                          const Labels& labels) {
    static const prometheus::Histogram::BucketBoundaries seconds{
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
        0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
    return prometheus::BuildHistogram()
        .Name(name)
        .Help(help)
        .Register(registry())
        .Add(labels, seconds);
}

std::string render_metrics() {
    return prometheus::TextSerializer().Serialize(registry().Collect());
}

}  // namespace skald::diagnostics
