#include "eventstore/inbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace skald::eventstore {
namespace {

// Commands that go first pass the bound of all others, but what they hold is bounded too.
constexpr std::size_t first_queue_factor = 4;
// Fewer commands than this are sooner decided than a thread is woken for it.
constexpr std::size_t worth_waking = 16;

}  // namespace

bool Inbox::submit(Pending& pending) {
    const bool first = pending.command.first;
    auto& waiting = first ? waiting_first_ : waiting_;
    std::lock_guard lock(mutex_);
    if (stopping_ || waiting >= (first ? first_queue_factor : 1) * queue_max_) return false;
    ++waiting;
    pending.counted_in = &waiting;
    pending.arrival = ++arrivals_;
    (first ? urgent_ : arrived_).push_back(std::move(pending));
    if (!append_under_way_ || urgent_.size() + arrived_.size() == worth_waking) wake();
    return true;
}

void Inbox::hand_over(std::vector<LoadedStream> streams) {
    std::unique_lock lock(mutex_);
    taken_.wait(lock, [this] { return loaded_.empty() || stopping_; });
    for (auto& stream : streams) loaded_.push_back(std::move(stream));
    wake();
}

void Inbox::catch_up(std::vector<LoadedStream> streams) {
    std::lock_guard lock(mutex_);
    if (caught_up_.empty()) caught_up_ = std::move(streams);
}

void Inbox::ring() {
    std::lock_guard lock(mutex_);
    rung_ = true;
    wake();
}

void Inbox::stop() {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
    ahead_.notify_one();
    taken_.notify_one();
}

void Inbox::close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    ahead_.notify_one();
}

void Inbox::wake() { (append_under_way_ ? ahead_ : wake_).notify_one(); }

bool Inbox::stopping() const {
    std::lock_guard lock(mutex_);
    return stopping_;
}

bool Inbox::something() const {
    return stopping_ || rung_ || !urgent_.empty() || !arrived_.empty() || !loaded_.empty();
}

void Inbox::wait() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return something(); });
    rung_ = false;
}

void Inbox::wait(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, at_most, [this] { return something(); });
    rung_ = false;
}

void Inbox::append_begins(bool more) {
    std::lock_guard lock(mutex_);
    append_under_way_ = true;
    room_ahead_ = true;
    more_ahead_ = more;
    told_ahead_ = false;
}

void Inbox::append_waits() {
    std::lock_guard lock(mutex_);
    if (std::exchange(told_ahead_, true)) return;
    if (sleeps_until_append_ || something_ahead()) ahead_.notify_one();
}

void Inbox::append_ended() {
    std::lock_guard lock(mutex_);
    append_under_way_ = false;
}

bool Inbox::something_ahead() const {
    return more_ahead_ || rung_ || !loaded_.empty() ||
           (room_ahead_ && urgent_.size() + arrived_.size() >= worth_waking);
}

bool Inbox::wait_ahead(Clock::time_point tick) {
    std::unique_lock lock(mutex_);
    if (!append_under_way_) {
        sleeps_until_append_ = true;
        ahead_.wait(lock, [this] { return append_under_way_ || closed_; });
        sleeps_until_append_ = false;
    }
    ahead_.wait_until(lock, tick, [this] {
        return closed_ || (append_under_way_ && !stopping_ && something_ahead());
    });
    if (append_under_way_) more_ahead_ = false;
    return !closed_;
}

void Inbox::no_room_ahead() {
    std::lock_guard lock(mutex_);
    room_ahead_ = false;
}

std::vector<LoadedStream> Inbox::take_loaded() {
    std::lock_guard lock(mutex_);
    taken_.notify_one();
    rung_ = false;  // who takes this looks around
    return std::exchange(loaded_, {});
}

std::vector<LoadedStream> Inbox::take_caught_up() {
    std::lock_guard lock(mutex_);
    return std::exchange(caught_up_, {});
}

void Inbox::take_commands(std::deque<Pending>& ready, std::size_t fill_up_to) {
    std::lock_guard lock(mutex_);
    auto behind = std::ranges::find_if_not(
        ready, [](const Pending& pending) { return pending.command.first; });
    for (; !urgent_.empty(); urgent_.pop_front())
        behind = std::next(ready.insert(behind, std::move(urgent_.front())));
    for (; !arrived_.empty() && ready.size() < fill_up_to; arrived_.pop_front())
        ready.push_back(std::move(arrived_.front()));
}

}  // namespace skald::eventstore
