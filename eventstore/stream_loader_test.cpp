// Streams larger than a page, and streams that cannot be read.
#include "eventstore/stream_loader.h"

#include <atomic>
#include <set>

#include "eventstore/executor_fixture.h"

namespace skald::eventstore {
namespace {

// A log in which streams named here cannot be read, as if their pages were damaged.
class DamagedLog : public MemoryLog {
  public:
    DamagedLog(std::shared_ptr<MemoryStore> store, std::set<StreamName> damaged)
        : MemoryLog(std::move(store)), damaged_(std::move(damaged)) {}
    std::vector<StoredEvent> read_streams(std::span<const StreamFrom> streams,
                                          std::int32_t events_max,
                                          std::int64_t bytes_max) override {
        for (const auto& from : streams) {
            if (damaged_.contains(from.stream)) throw Refused("invalid page in block 7");
        }
        return MemoryLog::read_streams(streams, events_max, bytes_max);
    }

  private:
    std::set<StreamName> damaged_;
};

// Collects what a loader hands over.
class Loaded {
  public:
    void take(std::vector<LoadedStream> page) {
        std::lock_guard lock(mutex_);
        for (auto& stream : page) streams_.push_back(std::move(stream));
        pages_.push_back(streams_.size());
        wake_.notify_all();
    }
    // All that came once `count` streams came to their ends.
    std::vector<LoadedStream> after(std::ptrdiff_t count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(wake_.wait_for(lock, 10s, [&] {
            return std::ranges::count(streams_, false, &LoadedStream::more) >= count;
        }));
        return streams_;
    }
    std::vector<std::size_t> pages() {
        std::lock_guard lock(mutex_);
        return pages_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<LoadedStream> streams_;
    std::vector<std::size_t> pages_;  // how many streams had come behind each
};

void grow(const std::shared_ptr<MemoryStore>& store, const std::string& name, int events,
          std::size_t bytes) {
    MemoryLog log(store);
    AppendCommand command{.id = fresh_command_id(), .uses = {{total(name), Version(0), {}}}};
    for (int i = 0; i < events; ++i) {
        command.uses[0].events.push_back(
            {.type = "total.added", .data = "1" + std::string(bytes - 1, ' '), .meta = {}});
    }
    ASSERT_EQ(log.append(std::vector{command}).outcomes[0].kind, OutcomeKind::accepted);
}

TEST(StreamLoader, HandsLargeStreamsOverInPages) {
    auto store = std::make_shared<MemoryStore>(4);
    grow(store, "large", 200, 200'000);  // 40 MB
    grow(store, "many", 12'000, 1);
    grow(store, "small", 1, 1);
    Loaded loaded;
    StreamLoader loader([&] { return std::make_unique<MemoryLog>(store); }, folds(), 5ms,
                        [&](auto page) { loaded.take(std::move(page)); });
    loader.load({{total("large"), Version(0)},
                 {total("small"), Version(0)},
                 {total("many"), Version(0)},
                 {total("none"), Version(0)}});
    std::map<StreamName, Version> at;
    const auto streams = loaded.after(4);
    for (const auto& stream : streams) {
        EXPECT_EQ(stream.after, at[stream.stream]) << stream.stream.text();
        for (const auto& event : stream.events) EXPECT_EQ(event.version, ++at[stream.stream]);
    }
    EXPECT_EQ(at[total("large")], Version(200));
    EXPECT_EQ(at[total("many")], Version(12'000));
    EXPECT_EQ(at[total("small")], Version(1));
    EXPECT_EQ(at[total("none")], Version(0));
    std::size_t from = 0;
    for (const auto to : loaded.pages()) {
        std::int64_t bytes = 0;
        std::size_t events = 0;
        for (; from < to; ++from) {
            events += streams[from].events.size();
            for (const auto& event : streams[from].events) bytes += bytes_of(event);
        }
        EXPECT_LE(bytes, StreamLoader::page_bytes + std::int64_t(event_bytes_max));
        EXPECT_LE(events, std::size_t(StreamLoader::page_events));
    }
}

// One stream on a damaged page used to fail the query of all streams that were asked for with it,
// for ever.
TEST(StreamLoader, AStreamThatCannotBeReadDoesNotHoldUpTheOthers) {
    auto store = std::make_shared<MemoryStore>(4);
    std::vector<StreamFrom> wanted;
    for (int i = 0; i < 20; ++i) {
        const auto name = std::to_string(i);
        grow(store, name, 1, 1);
        wanted.push_back({total(name), Version(0)});
    }
    const std::set damaged{total("3"), total("11")};
    Loaded loaded;
    StreamLoader loader([&] { return std::make_unique<DamagedLog>(store, damaged); }, folds(), 5ms,
                        [&](auto page) { loaded.take(std::move(page)); });
    loader.load(wanted);
    std::set<StreamName> came;
    for (const auto& stream : loaded.after(18)) {
        came.insert(stream.stream);
        EXPECT_EQ(stream.connection, 0U) << "the connection was never lost";
    }
    EXPECT_EQ(came.size(), 18U);
}

// A cart changed a million times held up all other streams, those that were asked for with it and
// those that came later, until its last page was through.
TEST(StreamLoader, ALongStreamDoesNotHoldUpTheOthers) {
    auto store = std::make_shared<MemoryStore>(4);
    grow(store, "long", 30'000, 1);
    std::vector<StreamFrom> wanted{{total("long"), Version(0)}};
    for (const auto* name : {"a", "b", "later"}) grow(store, name, 1, 1);
    Loaded loaded;
    std::atomic<int> pages = 0;
    std::optional<StreamLoader> loader;
    std::atomic<bool> ready = false;
    loader.emplace([&] { return std::make_unique<MemoryLog>(store); }, folds(), 5ms,
                   [&](auto page) {
                       while (!ready) std::this_thread::yield();
                       if (++pages == 2) loader->load({{total("later"), Version(0)}});
                       loaded.take(std::move(page));
                   });
    for (const auto* name : {"a", "b"}) wanted.push_back({total(name), Version(0)});
    loader->load(wanted);
    ready = true;
    const auto streams = loaded.after(4);
    ASSERT_EQ(streams.back().stream, total("long"));
    Version at(0);
    for (const auto& stream : streams) {
        if (stream.stream != total("long")) continue;
        EXPECT_EQ(stream.after, at);
        at = stream.after + static_cast<std::int64_t>(stream.events.size());
    }
    EXPECT_EQ(at, Version(30'000));
    for (const auto* name : {"a", "b", "later"}) {
        const auto found = std::ranges::find(streams, total(name), &LoadedStream::stream);
        EXPECT_LE(found - streams.begin(), 6) << name;
    }
}

TEST_F(ExecutorTest, AStreamOfSeveralPagesIsFoldedWhole) {
    grow(store, "large", 150, 200'000);  // 30 MB
    grow(store, "many", 12'000, 1);
    auto move = add("large", 0);
    move.streams = {total("large"), total("many")};
    move.decide = [](const States& states) -> Decided {
        if (states.get<long>(0) != 150 || states.get<long>(1) != 12'000)
            return Refusal{"half_loaded", "", ""};
        return Accepted{{{added(-100)}, {added(100)}}};
    };
    EXPECT_EQ(executor->run(move).kind, AnswerKind::done);
    EXPECT_EQ(executor->run(add("large", -50)).kind, AnswerKind::done);
    EXPECT_EQ(executor->run(add("large", -1)).kind, AnswerKind::refused);
}

}  // namespace
}  // namespace skald::eventstore
