// The saga's mind, searched: every order of answers, losses, repeats, late requests, deadlines,
// aborts, crashes and repairs.
#include "sagas/engine/react.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "sagas/engine/search/search.h"
#include "sagas/engine/search/trip.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;
using testing::Beside;
using testing::Search;
using testing::SearchOptions;
using testing::SearchReport;
using testing::Trip;
using testing::trip_steps;

SearchReport search(const Process& process, const char* seats, SearchOptions options = {}) {
    return Search(process, options).run(seats);
}

struct Size {
    std::size_t places, steps;
    bool operator==(const Size&) const = default;
};

struct Row {
    const char* name;
    const char* seats;
    SearchOptions options;
    Size size;
};

class TripSearch : public ::testing::TestWithParam<Row> {};

// What makes a search long is not all done in one.
constexpr SearchOptions two_attempts{
    .repairs_max = 0, .undo_refusals_max = 0, .early_signals = false, .late_claims = false};
constexpr SearchOptions two_seats{.attempts_max = 1,
                                  .repairs_max = 0,
                                  .undo_refusals_max = 0,
                                  .early_signals = false,
                                  .late_claims = false};

// The sizes are kept so that a search that suddenly sees less is noticed.
TEST_P(TripSearch, EveryWayEndsWhole) {
    const auto& row = GetParam();
    if (row.options.attempts_max > 1 && row.options.answers &&
        std::getenv("SKALD_TEST_LONG") == nullptr)
        GTEST_SKIP() << "./dev test --long";
    const auto report = search(Trip(), row.seats, row.options);
    for (const auto& fault : report.faults) ADD_FAILURE() << fault;
    std::printf("trip, %s: %zu places, %zu ways between them\n", row.name, report.places,
                report.steps);
    EXPECT_TRUE((Size{report.places, report.steps} == row.size))
        << "{" << report.places << ", " << report.steps << "}";
    for (const auto phase : {saga::Phase::completed, saga::Phase::undone, saga::Phase::abandoned})
        EXPECT_TRUE(report.ends.contains(phase)) << kernel::name_of(phase);
}

INSTANTIATE_TEST_SUITE_P(
    all, TripSearch,
    ::testing::Values(
        Row{"one attempt", "1", {.attempts_max = 1}, {14'022, 49'536}},
        Row{"two attempts", "1", two_attempts, {20'750, 129'857}},
        Row{"nobody answers questions", "1", {.repairs_max = 1, .answers = false}, {6'818, 20'495}},
        Row{"two seats", "2", two_seats, {5'368, 16'039}}),
    [](const auto& row) {
        std::string name = row.param.name;
        std::erase(name, ' ');
        return name;
    });

// A table that does not keep the rules, made by changing one that does.
template <class Change>
SearchReport search_changed(Change change) {
    std::vector<Step> steps(std::begin(trip_steps), std::end(trip_steps));
    for (auto& step : steps) change(step);
    const Definition broken{"trip", 1, steps, 10min};
    return search(Trip(broken), "1", {.attempts_max = 1});
}

std::string first_fault(const SearchReport& report) {
    if (report.faults.empty()) return "none";
    return report.faults.front().substr(0, report.faults.front().find('\n'));
}

TEST(TripSearch, BrokenTablesAreFound) {
    EXPECT_EQ(first_fault(search_changed([](Step& step) {
                  if (step.name == "charge") step.undo = Undo::nothing;
              })),
              "given up, and charge is not listed");
    EXPECT_EQ(first_fault(search_changed([](Step& step) {
                  if (step.name == "hold") step.undo = Undo::nothing;
              })),
              "undone, and hold is still held");
    EXPECT_EQ(first_fault(search_changed([](Step& step) {
                  if (step.name == "tickets") step.otherwise = Otherwise::go_on;
              })),
              "complete, and hold has no owner");
}

TEST(TripSearch, BrokenWorldsAreFound) {
    auto options = two_attempts;
    options.forget_the_cancelled = true;
    EXPECT_EQ(first_fault(search(Trip(), "1", options)), "undone, and hold is still held");
    options = two_attempts;
    options.believe_too_early = true;
    EXPECT_EQ(first_fault(search(Trip(), "1", options)), "given up, and charge is not listed");
    options = two_attempts;
    options.forget_the_question = true;
    EXPECT_EQ(first_fault(search(Trip(), "1", options)), "given up, and charge is not listed");
    options = two_attempts;
    options.forget_the_key = true;
    EXPECT_EQ(first_fault(search(Trip(), "1", options)), "charge.undo ran twice");
}

TEST(TripSearch, APlaceWithoutAWayToAnEndIsFound) {
    const SearchOptions no_operator{.attempts_max = 1, .repairs = false};
    EXPECT_EQ(first_fault(search(Trip(), "1", no_operator)), "nothing can happen");
    // Nor does it help that something goes on happening.
    Beside light;
    light.first = false;
    light.key = [](const std::any& on) { return std::string(std::any_cast<bool>(on) ? "1" : "0"); };
    light.outside = [](const std::any& on) {
        return std::vector<std::pair<std::string, std::any>>{{"switch", !std::any_cast<bool>(on)}};
    };
    EXPECT_EQ(first_fault(Search(Trip(), no_operator, light).run("1")), "no end can be reached");
}

}  // namespace
}  // namespace skald::sagas
