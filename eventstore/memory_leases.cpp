#include "eventstore/memory_leases.h"

#include <algorithm>

namespace skald::eventstore {

std::int32_t fair_share(std::int32_t partitions, std::int32_t owners, std::int32_t rank) {
    return partitions / owners + (rank < partitions % owners ? 1 : 0);
}

MemoryLeaseTable::MemoryLeaseTable(std::int32_t partitions, std::chrono::milliseconds duration)
    : duration_(duration), leases_(static_cast<std::size_t>(partitions)) {}

std::vector<Partition> MemoryLeaseTable::renew(const std::string& owner) {
    std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    owners_[owner] = now + duration_;
    std::erase_if(owners_, [&](const auto& one) { return one.second <= now; });
    const auto rank = std::distance(owners_.begin(), owners_.find(owner));
    auto share =
        fair_share(static_cast<std::int32_t>(leases_.size()),
                   static_cast<std::int32_t>(owners_.size()), static_cast<std::int32_t>(rank));
    for (auto& lease : leases_) {
        if (lease.owner != owner) continue;
        if (share > 0) {
            lease.expires = now + duration_;
            --share;
        } else {
            lease = {};
        }
    }
    std::vector<Partition> held;
    for (std::size_t i = 0; i < leases_.size(); ++i) {
        auto& lease = leases_[i];
        if (share > 0 && lease.owner != owner && lease.expires <= now) {
            lease = {owner, now + duration_};
            --share;
        }
        if (lease.owner == owner) held.emplace_back(static_cast<std::int32_t>(i));
    }
    return held;
}

void MemoryLeaseTable::release_all(const std::string& owner) {
    std::lock_guard lock(mutex_);
    owners_.erase(owner);
    for (auto& lease : leases_) {
        if (lease.owner == owner) lease = {};
    }
}

}  // namespace skald::eventstore
