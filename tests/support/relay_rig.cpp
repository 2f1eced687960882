#include "tests/support/relay_rig.h"

#include "eventstore/log_source.h"
#include "tests/support/eventually.h"

namespace skald::tests {

using namespace eventstore;
using namespace std::chrono_literals;

Cursor MemoryProgress::noted(Partition partition) {
    std::lock_guard lock(mutex_);
    return noted_[partition];
}

void MemoryProgress::note(const std::map<Partition, Cursor>& at) {
    std::lock_guard lock(mutex_);
    for (const auto& [partition, cursor] : at) {
        if (cursor.position > noted_[partition].position) noted_[partition] = cursor;
    }
}

void MemoryProgress::forget(Partition partition) {
    std::lock_guard lock(mutex_);
    noted_.erase(partition);
}

RelayRig::RelayRig(LogWriter& from, const KafkaSettings& to, MemoryProgress& progress,
                   Choices choices)
    : from_(from),
      progress_(progress),
      relay_({.kafka = to,
              .topic = {.partitions = std::int32_t(from.store->partitions.size())},
              .format = {},
              .era = from.store->info.era,
              .ack_timeout = choices.ack_timeout,
              .note_every = 50ms,
              .republish = choices.republish},
             progress),
      table_(std::int32_t(from.store->partitions.size()), 3s),
      leases_(table_, "rig"),
      follower_(
          {.name = "relay"}, leases_,
          [&from, this] {
              return relay_.following(std::make_unique<LogSource>(from.log(), from.heads));
          },
          relay_, from.heads, log_fork_check(from.logs())) {
    follower_.start();
}

bool RelayRig::caught_up(std::chrono::milliseconds patience) const {
    return eventually(
        [&] {
            const auto progress = follower_.progress();
            if (progress.size() != from_.store->partitions.size()) return false;
            for (const auto& one : progress) {
                const auto head = from_.heads.heads().at(std::size_t(one.partition.value()));
                if (one.state != FollowerState::following || one.position != head) return false;
                if (progress_.noted(one.partition).position != head) return false;
            }
            return true;
        },
        patience);
}

std::string RelayRig::detail_in(FollowerState state) const {
    std::string detail;
    eventually([&] {
        for (const auto& one : follower_.progress()) {
            if (one.state == state) detail = one.detail;
        }
        return !detail.empty();
    });
    return detail;
}

}  // namespace skald::tests
