#include "eventstore/kafka/kafka_source.h"

#include <algorithm>

#include "diagnostics/logger.h"

namespace skald::eventstore {
namespace {

using namespace std::chrono_literals;

// Two things are waited for, Kafka and the log's heads; these bound how long one hides the other.
constexpr auto kafka_wait_max = 50ms;
constexpr auto heads_wait_max = 20ms;
constexpr auto restart_pause = 500ms;
// Records that are dropped do not fill a round, so its length bounds it too: leases must be
// renewed.
constexpr auto round_max = 50ms;
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

KafkaSource::KafkaSource(KafkaSourceOptions options, std::unique_ptr<Log> log, HeadWatch& heads)
    : options_(std::move(options)),
      log_(std::move(log)),
      heads_(heads),
      era_(log_->store().era),
      consumer_(options_.kafka, 100ms),
      meters_(options_.follower) {}

void KafkaSource::assign(Partition partition, const Cursor& at) {
    assigned_.erase(partition);
    assigned_.emplace(partition, Assigned{.gate = PositionGate(era_, at)});
    // Position n + 1 has offset n in a topic without repeats, and a higher one behind repeats: so
    // this is never too late, but for a topic that lost records, and then the log fills in.
    consumer_.start(partition, at.position.value());
}

void KafkaSource::unassign(Partition partition) {
    consumer_.stop(partition);
    assigned_.erase(partition);
}

std::vector<Run> KafkaSource::poll(std::chrono::milliseconds wait) {
    const auto seen = heads_.changes();
    const auto heads = heads_.heads();
    Round round;
    restart_stopped();
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
    const auto end = Clock::now() + round_max;
    while (!round.full && Clock::now() < end) {
        const auto message = consumer_.next(round.runs.empty() ? wait : 0ms);
        if (!message) {
            round.drained = true;
            return;
        }
        take_message(round, *message);
    }
}

void KafkaSource::take_message(Round& round, const rd_kafka_message_t& message) {
    heard_ = Clock::now();
    const Partition partition(message.partition);
    const auto found = assigned_.find(partition);
    if (found == assigned_.end()) return;
    auto& to = found->second;
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        consumer_.stop(partition);
        to.restart_at = Clock::now() + restart_pause;
        go_to_log(partition, to, rd_kafka_err2name(message.err));
        return;
    }
    auto record = event_of(message);
    if (record) {
        judge(round, to, *std::move(record));
    } else {
        drop(to, partition, record.error());
    }
}

void KafkaSource::judge(Round& round, Assigned& to, PublishedEvent record) {
    auto& event = record.event;
    const auto partition = event.partition;
    switch (to.gate.judge(record.era, event.position, event.id)) {
        case Passage::take:
            to.on_log = false;
            to.silent_since.reset();
            to.kafka_at = event.position;
            meters_.from_kafka.Increment();
            round.began.try_emplace(partition, to.gate.at());
            put(round, to, std::move(event));
            return;
        case Passage::repeat:
            meters_.repeats.Increment();
            note_kafka_at(to, event.position);
            return;
        case Passage::hole:
            go_to_log(partition, to, "Kafka has a hole here");
            note_kafka_at(to, event.position);
            return;
        case Passage::foreign:
            abandon_kafka(partition, to, event.position);
            return;
        case Passage::lower_era:
            drop(to, partition, "it is of era " + std::to_string(record.era.value()));
            go_to_log(partition, to, "Kafka holds records from before the log was set back");
            return;
        case Passage::higher_era:
            throw Unavailable("Kafka holds records of era " + std::to_string(record.era.value()) +
                              ", this source knows era " + std::to_string(era_.value()));
    }
}

// The relay reads an event from the log before it publishes it. So a record that the log has proves
// those before it; and once that is shown of one that came after the reading began, nothing older
// is left in the topic that the log could have lost.
void KafkaSource::prove(Round& round) {
    for (const auto& [partition, began] : round.began) {
        auto& to = assigned_.at(partition);
        if (to.proven) continue;
        if (!to.unproven_to) to.unproven_to = head_of(log_->heads(), partition);
        const auto run = round.runs.find(partition);
        if (log_holds(partition, to.gate.at())) {
            to.proven = to.gate.at().position > *to.unproven_to;
            continue;
        }
        for (const auto& event : run->second) round.bytes -= bytes_of(event);
        const auto at = to.gate.at().position;
        to.gate = PositionGate(era_, began);
        round.runs.erase(run);
        abandon_kafka(partition, to, at);
    }
}

bool KafkaSource::log_holds(Partition partition, const Cursor& at) {
    const auto found = log_->read(partition, Position(at.position.value() - 1), {.events_max = 1});
    return !found.empty() && found.front().id == at.event;
}

// Until the partition is assigned again.
void KafkaSource::abandon_kafka(Partition partition, Assigned& to, Position at) {
    consumer_.stop(partition);
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

void KafkaSource::put(Round& round, Assigned& to, StoredEvent event) {
    to.gate.take(event);
    auto& run = round.runs[event.partition];
    round.bytes += bytes_of(event);
    run.push_back(std::move(event));
    round.full |= round.bytes >= options_.bytes_max ||
                  run.size() >= static_cast<std::size_t>(options_.per_partition.events_max);
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
    bool read = false;  // at least one partition, or a busy topic would starve those on the log
    auto next = assigned_.lower_bound(turn_);
    for (std::size_t i = 0; i < assigned_.size() && !(round.full && read); ++i, ++next) {
        if (next == assigned_.end()) next = assigned_.begin();
        const auto partition = next->first;
        auto& to = next->second;
        turn_ = Partition(partition.value() + 1);
        const auto head = head_of(heads, partition);
        if (!to.on_log || head <= to.gate.at().position) continue;
        read = true;
        auto limit = options_.per_partition;
        limit.bytes_max =
            std::min(limit.bytes_max, std::max<std::int64_t>(options_.bytes_max - round.bytes, 1));
        auto events = read_announced(*log_, partition, to.gate.at().position, head, limit);
        meters_.from_log.Increment(static_cast<double>(events.size()));
        for (auto& event : events) put(round, to, std::move(event));
        note_kafka_at(to, to.kafka_at);
    }
}

void KafkaSource::restart_stopped() {
    for (auto& [partition, to] : assigned_) {
        if (!to.restart_at || Clock::now() < *to.restart_at) continue;
        to.restart_at.reset();
        // What lies before the end, the log gives.
        consumer_.start(partition, offset_end);
    }
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
