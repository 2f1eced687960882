// The relay as `skald serve` runs it, beside the executor: how long an event takes from its commit
// to a reader of Kafka, and how fast a backlog is published; in turns with Kafka's own producer,
// which sends records of the same bytes to another topic.
#include <random>
#include <thread>

#include "api/serve/checks.h"
#include "api/serve/connections.h"
#include "api/serve/relay_role.h"
#include "bench/program/arrivals.h"
#include "bench/program/benches.h"
#include "bench/program/catch_up.h"
#include "bench/program/controls.h"
#include "bench/program/figures.h"
#include "bench/program/shop.h"
#include "eventstore/kafka/producer.h"
#include "eventstore/kafka/topic.h"
#include "eventstore/postgres/pg_log.h"
#include "schemas/meta.h"

namespace skald::bench {
namespace {

using eventstore::Partition;

constexpr int relay_products = 1'000;
constexpr double events_per_drain_second = 30'000;  // what is appended for a second of draining
constexpr Seconds warm_up{1};
constexpr int warm_up_rounds = 5;
constexpr std::chrono::seconds acknowledged_max{30};
const std::string of_relay = "relay";
const double relay_rates[] = {1'000, 5'000};
const std::string published_case = "backlog published";
const std::string produced_case = "Kafka's producer, same records";
// A backlog that is looked at alone has to last.
constexpr double alone_times = 3;

std::string case_at(double rate, const std::string& of = "commit") {
    return of + " to reader, " + std::to_string(static_cast<int>(rate)) + "/s";
}

class RelayBench {
  public:
    explicit RelayBench(const Options& options)
        : options_(options),
          config_(settings_of_environment()),
          server_(serve::owner_settings(config_)),
          shop_(config_),
          kafka_(serve::kafka_settings(config_)),
          control_kafka_(kafka_) {
        control_kafka_.topic += "_control";
        tell("relay: " + std::to_string(relay_products) + " products");
        shop_.open(relay_products);
        const auto topic = serve::topic_settings(config_, shop_.core().store.partitions);
        eventstore::ensure_topic(kafka_, topic);
        eventstore::ensure_topic(control_kafka_, topic);
        producer_.emplace(control_kafka_);
    }

    void run() {
        warm_up_broker();
        for (int round = 1; round <= options_.rounds; ++round) {
            round_ = round;
            if (!alone_) tell_round();
            const auto time = options_.seconds / options_.rounds;
            // First: a broker that has just begun is slow for its first ten thousands.
            if (wanted(published_case)) drain(time);
            if (options_.only != published_case) follow_commits(time);
        }
    }

