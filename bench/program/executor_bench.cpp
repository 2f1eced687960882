// Stock receipts over ten thousand streams through the executor, at several depths of its queue, in
// turns with inserts and copies of rows of the same size.
#include <map>
#include <random>

#include "api/serve/connections.h"
#include "bench/program/benches.h"
#include "bench/program/cold_start.h"
#include "bench/program/controls.h"
#include "bench/program/figures.h"
#include "bench/program/shop.h"
#include "bench/program/soundness.h"

namespace skald::bench {
namespace {

constexpr int products = 10'000;
constexpr int clients_max = 64;
const std::string of_executor = "executor";

struct Case {
    std::string name;
    std::function<Sample(Seconds)> run;
};

struct CommandCase {
    std::string name;
    int in_flight;
    bool one_stream = false;
    bool keyed = false;
};
const CommandCase command_cases[] = {
    {.name = "receipts, 1 in flight", .in_flight = 1},
    {.name = "receipts, 8 in flight", .in_flight = 8},
    {.name = "receipts, 64 in flight", .in_flight = 64},
    {.name = "receipts, 256 in flight", .in_flight = 256},
    {.name = "receipts of one stream, 64 in flight", .in_flight = 64, .one_stream = true},
    {.name = "receipts with keys, 64 in flight", .in_flight = 64, .keyed = true},
};

const std::string first_command = "first command of a process on a long stream";
const std::string without_snapshots = "the same, all its events read";

class ExecutorBench {
  public:
    explicit ExecutorBench(const Options& options)
        : options_(options),
          config_(settings_of_environment()),
          owner_(serve::owner_settings(config_)),
          server_(serve::owner_settings(config_)),
          shop_(config_) {
        tell("executor: " + std::to_string(products) + " products");
        shop_.open(products);
        shape_ = shape_of(owner_, receipt_type);
        for (const auto& one : command_cases) add(one);
        add_cold_start(first_command, true);
        add_cold_start(without_snapshots, false);
        if (options_.only.empty()) add_controls();
        owner_.script("CHECKPOINT");
    }

    void run() {
        const auto stretch = options_.seconds / options_.rounds;
        for (int round = 1; round <= options_.rounds; ++round) {
            tell("executor: round " + std::to_string(round) + " of " +
                 std::to_string(options_.rounds) + ", " + std::to_string(cases_.size()) +
                 " things of " + std::to_string(stretch.count()) + " s");
            for (const auto& one : cases_) samples_[one.name].add(one.run(stretch));
        }
        require_sound(config_, owner_, {{receipt_type, shop_.done()}});
    }

    void print_all() const {
        if (!options_.only.empty()) {
            const Named alone{options_.only, samples_.at(options_.only)};
            print_rate(of_executor, alone, alone);
            return print_cpu(of_executor, alone, alone);
        }
        print_commands("receipts, 1 in flight", "INSERT, 1 client", {ratio_at_least(0.35)});
        print_commands("receipts, 8 in flight", "INSERT, 8 clients", {ratio_at_least(0.6)});
        print_commands("receipts, 64 in flight", "INSERT, 64 clients", {at_least(40'000)});
        print_commands("receipts, 256 in flight", "INSERT of 100 rows",
                       {at_least(75'000), ratio_at_least(0.6)});
        print_commands("receipts of one stream, 64 in flight", "INSERT, 64 clients",
                       {at_least(40'000)});
        print_commands("receipts with keys, 64 in flight", "INSERT, 64 clients", {});
        print_time(of_executor, named(first_command), named(without_snapshots), {"p50", 0.5});
        for (const auto* control : {"INSERT, 1 client", "INSERT, 8 clients", "INSERT, 64 clients",
                                    "INSERT of 100 rows", "COPY in", "COPY out"}) {
            print_rate("controls", named(control), named("fdatasync"));
        }
    }

  private:
    void add(const CommandCase& one) {
        if (!options_.only.empty() && options_.only != one.name) return;
        cases_.push_back(
            {one.name, [this, one](Seconds time) {
                 return shop_.drive_for(server_, {.in_flight = one.in_flight}, time, [&] {
                     return shop_.receipt(one.one_stream ? 0 : any_(random_), one.keyed);
                 });
             }});
    }

    // On the stream that the cases of one stream make long.
    void add_cold_start(const std::string& name, bool snapshots) {
        if (!options_.only.empty()) return;
        cases_.push_back({name, [this, snapshots](Seconds time) {
                              return cold_start(server_, shop_.core(), 0, snapshots, time);
                          }});
    }

    void add_controls() {
        inserts_.emplace(serve::owner_settings(config_), clients_max, shape_);
        cases_.push_back(
            {"fdatasync", [this](Seconds time) { return flush_file(options_.folder, time); }});
        for (const int clients : {1, 8, clients_max}) {
            cases_.push_back(
                {"INSERT, " + std::to_string(clients) + (clients == 1 ? " client" : " clients"),
                 [this, clients](Seconds time) {
                     return inserts_->single(server_, clients, time);
                 }});
        }
        cases_.push_back({"INSERT of 100 rows",
                          [this](Seconds time) { return inserts_->many(server_, 1, 100, time); }});
        cases_.push_back({"COPY in", [this](Seconds time) {
                              return copy_in(server_, config_.pg_owner, shape_, time);
                          }});
        cases_.push_back({"COPY out", [this](Seconds time) {
                              return copy_out(server_, config_.pg_owner, time);
                          }});
    }

    Named named(const std::string& name) const { return {name, samples_.at(name)}; }

    void print_commands(const std::string& name, const std::string& control,
                        std::vector<Target> targets) const {
        print_rate(of_executor, named(name), named(control), std::move(targets));
        print_times(of_executor, named(name), named(control));
        print_cpu(of_executor, named(name), named(control));
    }

    const Options options_;
    const config::Config config_;
    pq::Connection owner_;
    ServerCpu server_;
    Shop shop_;
    RowShape shape_;
    std::optional<InsertControl> inserts_;
    std::mt19937 random_{1};
    std::uniform_int_distribution<int> any_{0, products - 1};
    std::vector<Case> cases_;
    std::map<std::string, Samples> samples_;
};

}  // namespace

void bench_executor(const Options& options) {
    ExecutorBench run(options);
    run.run();
    run.print_all();
}

}  // namespace skald::bench
