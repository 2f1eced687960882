#include "eventstore/kafka/tail_first_source.h"

#include <algorithm>
#include <utility>

#include "diagnostics/logger.h"

namespace skald::eventstore {

TailFirstSource::TailFirstSource(TailFirstOptions options, SharedTopicFeed& feed, LogFactory logs,
                                 HeadWatch& heads, const TailRing& ring)
    : options_(std::move(options)),
      feed_(feed),
      logs_(std::move(logs)),
      heads_(heads),
      ring_(ring),
      life_(ring.life()),
      on_kafka_(diagnostics::gauge("skald_source_on_kafka",
                                   "1 where events come from Kafka, 0 where from this process",
                                   {{"follower", options_.kafka.follower}})) {
    go_to_ring();
}

void TailFirstSource::assign(Partition partition, const Cursor& at) {
    cursors_[partition] = at;
    kafka_ ? kafka_->assign(partition, at) : log_->assign(partition, at);
}

void TailFirstSource::unassign(Partition partition) {
    cursors_.erase(partition);
    kafka_ ? kafka_->unassign(partition) : log_->unassign(partition);
}

std::vector<Run> TailFirstSource::poll(std::chrono::milliseconds wait) {
    if (ring_.life() != life_) throw Unavailable("the log was away");
    auto runs = kafka_ ? kafka_->poll(wait) : log_->poll(wait);
    for (const auto& run : runs) {
        if (!run.events.empty()) cursors_.at(run.partition) = cursor_at(run.events.back());
    }
    if (kafka_ == nullptr) {
        if (reads_too_often()) go_to_kafka();
    } else if (calm_since(runs)) {
        go_to_ring();
    }
    return runs;
}

bool TailFirstSource::reads_too_often() {
    const auto now = Clock::now();
    const auto reads = log_->gave_others();
    if (now - second_began_ > std::chrono::seconds(1)) {
        second_began_ = now;
        reads_before_ = reads;
    }
    return reads - reads_before_ > options_.reads_a_second_max;
}

bool TailFirstSource::calm_since(const std::vector<Run>& runs) {
    const auto now = Clock::now();
    const bool all_held = std::ranges::all_of(runs, [this](const Run& run) {
        return ring_.holds(run.partition, run.events.back().position);
    });
    if (!all_held) others_at_ = now;
    return now - others_at_ >= options_.calm;
}

void TailFirstSource::go_to_kafka() {
    auto kafka = std::make_unique<KafkaSource>(options_.kafka, feed_.get(), logs_(), heads_);
    for (const auto& [partition, at] : cursors_) kafka->assign(partition, at);
    log_.reset();
    kafka_ = std::move(kafka);
    others_at_ = Clock::now();
    on_kafka_.Set(1);
}

void TailFirstSource::go_to_ring() {
    auto log = std::make_unique<LogSource>(logs_(), heads_, options_.kafka.per_partition,
                                           options_.kafka.bytes_max, &ring_);
    for (const auto& [partition, at] : cursors_) log->assign(partition, at);
    kafka_.reset();
    log_ = std::move(log);
    second_began_ = Clock::now();
    reads_before_ = 0;
    on_kafka_.Set(0);
}

}  // namespace skald::eventstore
