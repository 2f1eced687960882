// How long records take to a reader of Kafka: a consumer on a thread of its own that meets each
// record with the time it was sent, whichever is known first.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "bench/program/sample.h"
#include "eventstore/kafka/consumer.h"

namespace skald::bench {

class Arrivals {
  public:
    // Reads what comes into the topic from now on.
    Arrivals(const eventstore::KafkaSettings& kafka, std::int32_t partitions);

    // The event of this stream with this version was sent now. Any thread.
    void sent(const eventstore::StreamName& stream, eventstore::Version version);
    // Waits until all that was sent has arrived, and gives the times since the last call.
    Histogram collect();

  private:
    using Event = std::pair<std::string, std::int64_t>;
    void read(const std::stop_token& stop);
    void note(const Event& event, bool came);

    struct Half {
        Clock::time_point at;
        bool came = false;
    };
    eventstore::KafkaConsumer consumer_;
    std::mutex mutex_;
    std::condition_variable met_;
    std::map<Event, Half> halves_;
    Histogram times_;
    std::jthread thread_;
};

}  // namespace skald::bench
