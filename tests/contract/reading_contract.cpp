// What readers are given: several partitions in one go, and what a process keeps of its own commits
// instead of reading it back.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "eventstore/tail_ring.h"
#include "tests/contract/log_contract.h"

namespace skald::tests {

using namespace eventstore;

namespace {

std::vector<std::pair<std::int32_t, std::int64_t>> places(const std::vector<StoredEvent>& events) {
    std::vector<std::pair<std::int32_t, std::int64_t>> found;
    for (const auto& one : events) found.emplace_back(one.partition.value(), one.position.value());
    return found;
}

auto all_of(const StoredEvent& one) {
    return std::tie(one.partition, one.position, one.stream, one.version, one.type,
                    one.schema_version, one.id, one.command, one.command_seq, one.recorded_at,
                    one.meta, one.data);
}

// Batches as unlucky as they come: wrong versions, ids sent before or twice in a batch, refusals,
// data that the store does not take.
class RandomBatches {
  public:
    explicit RandomBatches(unsigned seed) : random_(seed) {}

    std::vector<AppendCommand> next() {
        std::vector<AppendCommand> batch;
        const auto count = below(9) + 1;
        auto versions = versions_;
        for (int i = 0; i < count; ++i) batch.push_back(any_command(versions));
        return batch;
    }

    void take_note(const std::vector<AppendCommand>& batch, const AppendResult& result) {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            seen_.insert(result.outcomes[i].kind);
            if (result.outcomes[i].kind != OutcomeKind::accepted) continue;
            for (const auto& use : batch[i].uses)
                versions_[use.stream.text()] += std::int64_t(use.events.size());
        }
    }

    const std::set<OutcomeKind>& seen() const { return seen_; }

  private:
    int below(int n) { return std::uniform_int_distribution(0, n - 1)(random_); }

    AppendCommand any_command(std::map<std::string, std::int64_t>& versions) {
        std::set<std::string> names;
        for (int n = below(3) + 1; n > 0; --n) names.insert("s-" + std::to_string(below(6)));
        std::vector<StreamUse> all;
        for (const auto& name : names) {
            std::vector<std::string> data;
            for (int n = below(4); n > 0; --n)
                data.push_back(std::string(std::size_t(below(40)), 'd'));
            const auto wrong = below(12) == 0 ? 1 : 0;
            all.push_back(uses(name, versions[name] + wrong, data));
        }
        const bool any = std::ranges::any_of(all, [](const auto& u) { return !u.events.empty(); });
        const auto number = below(10) == 0 ? below(std::max(1, next_id_)) : next_id_++;
        if (!any) {
            const auto refused = below(2) == 0;
            return verdict(number, refused ? Verdict::refused : Verdict::nothing_to_do,
                           below(2) == 0, std::move(all));
        }
        auto made = command(number, std::move(all));
        if (below(15) == 0) {
            for (auto& use : made.uses)
                for (auto& one : use.events) one.type = std::string("ty\0pe", 5);
        }
        for (const auto& use : made.uses)
            versions[use.stream.text()] += std::int64_t(use.events.size());
        return made;
    }

    std::mt19937 random_;
    int next_id_ = 0;
    std::map<std::string, std::int64_t> versions_;
    std::set<OutcomeKind> seen_;
};

}  // namespace

TEST_P(LogContract, SeveralPartitionsAreReadInTheOrderAskedForWithinTheirLimits) {
    std::vector<AppendCommand> batch;
    std::map<std::string, int> counts;
    for (int i = 0; i < 40; ++i) {
        const auto name = "a-" + std::to_string(i % 20);
        batch.push_back(command(i, {uses(name, counts[name]++, {std::string(99, 'x')})}));
    }
    log().append(batch);
    const auto heads = log().heads();
    for (const auto head : heads) ASSERT_GT(head, Position(3)) << "choose other names";

    const std::vector<PartitionFrom> from{{Partition(2), Position(1)},
                                          {Partition(0), heads[0]},  // nothing there
                                          {Partition(3), Position(0)}};
    std::vector<std::pair<std::int32_t, std::int64_t>> expected;
    for (auto p = 2; p <= heads[2].value(); ++p) expected.emplace_back(2, p);
    for (auto p = 1; p <= heads[3].value(); ++p) expected.emplace_back(3, p);
    EXPECT_EQ(places(log().read_partitions(from, {}, any_bytes)), expected);

    using Places = std::vector<std::pair<std::int32_t, std::int64_t>>;
    // Of each partition: two events, then as many as begin within 150 bytes.
    const Places two_each{{2, 2}, {2, 3}, {3, 1}, {3, 2}};
    EXPECT_EQ(places(log().read_partitions(from, {.events_max = 2}, any_bytes)), two_each);
    EXPECT_EQ(places(log().read_partitions(from, {.bytes_max = 150}, any_bytes)), two_each);
    // Of all together: as many as begin within 250 bytes; one always.
    EXPECT_EQ(places(log().read_partitions(from, {.events_max = 2}, 250)),
              (Places{{2, 2}, {2, 3}, {3, 1}}));
    EXPECT_EQ(places(log().read_partitions(from, {}, 1)), (Places{{2, 2}}));
    EXPECT_TRUE(log().read_partitions({}, {}, any_bytes).empty());
}

// A follower in the process that commits is given these events instead of the log's.
TEST_P(LogContract, WhatACommitLeftIsWhatIsReadBack) {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        start(3);
        RandomBatches batches(seed);
        std::map<Partition, std::vector<StoredEvent>> kept;
        for (int round = 0; round < 60; ++round) {
            const auto batch = batches.next();
            const auto result = log().append(batch);
            batches.take_note(batch, result);
            for (auto& [partition, events] : left_by({batch, result, {}}, 3))
                std::ranges::move(events, std::back_inserter(kept[partition]));
        }
        EXPECT_EQ(batches.seen().size(), 5U) << "not every kind of outcome occurred, seed " << seed;
        for (int p = 0; p < 3; ++p) {
            const auto stored = log().read(Partition(p), Position(0), {.events_max = 100'000});
            const auto& mine = kept[Partition(p)];
            ASSERT_EQ(mine.size(), stored.size()) << "partition " << p << ", seed " << seed;
            for (std::size_t i = 0; i < stored.size(); ++i)
                ASSERT_EQ(all_of(mine[i]), all_of(stored[i]))
                    << "partition " << p << ", position " << i + 1 << ", seed " << seed;
        }
    }
}

}  // namespace skald::tests
