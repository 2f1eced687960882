#include "eventstore/follower.h"

#include <algorithm>
#include <condition_variable>

#include "diagnostics/crash_point.h"
#include "diagnostics/logger.h"
#include "domain/kernel/invariant.h"
#include "eventstore/follower_meters.h"

namespace skald::eventstore {

using diagnostics::crash_point;

// Behind a round of so many events more is taken to be waiting.
constexpr std::size_t large_round = 200;

std::string_view name_of(FollowerState state) {
    switch (state) {
        case FollowerState::starting:
            return "starting";
        case FollowerState::following:
            return "following";
        case FollowerState::waiting_to_retry:
            return "waiting_to_retry";
        case FollowerState::forked:
            return "forked";
        case FollowerState::fenced:
            return "fenced";
    }
    INVARIANT(false);
}

ForkCheck log_fork_check(LogFactory logs) {
    auto log = std::make_shared<std::unique_ptr<Log>>();
    return [log, logs = std::move(logs)](Partition partition, const Cursor& cursor) {
        if (cursor.position == Position(0)) return true;
        try {
            if (!*log) *log = logs();
            const auto found =
                (*log)->read(partition, cursor.position - 1, {.events_max = 1, .bytes_max = 1});
            return !found.empty() && cursor_at(found.front()) == cursor;
        } catch (...) {
            log->reset();
            throw;
        }
    };
}

Follower::Follower(FollowerOptions options, Leases& leases, SourceFactory sources, Step& step,
                   HeadWatch& heads, ForkCheck fork_check)
    : options_(std::move(options)),
      leases_(leases),
      sources_(std::move(sources)),
      step_(step),
      heads_(heads),
      fork_check_(std::move(fork_check)),
      meters_(std::make_unique<Meters>(options_.name)) {}

Follower::~Follower() { stop(); }

void Follower::start() {
    INVARIANT(!thread_.joinable());
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void Follower::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    heads_.wake();
    thread_.join();
}

std::vector<FollowerProgress> Follower::progress() const {
    std::lock_guard lock(published_mutex_);
    return published_;
}

void Follower::work(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any pause;
    while (!stop.stop_requested()) {
        meters_->beat();
        renew_if_due();
        open_due(stop);
        publish();
        if (any_open()) {
            follow(stop);
        } else {
            std::unique_lock lock(mutex);
            pause.wait_for(lock, stop, until_due(), [] { return false; });
        }
        tick(false);
    }
    tick(true);
    leave();
}

void Follower::tick(bool last) {
    try {
        last ? step_.last_tick() : step_.tick();
    } catch (const PartitionsFenced& fencing) {
        for (const auto partition : fencing.partitions)
            if (const auto held = held_.find(partition); held != held_.end())
                fenced(partition, held->second, fencing.what());
    } catch (const std::exception& error) {
        diagnostics::log_debug("a step's lazy work failed",
                               {{"follower", options_.name}, {"error", error.what()}});
    }
}

void Follower::renew_if_due() {
    const auto asked = Clock::now();
    if (asked < renew_at_) return;
    if (lease_lapsed()) lease_unconfirmed("too much time went by");
    try {
        const auto partitions = leases_.renew();
        lease_ends_ = asked + leases_.duration();
        renew_at_ = asked + leases_.duration() / 3;
        take_over(partitions);
        if (std::exchange(renewal_failing_, false)) check_forks_again();
    } catch (const std::exception& error) {
        if (!std::exchange(renewal_failing_, true)) {
            diagnostics::log_warning("cannot renew leases",
                                     {{"follower", options_.name}, {"error", error.what()}});
        }
        renew_at_ = Clock::now() + std::min(leases_.duration() / 6, options_.retry_max);
        if (lease_lapsed()) lease_unconfirmed(error.what());
    }
}

void Follower::take_over(const std::vector<Partition>& partitions) {
    bool changed = false;
    for (auto it = held_.begin(); it != held_.end();) {
        if (std::find(partitions.begin(), partitions.end(), it->first) != partitions.end()) {
            ++it;
            continue;
        }
        changed = true;
        close(it->first, it->second);
        meters_->forget(it->first);
        it = held_.erase(it);
    }
    for (const auto& partition : partitions) changed |= held_.try_emplace(partition).second;
    if (!changed) return;
    crash_point("lease.changed");
    diagnostics::log_info("leases changed",
                          {{"follower", options_.name}, {"partitions", held_.size()}});
}

// Somebody else may hold the partitions by now.
void Follower::lease_unconfirmed(const std::string& why) {
    if (held_.empty()) return;
    diagnostics::log_warning("leases ran out before they were renewed; letting go of all",
                             {{"follower", options_.name}, {"why", why}});
    take_over({});
}

// PostgreSQL was away: it may have come back as an older self.
void Follower::check_forks_again() {
    for (auto& [partition, held] : held_) {
        if (!held.open) continue;
        try {
            if (fork_check_(partition, held.cursor)) continue;
            close(partition, held);
            set_state(partition, held, FollowerState::forked,
                      "the log no longer holds the last event taken");
        } catch (const std::exception& error) {
            fail(partition, held, error.what());
        }
    }
}

void Follower::open_due(const std::stop_token& stop) {
    for (auto& [partition, held] : held_) {
        if (held.open || held.state == FollowerState::forked || held.due > Clock::now()) continue;
        if (stop.stop_requested() || Clock::now() >= renew_at_) return;
        open(partition, held);
    }
}

void Follower::open(Partition partition, Held& held) {
    try {
        held.cursor = step_.open(partition);
        held.open = true;
        if (!fork_check_(partition, held.cursor)) {
            close(partition, held);
            set_state(partition, held, FollowerState::forked,
                      "the log does not hold the event at position " +
                          std::to_string(held.cursor.position.value()) + " that was taken last");
            return;
        }
        if (!source_) source_ = sources_();
        source_->assign(partition, held.cursor);
        set_state(partition, held, FollowerState::following, "");
    } catch (const Fenced& error) {
        fenced(partition, held, error.what());
    } catch (const std::exception& error) {
        fail(partition, held, error.what());
    }
}

void Follower::follow(const std::stop_token& stop) {
    if (!gathered(stop)) return;
    std::vector<Run> runs;
    try {
        runs = source_->poll(std::min(until_due(), step_.tick_within()));
        source_failures_ = 0;
    } catch (const std::exception& error) {
        source_failed(error.what());
        return;
    }
    std::size_t events = 0;
    for (const auto& run : runs) events += run.events.size();
    if (events > 0 && events < large_round) next_round_ = Clock::now() + options_.gather;
    // The process may have been frozen at any point up to here.
    if (lease_lapsed()) return lease_unconfirmed("too much time went by");
    for (const auto& run : runs) begin(run);
    const auto done = apply_together(runs);
    for (const auto& run : runs) {
        if (done.contains(run.partition)) continue;
        renew_if_due();  // all runs together may take longer than a lease lasts
        if (lease_lapsed()) return lease_unconfirmed("too much time went by");
        if (held_.contains(run.partition)) apply(run);
    }
}

// Waits for the next round's time; false when something else is due before.
bool Follower::gathered(const std::stop_token& stop) {
    if (next_round_ <= Clock::now()) return true;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any pause;
    pause.wait_until(lock, stop, std::min(next_round_, renew_at_), [] { return false; });
    return next_round_ <= Clock::now();
}

std::set<Partition> Follower::apply_together(const std::vector<Run>& runs) {
    std::vector<RunAt> open;
    for (const auto& [partition, events] : runs) {
        const auto& held = held_.at(partition);
        if (!held.open || events.empty()) continue;
        INVARIANT(events.front().position == held.cursor.position + 1);
        open.push_back({partition, held.cursor, events});
    }
    std::set<Partition> done;
    try {
        crash_point("follower.before_apply");
        const auto taken = step_.apply_together(open);
        if (!taken.empty()) crash_point("follower.after_apply");
        for (const auto& run : open) {
            const auto cursor = taken.find(run.partition);
            if (cursor == taken.end()) continue;
            took(held_.at(run.partition), cursor->second, run.run.size());
            done.insert(run.partition);
        }
    } catch (const std::exception& error) {
        for (const auto& run : open) {
            fail(run.partition, held_.at(run.partition), error.what());
            done.insert(run.partition);
        }
    }
    return done;
}

void Follower::begin(const Run& run) {
    auto& held = held_.at(run.partition);
    try {
        step_.begin(run.partition, held.cursor, run.events);
    } catch (const std::exception& error) {
        fail(run.partition, held, error.what());
    }
}

void Follower::apply(const Run& run) {
    auto& held = held_.at(run.partition);
    if (!held.open || run.events.empty()) return;
    INVARIANT(run.events.front().position == held.cursor.position + 1);
    try {
        crash_point("follower.before_apply");
        const auto cursor = step_.apply(run.partition, held.cursor, run.events);
        crash_point("follower.after_apply");
        took(held, cursor, run.events.size());
    } catch (const Fenced& error) {
        fenced(run.partition, held, error.what());
    } catch (const std::exception& error) {
        fail(run.partition, held, error.what());
    }
}

void Follower::took(Held& held, const Cursor& cursor, std::size_t events) {
    held.cursor = cursor;
    held.failures = 0;
    meters_->took(events);
}

void Follower::fail(Partition partition, Held& held, const std::string& why) {
    meters_->failed();
    close(partition, held);
    held.due = Clock::now() + retry_pause(held.failures++);
    set_state(partition, held, FollowerState::waiting_to_retry, why);
}

// Whether this owner is still the owner, only the leases can tell.
void Follower::fenced(Partition partition, Held& held, const std::string& why) {
    close(partition, held);
    held.due = Clock::now() + retry_pause(held.failures++);
    renew_at_ = Clock::now();
    set_state(partition, held, FollowerState::fenced, why);
}

void Follower::source_failed(const std::string& why) {
    const auto due = Clock::now() + retry_pause(source_failures_++);
    for (auto& [partition, held] : held_) {
        if (!held.open) continue;
        close(partition, held);
        held.due = due;
        set_state(partition, held, FollowerState::waiting_to_retry, why);
    }
    meters_->failed();
    source_.reset();
}

void Follower::close(Partition partition, Held& held) {
    if (source_) source_->unassign(partition);
    if (std::exchange(held.open, false)) step_.close(partition);
}

void Follower::set_state(Partition partition, Held& held, FollowerState state,
                         const std::string& detail) {
    held.detail = detail;
    const auto before = std::exchange(held.state, state);
    if (before == state) return;
    const auto level = state == FollowerState::forked      ? diagnostics::Level::error
                       : state == FollowerState::following ? diagnostics::Level::info
                                                           : diagnostics::Level::warning;
    // Opening for the first time is no news.
    if (before == FollowerState::starting && state == FollowerState::following) return;
    diagnostics::log(level, "a follower's partition changed its state",
                     {{"follower", options_.name},
                      {"partition", partition.value()},
                      {"state", name_of(state)},
                      {"position", held.cursor.position.value()},
                      {"detail", detail}});
}

void Follower::leave() {
    take_over({});
    source_.reset();
    try {
        leases_.release_all();
    } catch (const std::exception& error) {
        diagnostics::log_warning("leases were not released and have to run out",
                                 {{"follower", options_.name}, {"error", error.what()}});
    }
    publish();
}

void Follower::publish() {
    const auto heads = heads_.heads();
    std::vector<FollowerProgress> now;
    for (const auto& [partition, held] : held_) {
        const auto head = heads.at(static_cast<std::size_t>(partition.value()));
        now.push_back({partition, held.state, held.cursor.position,
                       std::max(head, held.cursor.position), held.detail});
        meters_->report(now.back());
    }
    std::lock_guard lock(published_mutex_);
    published_ = std::move(now);
}

bool Follower::any_open() const {
    return std::any_of(held_.begin(), held_.end(), [](const auto& one) { return one.second.open; });
}

std::chrono::milliseconds Follower::until_due() const {
    auto due = renew_at_;
    for (const auto& [partition, held] : held_) {
        if (!held.open && held.state != FollowerState::forked) due = std::min(due, held.due);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
    return std::clamp(left, std::chrono::milliseconds(0), options_.poll_wait);
}

std::chrono::milliseconds Follower::retry_pause(int failures) {
    const auto ceiling =
        std::min(options_.retry_max, options_.retry_first * (1 << std::min(failures, 10)));
    return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(
        1, std::max<std::int64_t>(1, ceiling.count()))(random_));
}

}  // namespace skald::eventstore
