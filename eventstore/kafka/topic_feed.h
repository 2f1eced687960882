// The topic, fetched and decoded once for all readers of a process. A thread reads the partitions
// that somebody wants into a window of bounded size: stretches of records that nobody changes any
// more, handed to each reader in the topic's order. What a record is worth is not judged here: each
// reader does that by itself (position_gate.h), and has the log for what it is not given.
//
// The window waits for slow readers, though not for long: one that keeps it full is passed over, as
// is one that begins further back than the window reaches. To both it is a hole in the topic. The
// feed follows the reader furthest ahead; the others meet it by way of the log.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/kafka/consumer.h"
#include "eventstore/step.h"

namespace skald::eventstore {

// Records of one partition that stood together in the topic.
struct Piece {
    Partition partition;
    std::int64_t last_offset = 0;
    // Positions ascending without holes, all of one era. Without events: what is wrong is said.
    std::shared_ptr<const std::vector<StoredEvent>> events;
    Era era;
    std::string problem;
    bool stopped = false;       // Kafka does not give this partition at present
    std::uint64_t reading = 0;  // one more behind each start: only pieces of one stand together
    std::size_t bytes = 0;
};

struct TopicFeedOptions {
    std::size_t bytes_max = 16 * 1024 * 1024;  // of the window, a little more than exact
    // How long a full window waits for a reader.
    std::chrono::milliseconds patience{500};
};

class TopicFeed {
  public:
    explicit TopicFeed(const KafkaSettings& settings, TopicFeedOptions options = {});
    ~TopicFeed();  // behind all readers
    TopicFeed(const TopicFeed&) = delete;

    // One of those who read, on one thread.
    class Reader {
      public:
        explicit Reader(std::shared_ptr<TopicFeed> feed) : feed_(std::move(feed)) {}
        ~Reader();
        Reader(const Reader&) = delete;

        // From this offset on, as far as the window reaches back.
        void start(Partition partition, std::int64_t offset);
        void stop(Partition partition);
        // Of each partition the next piece, after waiting up to `wait` when there is none at all.
        std::vector<Piece> next(std::chrono::milliseconds wait);
        // Whether next() left pieces behind.
        bool more() const { return more_; }

      private:
        friend class TopicFeed;
        struct Place {
            std::uint64_t next = 0;    // the number of the piece that comes next
            bool passed_over = false;  // until it has caught up, nobody waits for it
        };
        std::shared_ptr<TopicFeed> feed_;
        std::map<Partition, Place> places_;  // changed under the feed's mutex
        bool more_ = false;
    };

  private:
    using Clock = std::chrono::steady_clock;
    struct Start {
        std::int64_t offset;
        Clock::time_point due{};
    };
    struct Window {
        std::deque<Piece> pieces;
        std::uint64_t first = 0;       // the number of the first of them
        std::int64_t next_offset = 0;  // what is read next, at least
        std::vector<Reader*> readers;
        std::optional<Start> start;  // what is read before it is of no use
        std::uint64_t readings = 0;  // begun
        bool started = false;
        std::uint64_t end() const { return first + pieces.size(); }
    };
    class Decoding;

    void work(const std::stop_token& stop);
    void start_and_stop();
    void add(std::vector<Piece> pieces);
    void make_room(const std::stop_token& stop);
    bool drop_oldest(bool also_unread);
    void begin(Reader& reader, Partition partition, std::int64_t offset);
    void end(Reader& reader, Partition partition);
    void leave(Reader& reader, Partition partition);
    std::vector<std::vector<Piece>> next_of(Reader& reader);

    const TopicFeedOptions options_;
    KafkaConsumer consumer_;  // of the thread alone
    std::mutex mutex_;
    std::condition_variable came_;
    std::condition_variable_any taken_;
    std::map<Partition, Window> windows_;
    std::deque<std::pair<Partition, std::uint64_t>> ages_;  // which pieces are oldest
    std::size_t bytes_ = 0;
    std::jthread thread_;
};

// Makes the feed when somebody wants it, and lets go of it with the last of them. Thread-safe.
class SharedTopicFeed {
  public:
    explicit SharedTopicFeed(KafkaSettings settings) : settings_(std::move(settings)) {}
    std::shared_ptr<TopicFeed> get();

  private:
    const KafkaSettings settings_;
    std::mutex mutex_;
    std::weak_ptr<TopicFeed> feed_;
};

}  // namespace skald::eventstore
