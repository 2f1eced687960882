// The checkout, searched with the real order and payment beside it: every order of answers, losses,
// repeats, late requests, deadlines, crashes, a customer's cancelling and an operator's repairs.
#include "sagas/checkout/checkout.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "sagas/checkout/input.h"
#include "sagas/checkout/shop.h"
#include "sagas/engine/search/search.h"

namespace skald::sagas {
namespace {

using kernel::name_of;
using testing::Beside;
using testing::Search;
using testing::SearchOptions;
using testing::SearchReport;
using namespace std::chrono_literals;

SearchReport search(int lines, bool ships, SearchOptions options, Beside beside,
                    const Process& process) {
    return Search(process, options, std::move(beside))
        .run(encode(input_of(testing::placed(lines, ships))));
}

SearchReport search(int lines, bool ships, SearchOptions options, int version = checkout_newest) {
    return search(lines, ships, options, testing::shop_of(testing::placed(lines, ships)),
                  *checkout(version));
}

struct Size {
    std::size_t places, steps;
    bool operator==(const Size&) const = default;
};

struct Row {
    const char* name;
    int lines;
    bool ships;
    SearchOptions options;
    Size size;
    int version = checkout_newest;
};

class CheckoutSearch : public ::testing::TestWithParam<Row> {};

constexpr SearchOptions one_attempt{.attempts_max = 1, .repairs_max = 1};
constexpr SearchOptions two_attempts{
    .repairs_max = 0, .undo_refusals_max = 0, .aborts = false, .late_claims = false};
constexpr SearchOptions no_answers{.attempts_max = 1, .repairs_max = 1, .answers = false};
constexpr SearchOptions two_lines{
    .attempts_max = 1, .repairs_max = 0, .undo_refusals_max = 0, .late_claims = false};

// The sizes are kept so that a search that suddenly sees less is noticed.
TEST_P(CheckoutSearch, EveryWayEndsWhole) {
    const auto& row = GetParam();
    if (row.options.attempts_max > 1 && std::getenv("SKALD_TEST_LONG") == nullptr)
        GTEST_SKIP() << "./dev test --long";
    const auto report = search(row.lines, row.ships, row.options, row.version);
    for (const auto& fault : report.faults) ADD_FAILURE() << fault;
    std::printf("checkout, %s: %zu places, %zu ways between them\n", row.name, report.places,
                report.steps);
    EXPECT_TRUE((Size{report.places, report.steps} == row.size))
        << "{" << report.places << ", " << report.steps << "}";
    for (const auto phase : {saga::Phase::completed, saga::Phase::undone, saga::Phase::abandoned})
        EXPECT_TRUE(report.ends.contains(phase)) << name_of(phase);
}

INSTANTIATE_TEST_SUITE_P(
    all, CheckoutSearch,
    ::testing::Values(Row{"shipped", 1, true, one_attempt, {5'582, 19'888}},
                      Row{"not shipped", 1, false, one_attempt, {5'989, 20'979}},
                      Row{"not shipped by version 1", 1, false, one_attempt, {5'893, 20'801}, 1},
                      Row{"nobody answers questions", 1, false, no_answers, {3'510, 10'001}},
                      Row{"two attempts", 1, true, two_attempts, {60'088, 398'750}},
                      Row{"two lines", 2, true, two_lines, {11'289, 38'616}}),
    [](const auto& row) {
        std::string name = row.param.name;
        std::erase(name, ' ');
        return name;
    });

// The customer cancelled before the saga began: its first step found an order that was not pending
// any more, ended without more ado, and the order stayed `cancelling` for ever.
TEST(CheckoutSearch, AnOrderCancelledBeforeTheStartIsCancelled) {
    auto beside = testing::shop_of(testing::placed(1, true));
    beside.first = beside.outside(beside.first).at(0).second;
    const auto report = search(1, true, one_attempt, std::move(beside), *checkout());
    for (const auto& fault : report.faults) ADD_FAILURE() << fault;
    EXPECT_TRUE(report.ends.contains(saga::Phase::undone));
    EXPECT_FALSE(report.ends.contains(saga::Phase::completed));
}

// The checkout by another table.
class Changed : public Process {
  public:
    explicit Changed(const Definition& definition) : definition_(definition) {}
    const Definition& definition() const override { return definition_; }
    std::vector<eventstore::StreamName> companion_streams(const std::string& s) const override {
        return real_->companion_streams(s);
    }
    std::unique_ptr<Companions> companions(const eventstore::States& s,
                                           std::size_t i) const override {
        return real_->companions(s, i);
    }
    std::int32_t items(const saga::State& s, std::string_view step) const override {
        return real_->items(s, step);
    }
    std::size_t next(const saga::State& s, std::string_view step) const override {
        return real_->next(s, step);
    }

  private:
    const Definition& definition_;
    const std::shared_ptr<const Process> real_ = checkout();
};

std::string first_fault(const SearchReport& report) {
    if (report.faults.empty()) return "none";
    return report.faults.front().substr(0, report.faults.front().find('\n'));
}

template <class Change>
std::string fault_of_table(std::string_view name, Change change) {
    const auto process = checkout();
    std::vector<Step> steps(process->definition().steps.begin(), process->definition().steps.end());
    for (auto& step : steps)
        if (step.name == name) change(step);
    const Definition broken{"checkout", 1, steps, 5min};
    return first_fault(
        search(1, true, one_attempt, testing::shop_of(testing::placed(1, true)), Changed(broken)));
}

TEST(CheckoutSearch, BrokenTablesAreFound) {
    EXPECT_EQ(fault_of_table("reserve", [](Step& step) { step.undo = Undo::nothing; }),
              "undone, and reserve is still held");
    EXPECT_EQ(fault_of_table("authorise", [](Step& step) { step.undo = Undo::nothing; }),
              "given up, and authorise is not listed");
    EXPECT_EQ(fault_of_table("allocate", [](Step& step) { step.otherwise = Otherwise::go_on; }),
              "complete, and reserve has no owner");
}

TEST(CheckoutSearch, BrokenWorldsAreFound) {
    auto options = two_attempts;
    options.forget_the_cancelled = true;
    EXPECT_EQ(first_fault(search(1, true, options)), "undone, and reserve is still held");
    options = two_attempts;
    options.believe_too_early = true;
    EXPECT_EQ(first_fault(search(1, true, options)), "given up, and authorise is not listed");
    options = two_attempts;
    options.forget_the_question = true;
    EXPECT_EQ(first_fault(search(1, true, options)), "given up, and authorise is not listed");
}

}  // namespace
}  // namespace skald::sagas
