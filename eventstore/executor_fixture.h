// What the executor's tests share: a small aggregate, a log whose calls can be made to fail, and an
// executor on both.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "eventstore/executor.h"
#include "eventstore/memory/memory_log.h"

namespace skald::eventstore {
using namespace std::chrono_literals;

// The aggregate of these tests: a total that must not fall below zero.
class TotalFold : public Fold {
  public:
    std::any initial() const override { return 0L; }
    void apply(std::any& state, const StoredEvent& event) const override {
        if (event.data == "garbage") throw CorruptStream("garbage");
        state = std::any_cast<long>(state) + std::stol(event.data);
    }
    std::size_t bytes(const std::any&) const override { return sizeof(long); }
};

inline Folds folds() { return {{"total", std::make_shared<TotalFold>()}}; }

inline NewEvent added(long n) {
    return {.type = "total.added", .schema_version = 1, .data = std::to_string(n), .meta = {}};
}

inline StreamName total(const std::string& name) { return StreamName::of("total", name); }

inline Command add(const std::string& name, long n, CommandId id = fresh_command_id()) {
    Command command;
    command.id = id;
    command.fingerprint = {static_cast<std::uint8_t>(n)};
    command.streams = {total(name)};
    command.deadline = Clock::now() + 5s;
    command.decide = [n](const States& states) -> Decided {
        const auto now = states.get<long>(0);
        if (n == 0) return Accepted{};
        if (now + n < 0) return Refusal{"not_enough", "there is not enough", "/n"};
        return Accepted{{{added(n)}}};
    };
    return command;
}

// What may go wrong between the executor and its log, set by the test and used up call by call.
struct Faults {
    std::atomic<int> fail_before_append{0};  // never sent
    std::atomic<int> fail_after_append{0};   // executed, then reported as lost
    std::atomic<int> fail_reads{0};
    std::atomic<bool> hold_reads{false};
    std::atomic<int> let_reads{0};  // so many of those held
    std::atomic<int> reads_begun{0};
    std::atomic<int> fail_keeps{0};             // of snapshots
    std::atomic<bool> refuse_snapshots{false};  // to who reads them
    std::atomic<bool> hold_appends{false};
    std::atomic<int> let_through{0};   // so many of those held
    std::atomic<int> at_the_gate{0};   // so many were, or are held
    std::atomic<bool> holding{false};  // an append is being held
    std::atomic<unsigned> locked{0};   // partitions that somebody else holds, a bit each
    unsigned lock_after_append = 0;    // once an append was executed
    std::atomic<int> appends{0};
    std::atomic<int> partition_reads{0};
    std::function<void()> before_append;  // once, by the first append
};

class FaultyLog : public Log {
  public:
    FaultyLog(std::shared_ptr<MemoryStore> store, Faults& faults)
        : log_(std::move(store)), faults_(faults) {}

    StoreInfo store() override { return log_.store(); }
    AppendResult append(std::span<const AppendCommand> batch) override {
        if (faults_.before_append) std::exchange(faults_.before_append, nullptr)();
        ++faults_.at_the_gate;
        while (faults_.hold_appends && !take(faults_.let_through)) {
            faults_.holding = true;
            std::this_thread::yield();
        }
        if (take(faults_.fail_before_append)) throw NotSent("cannot connect");
        throw_if_busy(batch);
        ++faults_.appends;
        auto result = log_.append(batch);
        faults_.locked |= std::exchange(faults_.lock_after_append, 0U);
        if (take(faults_.fail_after_append)) throw Unavailable("connection lost");
        return result;
    }
    bool is_free(Partition partition) override {
        return (faults_.locked >> partition.value() & 1U) == 0;
    }
    std::vector<StoredEvent> read(Partition partition, Position after,
                                  const ReadLimit& limit) override {
        return log_.read(partition, after, limit);
    }
    std::vector<StoredEvent> read_partitions(std::span<const PartitionFrom> partitions,
                                             const ReadLimit& of_each,
                                             std::int64_t bytes_max) override {
        auto events = log_.read_partitions(partitions, of_each, bytes_max);
        ++faults_.partition_reads;
        return events;
    }
    std::vector<StoredEvent> read_streams(std::span<const StreamFrom> streams,
                                          std::int32_t events_max,
                                          std::int64_t bytes_max = any_bytes) override {
        ++faults_.reads_begun;
        while (faults_.hold_reads && !take(faults_.let_reads)) std::this_thread::yield();
        if (take(faults_.fail_reads)) throw Unavailable("connection lost");
        return log_.read_streams(streams, events_max, bytes_max);
    }
    std::vector<Snapshot> snapshots(std::span<const SnapshotWanted> wanted) override {
        if (faults_.refuse_snapshots) throw Refused("permission denied");
        return log_.snapshots(wanted);
    }
    void keep(std::span<const Snapshot> snapshots) override {
        if (take(faults_.fail_keeps)) throw Unavailable("connection lost");
        log_.keep(snapshots);
    }
    Heads heads() override { return log_.heads(); }
    std::optional<Receipt> receipt(const CommandId& id) override { return log_.receipt(id); }

  private:
    void throw_if_busy(std::span<const AppendCommand> batch) {
        const auto count = log_.store().partitions;
        std::set<Partition> busy;
        for (const auto& command : batch) {
            for (const auto& use : command.uses) {
                const auto partition = partition_of(use.stream.partition_key(), count);
                if (!is_free(partition)) busy.insert(partition);
            }
        }
        if (!busy.empty()) throw Busy("locked", {busy.begin(), busy.end()}, count);
    }
    static bool take(std::atomic<int>& count) { return count > 0 && count-- > 0; }
    MemoryLog log_;
    Faults& faults_;
};

class ExecutorTest : public testing::Test {
  protected:
    void start(ExecutorLimits limits = {}, Folds how = folds()) {
        limits.retry_pause = 5ms;
        limits.snapshot_pause = 5ms;
        executor = std::make_unique<Executor>(
            [this] { return std::make_unique<FaultyLog>(store, faults); }, std::move(how), limits);
    }
    void SetUp() override { start(); }
    std::future<Answer> submit(Command command) {
        auto promise = std::make_shared<std::promise<Answer>>();
        auto future = promise->get_future();
        executor->submit(std::move(command),
                         [promise](Answer answer) { promise->set_value(std::move(answer)); });
        return future;
    }
    long stored(const std::string& name) {
        MemoryLog log(store);
        const StreamFrom from[] = {{total(name), Version(0)}};
        long sum = 0;
        for (const auto& event : log.read_streams(from, 1'000'000)) sum += std::stol(event.data);
        return sum;
    }
    // As another process would append.
    void append_behind_the_executors_back(const std::string& name, std::int64_t expected, long n) {
        MemoryLog log(store);
        log.append(std::vector{AppendCommand{
            .id = fresh_command_id(), .uses = {{total(name), Version(expected), {added(n)}}}}});
    }

    std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>(4);
    Faults faults;
    std::unique_ptr<Executor> executor;
};

}  // namespace skald::eventstore
