#include "eventstore/catch_up.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "diagnostics/logger.h"

namespace skald::eventstore {
namespace {

constexpr std::int64_t bytes_max = 4 * 1024 * 1024;

}  // namespace

CatchUp::CatchUp(LogFactory logs, std::function<void(std::vector<LoadedStream>)> read)
    : logs_(std::move(logs)),
      read_(std::move(read)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

CatchUp::~CatchUp() {
    thread_.request_stop();
    thread_.join();
}

void CatchUp::read(const std::vector<Foreign>& ranges) {
    if (ranges.empty()) return;
    std::lock_guard lock(mutex_);
    for (const auto& range : ranges) {
        auto& wanted = wanted_.try_emplace(range.partition, range).first->second;
        wanted.after = std::min(wanted.after, range.after);
        wanted.until = std::max(wanted.until, range.until);
    }
    std::erase_if(wanted_, [](const auto& wanted) {
        return wanted.second.until.value() - wanted.second.after.value() > events_max;
    });
    wake_.notify_one();
}

void CatchUp::run(const std::stop_token& stop) {
    std::unique_ptr<Log> log;
    for (;;) {
        std::map<Partition, Foreign> ranges;
        {
            std::unique_lock lock(mutex_);
            if (!wake_.wait(lock, stop, [this] { return !wanted_.empty(); })) return;
            ranges = std::exchange(wanted_, {});
        }
        try {
            if (!log) log = logs_();
            read_(read_all(*log, ranges));
        } catch (const std::exception& error) {
            diagnostics::log_debug("cannot read what others wrote", {{"error", error.what()}});
            log.reset();
            ++connection_;
        }
    }
}

std::vector<LoadedStream> CatchUp::read_all(Log& log,
                                            const std::map<Partition, Foreign>& ranges) const {
    std::vector<PartitionFrom> from;
    std::int64_t longest = 0;
    for (const auto& [partition, range] : ranges) {
        from.push_back({partition, range.after});
        longest = std::max(longest, range.until.value() - range.after.value());
    }
    const ReadLimit limit{.events_max = static_cast<std::int32_t>(longest)};
    std::vector<LoadedStream> streams;
    std::unordered_map<StreamName, std::size_t> index;
    for (auto& event : log.read_partitions(from, limit, bytes_max)) {
        if (event.position > ranges.at(event.partition).until) continue;
        const auto [found, fresh] = index.try_emplace(event.stream, streams.size());
        if (fresh) streams.push_back({event.stream, Version(0), {}, connection_});
        streams[found->second].events.push_back(std::move(event));
    }
    return streams;
}

}  // namespace skald::eventstore
