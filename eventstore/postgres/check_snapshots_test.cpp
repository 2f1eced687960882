// Against the test run's own PostgreSQL: a snapshot that says something else than its events must
// be found and named, and those that nobody reads are no difference.
#include "eventstore/postgres/check_snapshots.h"

#include <gtest/gtest.h>

#include "tests/support/database.h"

namespace skald::eventstore {
namespace {

// Counts the bytes of its events.
class SizeFold : public Fold {
  public:
    std::any initial() const override { return std::size_t(0); }
    void apply(std::any& state, const StoredEvent& event) const override {
        state = std::any_cast<std::size_t>(state) + event.data.size();
    }
    std::size_t bytes(const std::any&) const override { return sizeof(std::size_t); }
    std::int32_t revision() const override { return 3; }
    std::string to_bytes(const std::any& state) const override {
        return std::to_string(std::any_cast<std::size_t>(state));
    }
};

class CheckSnapshots : public testing::Test {
  protected:
    // More events than are read at once, of one byte each.
    void SetUp() override {
        AppendCommand command{.id = id_, .uses = {{stream(), Version(0), {}}}};
        command.uses[0].events.resize(12'000, {"size.grown", 1, "x", ""});
        ASSERT_EQ(log_->append(std::span(&command, 1)).outcomes[0].kind, OutcomeKind::accepted);
    }
    void keep(std::int64_t version, const std::string& state, std::int32_t revision = 3) {
        const StreamFrom from{stream(), Version(version - 1)};
        const auto last = mark_of(log_->read_streams(std::span(&from, 1), 1).front());
        const Snapshot snapshot{stream(), Version(version), last, revision, state};
        log_->keep(std::span(&snapshot, 1));
    }
    SnapshotsFound check() {
        return check_snapshots(database_.admin(), *log_, {{"size", std::make_shared<SizeFold>()}});
    }
    static StreamName stream() { return StreamName::of("size", "1"); }

    tests::Database database_{1};
    std::unique_ptr<Log> log_ = database_.log();
    const CommandId id_ = fresh_command_id();
};

TEST_F(CheckSnapshots, ThatEqualTheirEventsAreInOrder) {
    EXPECT_EQ(check().snapshots, 0);
    keep(11'000, "11000");
    const auto found = check();
    EXPECT_EQ(found.snapshots, 1);
    EXPECT_EQ(found.unused, 0);
    EXPECT_EQ(found.different, 0);
    EXPECT_EQ(found.first, "");
}

TEST_F(CheckSnapshots, ThatSaySomethingElseAreNamedWithTheRemedy) {
    keep(11'000, "11001");
    const auto found = check();
    EXPECT_EQ(found.different, 1);
    EXPECT_EQ(found.first.find("size-1 at version 11000"), 0U) << found.first;
    EXPECT_NE(found.first.find("delete its row in skald.snapshots"), std::string::npos);
}

TEST_F(CheckSnapshots, WhoseEventsAreNotThereSpeakOfThose) {
    keep(11'000, "11000");
    database_.admin().script("DELETE FROM skald.events WHERE version = 10999");
    EXPECT_EQ(check().first, "size-1 has holes in its versions: its state is not known");
}

TEST_F(CheckSnapshots, ThatNobodyReadsAreNoDifference) {
    keep(10, "wrong", 2);
    EXPECT_EQ(check().unused, 1);
    keep(11, "wrong");
    database_.admin().script("UPDATE skald.snapshots SET command_seq = 12");
    const auto found = check();
    EXPECT_EQ(found.unused, 1);
    EXPECT_EQ(found.different, 0);
}

}  // namespace
}  // namespace skald::eventstore
