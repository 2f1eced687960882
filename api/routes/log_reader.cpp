#include "api/routes/log_reader.h"

namespace skald::routes {

LogReader::LogReader(eventstore::LogFactory logs, std::size_t size)
    : logs_(std::move(logs)), unused_(size) {}

LogReader::Lease::Lease(LogReader& from, eventstore::Clock::time_point deadline) : reader(from) {
    std::unique_lock lock(reader.mutex_);
    const auto some = [&] { return !reader.free_.empty() || reader.unused_ > 0; };
    if (!reader.freed_.wait_until(lock, deadline, some)) {
        throw eventstore::Unavailable("all connections that read the log are busy");
    }
    if (!reader.free_.empty()) {
        log = std::move(reader.free_.back());
        reader.free_.pop_back();
        return;
    }
    --reader.unused_;
    lock.unlock();
    try {
        log = reader.logs_();
    } catch (...) {
        const std::scoped_lock again(reader.mutex_);
        ++reader.unused_;
        reader.freed_.notify_one();
        throw;
    }
}

LogReader::Lease::~Lease() {
    const std::scoped_lock lock(reader.mutex_);
    reader.free_.push_back(std::move(log));
    reader.freed_.notify_one();
}

}  // namespace skald::routes
