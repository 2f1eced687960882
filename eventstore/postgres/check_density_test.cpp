// Against the test run's own PostgreSQL: holes made by hand must be found and named.
#include "eventstore/postgres/check_density.h"

#include <gtest/gtest.h>

#include "domain/kernel/invariant.h"
#include "tests/support/database.h"

namespace skald::eventstore {
namespace {

struct Row {
    std::string name;
    std::string damage;
    std::int64_t missing_positions;
    std::int64_t missing_versions;
    std::string first;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class CheckDensity : public testing::TestWithParam<Row> {};

// stock-A has versions 1 to 4 at positions 1 to 4, stock-B one at position 5.
void fill(Log& log) {
    for (const auto& [id, count] : {std::pair{"A", 4}, {"B", 1}}) {
        AppendCommand command;
        command.id = fresh_command_id();
        command.uses = {{StreamName::of("stock", id), Version(0), {}}};
        for (int i = 0; i < count; ++i) {
            command.uses[0].events.push_back({"stock.received", 1, "data", "meta"});
        }
        INVARIANT(log.append(std::span(&command, 1)).outcomes[0].kind == OutcomeKind::accepted);
    }
}

TEST_P(CheckDensity, CountsAndNamesTheHoles) {
    tests::Database database(1);
    const auto log = database.log();
    fill(*log);
    const auto upto = log->heads();
    database.admin().script(GetParam().damage);
    const auto found = check_density(database.admin(), upto);
    EXPECT_EQ(found.missing_positions, GetParam().missing_positions);
    EXPECT_EQ(found.missing_versions, GetParam().missing_versions);
    EXPECT_EQ(found.first, GetParam().first);
}

INSTANTIATE_TEST_SUITE_P(
    Damages, CheckDensity,
    testing::Values(Row{"none", "SELECT 1", 0, 0, ""},
                    Row{"first event", "DELETE FROM skald.events WHERE position = 1", 1, 1,
                        "partition 0 has no event at position 1"},
                    Row{"in the middle", "DELETE FROM skald.events WHERE position IN (2, 3)", 2, 2,
                        "partition 0 has no event at position 2"},
                    Row{"the last event", "DELETE FROM skald.events WHERE position = 5", 1, 0,
                        "partition 0 has no event at position 5"},
                    Row{"everything", "DELETE FROM skald.events", 5, 0,
                        "partition 0 has no event at position 1"},
                    Row{"a version", "UPDATE skald.events SET version = 9 WHERE position = 4", 0, 5,
                        "stream stock-A has holes in its versions"}));

TEST(CheckDensityLive, OverlooksWhatWasAppendedAfterThePositionsWereFixed) {
    tests::Database database(1);
    const auto log = database.log();
    const auto upto = log->heads();
    fill(*log);
    const auto found = check_density(database.admin(), upto);
    EXPECT_EQ(found.events, 0);
    EXPECT_EQ(found.missing_positions, 0);
}

}  // namespace
}  // namespace skald::eventstore
