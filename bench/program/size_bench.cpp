// The same receipts in a store that holds a hundred thousand events, and in one that holds many
// more, each in turns with plain inserts: what does size cost an append?
#include <map>
#include <random>

#include "api/serve/connections.h"
#include "bench/program/benches.h"
#include "bench/program/controls.h"
#include "bench/program/figures.h"
#include "bench/program/fill.h"
#include "bench/program/shop.h"
#include "bench/program/soundness.h"
#include "eventstore/postgres/pg_log.h"

namespace skald::bench {
namespace {

constexpr std::int64_t small_store = 100'000;
constexpr int sized_products = 10'000;
constexpr int sized_in_flight = 64;
constexpr double cost_max = 1.2;   // of an append in a large store, of that in a small one
constexpr double rate_min = 0.83;  // which is the same said of rates
constexpr std::int64_t progress_every = 500'000;
const std::string of_size = "size";
const std::string plain = "receipts";
const std::string keyed = "receipts with keys";
const std::string first_keyed = "receipts with keys, first behind a checkpoint";
const std::string inserts = "INSERT, 64 clients";

// Of the one who fills and cleans up: what takes seconds elsewhere takes minutes in a large store.
pq::Settings patient(pq::Settings settings) {
    settings.answer_timeout = std::chrono::minutes(15);
    settings.statement_timeout = std::chrono::minutes(15);
    return settings;
}

std::string at_size(std::int64_t events) {
    if (events % 1'000'000 == 0) return " at " + std::to_string(events / 1'000'000) + " M events";
    return " at " + std::to_string(events / 1'000) + " k events";
}

class SizeBench {
  public:
    explicit SizeBench(const Options& options)
        : options_(options),
          config_(settings_of_environment()),
          owner_(patient(serve::owner_settings(config_))),
          server_(serve::owner_settings(config_)),
          shop_(config_) {
        if (options_.events <= small_store)
            throw std::runtime_error("--events is more than " + std::to_string(small_store));
        shop_.open(sized_products);
        inserts_.emplace(serve::owner_settings(config_), sized_in_flight,
                         shape_of(owner_, receipt_type));
        fill_.emplace(owner_, sized_products);
    }

    void run() {
        for (const auto events : {small_store, options_.events}) {
            fill_to(events);
            begin_behind_checkpoint(events, samples_[events][first_keyed]);
            measure(samples_[events]);
        }
        tell("size: is the log sound?");
        require_sound(config_, owner_, {{receipt_type, shop_.done() + fill_->events()}});
    }

    void print_all() const {
        for (const auto& name : {plain, keyed}) {
            const Named subject = named(name, options_.events);
            const Named control = named(name, small_store);
            print_rate(of_size, subject, control, {ratio_at_least(rate_min)});
            print_time(of_size, subject, control, {"p99", 0.99});
            print_whole_cpu(subject, control, {ratio_at_most(cost_max)});
            print_cpu(of_size, subject, control, "skald");
            print_rate(of_size, control, named(inserts, small_store));
        }
        for (const auto& name : {first_keyed, inserts}) {
            const Named subject = named(name, options_.events);
            const Named control = named(name, small_store);
            print_rate(of_size, subject, control);
            print_whole_cpu(subject, control, {});
        }
    }

  private:
    using BySize = std::map<std::string, Samples>;

    // Cleaned up behind it, so that what the filling left is not counted as the appends'.
    void fill_to(std::int64_t events) {
        auto heads = eventstore::PgLog(serve::reader_settings(config_, "bench")).heads();
        std::int64_t there = 0;
        for (const auto& head : heads) there += head.value();
        tell("size: filling the store up to " + std::to_string(events) + " events");
        for (auto told_at = there + progress_every; there < events;) {
            there += fill_->add(heads);
            if (there < told_at) continue;
            tell("size: " + std::to_string(there / 1'000) + " k events");
            told_at += progress_every;
        }
        tell("size: VACUUM and CHECKPOINT");
        owner_.script("VACUUM (ANALYZE) skald.events");
        owner_.script("VACUUM (ANALYZE) skald.commands");
        owner_.script("CHECKPOINT");
    }

    void measure(BySize& samples) {
        for (int round = 1; round <= options_.rounds; ++round) {
            const auto time = options_.seconds / options_.rounds;
            for (const auto& name : {plain, keyed}) {
                samples[name].add(
                    shop_.drive_for(server_, {.in_flight = sized_in_flight}, time,
                                    [&] { return shop_.receipt(any_(random_), name == keyed); }));
            }
            samples[inserts].add(inserts_->single(server_, sized_in_flight, time));
        }
    }

    // The first append to each stream looks at it, because somebody else has written to its
    // partition; and the first change of a page behind a checkpoint puts all of it into the WAL,
    // which with ids that lie anywhere are most pages of the receipts' index: a cost once for each
    // checkpoint, not for each append. So it is measured by itself, until most are changed.
    void begin_behind_checkpoint(std::int64_t events, Samples& samples) {
        auto left = std::max<std::int64_t>(events / 100, sized_products);
        samples.add(shop_.drive(
            server_, {.in_flight = sized_in_flight}, [&]() -> std::optional<eventstore::Command> {
                if (left == 0) return std::nullopt;
                return shop_.receipt(static_cast<int>(--left % sized_products), true);
            }));
    }

    Named named(const std::string& name, std::int64_t events) const {
        return {name + at_size(events), samples_.at(events).at(name)};
    }

    static void print_whole_cpu(const Named& subject, const Named& control,
                                std::vector<Target> targets) {
        const std::string what = ", CPU of both sides per 1000";
        print({.bench = of_size,
               .metric = subject.name + what,
               .value = subject.samples.cpu_per_1000(),
               .unit = "s",
               .control = control.name,
               .control_value = control.samples.cpu_per_1000(),
               .targets = std::move(targets)});
    }

    const Options options_;
    const config::Config config_;
    pq::Connection owner_;
    ServerCpu server_;
    Shop shop_;
    std::optional<InsertControl> inserts_;
    std::optional<Fill> fill_;
    std::mt19937 random_{1};
    std::uniform_int_distribution<int> any_{0, sized_products - 1};
    std::map<std::int64_t, BySize> samples_;  // by how many events there were
};

}  // namespace

void bench_size(const Options& options) {
    SizeBench run(options);
    run.run();
    run.print_all();
}

}  // namespace skald::bench
