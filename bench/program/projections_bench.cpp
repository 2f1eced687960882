// The projectors as `skald serve` runs them, over a backlog that Kafka has, and rebuilds from the
// log, in turns with a COPY of all events out of PostgreSQL; and how long an event takes from its
// commit to the row, at an even pace.
#include <random>

#include "api/serve/connections.h"
#include "api/serve/projector_role.h"
#include "api/serve/queries.h"
#include "api/serve/relay_role.h"
#include "bench/program/benches.h"
#include "bench/program/catch_up.h"
#include "bench/program/controls.h"
#include "bench/program/figures.h"
#include "bench/program/row_arrivals.h"
#include "eventstore/postgres/pg_log.h"
#include "projections/all.h"
#include "projections/engine/rebuild.h"

namespace skald::bench {
namespace {

constexpr int projected_products = 2'000;
constexpr double events_per_second = 40'000;  // what is appended for a second of measuring
constexpr double even_rate = 1'000;
constexpr Seconds projectors_warm_up{0.5};
const std::string of_projections = "projections";
const std::string rebuilt = "stock_levels";  // and the one whose rows are waited for
const std::string of_a_backlog = "all projectors, a backlog in Kafka";
const std::string of_rows = "commit to row, 1000/s";
const std::string of_a_rebuild = "rebuild of " + rebuilt;

class ProjectionsBench {
  public:
    explicit ProjectionsBench(const Options& options)
        : options_(options),
          config_(settings_of_environment()),
          server_(serve::owner_settings(config_)),
          shop_(config_) {
        tell("projections: " + std::to_string(projected_products) + " products");
        shop_.open(projected_products);
    }

    void run() {
        for (int round = 1; round <= options_.rounds; ++round) {
            const auto time = options_.seconds / options_.rounds;
            if (!wanted(of_rows) || options_.only.empty())
                make_backlog(std::max(static_cast<int>(time.count() * events_per_second), 1'000));
            tell("projections: round " + std::to_string(round) + " of " +
                 std::to_string(options_.rounds));
            if (wanted(of_a_backlog)) project();
            if (wanted(of_rows)) follow_commits(time);
            if (wanted(of_a_rebuild)) rebuilds_.add(rebuild());
            copies_.add(copy_out(server_, config_.pg_owner, time));
        }
    }

    void print_all() const {
        if (!options_.only.empty()) return print_one();
        const Named copied{"COPY out", copies_};
        const Named projected{of_a_backlog, projected_};
        const Named built{of_a_rebuild, rebuilds_};
        print_rate(of_projections, projected, copied, {at_least(60'000)});
        print_cpu(of_projections, projected, copied);
        print_times(of_projections, {of_rows, rows_}, {"the command's own answer", answers_},
                    {.p50_ms_max = {}, .p99_ms_max = 20});
        print_cpu(of_projections, {of_rows, rows_}, copied);
        print_rate(of_projections, built, copied);
        print_cpu(of_projections, built, copied);
    }

  private:
    bool wanted(const std::string& name) const {
        return options_.only.empty() || options_.only == name;
    }

    void print_one() const {
        if (options_.only == of_rows) {
            print_times(of_projections, {of_rows, rows_}, {"its own answer", answers_});
            return print_cpu(of_projections, {of_rows, rows_}, {"COPY out", copies_});
        }
        const auto& samples = options_.only == of_a_rebuild ? rebuilds_ : projected_;
        print_rate(of_projections, {options_.only, samples}, {"COPY out", copies_});
    }

    void make_backlog(int count) {
        shop_.drive(server_, {.in_flight = 256}, [&]() -> std::optional<eventstore::Command> {
            if (count-- == 0) return std::nullopt;
            return shop_.receipt(std::uniform_int_distribution(0, projected_products - 1)(random_),
                                 false);
        });
        serve::RelayRole relay(shop_.core());
        catch_up(server_, shop_, {&relay.follower()});
    }

    // By a process that does nothing else, and so has not got the events in memory.
    void project() {
        auto config = config_;
        config.roles = {config::Role::projector};
        serve::Core core(config, shop_.core().store);
        const serve::Queries queries(core);
        serve::ProjectorRole projectors(core, queries);
        projected_.add(catch_up(server_, shop_, projectors.followers()));
        projectors.stop();
    }

    void follow_commits(Seconds time) {
        serve::RelayRole relay(shop_.core());
        const serve::Queries queries(shop_.core());
        serve::ProjectorRole projectors(shop_.core(), queries);
        catch_up(server_, shop_, projectors.followers());
        RowArrivals rows(shop_.core().progress.of(rebuilt));
        drive_evenly(projectors_warm_up, rows);
        auto sample = drive_evenly(time, rows);
        answers_.add(sample);
        sample.latency = rows.collect();
        rows_.add(sample);
        projectors.stop();
    }

    Sample drive_evenly(Seconds time, RowArrivals& rows) {
        rows.collect();
        return shop_.drive_for(
            server_, {.in_flight = 4'000, .rate = even_rate}, time,
            [this] {
                const auto product =
                    std::uniform_int_distribution(0, projected_products - 1)(random_);
                return shop_.receipt(product, false);
            },
            [&](const eventstore::Answer& answer) { rows.answered(answer); });
    }

    Sample rebuild() {
        eventstore::PgLog log(serve::reader_settings(config_, "rebuild"));
        return measured(server_, [&](Sample& sample) {
            const auto done = projections::rebuild(*projections::find_projection(rebuilt),
                                                   serve::owner_settings(config_), log);
            sample.operations = static_cast<std::uint64_t>(done.events);
        });
    }

    const Options options_;
    const config::Config config_;
    ServerCpu server_;
    Shop shop_;
    std::mt19937 random_{1};
    Samples projected_, rows_, answers_, rebuilds_, copies_;
};

}  // namespace

void bench_projections(const Options& options) {
    ProjectionsBench run(options);
    run.run();
    run.print_all();
}

}  // namespace skald::bench
