// A follower walks the partitions it holds a lease on, from a cursor, through a source, and hands
// each run of events to its step. Relay and projections are steps; what is common (leases, fork
// check, retries, lag) lives here once. One thread does the work; progress() may be called from
// any.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/head_watch.h"
#include "eventstore/step.h"

namespace skald::eventstore {

enum class FollowerState { starting, following, waiting_to_retry, forked, fenced };
std::string_view name_of(FollowerState state);

// What operators see of one partition of a follower. `detail` says why it does not follow, where it
// does not.
struct FollowerProgress {
    Partition partition;
    FollowerState state = FollowerState::starting;
    Position position;
    Position head;
    std::string detail;
};

// Does the log hold the cursor's event at the cursor's position? Throws Unavailable.
using ForkCheck = std::function<bool(Partition, const Cursor&)>;

// The fork check against a log of its own, which is made anew after each failure.
ForkCheck log_fork_check(LogFactory logs);

using SourceFactory = std::function<std::unique_ptr<Source>()>;

struct FollowerOptions {
    std::string name;  // of the leases and in metrics
    std::chrono::milliseconds poll_wait{100};
    // A round begins no earlier than this after the one before, so that what comes meanwhile goes
    // along; at once, though, when that was a large one, behind which more is waiting.
    std::chrono::milliseconds gather{0};
    std::chrono::milliseconds retry_first{50};  // grows twofold, with full jitter
    std::chrono::milliseconds retry_max{2000};
};

// Promises: a partition is followed only while its lease is known to be held (by this machine's
// monotonic clock, counted from before the renewal was asked for), and only while the log holds the
// event its cursor stands on: checked when it is opened and after each loss of a connection.
// Otherwise it is `forked` and stays so, untouched, until an operator decides.
class Follower {
  public:
    Follower(FollowerOptions options, Leases& leases, SourceFactory sources, Step& step,
             HeadWatch& heads, ForkCheck fork_check);
    ~Follower();  // stop()s
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    void start();
    // Finishes the run at hand, closes all partitions and releases their leases.
    void stop();

    // Of the partitions held now, ascending. Thread-safe.
    std::vector<FollowerProgress> progress() const;
    const std::string& name() const { return options_.name; }

  private:
    using Clock = std::chrono::steady_clock;
    class Meters;

    struct Held {
        FollowerState state = FollowerState::starting;
        bool open = false;
        Cursor cursor;
        int failures = 0;
        Clock::time_point due{};  // when to open it, if it is not
        std::string detail;
    };

    void work(const std::stop_token& stop);
    void renew_if_due();
    void take_over(const std::vector<Partition>& partitions);
    void lease_unconfirmed(const std::string& why);
    void check_forks_again();
    void open_due(const std::stop_token& stop);
    void open(Partition partition, Held& held);
    void follow(const std::stop_token& stop);
    void tick(bool last);
    bool gathered(const std::stop_token& stop);
    void begin(const Run& run);
    // The partitions whose runs need no apply() any more.
    std::set<Partition> apply_together(const std::vector<Run>& runs);
    void apply(const Run& run);
    void took(Held& held, const Cursor& cursor, std::size_t events);
    void fail(Partition partition, Held& held, const std::string& why);
    void fenced(Partition partition, Held& held, const std::string& why);
    void source_failed(const std::string& why);
    void close(Partition partition, Held& held);
    void set_state(Partition partition, Held& held, FollowerState state, const std::string& detail);
    void leave();
    void publish();
    bool lease_lapsed() const { return Clock::now() >= lease_ends_; }
    bool any_open() const;
    std::chrono::milliseconds until_due() const;
    std::chrono::milliseconds retry_pause(int failures);

    const FollowerOptions options_;
    Leases& leases_;
    SourceFactory sources_;
    Step& step_;
    HeadWatch& heads_;
    ForkCheck fork_check_;
    std::unique_ptr<Meters> meters_;

    std::unique_ptr<Source> source_;
    std::map<Partition, Held> held_;
    Clock::time_point lease_ends_{};
    Clock::time_point renew_at_{};
    Clock::time_point next_round_{};
    bool renewal_failing_ = false;
    int source_failures_ = 0;
    std::mt19937 random_{std::random_device{}()};

    mutable std::mutex published_mutex_;
    std::vector<FollowerProgress> published_;
    std::jthread thread_;
};

}  // namespace skald::eventstore
