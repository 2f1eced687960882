#include "eventstore/kafka/relay.h"

#include <algorithm>

#include "diagnostics/crash_point.h"
#include "diagnostics/logger.h"
#include "diagnostics/metrics.h"
#include "domain/kernel/invariant.h"
#include "eventstore/kafka/tail.h"

namespace skald::eventstore {
namespace {

using diagnostics::crash_point;
using namespace std::chrono_literals;

// While Kafka is away (or the topic is not fit), each partition in turn would wait in vain.
constexpr auto unreachable_pause = 500ms;
// Noting is for people; the relay's own work does not wait for it.
constexpr auto noting_pause = 5s;

prometheus::Counter& published() {
    static auto& counter =
        diagnostics::counter("skald_relay_records_total", "Records that Kafka acknowledged");
    return counter;
}

prometheus::Counter& producers_discarded() {
    static auto& counter = diagnostics::counter(
        "skald_relay_producers_discarded_total",
        "Producers given up because the fate of what they had in flight was unknown");
    return counter;
}

}  // namespace

RelayOptions within_lease(RelayOptions options) {
    const auto longest = options.lease * 2 / 3;
    options.ack_timeout = std::min(options.ack_timeout, longest);
    options.kafka.timeout = std::min(options.kafka.timeout, longest);
    return options;
}

Relay::Relay(RelayOptions options, RelayProgress& progress)
    : options_(within_lease(std::move(options))), progress_(progress) {}

void Relay::reach_kafka() {
    if (Clock::now() < unreachable_until_) std::rethrow_exception(unreachable_why_);
    try {
        if (!topic_checked_) ensure_topic(options_.kafka, options_.topic);
        topic_checked_ = true;
        if (!tail_reader_) tail_reader_ = std::make_unique<KafkaConsumer>(options_.kafka, 10ms);
    } catch (...) {
        kafka_is_away();
        throw;
    }
}

void Relay::kafka_is_away() {
    unreachable_why_ = std::current_exception();
    unreachable_until_ = Clock::now() + unreachable_pause;
    topic_checked_ = false;
    tail_reader_.reset();
}

Cursor Relay::open(Partition partition) {
    // A run in flight would land behind the end that is read back now.
    const auto before = open_.find(partition);
    if (before != open_.end() && before->second.begun_in == producer_number_) discard_producer();
    open_.erase(partition);

    reach_kafka();
    Open open;
    open.noted = progress_.noted(partition);
    Tail tail;
    try {
        tail = read_tail(*tail_reader_, partition, options_.kafka, open.noted.position);
    } catch (const KafkaUnavailable&) {
        kafka_is_away();
        throw;
    }
    const auto start = relay_start(tail, open.noted, options_.era, options_.republish);
    if (!start) throw RelayRefused(start.error());
    if (!start->alarm.empty()) {
        diagnostics::log_error("the topic is not as it was left",
                               {{"partition", partition.value()}, {"alarm", start->alarm}});
    }
    if (start->at.position < open.noted.position) {
        progress_.forget(partition);
        open.noted = {};
    }
    open.at = start->at;
    note({{partition, &open}});
    open_.emplace(partition, open);
    return open.at;
}

void Relay::begin(Partition partition, const Cursor& at, std::span<const StoredEvent> run) {
    auto& open = open_.at(partition);
    if (at != open.at) throw Fenced("the relay stands elsewhere");
    if (!producer_) {
        producer_ = std::make_unique<Producer>(options_.kafka);
        ++producer_number_;
    }
    open.begun_in = producer_number_;
    open.begun = 0;
    open.acked_from = producer_->acknowledged(partition);
    // librdkafka 2.0.2 appends what is in flight behind a refused first request of a producer: a
    // hole. So the first record of each partition goes alone.
    const bool proven = open.proven_in == producer_number_;
    produce(partition, open, proven ? run : run.first(1));
}

Cursor Relay::apply(Partition partition, const Cursor& at, std::span<const StoredEvent> run) {
    auto& open = open_.at(partition);
    if (open.begun_in == 0) begin(partition, at, run);
    if (open.begun_in != producer_number_ || !producer_) {
        open.begun_in = 0;
        throw KafkaUnavailable("the producer of this run was given up");
    }
    try {
        await_all_begun(partition, open);
        open.proven_in = producer_number_;
        produce(partition, open, run.subspan(static_cast<std::size_t>(open.begun)));
        await_all_begun(partition, open);
    } catch (const KafkaUnavailable&) {
        open.begun_in = 0;
        discard_producer();
        throw;
    }
    crash_point("relay.after_ack");
    published().Increment(static_cast<double>(run.size()));
    open.begun_in = 0;
    open.at = cursor_at(run.back());
    return open.at;
}

void Relay::produce(Partition partition, Open& open, std::span<const StoredEvent> part) {
    if (part.empty()) return;
    crash_point("relay.before_produce");
    for (const auto& event : part) {
        const auto record = record_of(event, options_.era, options_.format);
        if (bytes_of(record) > static_cast<std::size_t>(topic_message_bytes_max)) {
            throw RelayRefused("the event at position " + std::to_string(event.position.value()) +
                               " is larger than the topic takes");
        }
        producer_->produce(partition, record);
        ++open.begun;
    }
    crash_point("relay.after_produce");
}

void Relay::await_all_begun(Partition partition, const Open& open) {
    const auto wanted = open.acked_from + open.begun;
    auto acknowledged = producer_->acknowledged(partition);
    auto deadline = Clock::now() + options_.ack_timeout;
    while (acknowledged < wanted) {
        const auto now = Clock::now();
        if (now >= deadline) throw KafkaUnavailable("Kafka does not acknowledge");
        producer_->serve(std::chrono::ceil<std::chrono::milliseconds>(deadline - now));
        const auto more = producer_->acknowledged(partition);
        if (more > acknowledged) deadline = Clock::now() + options_.ack_timeout;
        acknowledged = more;
    }
}

void Relay::discard_producer() {
    if (!producer_) return;
    producers_discarded().Increment();
    producer_.reset();
    topic_checked_ = false;
}

void Relay::close(Partition partition) {
    const auto found = open_.find(partition);
    if (found == open_.end()) return;
    note({{partition, &found->second}});
    if (found->second.begun_in == producer_number_) discard_producer();
    open_.erase(found);
}

void Relay::tick() {
    if (Clock::now() < note_at_) return;
    note_at_ = Clock::now() + options_.note_every;
    std::map<Partition, Open*> all;
    for (auto& [partition, open] : open_) all.emplace(partition, &open);
    note(all);
}

void Relay::note(const std::map<Partition, Open*>& which) {
    std::map<Partition, Cursor> at;
    for (const auto& [partition, open] : which) {
        if (open->noted != open->at) at.emplace(partition, open->at);
    }
    if (at.empty() || Clock::now() < no_noting_until_) return;
    try {
        progress_.note(at);
        for (const auto& [partition, open] : which) open->noted = open->at;
        noting_failed_ = false;
    } catch (const std::exception& error) {
        no_noting_until_ = Clock::now() + noting_pause;
        if (std::exchange(noting_failed_, true)) return;
        diagnostics::log_warning("the relay's progress could not be noted",
                                 {{"error", error.what()}});
    }
}

}  // namespace skald::eventstore
