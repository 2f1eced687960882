// The saga's mind, case by case: what comes late, twice, for another attempt, at the exact moment
// of a deadline, or makes no sense at all.
#include "sagas/engine/search/cases.h"

#include <gtest/gtest.h>

#include "sagas/engine/search/trip.h"

namespace skald::sagas {
namespace {

using saga::Outcome;
using testing::Case;
using testing::Trip;
using testing::Words;
using namespace std::chrono_literals;

// An attempt that failed earlier, while a later one is under way.
TEST(SagaCases, AnEarlierAttemptsFailureSaysNothingOfALaterOne) {
    const Trip trip;
    for (const auto outcome : {Outcome::unknown, Outcome::not_sent}) {
        Case c(trip);
        c.hold();
        c.claim();
        c.due();
        c.hear(Claim{"charge", false, true});
        ASSERT_EQ(c.attempts().count, 2);
        EXPECT_FALSE(c.attempt(outcome, 1).moved);
        EXPECT_TRUE(c.attempts().open);
        EXPECT_TRUE(c.attempt(Outcome::done, 1).moved);
        EXPECT_EQ(c.where(), "forward tickets");
    }
}

// Two runners ask; one is told that nothing is there and calls again; then the other's answer
// comes, from before that: nothing ever will be. Believed, it lost a payment.
TEST(SagaCases, AnAnswerToAnEarlierQuestionSaysNothingOfALaterAttempt) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.due();
    c.hear(Claim{"charge", false, true});
    EXPECT_FALSE(c.attempt(Outcome::not_sent, 1, true).moved);
    EXPECT_FALSE(c.attempt(Outcome::not_sent, 0, true).moved) << "one is under way";
    c.due();
    EXPECT_FALSE(c.attempt(Outcome::not_sent, 1, true).moved);
    EXPECT_TRUE(c.attempts().unknown);
    EXPECT_TRUE(c.attempt(Outcome::not_sent, 2, true).moved);
    EXPECT_FALSE(c.attempts().unknown);
    EXPECT_EQ(c.wanted(), Words{"claim"});
    EXPECT_EQ(c.diary.back(), "charge never");
}

TEST(SagaCases, WhatWasNotSentIsToldOnce) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.due();
    c.hear(Claim{"charge", false, true});
    EXPECT_TRUE(c.attempt(Outcome::not_sent, 2).moved);
    EXPECT_FALSE(c.attempt(Outcome::not_sent, 2).moved);
    EXPECT_TRUE(c.attempts().unknown) << "of the first nothing is known";
}

// A deadline has passed at its own microsecond, and not before.
TEST(SagaCases, DeadlinesAreExact) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    const auto attempt = *next_due(trip, c.state);
    EXPECT_EQ(attempt, c.now + 3'000'000);
    c.now = attempt - 1;
    EXPECT_FALSE(c.hear(Due{attempt}).moved);
    c.now = attempt;
    EXPECT_TRUE(c.hear(Due{attempt}).moved);
    EXPECT_FALSE(c.hear(Due{attempt}).moved);
    EXPECT_TRUE(c.attempts().unknown);
    const auto step = c.state.current->deadline;
    c.attempt(Outcome::not_sent, 1, true);
    c.now = step;
    EXPECT_FALSE(c.hear(Claim{"charge", false, false}).moved) << "nobody calls at the deadline";
    c.now = step - 1;
    EXPECT_TRUE(c.hear(Claim{"charge", false, false}).moved);
    c.now = step;
    EXPECT_TRUE(c.hear(Due{step}).moved);
    EXPECT_EQ(c.where(), "undoing charge");
    EXPECT_TRUE(c.attempts().open) << "it outlasts the step, and is waited for";
    EXPECT_EQ(c.wanted(), Words{});
    c.due();
    EXPECT_EQ(c.wanted(), Words{"ask"});
}

TEST(SagaCases, TheWholeSagasDeadlineCountsUntilThePivot) {
    const Trip trip;
    Case c(trip);
    c.now = c.state.deadline;
    EXPECT_TRUE(c.hear(Due{c.now}).moved);
    EXPECT_EQ(c.where(), "undoing hold");
    Case booked(trip);
    booked.hold();
    booked.claim();
    booked.attempt(Outcome::done, 1);
    ASSERT_EQ(booked.where(), "forward tickets");
    EXPECT_EQ(next_due(trip, booked.state), booked.state.current->deadline);
}

TEST(SagaCases, RepliesThatMakeNoSenseChangeNothing) {
    const Trip trip;
    Case c(trip);
    for (const int item : {-1, 2, 1'000'000}) {
        EXPECT_FALSE(c.hear(Replies{"hold", false, {{item, Outcome::done, ""}}}).moved) << item;
        EXPECT_FALSE(c.hear(Replies{"hold", false, {{item, Outcome::refused, "no"}}}).moved);
    }
    EXPECT_FALSE(c.hear(Replies{"hold", true, {{0, Outcome::undone, ""}}}).moved);
    EXPECT_FALSE(c.hear(Replies{"tickets", false, {{0, Outcome::done, ""}}}).moved);
    EXPECT_FALSE(c.hear(Replies{"no such step", false, {{0, Outcome::done, ""}}}).moved);
    EXPECT_FALSE(c.hear(Replies{"hold", false, {}}).moved);
    EXPECT_EQ(c.where(), "forward hold");
    // Among others that do.
    EXPECT_TRUE(
        c.hear(Replies{"hold", false, {{7, Outcome::done, ""}, {1, Outcome::done, ""}}}).moved);
    EXPECT_EQ(c.state.find("hold")->items[1], saga::ItemStatus::done);
}

