#include "projections/reading/reading.h"

namespace skald::projections {

Progress::Progress(const std::vector<std::string>& names, std::int32_t partitions) {
    for (const auto& name : names) {
        watches_.emplace(name, std::make_unique<eventstore::HeadWatch>(partitions));
        live_versions_[name] = 0;
    }
}

void Progress::announce(const std::string& name, Partition partition, Position position) {
    of(name).announce({{partition, position}});
    wake();
}

std::uint64_t Progress::changes() const {
    std::lock_guard lock(mutex_);
    return changes_;
}

void Progress::wait(std::uint64_t seen, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    moved_.wait_for(lock, timeout, [&] { return changes_ > seen; });
}

void Progress::wake() {
    {
        std::lock_guard lock(mutex_);
        ++changes_;
    }
    moved_.notify_all();
}

}  // namespace skald::projections
