// Projections as they run: followers with leases, two of each, a feeder for Redis, and queries that
// wait for what was just written.
#include <gtest/gtest.h>

#include "eventstore/follower.h"
#include "eventstore/log_source.h"
#include "eventstore/postgres/pg_leases.h"
#include "projections/best_sellers/queries.h"
#include "projections/best_sellers/ranking.h"
#include "projections/engine/rebuild.h"
#include "projections/engine/status.h"
#include "projections/migrations/migrations.h"
#include "projections/orders/mirrored.h"
#include "projections/orders/queries.h"
#include "projections/products/mirrored.h"
#include "projections/products/projection.h"
#include "projections/products/queries.h"
#include "projections/redis/cache.h"
#include "projections/redis/keys.h"
#include "projections/sales/projection.h"
#include "projections/stock_levels/queries.h"
#include "projections/verify/verify.h"
#include "tests/integration/projections/private_redis.h"
#include "tests/integration/projections/shop_log.h"
#include "tests/support/eventually.h"

namespace skald::tests {
namespace {

using namespace projections;
using namespace std::chrono_literals;
using eventstore::HeadWatch;
using kernel::Quantity;
using kernel::Sku;
using std::chrono::steady_clock;

constexpr std::int32_t partitions = 4;
constexpr kernel::Currency euro{"EUR"};

// A process that follows the log with all projections.
class Projectors {
  public:
    Projectors(Database& database, Progress& progress) : heads_(partitions) {
        auto log = std::shared_ptr<eventstore::Log>(database.log());
        for (const auto* projection : all_projections())
            parts_.push_back(std::make_unique<Part>(database, *projection, progress, heads_));
        for (auto& part : parts_) part->follower.start();
        poller_ = std::make_unique<eventstore::HeadPoller>(
            heads_, [log] { return log->heads(); }, 5ms);
    }
    ~Projectors() {
        for (auto& part : parts_) part->follower.stop();
    }

