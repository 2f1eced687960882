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
// Of all partitions together, when the next run is taken.
constexpr std::int64_t in_flight_max = 2'000;
// Acknowledgements are taken this often when nothing else comes: for noting, and to learn of
// errors.
constexpr auto look_again = 20ms;
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
    // What is in flight would land behind the end that is read back now.
    const auto before = open_.find(partition);
    if (before != open_.end() && before->second.producer == producer_number_) discard_producer();
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
    open.at = open.acked = start->at;
    note({{partition, &open}});
    open_.emplace(partition, open);
    return open.at;
}

void Relay::begin(Partition partition, const Cursor& at, std::span<const StoredEvent> run) {
    auto& open = open_.at(partition);
    if (at != open.at) throw Fenced("the relay stands elsewhere");
    if (lost(open)) throw KafkaUnavailable("the producer of the runs before was given up");
    if (!producer_) {
        producer_ = std::make_unique<Producer>(options_.kafka);
        ++producer_number_;
    }
    if (open.runs.empty()) {
        open.producer = producer_number_;
        open.handed = open.seen = producer_->acknowledged(partition);
        open.heard = Clock::now();
    }
    open.has_begun = true;
    open.begun = 0;
    // librdkafka 2.0.2 appends what is in flight behind a refused first request of a producer: a
    // hole. So the first record of each partition goes alone.
    const bool proven = open.proven_in == producer_number_;
    produce(partition, open, proven ? run : run.first(1));
}

Cursor Relay::apply(Partition partition, const Cursor& at, std::span<const StoredEvent> run) {
    auto& open = open_.at(partition);
    if (!open.has_begun) begin(partition, at, run);
    open.has_begun = false;
    if (open.producer != producer_number_ || !producer_)
        throw KafkaUnavailable("the producer of this run was given up");
    try {
        if (open.proven_in != producer_number_) await_all(partition, open);
        open.proven_in = producer_number_;
        produce(partition, open, run.subspan(static_cast<std::size_t>(open.begun)));
        open.at = cursor_at(run.back());
        open.runs.push_back({open.at, std::ssize(run), open.handed});
        make_room();
    } catch (const KafkaUnavailable&) {
        discard_producer();
        throw;
    }
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
        ++open.handed;
        ++in_flight_;
    }
    crash_point("relay.after_produce");
}

// Handed to a producer that was given up.
bool Relay::lost(const Open& open) const {
    return !open.runs.empty() && (!producer_ || open.producer != producer_number_);
}

std::chrono::milliseconds Relay::patience(const Open& open) const {
    return std::chrono::ceil<std::chrono::milliseconds>(open.heard + options_.ack_timeout -
                                                        Clock::now());
}

// Waits up to `wait` for the next.
void Relay::take_acknowledgements(std::chrono::milliseconds wait) {
    producer_->serve(std::max(wait, 0ms));
    std::int64_t in_flight = 0;
    for (auto& [partition, open] : open_) {
        if (open.producer != producer_number_) continue;
        take_acknowledged(partition, open);
        if (open.seen == open.handed) continue;
        in_flight += open.handed - open.seen;
        if (patience(open) <= 0ms) throw KafkaUnavailable("Kafka does not acknowledge");
    }
    in_flight_ = in_flight;
}

void Relay::take_acknowledged(Partition partition, Open& open) {
    const auto count = producer_->acknowledged(partition);
    if (std::exchange(open.seen, count) != count) open.heard = Clock::now();
    while (!open.runs.empty() && open.runs.front().acknowledged <= count) {
        crash_point("relay.after_ack");
        published().Increment(static_cast<double>(open.runs.front().records));
        open.acked = open.runs.front().to;
        open.runs.pop_front();
    }
}

void Relay::await_all(Partition partition, const Open& open) {
    while (producer_->acknowledged(partition) < open.handed) take_acknowledgements(patience(open));
    take_acknowledgements(0ms);
}

void Relay::make_room() {
    take_acknowledgements(0ms);
    while (in_flight_ > in_flight_max) take_acknowledgements(options_.ack_timeout);
}

void Relay::check_in_flight() {
    for (const auto& [partition, open] : open_) {
        if (lost(open)) throw KafkaUnavailable("a producer with runs in flight was given up");
    }
    if (!producer_) return;
    try {
        take_acknowledgements(0ms);
    } catch (const KafkaUnavailable&) {
        discard_producer();
        throw;
    }
}

class Relay::Followed : public Source {
  public:
    Followed(Relay& relay, std::unique_ptr<Source> from) : relay_(relay), from_(std::move(from)) {}

    void assign(Partition partition, const Cursor& at) override { from_->assign(partition, at); }
    void unassign(Partition partition) override { from_->unassign(partition); }
    std::vector<Run> poll(std::chrono::milliseconds wait) override {
        relay_.check_in_flight();
        return from_->poll(
            relay_.in_flight_ > 0 ? std::min<std::chrono::milliseconds>(wait, look_again) : wait);
    }

  private:
    Relay& relay_;
    std::unique_ptr<Source> from_;
};

std::unique_ptr<Source> Relay::following(std::unique_ptr<Source> from) {
    return std::make_unique<Followed>(*this, std::move(from));
}

void Relay::discard_producer() {
    if (!producer_) return;
    producers_discarded().Increment();
    producer_.reset();
    in_flight_ = 0;
    topic_checked_ = false;
}

// Whoever takes the partition over finds all of it in the topic, if Kafka answers in time.
void Relay::close(Partition partition) {
    const auto found = open_.find(partition);
    if (found == open_.end()) return;
    auto& open = found->second;
    if (producer_ && open.producer == producer_number_) {
        try {
            await_all(partition, open);
        } catch (const KafkaUnavailable&) {
            discard_producer();
        }
    }
    note({{partition, &open}});
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
        if (open->noted != open->acked) at.emplace(partition, open->acked);
    }
    if (at.empty() || Clock::now() < no_noting_until_) return;
    try {
        progress_.note(at);
        for (const auto& [partition, open] : which) open->noted = open->acked;
        noting_failed_ = false;
    } catch (const std::exception& error) {
        no_noting_until_ = Clock::now() + noting_pause;
        if (std::exchange(noting_failed_, true)) return;
        diagnostics::log_warning("the relay's progress could not be noted",
                                 {{"error", error.what()}});
    }
}

}  // namespace skald::eventstore
