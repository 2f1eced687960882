// How much memory the bodies of all requests of a server may take together. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace skald::http {

class BodyRoom {
  public:
    explicit BodyRoom(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    // One body's part of the room, given back at its end. Of one thread at a time; the room
    // outlives it.
    class Share {
      public:
        explicit Share(std::shared_ptr<BodyRoom> room) : room_(std::move(room)) {}
        ~Share() { room_->taken_ -= bytes_; }
        Share(const Share&) = delete;
        // False when there is no room for a body that has become so large; it has the smaller part
        // still.
        bool grow_to(std::size_t bytes) {
            if (bytes <= bytes_) return true;
            const auto more = bytes - bytes_;
            if (room_->taken_.fetch_add(more) + more > room_->bytes_max_) {
                room_->taken_ -= more;
                return false;
            }
            bytes_ = bytes;
            return true;
        }

      private:
        std::shared_ptr<BodyRoom> room_;
        std::size_t bytes_ = 0;
    };

  private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> taken_ = 0;
};

}  // namespace skald::http
