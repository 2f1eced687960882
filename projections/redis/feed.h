// Keeps Redis up to date beside the projectors, on a thread of its own: Redis may be slow, wiped or
// away without holding anything else up.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "projections/reading/reading.h"
#include "projections/redis/client.h"

namespace skald::projections::redis {

// Something in Redis that is made from PostgreSQL. Called by one thread.
class Feed {
  public:
    virtual ~Feed() = default;
    // Brings Redis up to date, or some way there: true if there is more to do at once. Throws
    // anything when either side fails; it is tried again later. What it keeps in Redis is answered
    // with for some seconds behind its last success only.
    virtual bool feed(Client& client) = 0;
};

class Feeder {
  public:
    // Feeds whenever `progress` moves, and every `period` in any case. Begins at once. A feed that
    // fails does not keep the others from feeding.
    Feeder(Settings settings, Progress& progress, std::vector<std::unique_ptr<Feed>> feeds,
           std::chrono::milliseconds period = std::chrono::milliseconds(250));
    ~Feeder();  // finishes the feeding at hand
    Feeder(const Feeder&) = delete;

  private:
    void run(const std::stop_token& stop);
    bool feed_all();

    Client client_;
    Progress& progress_;
    std::vector<std::unique_ptr<Feed>> feeds_;
    std::chrono::milliseconds period_;
    std::string trouble_;  // what went wrong last, so that it is told once
    std::jthread thread_;
};

}  // namespace skald::projections::redis
