// A shop whose read models are looked into: rebuilt, verified, and damaged to see that it is found.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "projections/migrations/migrations.h"
#include "projections/reading/reading.h"
#include "tests/integration/projections/shop_log.h"

namespace skald::tests {

class LifeRig : public testing::Test {
  protected:
    static constexpr std::int32_t partitions = 4;

    // The rows of a table but for the revision, which counts the transactions that made them.
    std::string rows(const std::string& table);
    // The checks of a verification that found something, as "name differences: first".
    std::string findings();
    // Each statement damages the rows of one table, and only the check named like it finds it.
    void finds(const std::string& table, const std::vector<std::string>& damages);
    // Rebuilt at one go, every table holds what smaller runs made of it.
    void rebuilds_the_same(const std::string& projection);

    Database database{partitions, projections::migrations()};
    ShopLog shop{database, partitions};
    projections::PgPool pool{database.reader(), 1};
    projections::Reading reading{pool, shop.progress(), partitions, nullptr};
};

}  // namespace skald::tests
