// Keeps a slow partner from taking all threads: at most so many calls at once; the rest wait, for a
// bounded time and in bounded number. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace skald::sagas {

struct BulkheadSettings {
    int calls_max = 8;     // at once
    int waiting_max = 64;  // for a place; more are turned away at once
    std::chrono::milliseconds wait_max{1000};
};

class Bulkhead {
  public:
    // A place taken, until it is destroyed. Must not outlive the bulkhead.
    class Place {
      public:
        Place(Place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (owner_ != nullptr) owner_->leave();
        }

      private:
        friend class Bulkhead;
        explicit Place(Bulkhead& owner) : owner_(&owner) {}
        Bulkhead* owner_;
    };

    explicit Bulkhead(BulkheadSettings settings);
    Bulkhead(const Bulkhead&) = delete;

    // Waits for a place for at most `patience` or wait_max, whichever is less. Nothing: busy.
    std::optional<Place> enter(std::chrono::milliseconds patience);
    int in_use() const;

  private:
    void leave();

    const BulkheadSettings settings_;
    mutable std::mutex mutex_;
    std::condition_variable left_;
    int in_use_ = 0;
    int waiting_ = 0;
};

}  // namespace skald::sagas
