// One, two and four processes that append to one store, with as many clients together: receipts,
// which all write to all partitions, and orders of nine lines, which read most of them. Each number
// of processes has products of its own, so that none has to catch up with what another left.
#include <map>
#include <vector>

#include "api/serve/connections.h"
#include "bench/program/benches.h"
#include "bench/program/controls.h"
#include "bench/program/figures.h"
#include "bench/program/shop.h"
#include "bench/program/soundness.h"
#include "bench/program/worker.h"

namespace skald::bench {
namespace {

constexpr int process_counts[] = {1, 2, 4};
constexpr std::size_t processes_max = 4;
constexpr int products_of_each = 10'000;
constexpr int people = 1'000;
constexpr int clients = 64;
// Until most streams were last written by any of the processes, as they are in the long run.
constexpr Seconds processes_warm_up{3};
const std::string of_processes = "processes";
const std::string inserts_name = "INSERT, 64 clients";

struct Outcome {
    Samples samples;
    std::uint64_t commands = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t appends = 0;

    double per_1000(std::uint64_t count) const {
        return static_cast<double>(count) * 1000 /
               static_cast<double>(std::max<std::uint64_t>(commands, 1));
    }
};

class ProcessesBench {
  public:
    explicit ProcessesBench(const Options& options)
        : options_(options),
          config_(settings_of_environment()),
          owner_(serve::owner_settings(config_)),
          server_(serve::owner_settings(config_)) {
        constexpr int products = products_of_each * static_cast<int>(std::size(process_counts));
        tell(of_processes + ": " + std::to_string(products) + " products");
        {
            Shop shop(config_);
            shop.open(products);
            shop.register_people(people);
            answered_[receipt_type] = shop.done();
        }
        inserts_.emplace(serve::owner_settings(config_), clients, shape_of(owner_, receipt_type));
        for (auto& worker : workers_) worker.emplace();
        owner_.script("CHECKPOINT");
    }

    void run() {
        const auto time = options_.seconds / options_.rounds;
        tell(of_processes + ": warming up");
        measure_all(std::max(time, processes_warm_up));
        outcomes_.clear();
        for (int round = 1; round <= options_.rounds; ++round) {
            tell(of_processes + ": round " + std::to_string(round) + " of " +
                 std::to_string(options_.rounds));
            control_.add(inserts_->single(server_, clients, time));
            measure_all(time);
        }
        require_sound(config_, owner_, answered_);
    }

    void print_all() const {
        for (const bool orders : {false, true}) {
            for (const int processes : process_counts) {
                const auto& outcome = outcomes_.at({orders, processes});
                const Named subject{name_of(orders, processes), outcome.samples};
                const auto& alone = outcomes_.at({orders, 1});
                const bool first = processes == 1;
                const Named control{first ? inserts_name : name_of(orders, 1),
                                    first ? control_ : alone.samples};
                print_rate(of_processes, subject, control);
                print_time(of_processes, subject, control, {"p99", 0.99});
                print_cpu(of_processes, subject, control, first ? "its clients" : "skald");
                print_count("commands decided again", orders, processes, &Outcome::conflicts);
                print_count("appends", orders, processes, &Outcome::appends);
            }
        }
    }

  private:
    static std::string name_of(bool orders, int processes) {
        return std::string(orders ? "orders of 9 lines" : "receipts") + ", " +
               std::to_string(processes) + (processes == 1 ? " process" : " processes");
    }

    void measure_all(Seconds time) {
        for (const bool orders : {false, true}) {
            for (std::size_t i = 0; i < std::size(process_counts); ++i) {
                const int processes = process_counts[i];
                measure({.orders = orders,
                         .first_product = static_cast<int>(i) * products_of_each,
                         .products = products_of_each,
                         .people = people,
                         .in_flight = clients / processes,
                         .time = time},
                        processes);
            }
        }
    }

    void measure(const Work& work, int processes) {
        Sample all;
        auto& outcome = outcomes_[{work.orders, processes}];
        const std::span working(workers_.data(), static_cast<std::size_t>(processes));
        const double server_before = server_.seconds();
        for (auto& worker : working) worker->begin(work);
        for (auto& worker : working) {
            const auto worked = worker->end();
            all.seconds = std::max(all.seconds, worked.sample.seconds);
            all.operations += worked.sample.operations;
            all.latency.merge(worked.sample.latency);
            all.client_cpu_s += worked.sample.client_cpu_s;
            outcome.conflicts += worked.conflicts;
            outcome.appends += worked.appends;
        }
        all.server_cpu_s = server_.seconds() - server_before;
        outcome.commands += all.operations;
        answered_[work.orders ? order_type : receipt_type] +=
            static_cast<std::int64_t>(all.operations);
        outcome.samples.add(std::move(all));
    }

    void print_count(const std::string& what, bool orders, int processes,
                     std::uint64_t Outcome::*count) const {
        const auto& outcome = outcomes_.at({orders, processes});
        const auto& alone = outcomes_.at({orders, 1});
        print({.bench = of_processes,
               .metric = name_of(orders, processes) + ", " + what,
               .value = outcome.per_1000(outcome.*count),
               .unit = "/1000",
               .control = name_of(orders, 1),
               .control_value = alone.per_1000(alone.*count)});
    }

    const Options options_;
    const config::Config config_;
    pq::Connection owner_;
    ServerCpu server_;
    std::optional<InsertControl> inserts_;
    std::array<std::optional<Worker>, processes_max> workers_;
    Samples control_;
    std::map<std::pair<bool, int>, Outcome> outcomes_;  // by kind, by number of processes
    std::map<std::string, std::int64_t> answered_;
};

}  // namespace

void bench_processes(const Options& options) {
    ProcessesBench run(options);
    run.run();
    run.print_all();
}

}  // namespace skald::bench
