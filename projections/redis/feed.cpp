#include "projections/redis/feed.h"

#include "diagnostics/logger.h"
#include "diagnostics/metrics.h"

namespace skald::projections::redis {
namespace {

// Under load one feeding takes the changes of this long.
constexpr std::chrono::milliseconds gather{10};
constexpr std::chrono::milliseconds after_failure{500};

}  // namespace

Feeder::Feeder(Settings settings, Progress& progress, std::vector<std::unique_ptr<Feed>> feeds,
               std::chrono::milliseconds period)
    : client_(std::move(settings)),
      progress_(progress),
      feeds_(std::move(feeds)),
      period_(period),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Feeder::~Feeder() {
    thread_.request_stop();
    progress_.wake();
}

void Feeder::run(const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { progress_.wake(); });
    auto& feeding = diagnostics::gauge("skald_redis_feeding",
                                       "1 while Redis is kept up to date by this process, else 0");
    while (!stop.stop_requested()) {
        const auto seen = progress_.changes();
        bool more = false;
        try {
            more = feed_all();
            feeding.Set(1);
            if (!trouble_.empty()) diagnostics::log_info("Redis is fed again");
            trouble_.clear();
        } catch (const std::exception& error) {
            feeding.Set(0);
            if (trouble_ != error.what())
                diagnostics::log_warning("Redis cannot be fed", {{"error", error.what()}});
            trouble_ = error.what();
            std::mutex mutex;
            std::unique_lock lock(mutex);
            std::condition_variable_any pause;
            pause.wait_for(lock, stop, after_failure, [] { return false; });
        }
        if (more || stop.stop_requested()) continue;
        progress_.wait(seen, period_);
        std::this_thread::sleep_for(gather);  // sleep: what comes meanwhile goes along
    }
}

bool Feeder::feed_all() {
    // After a failure everything is in doubt, also whether this is the same server.
    if (!trouble_.empty()) {
        if (const auto why = unfit(client_)) throw RedisError(*why);
    }
    bool more = false;
    std::exception_ptr failure;
    for (const auto& feed : feeds_) {
        try {
            more = feed->feed(client_) || more;
        } catch (const std::exception&) {
            if (!failure) failure = std::current_exception();
        }
    }
    if (failure) std::rethrow_exception(failure);
    return more;
}

}  // namespace skald::projections::redis
