// Checkouts as they run: real PostgreSQL, followers with leases, the sandbox provider with its
// ledger on disk, and a process that is killed at each of its crash points.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "sagas/migrations/migrations.h"
#include "tests/integration/sagas/saga_rig.h"
#include "tests/support/database.h"
#include "tests/support/eventually.h"

namespace skald::tests {
namespace {

using namespace std::chrono_literals;
using commands::OrderBinding;
using commands::PaymentBinding;
using commands::StockBinding;
using order::Status;
using payment::Authorisation;

class Checkouts : public testing::Test {
  protected:
    void SetUp() override {
        database = std::make_unique<Database>(saga_partitions, sagas::migrations());
        folder =
            std::filesystem::temp_directory_path() / ("skald-checkout-" + std::to_string(getpid()));
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        rig = std::make_unique<SagaRig>(database->conninfo(), ledger());
        received = {{"A", 1000}, {"B", 1000}, {"C", 1000}, {"SHORT", 3}};
        rig->stock_up(received);
    }
    void TearDown() override {
        rig.reset();
        std::filesystem::remove_all(folder);
    }
    std::string ledger() const { return (folder / "ledger").string(); }

    stock::State stock_of(const std::string& sku) {
        return rig->state<StockBinding>("stock-" + sku);
    }
    order::State order_of(const std::string& id) { return rig->state<OrderBinding>("order-" + id); }
    payment::State payment_of(const std::string& id) {
        return rig->state<PaymentBinding>("payment-" + id + ".1");
    }
    std::string place(const std::vector<std::pair<std::string, std::int64_t>>& lines,
                      const std::string& method = "card-ok") {
        orders.push_back(eventstore::to_text(rig->place(lines, method).value()));
        return orders.back();
    }
    bool all_end(std::chrono::seconds within = 60s) {
        const auto until = std::chrono::steady_clock::now() + within;
        while (std::chrono::steady_clock::now() < until) {
            const auto rows = database->admin().query(
                "SELECT count(*) FROM skald.sagas WHERE phase IN ('completed', 'undone')");
            if (rows.int8(0, 0) == std::int64_t(orders.size())) return true;
            std::this_thread::sleep_for(20ms);  // sleep: between questions to the database
        }
        return false;
    }
    // What must hold of every order once its checkout has ended, whatever happened meanwhile.
    void audit();

    std::unique_ptr<Database> database;
    std::filesystem::path folder;
    std::unique_ptr<SagaRig> rig;
    std::vector<std::string> orders;
    std::map<std::string, std::int64_t> received;
};

void Checkouts::audit() {
    std::map<std::string, std::int64_t> allocated;
    for (const auto& id : orders) {
        const auto order = order_of(id);
        const auto payment = payment_of(id);
        const auto balance = rig->sandbox().balance(kernel::OrderId(id));
        const std::int64_t open = balance ? balance->authorised - balance->voided : 0;
        if (order.status == Status::confirmed) {
            EXPECT_EQ(payment.authorisation, Authorisation::authorised) << id;
            EXPECT_EQ(open, order.total.amount) << id << ": the provider's books differ";
            for (const auto& line : order.lines)
                allocated[line.sku.value()] += line.quantity.value();
        } else {
            EXPECT_TRUE(order.status == Status::rejected || order.status == Status::cancelled)
                << id << " is " << int(order.status);
            EXPECT_NE(payment.authorisation, Authorisation::authorised) << id;
            EXPECT_EQ(open, 0) << id << ": money is still held";
        }
    }
    for (const auto& [sku, units] : received) {
        const auto stock = stock_of(sku);
        EXPECT_EQ(stock.on_hand.value(), units) << sku;
        EXPECT_EQ(stock.held.value(), 0) << sku << ": a hold without an owner";
        EXPECT_EQ(stock.allocated.value(), allocated[sku]) << sku;
    }
}

TEST_F(Checkouts, EveryMethodEndsAsItsNameSays) {
    rig->start();
    const auto ok = place({{"A", 2}, {"B", 1}});
    const auto declined = place({{"A", 1}, {"C", 1}}, "card-declined");
    const auto flaky = place({{"B", 3}}, "card-flaky");
    const auto slow = place({{"C", 1}}, "card-slow");
    const auto lost = place({{"C", 2}}, "card-timeout");
    const auto nothing = place({{"A", 1}, {"SHORT", 4}});
    ASSERT_TRUE(all_end());
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
    ASSERT_TRUE(all_end(120s));
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
    ASSERT_TRUE(all_end());
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
    ASSERT_TRUE(all_end(20s));
    EXPECT_EQ(order_of(id).status, Status::cancelled);
    audit();
}

TEST_F(Checkouts, WhoeverTakesOverFinishesWhatOthersBegan) {
    rig->start();
    for (int i = 0; i < 40; ++i)
        place({{"A", 1}, {i % 5 == 0 ? "SHORT" : "B", 1}},
              i % 7 == 0 ? "card-declined" : "card-ok");
    rig.reset();
    rig = std::make_unique<SagaRig>(database->conninfo(), ledger());
    rig->start();
    ASSERT_TRUE(all_end());
    audit();
}

// The work of a child that is to be killed.
TEST(CheckoutChild, DISABLED_drives_until_it_is_killed) {
    SagaRig rig(std::getenv("SKALD_CHILD_PG"), std::getenv("SKALD_CHILD_LEDGER"));
    rig.start();
    // sleep: the parent ends it, or looks after it has gone on long enough
    std::this_thread::sleep_for(20s);
}

int signal_of_child(const std::string& conninfo, const std::string& ledger,
                    const std::string& crash_at) {
    const pid_t child = fork();
    if (child == 0) {
        setenv("SKALD_CHILD_PG", conninfo.c_str(), 1);
        setenv("SKALD_CHILD_LEDGER", ledger.c_str(), 1);
        setenv("SKALD_CRASH_AT", crash_at.c_str(), 1);
        execl("/proc/self/exe", "child", "--gtest_filter=CheckoutChild.*", "--gtest_brief=1",
              "--gtest_also_run_disabled_tests", nullptr);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

class CheckoutCrashes : public Checkouts, public testing::WithParamInterface<const char*> {};

TEST_P(CheckoutCrashes, LeaveNothingHalfDone) {
    for (int i = 0; i < 12; ++i)
        place({{"A", 1}, {i % 4 == 0 ? "SHORT" : "B", 2}}, i % 3 == 0   ? "card-declined"
                                                           : i % 5 == 0 ? "card-timeout"
                                                                        : "card-ok");
    rig.reset();
    for (const int n : {1, 2})
        EXPECT_EQ(signal_of_child(database->conninfo(), ledger(),
                                  std::string(GetParam()) + ":" + std::to_string(n)),
                  SIGKILL);
    rig = std::make_unique<SagaRig>(database->conninfo(), ledger());
    rig->start();
    ASSERT_TRUE(all_end());
    audit();
}

INSTANTIATE_TEST_SUITE_P(all, CheckoutCrashes,
                         testing::Values("log.before_commit", "log.after_commit",
                                         "sagas.before_commit", "sagas.after_commit",
                                         "sagas.before_call", "sagas.after_call"));

}  // namespace
}  // namespace skald::tests
