#include "sagas/providers/circuit_breaker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/kernel/enum_name.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

// A story, one character a step: 'x' a call that fails, '.' one that works, '-' a call that must be
// turned away, 'w' 30 seconds pass, 'm' 29.999 seconds pass, '(' a call begins and stays under way,
// ')' it works, ']' it fails; 'A' to 'E' a failure that may be this operation's alone, 'a' the same
// operation works. The breaker opens after 5, closes after 3.
struct CircuitStory {
    std::string name;
    std::string steps;
    CircuitState end;
    std::string changes;  // states it went through, by first letter: c, h, o
};

std::ostream& operator<<(std::ostream& out, const CircuitStory& story) { return out << story.name; }

class CircuitStories : public testing::TestWithParam<CircuitStory> {};

TEST_P(CircuitStories, EndAsTold) {
    CircuitBreaker::Time now{};
    std::string changes;
    CircuitBreaker breaker(
        {}, [&] { return now; },
        [&](CircuitState, CircuitState to) { changes += kernel::name_of(to)[0]; });
    std::vector<CircuitBreaker::Permit> under_way;
    const auto enter = [&](std::size_t at) {
        const auto permit = breaker.enter();
        EXPECT_TRUE(permit) << "turned away at step " << at;
        return permit;
    };
    const auto finish = [&](CircuitBreaker::Permit permit, bool worked, std::string operation) {
        worked ? breaker.worked(permit, operation) : breaker.failed(permit, operation);
    };
    for (std::size_t at = 0; at < GetParam().steps.size(); ++at) {
        const char step = GetParam().steps[at];
        if (step == 'w') now += 30s;
        if (step == 'm') now += 29'999ms;
        if (step == '-') {
            EXPECT_FALSE(breaker.enter()) << "let in at step " << at;
        }
        if (step == 'x' || step == '.') {
            if (const auto permit = enter(at)) finish(*permit, step == '.', "");
        }
        if ((step >= 'A' && step <= 'E') || step == 'a') {
            if (const auto permit = enter(at))
                finish(*permit, step == 'a', step == 'a' ? "A" : std::string(1, step));
        }
        if (step == '(') {
            if (const auto permit = enter(at)) under_way.push_back(*permit);
        }
        if (step == ')' || step == ']') {
            finish(under_way.front(), step == ')', "");
            under_way.erase(under_way.begin());
        }
    }
    EXPECT_EQ(breaker.state(), GetParam().end);
    EXPECT_EQ(changes, GetParam().changes);
}

INSTANTIATE_TEST_SUITE_P(
    CircuitBreaker, CircuitStories,
    testing::Values(
        CircuitStory{"four_failures_are_not_enough", "xxxx", CircuitState::closed, ""},
        CircuitStory{"the_fifth_in_a_row_opens", "xxxxx-", CircuitState::open, "o"},
        CircuitStory{"a_success_in_between_starts_the_count_anew", "xxxx.xxxx.",
                     CircuitState::closed, ""},
        CircuitStory{"open_until_the_time_has_passed", "xxxxxm-", CircuitState::open, "o"},
        CircuitStory{"then_it_looks_again", "xxxxxw", CircuitState::half_open, "o"},
        CircuitStory{"two_successes_do_not_close", "xxxxxw..", CircuitState::half_open, "oh"},
        CircuitStory{"three_close", "xxxxxw...", CircuitState::closed, "ohc"},
        CircuitStory{"one_failure_while_looking_opens", "xxxxxw..x-", CircuitState::open, "oho"},
        CircuitStory{"and_the_time_runs_anew", "xxxxxwxm-", CircuitState::open, "oho"},
        CircuitStory{"successes_of_an_earlier_look_do_not_count", "xxxxxw..xw..",
                     CircuitState::half_open, "ohoh"},
        CircuitStory{"one_call_looks_at_a_time", "xxxxxw(-)(-)", CircuitState::half_open, "oh"},
        CircuitStory{"closed_again_it_counts_from_nothing", "xxxxxw...xxxx", CircuitState::closed,
                     "ohc"},
        CircuitStory{"calls_under_way_when_it_opens_do_not_count", "(xxxxx)-", CircuitState::open,
                     "o"},
        CircuitStory{"nor_do_their_failures_after_it_closed", "(((((xxxxxw...]]]]]",
                     CircuitState::closed, "ohc"},
        CircuitStory{"a_late_success_does_not_end_the_look", "(xxxxxw()-)", CircuitState::half_open,
                     "oh"},
        CircuitStory{"one_operation_that_fails_again_and_again_opens_nothing", "AAAAAAAAAAAA",
                     CircuitState::closed, ""},
        CircuitStory{"five_of_them_do", "ABACADABCDE-", CircuitState::open, "o"},
        CircuitStory{"each_once_also_behind_a_success", "ABCD.ABCDABCD", CircuitState::closed, ""},
        CircuitStory{"and_once_more_where_it_worked_since", "ABCDa.BCDAxxxx", CircuitState::open,
                     "o"},
        CircuitStory{"what_failed_before_does_not_end_the_look", "ABCDEwABC...",
                     CircuitState::closed, "ohc"},
        CircuitStory{"what_is_new_does", "xxxxAw..AB-", CircuitState::open, "oho"},
        CircuitStory{"whoever_came_would_have_failed_always_counts", "ABCDEwxwxw",
                     CircuitState::half_open, "ohoho"}),
    [](const auto& story) { return story.param.name; });

}  // namespace
}  // namespace skald::sagas
