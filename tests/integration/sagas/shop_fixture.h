// For tests: a shop with some stock whose orders are driven by sagas on a real PostgreSQL, and what
// must hold of it once nothing moves any more.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/sagas/saga_rig.h"
#include "tests/support/database.h"

namespace skald::tests {

using Basket = std::vector<std::pair<std::string, std::int64_t>>;

// On the shelf: 1000 each of A, B and C at 250 EUR cents, 3 of SHORT, and 1000 of SONG, which does
// not ship.
class ShopTest : public testing::Test {
  protected:
    void SetUp() override;
    void TearDown() override;

    std::string ledger() const { return (folder / "ledger").string(); }
    // Drives sagas from now on, with all that was in memory lost.
    void restart();

    stock::State stock_of(const std::string& sku) {
        return rig->state<commands::StockBinding>("stock-" + sku);
    }
    order::State order_of(const std::string& id) {
        return rig->state<commands::OrderBinding>("order-" + id);
    }
    payment::State payment_of(const std::string& id) {
        return rig->state<commands::PaymentBinding>("payment-" + id + ".1");
    }
    std::string place(const Basket& lines, const std::string& method = "card-ok");

    // Whether, in time, every saga has heard of all events and has ended.
    bool all_settled(std::chrono::seconds within = std::chrono::seconds(60));
    // Money: the provider's books, the payments and the orders say the same, nothing is held for
    // whom it is not owed. Goods: each unit is where its orders say.
    void audit();

    std::unique_ptr<Database> database;
    std::filesystem::path folder;
    std::unique_ptr<SagaRig> rig;
    std::vector<std::string> orders;

  private:
    void audit_money(const std::string& id, const order::State& order);

    std::map<std::string, std::int64_t> received_;
};

// Lets another process drive the sagas of this database until it is killed at a crash point,
// `name:n`; answers with the signal that ended it.
int driven_until_killed(const std::string& conninfo, const std::string& ledger,
                        const std::string& crash_at);

}  // namespace skald::tests
