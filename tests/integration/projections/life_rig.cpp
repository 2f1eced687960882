#include "tests/integration/projections/life_rig.h"

#include <algorithm>

#include "projections/engine/rebuild.h"
#include "projections/verify/verify.h"

namespace skald::tests {

std::string LifeRig::rows(const std::string& table) {
    return database.admin()
        .query(
            "SELECT coalesce(string_agg(r.row, E'\n' ORDER BY r.row), '') FROM (SELECT "
            "(to_jsonb(t) - 'revision')::text AS row FROM skald_read." +
            table + " AS t) AS r")
        .text(0, 0);
}

std::string LifeRig::findings() {
    std::string text;
    const auto report = projections::verify({.reader = database.reader(),
                                             .redis = {},
                                             .redis_space = "",
                                             .progress = {},
                                             .patience = {}});
    for (const auto& check : report.checks)
        if (check.differences != 0)
            text += check.name + " " + std::to_string(check.differences) + ": " +
                    check.first_difference + "\n";
    return text;
}

void LifeRig::finds(const std::string& table, const std::vector<std::string>& damages) {
    const auto whole = "skald_read." + table + "_v1";
    auto& admin = database.admin();
    for (const auto& damage : damages) {
        admin.script("CREATE TABLE kept AS TABLE " + whole);
        ASSERT_GT(admin.query(damage).affected(), 0) << damage;
        const auto text = findings();
        EXPECT_TRUE(text.starts_with(table + " 1: ")) << damage << "\n" << text;
        EXPECT_EQ(std::ranges::count(text, '\n'), 1) << damage << "\n" << text;
        admin.script("DELETE FROM " + whole + "; INSERT INTO " + whole +
                     " TABLE kept; DROP TABLE kept");
    }
    EXPECT_EQ(findings(), "");
}

void LifeRig::rebuilds_the_same(const std::string& projection) {
    const auto& rebuilt = *projections::find_projection(projection);
    std::vector<std::string> before;
    for (const auto* table : rebuilt.tables)
        before.push_back(rows(std::string(table->name) + "_v1"));
    projections::rebuild(rebuilt, database.owner(), shop.log());
    for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_NE(before[i], "") << rebuilt.tables[i]->name;
        EXPECT_EQ(rows(std::string(rebuilt.tables[i]->name) + "_v2"), before[i]);
    }
    EXPECT_EQ(findings(), "");
}

}  // namespace skald::tests
