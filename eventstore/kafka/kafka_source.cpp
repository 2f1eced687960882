#include "eventstore/kafka/kafka_source.h"

#include <algorithm>

#include "diagnostics/logger.h"

namespace skald::eventstore {
namespace {

using namespace std::chrono_literals;

// Two things are waited for, Kafka and the log's heads; these bound how long one hides the other.
constexpr auto kafka_wait_max = 50ms;
constexpr auto heads_wait_max = 20ms;
// While Kafka gives events of other partitions, one of many may have to wait for its turn.
constexpr int busy_patience = 4;

prometheus::Counter& counter_of(const std::string& follower, const char* what, const char* help) {
    return diagnostics::counter(std::string("skald_kafka_source_") + what + "_total", help,
                                {{"follower", follower}});
}

Position head_of(const Heads& heads, Partition partition) {
    return heads.at(static_cast<std::size_t>(partition.value()));
}

}  // namespace

KafkaSource::Meters::Meters(const std::string& follower)
    : from_kafka(counter_of(follower, "from_kafka", "Events taken from Kafka")),
      from_log(counter_of(follower, "from_log", "Events taken from the log instead of Kafka")),
      repeats(counter_of(follower, "repeats", "Records dropped because they were taken before")),
      refused(counter_of(follower, "refused", "Records dropped as malformed or of a lower era")),
      on_log(diagnostics::gauge("skald_kafka_source_on_log",
                                "Partitions read from the log, because Kafka does not keep up",
                                {{"follower", follower}})) {}

KafkaSource::KafkaSource(KafkaSourceOptions options, std::shared_ptr<TopicFeed> feed,
                         std::unique_ptr<Log> log, HeadWatch& heads)
    : options_(std::move(options)),
      log_(std::move(log)),
      heads_(heads),
      era_(log_->store().era),
      records_(std::move(feed)),
      meters_(options_.follower) {}

void KafkaSource::assign(Partition partition, const Cursor& at) {
    assigned_.erase(partition);
    assigned_.emplace(partition, Assigned{.gate = PositionGate(era_, at)});
    // Position n + 1 has offset n in a topic without repeats, and a higher one behind repeats: so
    // this is never too late, but for a topic that lost records, and then the log fills in.
    records_.start(partition, at.position.value());
}

void KafkaSource::unassign(Partition partition) {
    records_.stop(partition);
    assigned_.erase(partition);
}

std::vector<Run> KafkaSource::poll(std::chrono::milliseconds wait) {
    const auto seen = heads_.changes();
    const auto heads = heads_.heads();
    Round round;
    take_from_kafka(round, 0ms);
    prove(round);
    watch_silence(round, heads);
    read_log(round, heads);
    if (round.runs.empty()) {
        if (any_on_log()) {
            heads_.wait(seen, std::min<std::chrono::milliseconds>(wait, heads_wait_max));
        } else {
            take_from_kafka(round, std::min<std::chrono::milliseconds>(wait, kafka_wait_max));
            prove(round);
        }
    }
    const auto on_log = std::count_if(assigned_.begin(), assigned_.end(),
                                      [](const auto& one) { return one.second.on_log; });
    meters_.on_log.Set(static_cast<double>(on_log));
    std::vector<Run> runs;
    for (auto& [partition, events] : round.runs) runs.push_back({partition, std::move(events)});
    return runs;
}

void KafkaSource::take_from_kafka(Round& round, std::chrono::milliseconds wait) {
    for (const auto& piece : records_.next(wait)) take_piece(round, piece);
    round.drained = !records_.more();
}

void KafkaSource::take_piece(Round& round, const Piece& piece) {
    heard_ = Clock::now();
    const auto partition = piece.partition;
    auto& to = assigned_.at(partition);
    if (piece.stopped) return go_to_log(partition, to, piece.problem);
    if (!piece.events) return drop(to, partition, piece.problem);
    const auto last = piece.events->back().position;
    switch (judge(to.gate, piece)) {
        case Passage::take:
            take_rest(round, to, piece);
            return;
        case Passage::repeat:
            meters_.repeats.Increment(static_cast<double>(piece.events->size()));
            note_kafka_at(to, last);
            return;
        case Passage::hole:
            go_to_log(partition, to, "Kafka has a hole here");
            note_kafka_at(to, last);
            return;
        case Passage::foreign:
            abandon_kafka(partition, to, to.gate.at().position);
            return;
        case Passage::lower_era:
            drop(to, partition, "it is of era " + std::to_string(piece.era.value()));
            go_to_log(partition, to, "Kafka holds records from before the log was set back");
            return;
        case Passage::higher_era:
            throw Unavailable("Kafka holds records of era " + std::to_string(piece.era.value()) +
                              ", this source knows era " + std::to_string(era_.value()));
    }
}

// Of the record at the cursor, if the piece has that: it has to be the event taken there; else of
// the one that comes next or, where the piece has not that either, of the one nearest to it.
Passage KafkaSource::judge(const PositionGate& gate, const Piece& piece) {
    const auto& events = *piece.events;
    const auto first = events.front().position;
    const auto last = events.back().position;
    const auto at = gate.at().position;
    const auto of = [&](Position position) {
        const auto& event = events[static_cast<std::size_t>(position - first)];
        return gate.judge(piece.era, event.position, event.id);
    };
    if (first <= at && at <= last) {
        const auto passage = of(at);
        if (passage != Passage::repeat) return passage;
    }
    return of(std::clamp(at + 1, first, last));
}

void KafkaSource::take_rest(Round& round, Assigned& to, const Piece& piece) {
    const auto taken = to.gate.at().position + 1 - piece.events->front().position;
    Events rest(piece.events, static_cast<std::size_t>(taken));
    to.on_log = false;
    to.silent_since.reset();
    to.kafka_at = rest.back().position;
    meters_.repeats.Increment(static_cast<double>(taken));
    meters_.from_kafka.Increment(static_cast<double>(rest.size()));
    round.began.try_emplace(piece.partition, to.gate.at());
    to.gate.take(rest);
    round.runs[piece.partition] = std::move(rest);
}

// The relay reads an event from the log before it publishes it. So a record that the log has proves
// those before it; and once that is shown of one that came after the reading began, nothing older
// is left in the topic that the log could have lost.
void KafkaSource::prove(Round& round) {
    std::vector<PartitionFrom> unproven;
    for (const auto& [partition, began] : round.began) {
        const auto& to = assigned_.at(partition);
        if (!to.proven) unproven.push_back({partition, to.gate.at().position - 1});
    }
    if (unproven.empty()) return;
    std::optional<Heads> heads;
    for (const auto& [partition, before] : unproven) {
        auto& to = assigned_.at(partition);
        if (to.unproven_to) continue;
        if (!heads) heads = log_->heads();
        to.unproven_to = head_of(*heads, partition);
    }
    const auto held = in_the_log(unproven);
    for (const auto& [partition, before] : unproven) {
        auto& to = assigned_.at(partition);
        const auto at = to.gate.at();
        const auto found = held.find(partition);
        if (found != held.end() && found->second == at.event) {
            to.proven = at.position > *to.unproven_to;
            continue;
        }
        to.gate = PositionGate(era_, round.began.at(partition));
        round.runs.erase(partition);
        abandon_kafka(partition, to, at.position);
    }
}

// Of each partition the event behind that position, where there is one.
std::map<Partition, EventId> KafkaSource::in_the_log(const std::vector<PartitionFrom>& before) {
    std::map<Partition, EventId> found;
    const ReadLimit one{.events_max = 1, .bytes_max = 1};
    for (const auto& event : log_->read_partitions(before, one, any_bytes))
        found[event.partition] = event.id;
    return found;
}

// Until the partition is assigned again.
void KafkaSource::abandon_kafka(Partition partition, Assigned& to, Position at) {
    records_.stop(partition);
    to.kafka_at = {};
    go_to_log(partition, to, "Kafka holds another event");
    diagnostics::log_error(
        "Kafka holds an event that the log has not; the log alone is read from here on",
        {{"follower", options_.follower},
         {"partition", partition.value()},
         {"position", at.value()}});
}

// Log and Kafka are at the same place: the next record of Kafka is the next one to take.
void KafkaSource::note_kafka_at(Assigned& to, Position position) {
    to.kafka_at = std::max(to.kafka_at, position);
    if (to.kafka_at == to.gate.at().position) to.on_log = false;
}

void KafkaSource::drop(Assigned& to, Partition partition, const std::string& why) {
    meters_.refused.Increment();
    if (std::exchange(to.warned, true)) return;
    diagnostics::log_warning(
        "a record of the topic is not taken",
        {{"follower", options_.follower}, {"partition", partition.value()}, {"problem", why}});
}

void KafkaSource::watch_silence(const Round& round, const Heads& heads) {
    for (auto& [partition, to] : assigned_) {
        if (to.on_log) continue;
        if (!round.drained || head_of(heads, partition) <= to.gate.at().position) {
            to.silent_since.reset();
            continue;
        }
        const auto now = Clock::now();
        if (!to.silent_since) to.silent_since = now;
        const auto patience = now - heard_ < options_.silence_max
                                  ? busy_patience * options_.silence_max
                                  : options_.silence_max;
        if (now - *to.silent_since >= patience) {
            go_to_log(partition, to, "Kafka is silent");
        }
    }
}

void KafkaSource::read_log(Round& round, const Heads& heads) {
    const auto from = in_turn(round, heads);
    if (from.empty()) return;
    auto events = log_->read_partitions(from, options_.per_partition, options_.bytes_max);
    meters_.from_log.Increment(static_cast<double>(events.size()));
    for (auto& run : runs_of(std::move(events), from, options_.bytes_max)) {
        auto& to = assigned_.at(run.partition);
        to.gate.take(run.events);
        note_kafka_at(to, to.kafka_at);
        turn_ = Partition(run.partition.value() + 1);
        round.runs[run.partition] = std::move(run.events);
    }
}

// Those on the log that have something there, beginning behind the one that was read last.
std::vector<PartitionFrom> KafkaSource::in_turn(const Round& round, const Heads& heads) {
    std::vector<PartitionFrom> from;
    std::int64_t events = 0;
    auto next = assigned_.lower_bound(turn_);
    for (std::size_t i = 0; i < assigned_.size() && events < events_of_statement; ++i, ++next) {
        if (next == assigned_.end()) next = assigned_.begin();
        const auto& [partition, to] = *next;
        const auto head = head_of(heads, partition);
        const auto at = to.gate.at().position;
        if (!to.on_log || head <= at || round.runs.contains(partition)) continue;
        from.push_back({partition, at});
        events += std::min<std::int64_t>(head - at, options_.per_partition.events_max);
    }
    return from;
}

void KafkaSource::go_to_log(Partition partition, Assigned& to, const std::string& why) {
    to.silent_since.reset();
    if (std::exchange(to.on_log, true)) return;
    diagnostics::log_debug("reading the log instead of Kafka",
                           {{"follower", options_.follower},
                            {"partition", partition.value()},
                            {"behind", to.gate.at().position.value()},
                            {"why", why}});
}

bool KafkaSource::any_on_log() const {
    return std::any_of(assigned_.begin(), assigned_.end(),
                       [](const auto& one) { return one.second.on_log; });
}

}  // namespace skald::eventstore
