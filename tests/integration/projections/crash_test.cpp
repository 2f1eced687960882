// Projections whose process is killed at each of its crash points: what was half done is done once.
// The process to be killed is this program again, running CrashChild with the point in its
// environment.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "projections/engine/rebuild.h"
#include "projections/migrations/migrations.h"
#include "projections/verify/verify.h"
#include "tests/integration/projections/private_redis.h"
#include "tests/integration/projections/shop_log.h"

namespace skald::tests {
namespace {

using namespace projections;
using kernel::Quantity;

constexpr std::int32_t partitions = 2;

// The work that is cut off and done again.
struct Work {
    std::string kind;  // follow, rebuild or mirror
    std::string conninfo;
    std::string redis;

    pq::Settings as(const char* role) const { return {.conninfo = conninfo, .role = role}; }

    void run() const {
        if (kind == "follow") follow();
        if (kind == "rebuild") {
            eventstore::PgLog log(as("skald_writer"));
            rebuild(*find_projection("stock_levels"), as(""), log);
        }
        if (kind == "mirror") mirror();
    }

  private:
    // In rounds of three events of each partition at most, so that there is something before and
    // after each commit.
    void follow() const {
        eventstore::PgLog log(as("skald_writer"));
        for (const auto* projection : all_projections()) {
            ProjectionStep step(*projection, as("skald_writer"));
            std::map<eventstore::Partition, eventstore::Cursor> at;
            for (std::int32_t p = 0; p < partitions; ++p)
                at[eventstore::Partition(p)] = step.open(eventstore::Partition(p));
            while (round(step, log, at)) {
            }
        }
    }
    static bool round(ProjectionStep& step, eventstore::Log& log,
                      std::map<eventstore::Partition, eventstore::Cursor>& at) {
        std::map<eventstore::Partition, std::vector<eventstore::StoredEvent>> events;
        std::vector<eventstore::RunAt> runs;
        for (const auto& [partition, cursor] : at) {
            auto& run = events[partition];
            run = log.read(partition, cursor.position, {.events_max = 3});
            if (!run.empty()) runs.push_back({partition, cursor, run});
        }
        for (const auto& [partition, cursor] : step.apply_together(runs)) at[partition] = cursor;
        for (const auto& run : runs)
            if (at.at(run.partition) == run.at)
                at[run.partition] = step.apply(run.partition, run.at, run.run);
        step.tick();
        return !runs.empty();
    }
    void mirror() const {
        PgPool pool(as("skald_reader"), 1);
        Progress progress(projection_names(), partitions);
        Reading reading{pool, progress, partitions, nullptr};
        redis::Client client({.address = redis});
        for (auto& feed : redis_feeds(reading, as("skald_reader"), "t"))
            while (feed->feed(client)) {
            }
    }
};

std::string env(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

TEST(CrashChild, DISABLED_works_until_it_is_killed) {
    Work{env("SKALD_CHILD_WORK"), env("SKALD_CHILD_PG"), env("SKALD_CHILD_REDIS")}.run();
}

// The signal that ended a child doing the work, 0 if it came to its end.
int signal_of(const Work& work, const std::string& crash_at) {
    const pid_t child = fork();
    if (child == 0) {
        setenv("SKALD_CHILD_WORK", work.kind.c_str(), 1);
        setenv("SKALD_CHILD_PG", work.conninfo.c_str(), 1);
        setenv("SKALD_CHILD_REDIS", work.redis.c_str(), 1);
        setenv("SKALD_CRASH_AT", crash_at.c_str(), 1);
        execl("/proc/self/exe", "child", "--gtest_filter=CrashChild.*", "--gtest_brief=1",
              "--gtest_also_run_disabled_tests", nullptr);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

struct CrashCase {
    const char* work;
    const char* point;
    int times;  // passages survived, and one more
};

class ProjectionsCrash : public testing::TestWithParam<CrashCase> {};

TEST_P(ProjectionsCrash, is_made_good_by_the_next_run) {
    const auto& [kind, point, times] = GetParam();
    PrivateRedis redis;
    Database database(partitions, migrations());
    ShopLog shop(database, partitions);
    for (int i = 0; i < 8; ++i) {
        const auto sku = "S" + std::to_string(i);
        shop.simple_product(sku, 10 + i, "D");
        shop.stock(sku, stock::Received{Quantity::of(5), {}});
        shop.stock(sku, stock::Reserved{kernel::HoldId("h"), Quantity::of(2)});
        shop.simple_order("o" + std::to_string(i), "ann", i, {{sku, 1}});
    }
    shop.raw("product", "S3", "product.price_set", "\xff");
    shop.flush();
    if (std::string_view(kind) != "follow") shop.project();

    const Work work{kind, database.conninfo(), redis.address()};
    for (int n = 1; n <= times; ++n)
        EXPECT_EQ(signal_of(work, std::string(point) + ":" + std::to_string(n)), SIGKILL) << n;
    work.run();
    Work{"follow", database.conninfo(), redis.address()}.run();
    const auto report = verify({.reader = database.reader(),
                                .redis = redis::Settings{.address = redis.address()},
                                .redis_space = "t",
                                .progress = {}});
    EXPECT_EQ(report.differences(), 0);
    for (const auto& check : report.checks)
        EXPECT_TRUE(check.name != "stock_levels" || check.found == 8);
}

INSTANTIATE_TEST_SUITE_P(all, ProjectionsCrash,
                         testing::Values(CrashCase{"follow", "projection.before_commit", 3},
                                         CrashCase{"follow", "projection.after_commit", 3},
                                         CrashCase{"rebuild", "projection.after_commit", 2},
                                         CrashCase{"rebuild", "rebuild.before_switch", 1},
                                         CrashCase{"rebuild", "rebuild.after_switch", 1},
                                         CrashCase{"mirror", "projection.before_mirror", 3},
                                         CrashCase{"mirror", "projection.after_mirror", 3}));

}  // namespace
}  // namespace skald::tests