  private:
    struct Part {
        Part(Database& database, const Projection& projection, Progress& progress, HeadWatch& heads)
            : step(projection, database.writer(),
                   [&progress, name = projection.name](eventstore::Partition partition,
                                                       Position position) {
                       progress.announce(name, partition, position);
                   }),
              leases(database.writer(),
                     {.name = "projection." + projection.name, .duration = 300ms}, partitions),
              follower(
                  {.name = "projection." + projection.name, .poll_wait = 20ms}, leases,
                  [&database, &heads] {
                      return std::make_unique<eventstore::LogSource>(
                          database.log(), heads, eventstore::ReadLimit{.events_max = 50});
                  },
                  step, heads, eventstore::log_fork_check([&database] { return database.log(); })) {
        }
        ProjectionStep step;
        eventstore::PgLeases leases;
        eventstore::Follower follower;
    };
    HeadWatch heads_;
    std::vector<std::unique_ptr<Part>> parts_;
    std::unique_ptr<eventstore::HeadPoller> poller_;
};

class ProjectionsFollowers : public testing::Test {
  protected:
    static ReadRequest after(Heads wanted) {
        return {std::move(wanted), steady_clock::now() + 20s};
    }
    void sell(int from, int to) {
        for (int i = from; i < to; ++i) {
            const auto sku = "S" + std::to_string(i);
            shop.simple_product(sku, 100 + i, "D" + std::to_string(i % 3));
            shop.stock(sku, stock::Received{Quantity::of(10), {}});
            shop.simple_order("o" + std::to_string(i), "ann",
                              best_sellers::today_utc().value() * 86'400'000'000, {{sku, i + 1}});
        }
        shop.flush();
    }
    void await_all(const Heads& heads) {
        EXPECT_TRUE(products::list(reading, {}, after(heads)));
        EXPECT_TRUE(orders::list(reading, {}, after(heads)));
        EXPECT_TRUE(best_sellers::top(reading, best_sellers::today_utc(), 2, 1, after(heads)));
    }

    PrivateRedis server;
    Database database{partitions, migrations()};
    ShopLog shop{database, partitions};
    PgPool pool{database.reader(), 3};
    redis::Cache cache{{.address = server.address()}, "t", 2};
    Reading reading{pool, shop.progress(), partitions, &cache};
};

TEST_F(ProjectionsFollowers, two_of_each_share_the_work_and_nothing_is_applied_twice) {
    auto first = std::make_unique<Projectors>(database, shop.progress());
    sell(0, 50);
    await_all(shop.heads());
    auto second = std::make_unique<Projectors>(database, shop.progress());
    sell(50, 150);
    await_all(shop.heads());
    first.reset();
    sell(150, 200);
    await_all(shop.heads());
    database.admin().query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database() AND backend_type = 'client backend'");
    ShopLog again(database, partitions);  // its connections are new
    again.simple_product("LATE", 1);
    again.flush();
    await_all(again.heads());
    // Those that no list above waits for have to be there too before nobody goes on.
    EXPECT_TRUE(eventually([&] {
        return std::ranges::all_of(status(database.admin()),
                                   [](const auto& one) { return one.lag() == 0; });
    }));
    second.reset();
    const auto report =
        verify({.reader = database.reader(), .redis = {}, .redis_space = "", .progress = {}});
    for (const auto& check : report.checks)
        EXPECT_EQ(check.differences, 0) << check.name << ": " << check.first_difference;
    for (const auto& one : status(database.admin())) EXPECT_EQ(one.parked_keys(), 0) << one.name;
}

TEST_F(ProjectionsFollowers, redis_answers_what_it_has_and_postgresql_the_rest) {
    const Projectors projectors(database, shop.progress());
    redis::Feeder feeder({.address = server.address()}, shop.progress(),
                         redis_feeds(reading, database.reader(), "t"), 20ms);
    sell(0, 20);
    const auto heads = shop.heads();
    EXPECT_EQ(products::find(reading, Sku("S7"), after(heads))->value->price.amount, 107);
    EXPECT_EQ(stock_levels::find(reading, Sku("S7"), after(heads))->value->on_hand, 10);
    EXPECT_EQ(products::find(reading, Sku("S99"), after(heads))->value, std::nullopt);

    // Once it has caught up, Redis alone answers: PostgreSQL's row is changed behind its back.
    const auto own = eventstore::partition_of("S7", partitions);
    const auto wanted = heads.at(static_cast<std::size_t>(own.value()));
    const auto until = steady_clock::now() + 20s;
    while (!cache.rows(products::projection(), {{own, "S7", wanted}}).front() &&
           steady_clock::now() < until)
        std::this_thread::yield();
    database.admin().script("UPDATE skald_read.products_v1 SET title = 'changed' WHERE sku = 'S7'");
    EXPECT_EQ(products::find(reading, Sku("S7"), after(heads))->value->title, "Title of S7");
    redis::Client client({.address = server.address()});
    const auto live = live_version(database.admin(), "products");
    client.command({"HSET",
                    redis::partition_key(redis::live_key("t", "products", 2),
                                         eventstore::to_text(live->generation), own),
                    "v:S7", "{"});
    EXPECT_EQ(products::find(reading, Sku("S7"), after(heads))->value->title, "changed");
    server.kill();
    EXPECT_EQ(products::find(reading, Sku("S7"), after(heads))->value->title, "changed");
    shop.product("S7", product::PriceSet{{5, euro}});
    shop.flush();
    EXPECT_EQ(products::find(reading, Sku("S7"), after(shop.heads()))->value->price.amount, 5);
}

TEST_F(ProjectionsFollowers, best_sellers_from_redis_equal_those_from_postgresql) {
    const Projectors projectors(database, shop.progress());
    sell(0, 30);
    await_all(shop.heads());
    const auto today = best_sellers::today_utc();
    Reading without_redis{pool, shop.progress(), partitions, nullptr};
    redis::Client client({.address = server.address()});
    best_sellers::RankingFeed feed(without_redis, "t", 0ms);
    feed.feed(client);
    ASSERT_TRUE(cache.ranking(7));
    for (const auto days : {1, 7, 30, 31}) {
        const auto one = best_sellers::top(reading, today, days, 10, after(shop.heads()));
        const auto other = best_sellers::top(without_redis, today, days, 10, after(shop.heads()));
        ASSERT_EQ(one->value.size(), 10u);
        EXPECT_EQ(one->value, other->value) << days;
        EXPECT_EQ(one->value[0].sku.value(), "S29");
        EXPECT_EQ(one->heads, shop.heads());
    }
    // A ranking that is behind the token, or of yesterday, is not taken.
    sell(30, 31);
    EXPECT_EQ(best_sellers::top(reading, today, 7, 1, after(shop.heads()))->value[0].sku.value(),
              "S30");
    EXPECT_EQ(best_sellers::top(reading, today, 7, 1, after({}))->value[0].sku.value(), "S29");
    EXPECT_EQ(best_sellers::top(reading, today + 1, 7, 1, after({}))->value[0].sku.value(), "S30");
    client.command({"FLUSHALL"});
    EXPECT_EQ(best_sellers::top(reading, today, 7, 1, after({}))->value[0].sku.value(), "S30");
    best_sellers::RankingFeed(without_redis, "t", 0ms).feed(client);
    const auto again = cache.ranking(7);
    ASSERT_TRUE(again);
    EXPECT_EQ(best_sellers::from_json(*again).rows.at(0).sku.value(), "S30");
}

// Redis is full: every write is refused, while it goes on to answer reads. A query without a token
// would be answered with what was there when it filled up, for ever.
TEST_F(ProjectionsFollowers, a_redis_that_takes_nothing_more_soon_answers_nothing_more) {
    std::vector<std::unique_ptr<redis::Feed>> feeds;
    feeds.push_back(std::make_unique<redis::Mirror>(products::mirrored(), database.reader(), "t",
                                                    partitions, redis::MirrorBatch{}, 300ms));
    const redis::Feeder feeder({.address = server.address()}, shop.progress(), std::move(feeds),
                               20ms);
    shop.simple_product("A", 100);
    shop.project();
    const auto own = eventstore::partition_of("A", partitions);
    const auto within = [](auto condition) {
        const auto until = steady_clock::now() + 10s;
        while (!condition() && steady_clock::now() < until) std::this_thread::yield();
        return condition();
    };
    const auto in_redis = [&] {
        return !!cache.rows(products::projection(), {{own, "A", Position(0)}}).front();
    };
    ASSERT_TRUE(within(in_redis));

    redis::Client client({.address = server.address()});
    client.command({"CONFIG", "SET", "maxmemory", "1"});
    shop.product("A", product::PriceSet{{5, euro}});
    shop.project();
    const auto price = [&] { return products::find(reading, Sku("A"), {})->value->price.amount; };
    EXPECT_TRUE(within([&] { return price() == 5; })) << price();
    client.command({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_TRUE(within(in_redis));
    EXPECT_EQ(price(), 5);
}

// An order's rows stand in several tables; Redis has it as a whole, as of the same position.
TEST_F(ProjectionsFollowers, redis_answers_with_the_orders_that_postgresql_has) {
    for (const auto* sku : {"A", "B"}) shop.simple_product(sku, 100);
    for (const auto* id : {"o1", "o2", "o3"}) shop.simple_order(id, "ann", 0, {{"A", 3}, {"B", 1}});
    shop.order("o2", order::Confirmed{kernel::PaymentId("o2.1")});
    shop.project();
    redis::Client client({.address = server.address()});
    const auto feed = [&] {
        redis::Mirror mirror(orders::mirrored(), database.reader(), "t", partitions);
        while (mirror.feed(client)) {
        }
    };
    feed();
    Reading plain{pool, shop.progress(), partitions, nullptr};
    const std::vector<AskedThing> asked{{"o1", {}}, {"o2", {}}, {"none", {}}};
    const auto in_redis = orders::find_cached(reading, asked);
    const auto there = orders::find_together(plain, asked);
    for (const auto i : {0U, 1U}) {
        ASSERT_TRUE(in_redis[i]) << i;
        EXPECT_EQ(in_redis[i]->value->lines.size(), 2u);
        EXPECT_EQ(in_redis[i]->value, there[i]->value) << i;
        EXPECT_EQ(in_redis[i]->heads, there[i]->heads) << i;
    }
    EXPECT_FALSE(in_redis[2]);

    // Behind what a client has seen, it is PostgreSQL that answers, until Redis has caught up.
    shop.order("o1", order::Rejected{"out_of_stock", {}});
    shop.project();
    const auto status = [&](Heads wanted) {
        return orders::find(reading, kernel::OrderId("o1"),
                            {std::move(wanted), steady_clock::now() + 20s})
            ->value->status;
    };
    EXPECT_EQ(status({}), "pending");
    EXPECT_EQ(status(shop.heads()), "rejected");
    feed();
    database.admin().script("UPDATE skald_read.orders_v1 SET status = 'changed' WHERE id = 'o1'");
    EXPECT_EQ(status(shop.heads()), "rejected") << "told by Redis";
    client.command({"FLUSHALL"});
    EXPECT_EQ(status(shop.heads()), "changed") << "told by PostgreSQL";
    server.kill();
    EXPECT_EQ(status(shop.heads()), "changed");
}

// A product that Redis has not got, for there is none, keeps those asked for with it from waiting
// for PostgreSQL.
TEST_F(ProjectionsFollowers, what_redis_has_is_told_without_what_it_has_not) {
    for (const auto* sku : {"A", "B"}) shop.simple_product(sku, 100);
    shop.project();
    const std::vector<AskedThing> asked{{"A", {}}, {"none", {}}, {"B", {}}};
    const auto told = [&](auto find) {
        std::string which;
        for (const auto& one : find(reading, asked))
            which += !one ? "not told, " : !one->value ? "none, " : one->value->sku.value() + ", ";
        return which;
    };
    EXPECT_EQ(told(products::find_together), "A, none, B, ");
    EXPECT_EQ(told(products::find_cached), "not told, not told, not told, ");
    redis::Client client({.address = server.address()});
    redis::Mirror mirror(products::mirrored(), database.reader(), "t", partitions);
    const auto in_redis = [&](const char* sku) {
        const auto own = eventstore::partition_of(sku, partitions);
        return !!cache.rows(products::projection(), {{own, sku, Position(0)}}).front();
    };
    const auto until = steady_clock::now() + 10s;
    while (!(in_redis("A") && in_redis("B")) && steady_clock::now() < until) mirror.feed(client);
    EXPECT_EQ(told(products::find_cached), "A, not told, B, ");
}

// A release and a rebuild change the sales where their heads stay.
TEST_F(ProjectionsFollowers, best_sellers_in_redis_follow_a_release_and_a_rebuild) {
    const auto today = best_sellers::today_utc();
    database.admin().script(
        "ALTER TABLE skald_read.sales_by_sku_v1 ADD CONSTRAINT few CHECK (units < 5)");
    for (const auto* sku : {"A", "B"}) shop.simple_product(sku, 1);
    shop.simple_order("o1", "ann", today.value() * 86'400'000'000, {{"A", 3}});
    shop.simple_order("o2", "ann", today.value() * 86'400'000'000, {{"B", 7}});
    shop.project();
    Reading without_redis{pool, shop.progress(), partitions, nullptr};
    redis::Client client({.address = server.address()});
    best_sellers::RankingFeed feed(without_redis, "t", 0ms);
    std::optional<std::string> before;
    const auto fed = [&] {
        const auto until = steady_clock::now() + 10s;
        while (cache.ranking(7) == before && steady_clock::now() < until) feed.feed(client);
        before = cache.ranking(7);
        const auto kept = best_sellers::top(reading, today, 7, 10, {});
        const auto made = best_sellers::top(without_redis, today, 7, 10, {});
        EXPECT_EQ(kept->value, made->value);
        EXPECT_EQ(kept->parked_keys, made->parked_keys);
        return kept->value.at(0).sku.value() + " " + std::to_string(kept->value[0].units) + ", " +
               std::to_string(kept->parked_keys) + " parked";
    };
    EXPECT_EQ(fed(), "A 3, 1 parked");

    database.admin().script("ALTER TABLE skald_read.sales_by_sku_v1 DROP CONSTRAINT few");
    pq::Connection operator_connection(database.writer());
    ASSERT_EQ(release(operator_connection, sales::projection(), "o2").applied, 1);
    EXPECT_EQ(fed(), "B 7, 0 parked");

    database.admin().script("UPDATE skald_read.sales_by_sku_v1 SET units = 99 WHERE sku = 'A'");
    rebuild(sales::projection(), database.owner(), shop.log());
    EXPECT_EQ(fed(), "B 7, 0 parked");
}

// Another program has rebuilt a projection by its own definition: what the tables hold means
// something else, so this program answers nothing from them.
TEST_F(ProjectionsFollowers, tables_of_another_definition_are_not_read) {
    shop.simple_product("A", 100);
    shop.project();
    EXPECT_TRUE(products::find(reading, Sku("A"), {})->value);
    database.admin().script(
        "UPDATE skald.projection_versions SET definition = definition + 1 WHERE name = 'products'");
    EXPECT_THROW(products::find(reading, Sku("A"), {}), eventstore::Unavailable);
    EXPECT_THROW(products::list(reading, {}, {}), eventstore::Unavailable);
    EXPECT_TRUE(orders::list(reading, {}, {}));
}

}  // namespace
}  // namespace skald::tests
