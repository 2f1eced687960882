// Commands whose answers come late, to a saga that waits for an operator by then, or that cannot be
// made at first.
#include "sagas/engine/driver_fixture.h"

namespace skald::sagas::testing {
namespace {

constexpr Step mailing_steps[] = {{.name = "post",
                                   .kind = StepKind::commands,
                                   .last = true,
                                   .otherwise = Otherwise::stick,
                                   .pivot = true,
                                   .deadline = 20s}};
constexpr Definition mailing_definition = verified<mailing_steps>("mailing", 1, 10min);

// Two letters.
class Mailing : public Process {
  public:
    const Definition& definition() const override { return mailing_definition; }
    std::vector<StreamName> companion_streams(const std::string&) const override { return {}; }
    std::unique_ptr<Companions> companions(const eventstore::States&, std::size_t) const override {
        return std::make_unique<NoCompanions>();
    }
    std::int32_t items(const saga::State&, std::string_view) const override { return 2; }
    Send send(const saga::State& saga, std::string_view, std::int32_t item, bool,
              const std::string&) const override {
        if (throws > 0 && item == 0) {
            --throws;
            throw std::runtime_error("no ink");
        }
        return {eventstore::add(letter(saga.subject, item), 1), {}};
    }
    mutable std::atomic<int> throws{0};  // so many times the first letter cannot be written
    static std::string letter(const std::string& subject, std::int32_t item) {
        return subject + "-" + std::to_string(item);
    }
};

class LateAnswers : public DriverTest {
  protected:
    void SetUp() override {
        saga_name = "mailing";
        command_deadline = 15s;
        registry.add(process);
        DriverTest::SetUp();
    }
    const std::shared_ptr<Mailing> process = std::make_shared<Mailing>();
    // One whose second letter goes to a partition of its own.
    std::string mailing() {
        for (int i = 0;; ++i) {
            const auto name = "m" + std::to_string(i);
            const auto apart = partition(eventstore::total(Mailing::letter(name, 1)));
            if (apart != partition(stream(name)) &&
                apart != partition(eventstore::total(Mailing::letter(name, 0))))
                return name;
        }
    }
    std::vector<saga::ItemStatus> letters(const std::string& name) {
        return state(name).find("post")->items;
    }
};

// The answer was dropped: the saga stayed stuck although all was done, until an operator had it
// tried again.
TEST_F(LateAnswers, AreTakenWhileTheSagaIsStuck) {
    const auto name = mailing();
    faults.locked = 1U << partition(eventstore::total(Mailing::letter(name, 1))).value();
    begin(name);
    const auto until = std::chrono::steady_clock::now() + 15s;
    while (true) {
        follow();
        if (letters(name)[0] == saga::ItemStatus::done) break;
        ASSERT_LT(std::chrono::steady_clock::now(), until);
    }
    driver->clock().set_offset(25s);
    hear(name, Due{}, "the time is over");
    ASSERT_TRUE(comes_to(name, Phase::stuck));
    EXPECT_EQ(letters(name)[1], saga::ItemStatus::waiting);
    faults.locked = 0;
    EXPECT_TRUE(comes_to(name, Phase::completed));
    while (driver->sagas_in_memory() > 0 && std::chrono::steady_clock::now() < until) follow();
    EXPECT_EQ(driver->sagas_in_memory(), 0u) << "nothing is on its way to it any more";
}

// It counted as sent, and nobody ever sent it.
TEST_F(LateAnswers, ACommandThatCannotBeMadeIsTriedAgainAndKeepsNoOther) {
    process->throws = 1'000'000;
    begin("a");
    const auto until = std::chrono::steady_clock::now() + 15s;
    while (true) {
        follow();
        if (letters("a")[1] == saga::ItemStatus::done) break;
        ASSERT_LT(std::chrono::steady_clock::now(), until);
    }
    EXPECT_EQ(letters("a")[0], saga::ItemStatus::waiting);
    process->throws = 0;
    EXPECT_TRUE(comes_to("a", Phase::completed));
}

}  // namespace
}  // namespace skald::sagas::testing
