#include "eventstore/follower_meters.h"

#include <algorithm>
#include <chrono>

namespace skald::eventstore {
namespace {

constexpr FollowerState states[] = {FollowerState::starting, FollowerState::following,
                                    FollowerState::waiting_to_retry, FollowerState::forked,
                                    FollowerState::fenced};

}  // namespace

Follower::Meters::Meters(const std::string& follower)
    : follower_(follower),
      heartbeat_(
          diagnostics::gauge("skald_follower_heartbeat_seconds",
                             "Unix time at which the follower's thread was last seen at work",
                             {{"follower", follower}})),
      events_(diagnostics::counter("skald_follower_events_total", "Events taken",
                                   {{"follower", follower}})),
      failures_(diagnostics::counter("skald_follower_failures_total",
                                     "Failures after which a partition was opened anew",
                                     {{"follower", follower}})) {}

void Follower::Meters::beat() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    heartbeat_.Set(std::chrono::duration<double>(now).count());
}

Follower::Meters::OfPartition& Follower::Meters::of(Partition partition) {
    const auto found = partitions_.find(partition);
    if (found != partitions_.end()) return found->second;
    const diagnostics::Labels labels{{"follower", follower_},
                                     {"partition", std::to_string(partition.value())}};
    OfPartition made{
        &diagnostics::gauge("skald_follower_position", "Position of the last event taken", labels),
        &diagnostics::gauge("skald_follower_head", "Position of the log's last known event",
                            labels),
        &diagnostics::gauge("skald_follower_lag", "Events in the log that are not taken yet",
                            labels),
        {}};
    for (const auto state : states) {
        auto with_state = labels;
        with_state["state"] = name_of(state);
        made.states[state] = &diagnostics::gauge(
            "skald_follower_state", "1 for the state the partition is in; forked is an alarm",
            with_state);
    }
    return partitions_.emplace(partition, std::move(made)).first->second;
}

void Follower::Meters::report(const FollowerProgress& progress) {
    auto& meters = of(progress.partition);
    const auto lag = progress.head - progress.position;
    meters.position->Set(static_cast<double>(progress.position.value()));
    meters.head->Set(static_cast<double>(progress.head.value()));
    meters.lag->Set(static_cast<double>(std::max<std::int64_t>(lag, 0)));
    for (const auto& [state, gauge] : meters.states) gauge->Set(state == progress.state ? 1 : 0);
}

void Follower::Meters::forget(Partition partition) {
    auto& meters = of(partition);
    for (auto* gauge : {meters.position, meters.head, meters.lag}) gauge->Set(0);
    for (const auto& [state, gauge] : meters.states) gauge->Set(0);
}

}  // namespace skald::eventstore
