// What is under way when the process that drives it is killed goes on in the next one, however much
// it is.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "sagas/migrations/migrations.h"
#include "tests/integration/sagas/engine_rig.h"
#include "tests/support/database.h"

namespace skald::tests {
namespace {

using namespace std::chrono_literals;

// One call, and then a long wait.
constexpr sagas::Step errand_steps[] = {
    {.name = "fetch",
     .kind = sagas::StepKind::call,
     .then = "rest",
     .undo = sagas::Undo::nothing,
     .deadline = 24h,
     .attempt = 5s},
    {.name = "rest",
     .kind = sagas::StepKind::wait,
     .last = true,
     .undo = sagas::Undo::nothing,
     .otherwise = sagas::Otherwise::go_on,
     .deadline = 24h,
     .signal = "woken"},
};
constexpr sagas::Definition errand = sagas::verified<errand_steps>("errand", 1, 48h);

// Does at once what it is called for, or takes no calls at all.
class Shop : public sagas::World {
  public:
    explicit Shop(bool open) : open_(open) {}
    std::atomic<int> calls{0};

    std::size_t room() const override { return open_ ? World::room() : 0; }
    sagas::CallResult call(const saga::State&, std::string_view, bool, const std::string&,
                           sagas::milliseconds) override {
        ++calls;
        return {.outcome = saga::Outcome::done, .code = {}, .reference = "r", .detail = {}};
    }
    sagas::CallResult ask(const saga::State&, std::string_view, bool, const std::string&,
                          sagas::milliseconds) override {
        return {.outcome = saga::Outcome::not_sent, .code = {}, .reference = {}, .detail = {}};
    }

  private:
    const bool open_;
};

sagas::Registry errands(const std::shared_ptr<Shop>& shop) {
    sagas::Registry registry;
    registry.add(std::make_shared<Alone<errand>>(), shop);
    return registry;
}

constexpr auto lease = 1s;

// Not a test: the process that TakeOver starts, and kills.
TEST(TakeOverChild, DISABLED_Drives) {
    const char* conninfo = std::getenv("SKALD_CHILD_PG");
    ASSERT_NE(conninfo, nullptr);
    EngineRig rig({.conninfo = conninfo, .role = "skald_writer"},
                  errands(std::make_shared<Shop>(false)));
    rig.drive({}, lease);
    alarm(240);
    pause();
}

pid_t another_process(const std::string& conninfo) {
    const pid_t child = fork();
    if (child == 0) {
        setenv("SKALD_CHILD_PG", conninfo.c_str(), 1);
        execl("/proc/self/exe", "child", "--gtest_filter=TakeOverChild.*", "--gtest_brief=1",
              "--gtest_also_run_disabled_tests", nullptr);
        _exit(127);
    }
    return child;
}

// Few with each run of the suite, a hundred thousand with --long; then the time is worth a look.
TEST(TakeOver, AllThatWasUnderWayGoesOn) {
    const int sagas = std::getenv("SKALD_TEST_LONG") == nullptr ? 5'000 : 100'000;
    Database database(EngineRig::partitions, sagas::migrations());
    const auto count = [&](const char* what) {
        return database.admin()
            .query(std::string("SELECT count(*) FROM skald.sagas WHERE ") + what)
            .int8(0, 0);
    };
    const auto shop = std::make_shared<Shop>(true);
    EngineRig rig(database.writer(), errands(shop));
    const auto other = another_process(database.conninfo());
    rig.begin("errand", 0, sagas);
    EXPECT_TRUE(eventually([&] { return count("step = 'fetch'") == sagas; }, 120s));
    kill(other, SIGKILL);
    int status = 0;
    waitpid(other, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));

    const auto begun = std::chrono::steady_clock::now();
    const auto since = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    };
    rig.drive({}, lease);
    ASSERT_TRUE(eventually([&] { return shop->calls > 0; }));
    const auto first = since();
    ASSERT_TRUE(eventually([&] { return count("step = 'rest'") == sagas; }, 120s));
    std::printf(
        "%d under way: the first goes on after %.1f s, the last has its answer after %.1f s\n",
        sagas, first, since());
    EXPECT_EQ(shop->calls, sagas);
}

}  // namespace
}  // namespace skald::tests