TEST(SagaCases, AbortsInEachPhase) {
    const Trip trip;
    Case early(trip);
    EXPECT_TRUE(early.hear(Abort{"changed"}).moved);
    EXPECT_EQ(early.where(), "undoing hold");
    EXPECT_EQ(early.wanted(), (Words{"cancel", "cancel"}));
    EXPECT_FALSE(early.hear(Abort{"changed"}).moved);
    early.due();
    EXPECT_EQ(early.where(), "stuck hold");
    EXPECT_FALSE(early.hear(Abort{"changed"}).moved);
    early.repair(RepairAction::abandon);
    EXPECT_FALSE(early.hear(Abort{"changed"}).moved);
    Case late(trip);
    late.hold();
    late.claim();
    late.attempt(Outcome::done, 1);
    EXPECT_EQ(late.hear(Abort{"changed"}).error, "too_late");
}

// An attempt that is under way when everything is undone: it is learned first what became of it.
TEST(SagaCases, AnAttemptUnderWayIsKnownBeforeItIsUndone) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.hear(Abort{"changed"});
    EXPECT_EQ(c.where(), "undoing charge");
    EXPECT_EQ(c.wanted(), Words{});
    EXPECT_FALSE(c.hear(Claim{"charge", true, false}).moved);
    EXPECT_TRUE(c.attempt(Outcome::done, 1).moved);
    EXPECT_EQ(c.wanted(), Words{"claim"});
    EXPECT_TRUE(c.hear(Claim{"charge", true, false}).moved);
    EXPECT_TRUE(c.attempt(Outcome::done, 1, false, true).moved);
    EXPECT_EQ(c.where(), "undoing hold");
}

TEST(SagaCases, ASignalWhileStuckIsKept) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.attempt(Outcome::done, 1);
    c.hear(Replies{"tickets", false, {{0, Outcome::refused, "no"}}});
    EXPECT_TRUE(c.hear(Signal{"confirmed"}).moved);
    EXPECT_FALSE(c.hear(Signal{"confirmed"}).moved);
    EXPECT_EQ(c.where(), "stuck tickets");
    EXPECT_TRUE(c.repair(RepairAction::record_done).moved);
    EXPECT_EQ(c.where(), "completed");
}

// Pivots that take their time. What nothing undoes and may have happened is never given up.
constexpr Step paying_steps[] = {{.name = "pay",
                                  .kind = StepKind::call,
                                  .last = true,
                                  .pivot = true,
                                  .deadline = 30s,
                                  .attempt = 3s}};
constexpr Definition paying = verified<paying_steps>("trip", 1, 10min);
constexpr Step sending_steps[] = {
    {.name = "hold", .kind = StepKind::commands, .last = true, .pivot = true, .deadline = 30s}};
constexpr Definition sending = verified<sending_steps>("trip", 1, 10min);

TEST(SagaPivots, ACallThatMayHaveHappenedIsNotGivenUp) {
    const Trip trip(paying);
    Case c(trip);
    c.claim("pay");
    EXPECT_EQ(c.hear(Abort{"changed"}).error, "too_late");
    c.due();
    EXPECT_EQ(c.hear(Abort{"changed"}).error, "too_late");
    c.due();
    EXPECT_EQ(c.where(), "stuck pay");
    EXPECT_EQ(c.repair(RepairAction::undo).error, "cannot_be_undone: pay");
    EXPECT_TRUE(c.repair(RepairAction::record_refused).moved);
    EXPECT_EQ(c.where(), "undone");
    Case untried(trip);
    EXPECT_TRUE(untried.hear(Abort{"changed"}).moved);
    EXPECT_EQ(untried.where(), "undone");
    Case refused(trip);
    refused.claim("pay");
    refused.hear(AttemptResult{"pay", false, Outcome::refused, "no", "", false, "", 1});
    EXPECT_EQ(refused.where(), "undone");
}

TEST(SagaPivots, CommandsOfWhichOneRanAreNotGivenUp) {
    const Trip trip(sending);
    Case c(trip);
    EXPECT_EQ(c.hear(Abort{"changed"}).error, "too_late");
    c.hear(Replies{"hold", false, {{0, Outcome::done, ""}, {1, Outcome::refused, "no"}}});
    EXPECT_EQ(c.where(), "stuck hold");
    EXPECT_EQ(c.repair(RepairAction::undo).error, "cannot_be_undone: hold");
    EXPECT_EQ(c.repair(RepairAction::record_refused).error, "cannot_be_undone: hold");
    EXPECT_TRUE(c.repair(RepairAction::retry).moved);
    EXPECT_EQ(c.wanted(), Words{"send"});
    Case refused(trip);
    refused.hear(Replies{"hold", false, {{0, Outcome::refused, "no"}, {1, Outcome::refused, ""}}});
    EXPECT_EQ(refused.where(), "undone");
}

}  // namespace
}  // namespace skald::sagas
