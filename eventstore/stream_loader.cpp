#include "eventstore/stream_loader.h"

#include <unordered_map>

#include "diagnostics/logger.h"

namespace skald::eventstore {
namespace {

constexpr std::int32_t page_events = 5000;

}  // namespace

StreamLoader::StreamLoader(LogFactory logs, std::chrono::milliseconds retry_pause,
                           std::function<void(std::vector<LoadedStream>)> loaded)
    : logs_(std::move(logs)),
      retry_pause_(retry_pause),
      loaded_(std::move(loaded)),
      thread_([this](std::stop_token stop) { run(stop); }) {}

StreamLoader::~StreamLoader() {
    thread_.request_stop();
    thread_.join();
}

// One request a stream: of two, the newer one knows better from where to read.
void StreamLoader::load(std::vector<StreamFrom> streams) {
    std::lock_guard lock(mutex_);
    for (auto& stream : streams) {
        const auto after = stream.after;
        wanted_.insert_or_assign(std::move(stream.stream), after);
    }
    wake_.notify_one();
}

// Back into the queue, behind whatever was asked for meanwhile.
void StreamLoader::load_again(const std::vector<StreamFrom>& streams) {
    std::lock_guard lock(mutex_);
    for (const auto& stream : streams) wanted_.try_emplace(stream.stream, stream.after);
}

void StreamLoader::run(std::stop_token stop) {
    std::unique_ptr<Log> log;
    bool was_up = true;
    while (!stop.stop_requested()) {
        std::vector<StreamFrom> batch;
        {
            std::unique_lock lock(mutex_);
            if (!wake_.wait(lock, stop, [this] { return !wanted_.empty(); })) return;
            for (const auto& [stream, after] : wanted_) batch.push_back({stream, after});
            wanted_.clear();
        }
        try {
            if (!log) log = logs_();
            loaded_(read(*log, batch));
            was_up = true;
        } catch (const std::exception& error) {
            if (was_up)
                diagnostics::log_warning("cannot load streams, trying again",
                                         {{"error", error.what()}});
            was_up = false;
            ++connection_;
            load_again(batch);
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, stop, retry_pause_, [] { return false; });
        }
    }
}

std::vector<LoadedStream> StreamLoader::read(Log& log, std::vector<StreamFrom> streams) {
    std::vector<LoadedStream> loaded;
    std::unordered_map<StreamName, std::size_t> index;
    for (const auto& stream : streams) {
        index[stream.stream] = loaded.size();
        loaded.push_back({stream.stream, stream.after, {}, connection_});
    }
    for (;;) {
        auto page = log.read_streams(streams, page_events);
        const bool more = page.size() >= static_cast<std::size_t>(page_events);
        for (auto& event : page) {
            auto& of = loaded[index.at(event.stream)];
            of.events.push_back(std::move(event));
        }
        if (!more) return loaded;
        for (auto& stream : streams) {
            const auto& events = loaded[index.at(stream.stream)].events;
            if (!events.empty()) stream.after = events.back().version;
        }
    }
}

}  // namespace skald::eventstore
