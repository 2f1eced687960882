#include "projections/engine/table_sql.h"

#include <gtest/gtest.h>

namespace skald::projections {
namespace {

const Table sums{.name = "sums",
                 .create = "",
                 .key_columns = 2,
                 .key_has_partition = true,
                 .columns = {{"kind"},
                             {"day", ColumnType::day},
                             {"label"},
                             {"units", ColumnType::int8, Merge::sum},
                             {"open", ColumnType::boolean}}};

struct StatementCase {
    ChangeKind kind;
    const char* text;
};

class Statement : public testing::TestWithParam<StatementCase> {};

TEST_P(Statement, writes_all_rows_of_a_kind_at_once) {
    EXPECT_EQ(write_statement(sums, 7, GetParam().kind), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    all, Statement,
    testing::Values(
        StatementCase{
            ChangeKind::put,
            "INSERT INTO skald_read.sums_v7 AS t (kind, day, label, units, open, partition, "
            "position, "
            "revision) SELECT v.kind, date '1970-01-01' + v.day::integer, v.label, v.units, "
            "v.open, "
            "v.partition, v.position, v.revision FROM unnest($1::text[], $2::bigint[], $3::text[], "
            "$4::bigint[], $5::boolean[], $6::bigint[], $7::integer[], $8::bigint[]) AS "
            "v(kind, day, label, units, open, position, partition, revision) ON "
            "CONFLICT (partition, kind, day) DO UPDATE SET label = excluded.label, units = "
            "excluded.units, open = excluded.open, position = excluded.position, revision = "
            "excluded.revision"},
        StatementCase{
            ChangeKind::merge,
            "INSERT INTO skald_read.sums_v7 AS t (kind, day, label, units, open, partition, "
            "position, "
            "revision) SELECT v.kind, date '1970-01-01' + v.day::integer, v.label, v.units, "
            "v.open, "
            "v.partition, v.position, v.revision FROM unnest($1::text[], $2::bigint[], $3::text[], "
            "$4::bigint[], $5::boolean[], $6::bigint[], $7::integer[], $8::bigint[]) AS "
            "v(kind, day, label, units, open, position, partition, revision) ON "
            "CONFLICT (partition, kind, day) DO UPDATE SET label = excluded.label, units = t.units "
            "+ "
            "excluded.units, open = excluded.open, position = excluded.position, revision = "
            "excluded.revision"},
        StatementCase{
            ChangeKind::update,
            "UPDATE skald_read.sums_v7 AS t SET label = CASE WHEN v.mask & 4 <> 0 THEN v.label "
            "ELSE "
            "t.label END, units = CASE WHEN v.mask & 8 <> 0 THEN t.units + v.units ELSE t.units "
            "END, open "
            "= CASE WHEN v.mask & 16 <> 0 THEN v.open ELSE t.open END, position = v.position, "
            "revision = "
            "v.revision FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], "
            "$5::boolean[], "
            "$6::bigint[], $7::bigint[], $8::integer[], $9::bigint[]) AS v(kind, day, label, "
            "units, open, position, mask, partition, revision) WHERE "
            "t.partition = v.partition AND t.kind = v.kind AND t.day = date '1970-01-01' + "
            "v.day::integer"},
        StatementCase{ChangeKind::remove,
                      "DELETE FROM skald_read.sums_v7 AS t USING unnest($1::text[], $2::bigint[], "
                      "$3::integer[]) AS v(kind, day, partition) WHERE t.partition = v.partition "
                      "AND t.kind = v.kind AND t.day = date "
                      "'1970-01-01' + v.day::integer"}));

TEST(at_version, names_every_table_of_a_statement) {
    EXPECT_EQ(at_version("SELECT a_vN.x FROM a_vN JOIN b_vN", 12),
              "SELECT a_v12.x FROM a_v12 JOIN b_v12");
    EXPECT_EQ(at_version("SELECT 1", 2), "SELECT 1");
}

}  // namespace
}  // namespace skald::projections
