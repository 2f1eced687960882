#include "tests/integration/sagas/shop_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "sagas/migrations/migrations.h"

namespace skald::tests {

using namespace std::chrono_literals;
using order::Status;

void ShopTest::SetUp() {
    database = std::make_unique<Database>(saga_partitions, sagas::migrations());
    folder = std::filesystem::temp_directory_path() / ("skald-shop-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    rig = std::make_unique<SagaRig>(database->conninfo(), ledger());
    received_ = {{"A", 1000}, {"B", 1000}, {"C", 1000}, {"SHORT", 3}, {"SONG", 1000}};
    rig->stock_up(received_, {"SONG"});
}

void ShopTest::TearDown() {
    rig.reset();
    std::filesystem::remove_all(folder);
}

void ShopTest::restart() {
    rig.reset();
    rig = std::make_unique<SagaRig>(database->conninfo(), ledger());
    rig->start();
}

std::string ShopTest::place(const Basket& lines, const std::string& method) {
    orders.push_back(eventstore::to_text(rig->place(lines, method).value()));
    return orders.back();
}

bool ShopTest::all_settled(std::chrono::seconds within) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (std::chrono::steady_clock::now() < until) {
        const auto rows = database->admin().query(
            "SELECT (SELECT count(*) FROM skald.sagas WHERE phase NOT IN ('completed', 'undone')) +"
            " (SELECT count(*) FROM skald.events AS e LEFT JOIN skald.saga_cursors AS c"
            "  USING (partition) WHERE e.position > coalesce(c.position, 0))");
        if (rows.int8(0, 0) == 0) return true;
        std::this_thread::sleep_for(20ms);  // sleep: between questions to the database
    }
    return false;
}

void ShopTest::audit_money(const std::string& id, const order::State& order) {
    const auto payment = payment_of(id);
    const auto balance =
        rig->sandbox().balance(kernel::OrderId(id)).value_or(sagas::OrderBalance{});
    const auto open = balance.authorised - balance.voided - balance.captured;
    const bool keeps = order.status == Status::confirmed || order.status == Status::shipped;
    const bool waits = keeps && !order.rest_cancelled;
    EXPECT_EQ(open, waits ? order.total.amount - payment.captured.amount : 0)
        << id << ": what is promised is not what is owed";
    EXPECT_EQ(balance.captured, payment.captured.amount) << id;
    EXPECT_EQ(balance.refunded, payment.refunded.amount) << id;
    EXPECT_EQ(payment.refunding.amount, 0) << id;
    EXPECT_TRUE(payment.unknown.empty()) << id;
    std::int64_t due = order.refunded.amount;
    if (order.refund_due) due += order.refund_due->amount;
    EXPECT_GE(balance.refunded, due) << id << ": the customer waits for money";
    if (order.status == Status::completed) {
        EXPECT_EQ(payment.captured, order::owed(order)) << id;
    }
    if (order.status == Status::rejected || order.status == Status::cancelled) {
        EXPECT_EQ(balance.captured - balance.refunded, 0) << id << ": paid for nothing";
    }
}

void ShopTest::audit() {
    std::map<std::string, std::int64_t> allocated, out;
    for (const auto& id : orders) {
        const auto order = order_of(id);
        EXPECT_NE(order.status, Status::pending) << id;
        EXPECT_NE(order.status, Status::cancelling) << id;
        audit_money(id, order);
        for (std::size_t i = 0; i < order.lines.size(); ++i) {
            const auto& progress = order.progress[i];
            allocated[order.lines[i].sku.value()] += progress.allocated.value();
            out[order.lines[i].sku.value()] += progress.shipped.value() - progress.returned.value();
        }
    }
    for (const auto& [sku, units] : received_) {
        const auto stock = stock_of(sku);
        EXPECT_EQ(stock.on_hand.value(), units - out[sku]) << sku;
        EXPECT_EQ(stock.held.value(), 0) << sku << ": a hold without an owner";
        EXPECT_EQ(stock.allocated.value(), allocated[sku]) << sku;
    }
}

// The work of a child that is to be killed.
TEST(DrivingChild, DISABLED_drives_until_it_is_killed) {
    SagaRig rig(std::getenv("SKALD_CHILD_PG"), std::getenv("SKALD_CHILD_LEDGER"));
    rig.start();
    // sleep: the parent ends it, or looks after it has gone on long enough
    std::this_thread::sleep_for(20s);
}

int driven_until_killed(const std::string& conninfo, const std::string& ledger,
                        const std::string& crash_at) {
    const pid_t child = fork();
    if (child == 0) {
        setenv("SKALD_CHILD_PG", conninfo.c_str(), 1);
        setenv("SKALD_CHILD_LEDGER", ledger.c_str(), 1);
        setenv("SKALD_CRASH_AT", crash_at.c_str(), 1);
        execl("/proc/self/exe", "child", "--gtest_filter=DrivingChild.*", "--gtest_brief=1",
              "--gtest_also_run_disabled_tests", nullptr);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace skald::tests
