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
constexpr std::chrono::seconds publish_max{60};
constexpr Seconds warm_up{0.5};
const std::string of_relay = "relay";
const double relay_rates[] = {1'000, 5'000};

std::int64_t sum_of(const eventstore::Heads& heads) {
    std::int64_t sum = 0;
    for (const auto& head : heads) sum += head.value();
    return sum;
}

std::int64_t published_by(const serve::RelayRole& relay) {
    std::int64_t sum = 0;
    for (const auto& one : relay.follower().progress()) sum += one.position.value();
    return sum;
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
        for (int round = 1; round <= options_.rounds; ++round) {
            tell("relay: round " + std::to_string(round) + " of " +
                 std::to_string(options_.rounds));
            const auto time = options_.seconds / options_.rounds;
            follow_commits(time);
            drain(time);
        }
    }

    void print_all() const {
        for (const double rate : relay_rates) {
            const auto at = ", " + std::to_string(static_cast<int>(rate)) + "/s";
            const TimeTargets targets{.p50_ms_max = 1.5, .p99_ms_max = 6};
            print_times(of_relay, {"commit to reader" + at, followed_.at(rate)},
                        {"producer to reader" + at, sent_.at(rate)}, targets);
        }
        const Named drained{"backlog published", drained_};
        const Named produced{"Kafka's producer, same records", produced_};
        print_rate(of_relay, drained, produced);
        print_cpu(of_relay, drained, produced, "the producer");
    }

  private:
    eventstore::Command any_receipt() {
        return shop_.receipt(std::uniform_int_distribution(0, relay_products - 1)(random_), false);
    }

    void wait_until_published(const serve::RelayRole& relay) {
        const auto deadline = Clock::now() + publish_max;
        while (published_by(relay) < sum_of(shop_.core().heads.heads())) {
            if (Clock::now() > deadline) throw std::runtime_error("the relay does not catch up");
            // sleep: progress is only to be asked for
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    void follow_commits(Seconds time) {
        serve::RelayRole relay(shop_.core());
        wait_until_published(relay);
        Arrivals published(kafka_, shop_.core().store.partitions);
        Arrivals produced(control_kafka_, shop_.core().store.partitions);
        // What has just begun to read or to publish takes its time over the first records.
        commit_at(relay_rates[0], warm_up, published);
        produce_at(relay_rates[0], warm_up, produced);
        for (const double rate : relay_rates) {
            followed_[rate].add(commit_at(rate, time, published));
            sent_[rate].add(produce_at(rate, time, produced));
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

    // A backlog to publish, which is then sent by the producer too.
    void drain(Seconds time) {
        const auto count = std::max<std::int64_t>(
            static_cast<std::int64_t>(time.count() * events_per_drain_second), 1'000);
        auto left = count;
        shop_.drive(server_, {.in_flight = 256}, [&]() -> std::optional<eventstore::Command> {
            if (left-- <= 0) return std::nullopt;
            return any_receipt();
        });
        drained_.add(publish_backlog());
        const auto events = newest_events(static_cast<std::size_t>(count));
        std::int64_t before = acknowledged();
        produced_.add(measured(server_, [&](Sample& of) {
            for (const auto& event : events) produce(event);
            of.operations = events.size();
            while (acknowledged() - before < count) producer_->serve(std::chrono::milliseconds(10));
        }));
    }

    // From the first event on: what a relay does before it publishes is not part of the rate.
    Sample publish_backlog() {
        const auto total = sum_of(shop_.core().heads.heads());
        const auto cpu_before = process_cpu_s();
        const auto server_before = server_.seconds();
        serve::RelayRole relay(shop_.core());
        std::int64_t at = 0;
        Clock::time_point begun;
        const auto deadline = Clock::now() + publish_max;
        for (std::int64_t now = 0; now < total; now = published_by(relay)) {
            if (now > at && at == 0) {
                // Every partition has told where it stands: what is behind that is the backlog.
                if (relay.follower().progress().size() < shop_.core().heads.heads().size())
                    continue;
                at = now;
                begun = Clock::now();
            }
            if (Clock::now() > deadline) throw std::runtime_error("the relay does not catch up");
            // sleep: progress is only to be asked for
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
        Sample sample;
        sample.seconds = Seconds(Clock::now() - begun).count();
        sample.operations = static_cast<std::uint64_t>(total - at);
        sample.client_cpu_s = process_cpu_s() - cpu_before;
        sample.server_cpu_s = server_.seconds() - server_before;
        return sample;
    }

    // The last events of the partitions, so many together, with places that differ.
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
