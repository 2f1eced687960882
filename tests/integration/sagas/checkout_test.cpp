// Checkouts as they run: real PostgreSQL, followers with leases, the sandbox provider with its
// ledger on disk, and a process that is killed at each of its crash points.
#include <csignal>
#include <cstdlib>

#include "tests/integration/sagas/shop_fixture.h"

namespace skald::tests {
namespace {

using namespace std::chrono_literals;
using order::Status;

class Checkouts : public ShopTest {};

TEST_F(Checkouts, EveryMethodEndsAsItsNameSays) {
    rig->start();
    const auto ok = place({{"A", 2}, {"B", 1}});
    const auto declined = place({{"A", 1}, {"C", 1}}, "card-declined");
    const auto flaky = place({{"B", 3}}, "card-flaky");
    const auto slow = place({{"C", 1}}, "card-slow");
    const auto lost = place({{"C", 2}}, "card-timeout");
    const auto nothing = place({{"A", 1}, {"SHORT", 4}});
    ASSERT_TRUE(all_settled());
    for (const auto& id : {ok, flaky, slow, lost})
        EXPECT_EQ(order_of(id).status, Status::confirmed);
    EXPECT_EQ(order_of(declined).status, Status::rejected);
    EXPECT_EQ(order_of(nothing).status, Status::rejected);
    EXPECT_EQ(payment_of(ok).promise->amount.amount, 750);
    audit();
}

// Takes the whole minute that an authorisation has: with --long only.
TEST_F(Checkouts, AProviderThatOnlyFailsIsNotAskedAgainAndAgain) {
    if (std::getenv("SKALD_TEST_LONG") == nullptr) GTEST_SKIP() << "./dev test --long";
    rig->start();
    const auto id = place({{"C", 5}}, "card-error");
    ASSERT_TRUE(all_settled(120s));
    EXPECT_EQ(order_of(id).status, Status::rejected);
    const auto attempts = database->admin().query(
        "SELECT count(*) FROM skald.events WHERE type = 'saga.attempt_started' AND stream = $1",
        pq::Params().text("checkout-" + id));
    EXPECT_LT(attempts.int8(0, 0), 40);
    audit();
}

TEST_F(Checkouts, TwoOrdersForTheLastGoodsAndOneGetsThem) {
    rig->start();
    std::vector<std::string> ids;
    for (int i = 0; i < 4; ++i) ids.push_back(place({{"SHORT", 2}, {"A", 1}}));
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(std::ranges::count_if(
                  ids, [&](const auto& id) { return order_of(id).status == Status::confirmed; }),
              1);
    audit();
}

TEST_F(Checkouts, ACancelledOrderHoldsNothing) {
    rig->start();
    const auto id = place({{"A", 2}, {"B", 1}}, "card-slow");
    EXPECT_EQ(rig->cancel(id).kind, eventstore::AnswerKind::done);
    // Not only once a deadline has passed: the driver used to sleep on what its own cancelling of
    // commands had taught it.
    ASSERT_TRUE(all_settled(20s));
    EXPECT_EQ(order_of(id).status, Status::cancelled);
    audit();
}

TEST_F(Checkouts, WhoeverTakesOverFinishesWhatOthersBegan) {
    rig->start();
    for (int i = 0; i < 40; ++i)
        place({{"A", 1}, {i % 5 == 0 ? "SHORT" : "B", 1}},
              i % 7 == 0 ? "card-declined" : "card-ok");
    restart();
    ASSERT_TRUE(all_settled());
    audit();
}

class CheckoutCrashes : public ShopTest, public testing::WithParamInterface<const char*> {};

TEST_P(CheckoutCrashes, LeaveNothingHalfDone) {
    for (const int n : {1, 2}) {
        // New ones each time: all calls for the others may have been made before the first kill.
        if (!rig) rig = std::make_unique<SagaRig>(database->conninfo(), ledger());
        for (int i = 0; i < 12; ++i)
            place({{"A", 1}, {i % 4 == 0 ? "SHORT" : "B", 2}}, i % 3 == 0   ? "card-declined"
                                                               : i % 5 == 0 ? "card-timeout"
                                                                            : "card-ok");
        rig.reset();
        EXPECT_EQ(driven_until_killed(database->conninfo(), ledger(),
                                      std::string(GetParam()) + ":" + std::to_string(n)),
                  SIGKILL);
    }
    restart();
    ASSERT_TRUE(all_settled());
    audit();
}

INSTANTIATE_TEST_SUITE_P(all, CheckoutCrashes,
                         testing::Values("log.before_commit", "log.after_commit",
                                         "sagas.before_commit", "sagas.after_commit",
                                         "sagas.before_call", "sagas.after_call"));

}  // namespace
}  // namespace skald::tests
