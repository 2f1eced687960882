#include "projections/engine/net_changes.h"

#include <gtest/gtest.h>

#include <limits>

namespace skald::projections {
namespace {

using eventstore::Position;

const Table items{.name = "items",
                  .create = "",
                  .key_columns = 1,
                  .key_has_partition = false,
                  .columns = {{"id"}, {"label"}, {"count", ColumnType::int8, Merge::sum}}};

RowChange fresh(const char* label, std::int64_t count) {
    return put(items, {{"id", "x"}, {"label", label}, {"count", count}});
}
RowChange merged(const char* label, std::int64_t count) {
    return merge(items, {{"id", "x"}, {"label", label}, {"count", count}});
}
RowChange added(std::int64_t count) { return update(items, {{"id", "x"}, {"count", count}}); }
RowChange labelled(const char* label) { return update(items, {{"id", "x"}, {"label", label}}); }
RowChange gone() { return remove(items, {{"id", "x"}}); }

struct NetCase {
    const char* why;
    std::vector<RowChange> changes;
    ChangeKind kind;
    std::optional<std::string> label;   // nullopt: not named
    std::optional<std::int64_t> count;  // nullopt: not named
};

class NetOf : public testing::TestWithParam<NetCase> {};

TEST_P(NetOf, changes_of_one_row_come_to_one_change) {
    const auto& expected = GetParam();
    NetChanges net;
    std::int64_t position = 0;
    for (const auto& change : expected.changes) net.add(change, Position(++position));
    const auto rows = net.rows(items, expected.kind);
    ASSERT_EQ(rows.size(), 1u) << expected.why;
    EXPECT_EQ(rows[0]->position, Position(position)) << expected.why;
    for (const auto kind :
         {ChangeKind::put, ChangeKind::merge, ChangeKind::update, ChangeKind::remove})
        EXPECT_EQ(net.rows(items, kind).empty(), kind != expected.kind) << expected.why;
    const auto& values = rows[0]->values;
    EXPECT_EQ(values[0], Value("x")) << expected.why;
    EXPECT_EQ(values[1], expected.label ? std::optional(Value(*expected.label)) : std::nullopt)
        << expected.why;
    EXPECT_EQ(values[2], expected.count ? std::optional(Value(*expected.count)) : std::nullopt)
        << expected.why;
}

INSTANTIATE_TEST_SUITE_P(
    all, NetOf,
    testing::Values(
        NetCase{"put alone", {fresh("a", 1)}, ChangeKind::put, "a", 1},
        NetCase{"put over put", {fresh("a", 1), fresh("b", 2)}, ChangeKind::put, "b", 2},
        NetCase{"update of a put row", {fresh("a", 1), added(4)}, ChangeKind::put, "a", 5},
        NetCase{"merge into a put row", {fresh("a", 1), merged("b", 4)}, ChangeKind::put, "b", 5},
        NetCase{"sums of updates", {added(1), added(-3)}, ChangeKind::update, {}, -2},
        NetCase{"columns of updates", {added(1), labelled("b")}, ChangeKind::update, "b", 1},
        NetCase{"the last label", {labelled("a"), labelled("b")}, ChangeKind::update, "b", {}},
        NetCase{"merges", {merged("a", 1), merged("b", 2)}, ChangeKind::merge, "b", 3},
        NetCase{"update of a merged row", {merged("a", 1), added(2)}, ChangeKind::merge, "a", 3},
        NetCase{"put over updates", {added(1), fresh("b", 7)}, ChangeKind::put, "b", 7},
        NetCase{"remove over all", {fresh("a", 1), added(2), gone()}, ChangeKind::remove, {}, {}},
        NetCase{"put after remove", {gone(), fresh("b", 2)}, ChangeKind::put, "b", 2},
        NetCase{"merge after remove", {gone(), merged("b", 2)}, ChangeKind::put, "b", 2}));

TEST(net_changes, keep_rows_apart_and_in_the_order_of_their_first_change) {
    const Table pairs{.name = "pairs",
                      .create = "",
                      .key_columns = 2,
                      .key_has_partition = false,
                      .columns = {{"a"}, {"b"}}};
    NetChanges net;
    net.add(put(pairs, {{"a", "1"}, {"b", "23"}}), Position(1));
    net.add(put(pairs, {{"a", "12"}, {"b", "3"}}), Position(2));
    net.add(put(pairs, {{"a", "1"}, {"b", "23"}}), Position(3));
    const auto rows = net.rows(pairs, ChangeKind::put);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0]->position, Position(3));
    EXPECT_EQ(rows[1]->position, Position(2));
}

TEST(net_changes, refuse_what_no_table_could_hold) {
    NetChanges removed;
    removed.add(gone(), Position(1));
    EXPECT_THROW(removed.add(added(1), Position(2)), ChangesRefused);
    NetChanges huge;
    huge.add(added(std::numeric_limits<std::int64_t>::max()), Position(1));
    EXPECT_THROW(huge.add(added(1), Position(2)), ChangesRefused);
}

}  // namespace
}  // namespace skald::projections