    void print_all() const {
        for (const double rate : relay_rates) {
            if (!wanted(case_at(rate))) continue;
            const TimeTargets targets{.p50_ms_max = 1.5, .p99_ms_max = 6};
            print_times(of_relay, {case_at(rate), followed_.at(rate)},
                        {case_at(rate, "producer"), sent_.at(rate)}, targets);
        }
        if (!wanted(published_case)) return;
        const Named drained{published_case, drained_};
        const Named produced = alone_ ? drained : Named{produced_case, produced_};
        print_rate(of_relay, drained, produced, {at_least(150'000), ratio_at_least(0.4)});
        print_cpu(of_relay, drained, produced, "the producer");
    }

  private:
    bool wanted(const std::string& name) const { return !alone_ || options_.only == name; }

    // Whoever looks at one case alone waits for this.
    void tell_round() const {
        tell("relay: round " + std::to_string(round_) + " of " + std::to_string(options_.rounds));
    }

    eventstore::Command any_receipt() {
        return shop_.receipt(std::uniform_int_distribution(0, relay_products - 1)(random_), false);
    }

    // A broker that has just begun compiles itself for as long as there is load: on two processors
    // that takes most of one, for ten seconds and longer, from whoever is measured first.
    void warm_up_broker() {
        tell("relay: the broker warms up");
        publish_backlog();
        serve::RelayRole relay(shop_.core());
        Arrivals published(kafka_, shop_.core().store.partitions);
        Arrivals produced(control_kafka_, shop_.core().store.partitions);
        for (int i = 0; i < warm_up_rounds; ++i) {
            commit_at(relay_rates[1], warm_up, published);
            produce_at(relay_rates[1], warm_up, produced);
        }
    }

    void follow_commits(Seconds time) {
        serve::RelayRole relay(shop_.core());
        catch_up(server_, shop_, {&relay.follower()});
        Arrivals published(kafka_, shop_.core().store.partitions);
        Arrivals produced(control_kafka_, shop_.core().store.partitions);
        // What has just begun to read or to publish takes its time over the first records.
        commit_at(relay_rates[0], warm_up, published);
        produce_at(relay_rates[0], warm_up, produced);
        for (const double rate : relay_rates) {
            if (!wanted(case_at(rate))) continue;
            if (alone_) tell_round();
            // Whoever comes second finds a warmer broker.
            const bool control_first = round_ % 2 == 0;
            if (control_first) sent_[rate].add(produce_at(rate, time, produced));
            followed_[rate].add(commit_at(rate, time, published));
            if (!control_first) sent_[rate].add(produce_at(rate, time, produced));
        }
    }

    Sample commit_at(double rate, Seconds time, Arrivals& arrivals) {
        auto sample = shop_.drive_for(
            server_, {.in_flight = 4'000, .rate = rate}, time, [this] { return any_receipt(); },
            [&](const eventstore::Answer& answer) {
                arrivals.sent(answer.stream, answer.version);
            });
        sample.latency = arrivals.collect();
        return sample;
    }

    Sample produce_at(double rate, Seconds time, Arrivals& arrivals) {
        const auto events = newest_events(static_cast<std::size_t>(rate * time.count()));
        auto sample = measured(server_, [&](Sample& of) {
            const auto first = Clock::now();
            for (const auto& event : events) {
                const Seconds since(static_cast<double>(of.operations++) / rate);
                // sleep: each record has its time
                std::this_thread::sleep_until(first +
                                              std::chrono::duration_cast<Clock::duration>(since));
                arrivals.sent(event.stream, event.version);
                produce(event);
            }
        });
        sample.latency = arrivals.collect();
        return sample;
    }

    // Behind it, all of it is in the topic: a relay ends when what it has under way is
    // acknowledged.
    Sample publish_backlog() {
        serve::RelayRole relay(shop_.core());
        if (alone_ && round_ > 0) tell_round();
        return catch_up(server_, shop_, {&relay.follower()});
    }

    // A backlog to publish, which is then sent by the producer too.
    void drain(Seconds time) {
        const auto count = std::max<std::int64_t>(
            static_cast<std::int64_t>(time.count() * events_per_drain_second *
                                      (alone_ ? alone_times : 1)),
            1'000);
        auto left = count;
        shop_.drive(server_, {.in_flight = 256}, [&]() -> std::optional<eventstore::Command> {
            if (left-- <= 0) return std::nullopt;
            return any_receipt();
        });
        drained_.add(publish_backlog());
        if (alone_) return;
        const auto events = newest_events(static_cast<std::size_t>(count));
        produced_.add(measured(server_, [&](Sample& of) {
            const auto wanted = acknowledged() + static_cast<std::int64_t>(events.size());
            for (const auto& event : events) produce(event);
            of.operations = events.size();
            const auto deadline = Clock::now() + acknowledged_max;
            while (acknowledged() < wanted) {
                producer_->serve(std::chrono::milliseconds(10));
                if (Clock::now() > deadline) throw std::runtime_error("Kafka takes no records");
            }
        }));
    }

    // The last events of the partitions, so many together or fewer, in any order.
    std::vector<eventstore::StoredEvent> newest_events(std::size_t count) {
        eventstore::PgLog log(serve::reader_settings(config_, "bench"));
        std::vector<eventstore::StoredEvent> events;
        const auto heads = log.heads();
        const auto each = static_cast<std::int64_t>(count / heads.size() + 1);
        for (std::size_t p = 0; p < heads.size() && events.size() < count; ++p) {
            eventstore::Position after(std::max<std::int64_t>(heads[p].value() - each, 0));
            while (after < heads[p] && events.size() < count) {
                for (auto& event : log.read(Partition(static_cast<std::int32_t>(p)), after, {})) {
                    after = event.position;
                    if (events.size() < count) events.push_back(std::move(event));
                }
            }
        }
        std::ranges::shuffle(events, random_);
        return events;
    }

    void produce(const eventstore::StoredEvent& event) {
        static const eventstore::RecordFormat format{.meta_headers = schemas::meta_headers};
        producer_->produce(event.partition, record_of(event, shop_.core().store.era, format));
        producer_->serve(std::chrono::milliseconds(0));
    }

    std::int64_t acknowledged() const {
        std::int64_t sum = 0;
        for (std::int32_t i = 0; i < shop_.core().store.partitions; ++i)
            sum += producer_->acknowledged(Partition(i));
        return sum;
    }

    const Options options_;
    const bool alone_ = !options_.only.empty();
    int round_ = 0;
    const config::Config config_;
    ServerCpu server_;
    Shop shop_;
    const eventstore::KafkaSettings kafka_;
    eventstore::KafkaSettings control_kafka_;
    std::optional<eventstore::Producer> producer_;
    std::mt19937 random_{1};
    std::map<double, Samples> followed_, sent_;  // by rate
    Samples drained_, produced_;
};

}  // namespace

void bench_relay(const Options& options) {
    RelayBench run(options);
    run.run();
    run.print_all();
}

}  // namespace skald::bench
