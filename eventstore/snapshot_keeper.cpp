#include "eventstore/snapshot_keeper.h"

#include <utility>
#include <vector>

#include "diagnostics/logger.h"

namespace skald::eventstore {
namespace {

constexpr std::size_t offers_max = 64;
constexpr std::size_t bytes_max = 16 * 1024 * 1024;  // one state more may come on top

}  // namespace

SnapshotKeeper::SnapshotKeeper(LogFactory logs, std::chrono::milliseconds pause)
    : logs_(std::move(logs)),
      pause_(pause),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

SnapshotKeeper::~SnapshotKeeper() {
    thread_.request_stop();
    thread_.join();
}

bool SnapshotKeeper::offer(const StreamName& stream, const CachedState& state, const Fold& fold) {
    std::lock_guard lock(mutex_);
    if (offers_.size() >= offers_max || bytes_ >= bytes_max || offers_.contains(stream))
        return false;
    bytes_ += fold.bytes(state.state);
    offers_.emplace(stream, Offer{state, &fold});
    wake_.notify_one();
    return true;
}

void SnapshotKeeper::forget() {
    std::lock_guard lock(mutex_);
    offers_.clear();
    bytes_ = 0;
}

// None when the keeper stops.
SnapshotKeeper::Offers SnapshotKeeper::wait_for_offers(const std::stop_token& stop,
                                                       Clock::time_point not_before) {
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, stop, not_before, [] { return false; });
    wake_.wait(lock, stop, [this] { return !offers_.empty(); });
    if (stop.stop_requested()) return {};
    bytes_ = 0;
    return std::exchange(offers_, {});
}

void SnapshotKeeper::run(const std::stop_token& stop) {
    std::unique_ptr<Log> log;
    bool was_up = true;
    Clock::time_point not_before{};
    for (;;) {
        const auto offers = wait_for_offers(stop, not_before);
        if (offers.empty()) return;
        try {
            if (!log) log = logs_();
            write(*log, offers);
            was_up = true;
        } catch (const std::exception& error) {
            if (std::exchange(was_up, false))
                diagnostics::log_warning("cannot write snapshots", {{"error", error.what()}});
            log.reset();
        }
        not_before = Clock::now() + pause_;
    }
}

void SnapshotKeeper::write(Log& log, const Offers& offers) {
    std::vector<Snapshot> snapshots;
    for (const auto& [stream, offer] : offers) {
        const auto& state = offer.state;
        snapshots.push_back({stream, state.version, state.last, offer.fold->revision(),
                             offer.fold->to_bytes(state.state)});
    }
    log.keep(snapshots);
    written_.Increment(static_cast<double>(snapshots.size()));
}

}  // namespace skald::eventstore
