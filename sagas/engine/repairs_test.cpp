// What an operator does to a saga that is stuck, case by case, and what its companions are told of
// it.
#include <gtest/gtest.h>

#include "sagas/engine/search/cases.h"
#include "sagas/engine/search/trip.h"

namespace skald::sagas {
namespace {

using saga::Outcome;
using testing::Case;
using testing::Diary;
using testing::Trip;
using testing::Words;

TEST(SagaRepairs, RepairsInEachPhase) {
    const Trip trip;
    Case c(trip);
    constexpr RepairAction all[] = {RepairAction::retry,          RepairAction::record_done,
                                    RepairAction::record_refused, RepairAction::skip,
                                    RepairAction::undo,           RepairAction::abandon};
    for (const auto action : all) EXPECT_EQ(c.repair(action).error, "not_stuck");
    c.hear(Abort{"changed"});
    for (const auto action : all) EXPECT_EQ(c.repair(action).error, "not_stuck");
    c.due();
    ASSERT_EQ(c.where(), "stuck hold");
    EXPECT_EQ(c.repair(RepairAction::record_refused).error, "undo_cannot_be_refused");
    EXPECT_TRUE(c.repair(RepairAction::retry).moved);
    EXPECT_EQ(c.where(), "undoing hold");
    c.due();
    EXPECT_TRUE(c.repair(RepairAction::abandon).moved);
    EXPECT_EQ(c.where(), "abandoned");
    for (const auto action : all) EXPECT_EQ(c.repair(action).error, "not_stuck");
    saga::State none;
    Diary companions(c.diary);
    EXPECT_EQ(react(trip, none, Repair{}, companions, c.now).error(), "unknown_saga");
}

// Replies that came while it was stuck were dropped. What had been refused meanwhile was then asked
// for again under the same id, and its receipt refused it once more.
TEST(SagaRepairs, RepliesThatComeWhileItIsStuckAreTaken) {
    const Trip trip;
    const auto stuck_at_tickets = [&] {
        Case c(trip);
        c.hold();
        c.claim();
        c.attempt(Outcome::done, 1);
        c.due();
        EXPECT_EQ(c.where(), "stuck tickets");
        return c;
    };
    auto sent = stuck_at_tickets();
    EXPECT_TRUE(sent.hear(Replies{"tickets", false, {{0, Outcome::done, ""}}}).moved);
    EXPECT_EQ(sent.where(), "forward confirm");
    auto refused = stuck_at_tickets();
    const Replies no{"tickets", false, {{0, Outcome::refused, "no"}}};
    EXPECT_TRUE(refused.hear(no).moved);
    EXPECT_FALSE(refused.hear(no).moved) << "told twice";
    EXPECT_EQ(refused.where(), "stuck tickets");
    EXPECT_EQ(refused.state.code, "timed_out");
    EXPECT_FALSE(refused.hear(Replies{"hold", false, {{0, Outcome::done, ""}}}).moved);
    refused.repair(RepairAction::retry);
    EXPECT_EQ(refused.state.find("tickets")->tries, std::vector<std::int32_t>{2});

    // Of what undoes: it goes on once all is undone.
    Case undoing(trip);
    undoing.hear(Abort{"changed"});
    undoing.due();
    ASSERT_EQ(undoing.where(), "stuck hold");
    EXPECT_FALSE(undoing.hear(Replies{"hold", true, {{0, Outcome::refused, "not_now"}}}).moved);
    EXPECT_TRUE(undoing.hear(Replies{"hold", true, {{0, Outcome::undone, ""}}}).moved);
    EXPECT_EQ(undoing.where(), "stuck hold");
    EXPECT_TRUE(undoing.hear(Replies{"hold", true, {{1, Outcome::undone, ""}}}).moved);
    EXPECT_EQ(undoing.where(), "undone");
}

// That the world refused was stored, for a while, without saying who said so. A call that went by
// a later key proves it.
TEST(SagaRepairs, AKeyOfItsOwnIsNeverTakenBack) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.attempt(Outcome::unknown, 1);
    c.attempt(Outcome::not_sent, 1, true);
    saga::apply(c.state, saga::AttemptStarted{"charge", false, 2, c.now, c.now, 1});
    c.attempt(Outcome::not_sent, 2);
    c.claim();
    EXPECT_EQ(c.attempts().count, 3);
    EXPECT_EQ(c.attempts().series, 1);
}

// An operator's word is told to the things beside the saga as the world's own would have been.
TEST(SagaRepairs, WhatAnOperatorRecordsIsToldToTheCompanions) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.attempt(Outcome::done, 1);
    c.hear(Replies{"tickets", false, {{0, Outcome::refused, "no"}}});
    ASSERT_EQ(c.where(), "stuck tickets");
    EXPECT_EQ(c.repair(RepairAction::undo).error, "cannot_be_undone: book");
    EXPECT_EQ(c.repair(RepairAction::record_refused).error, "cannot_be_undone: book");

    Case undoing(trip);
    undoing.hold();
    undoing.claim();
    undoing.hear(Abort{"changed"});
    undoing.attempt(Outcome::done, 1);
    undoing.due();
    ASSERT_EQ(undoing.where(), "stuck charge");
    undoing.diary.clear();
    EXPECT_TRUE(undoing.repair(RepairAction::record_done).moved);
    EXPECT_EQ(undoing.diary, (Words{"charge undo attempt_started", "charge undo succeeded"}));
    EXPECT_EQ(undoing.where(), "undoing hold");
}

// It was found that no attempt was ever made, and so the companions were told; an operator knows
// better. They could not have it: nothing was under way.
TEST(SagaRepairs, WhatNeverWasCanBeRecordedAsDone) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.hear(Abort{"changed"});
    c.attempt(Outcome::done, 1);
    c.claim("charge", true);
    c.attempt(Outcome::unknown, 1, false, true);
    c.attempt(Outcome::not_sent, 1, true, true);
    ASSERT_EQ(c.diary.back(), "charge undo never");
    c.due();
    ASSERT_EQ(c.where(), "stuck charge");
    c.diary.clear();
    EXPECT_TRUE(c.repair(RepairAction::record_done).moved);
    EXPECT_EQ(c.diary, (Words{"charge undo attempt_started", "charge undo succeeded"}));
}

TEST(SagaRepairs, WhatTheCompanionsCannotTakeIsTheOperatorsError) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.refuse = "charge succeeded";
    EXPECT_TRUE(c.attempt(Outcome::done, 1).moved);
    EXPECT_EQ(c.where(), "stuck charge");
    EXPECT_EQ(c.state.code, "impossible_outcome: no");
    EXPECT_EQ(c.repair(RepairAction::record_done).error, "impossible_outcome: no");
    EXPECT_EQ(c.where(), "stuck charge");
    c.refuse.clear();
    EXPECT_TRUE(c.repair(RepairAction::record_done).moved);
    EXPECT_EQ(c.where(), "forward tickets");
}

// A refusal is told once more, by a runner that asked before, when an operator has had the call
// made anew: of the new one, which goes by another key, it says nothing.
TEST(SagaRepairs, ARepeatedRefusalSaysNothingOfTheCallMadeAnew) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.hear(Abort{"changed"});
    c.attempt(Outcome::done, 1);
    c.claim("charge", true);
    EXPECT_EQ(c.undo_attempts().series, 0);
    EXPECT_TRUE(c.attempt(Outcome::refused, 1, false, true).moved);
    ASSERT_EQ(c.where(), "stuck charge");
    EXPECT_TRUE(c.repair(RepairAction::retry).moved);
    EXPECT_FALSE(c.attempt(Outcome::refused, 1, true, true).moved);
    c.claim("charge", true);
    ASSERT_EQ(c.undo_attempts().count, 2);
    EXPECT_EQ(c.undo_attempts().series, 1);
    EXPECT_FALSE(c.attempt(Outcome::refused, 1, false, true).moved);
    EXPECT_FALSE(c.attempt(Outcome::refused, 1, true, true).moved);
    EXPECT_FALSE(c.attempt(Outcome::done, 0, true, true).moved) << "nobody knows of which";
    EXPECT_TRUE(c.undo_attempts().open);
    EXPECT_TRUE(c.attempt(Outcome::done, 2, false, true).moved);
    EXPECT_EQ(c.where(), "undoing hold");
}

// What never arrived was not refused, and what may be under way keeps its key whatever was refused
// before.
TEST(SagaRepairs, OnlyTheWorldsOwnRefusalLeadsToAnotherKey) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.hear(Abort{"changed"});
    c.attempt(Outcome::done, 1);
    c.claim("charge", true);
    c.attempt(Outcome::unknown, 1, false, true);
    EXPECT_TRUE(c.attempt(Outcome::not_sent, 1, true, true).moved);
    c.claim("charge", true);
    EXPECT_EQ(c.undo_attempts().series, 0);
    c.attempt(Outcome::refused, 2, false, true);
    c.repair(RepairAction::retry);
    c.claim("charge", true);
    EXPECT_EQ(c.undo_attempts().series, 1);
    c.attempt(Outcome::unknown, 3, false, true);
    c.hear(Claim{"charge", true, true});
    EXPECT_EQ(c.undo_attempts().count, 4);
    EXPECT_EQ(c.undo_attempts().series, 1);
}

// A charge that is to be undone, and nobody knows whether that happened.
Case doubtful_undoing(const Trip& trip) {
    Case c(trip);
    c.hold();
    c.claim();
    c.hear(Abort{"changed"});
    c.attempt(Outcome::done, 1);
    c.claim("charge", true);
    c.attempt(Outcome::unknown, 1, false, true);
    c.due();
    EXPECT_EQ(c.where(), "stuck charge");
    c.diary.clear();
    return c;
}

// The money may be on its way: a saga that went past it would never hear of it again.
TEST(SagaRepairs, NobodyGoesPastWhatMayBeUnderWay) {
    const Trip trip;
    auto c = doubtful_undoing(trip);
    EXPECT_EQ(c.repair(RepairAction::skip).error, "outcome_unknown: charge");
    EXPECT_EQ(c.diary, Words{});
    // Once it is known not to have happened, it can be gone past.
    EXPECT_TRUE(c.attempt(Outcome::not_sent, 1, true, true).moved);
    EXPECT_EQ(c.where(), "stuck charge");
    EXPECT_TRUE(c.repair(RepairAction::skip).moved);
    EXPECT_EQ(c.diary, (Words{"charge undo never", "charge undo skipped"}));
    EXPECT_EQ(c.where(), "undoing hold");
}

constexpr Step late_pivot_steps[] = {{.name = "pay",
                                      .kind = StepKind::call,
                                      .last = true,
                                      .otherwise = Otherwise::stick,
                                      .pivot = true,
                                      .deadline = std::chrono::seconds(30),
                                      .attempt = std::chrono::seconds(3)}};
constexpr Definition late_pivot = verified<late_pivot_steps>("trip", 1, std::chrono::minutes(10));

// What was begun stayed in flight for ever with whoever had been told of it.
TEST(SagaRepairs, WhatIsGivenUpIsToldToTheCompanions) {
    const Trip trip;
    auto c = doubtful_undoing(trip);
    EXPECT_TRUE(c.repair(RepairAction::abandon).moved);
    EXPECT_EQ(c.diary, Words{"charge undo abandoned"});

    // Undone by an operator, where nothing is under way: a pivot that is not sent in time.
    const Trip pivot(late_pivot);
    Case undone(pivot);
    undone.claim("pay");
    undone.hear(AttemptResult{"pay", false, Outcome::not_sent, "", "", false, "", 1});
    undone.due();
    ASSERT_EQ(undone.where(), "stuck pay");
    undone.diary.clear();
    EXPECT_TRUE(undone.repair(RepairAction::undo).moved);
    EXPECT_EQ(undone.diary, Words{"pay called_off"});
    EXPECT_EQ(undone.where(), "undone");
}

// An operator is never kept from giving up, and reads what was not told.
TEST(SagaRepairs, ASagaIsGivenUpWhateverStandsBesideIt) {
    const Trip trip;
    auto c = doubtful_undoing(trip);
    c.refuse = "charge undo abandoned";
    EXPECT_TRUE(c.repair(RepairAction::abandon).moved);
    EXPECT_EQ(c.where(), "abandoned");
    EXPECT_EQ(c.left,
              "hold: held; charge: may be under way, reference ref; what stands beside it: "
              "not told, impossible_outcome: no");
}

TEST(SagaRepairs, WhatASkippedStepWouldHaveSettledIsOnRecord) {
    const Trip trip;
    Case c(trip);
    c.hold();
    c.claim();
    c.attempt(Outcome::done, 1);
    c.hear(Replies{"tickets", false, {{0, Outcome::refused, "no"}}});
    ASSERT_EQ(c.where(), "stuck tickets");
    c.repair(RepairAction::skip);
    EXPECT_EQ(c.where(), "forward confirm");
    EXPECT_EQ(c.left, "hold: held");
    auto undoing = doubtful_undoing(trip);
    undoing.attempt(Outcome::not_sent, 1, true, true);
    undoing.repair(RepairAction::skip);
    EXPECT_EQ(undoing.left, "charge: held, reference ref");
}

// The world's answer came while an operator was asked, and was dropped.
TEST(SagaRepairs, AnAnswerWhileStuckIsTaken) {
    const Trip trip;
    auto done = doubtful_undoing(trip);
    EXPECT_TRUE(done.attempt(Outcome::done, 1, false, true).moved);
    EXPECT_EQ(done.where(), "undoing hold");
    EXPECT_EQ(done.diary, Words{"charge undo succeeded"});

    auto refused = doubtful_undoing(trip);
    EXPECT_TRUE(refused.attempt(Outcome::refused, 1, false, true).moved);
    EXPECT_EQ(refused.where(), "stuck charge");
    EXPECT_EQ(refused.state.code, "no");
    EXPECT_EQ(refused.undo_attempts().refusals, 1);
    EXPECT_FALSE(refused.attempt(Outcome::refused, 1, false, true).moved);

    auto never = doubtful_undoing(trip);
    EXPECT_TRUE(never.attempt(Outcome::not_sent, 1, true, true).moved);
    EXPECT_EQ(never.where(), "stuck charge");
    EXPECT_EQ(never.state.code, "undo_timed_out");
    never.repair(RepairAction::retry);
    EXPECT_EQ(never.wanted(), Words{"claim"}) << "there is nothing left to ask for";
}

// The charge is to be undone, and its own answer comes after the time for that.
TEST(SagaRepairs, AnAnswerToWhatIsToBeUndoneIsKept) {
    const Trip trip;
    const auto stuck = [&] {
        Case c(trip);
        c.hold();
        c.claim();
        c.hear(Abort{"changed"});
        c.due();
        c.due();
        EXPECT_EQ(c.where(), "stuck charge");
        return c;
    };
    auto done = stuck();
    EXPECT_TRUE(done.attempt(Outcome::done, 1).moved);
    EXPECT_EQ(done.where(), "stuck charge");
    EXPECT_EQ(done.state.find("charge")->reference, "ref");
    done.repair(RepairAction::retry);
    EXPECT_EQ(done.wanted(), Words{"claim"}) << "what undoes it";
    auto refused = stuck();
    EXPECT_TRUE(refused.attempt(Outcome::refused, 1).moved);
    EXPECT_EQ(refused.where(), "undoing hold");
}

TEST(SagaRepairs, AnAnswerThatTheCompanionsCannotTakeIsRefusedOnce) {
    const Trip trip;
    auto c = doubtful_undoing(trip);
    c.refuse = "charge undo succeeded";
    EXPECT_TRUE(c.attempt(Outcome::done, 1, false, true).moved);
    EXPECT_EQ(c.state.code, "impossible_outcome: no");
    EXPECT_FALSE(c.attempt(Outcome::done, 1, false, true).moved);
    c.refuse.clear();
    EXPECT_TRUE(c.attempt(Outcome::done, 1, false, true).moved);
    EXPECT_EQ(c.where(), "undoing hold");
}

// A payment behind the pivot: nothing can be undone, but the doubt can be ended.
constexpr Step late_steps[] = {
    {.name = "go", .kind = StepKind::local, .then = "pay", .pivot = true},
    {.name = "pay",
     .kind = StepKind::call,
     .last = true,
     .otherwise = Otherwise::stick,
     .deadline = std::chrono::seconds(30),
     .attempt = std::chrono::seconds(3)}};
constexpr Definition late = verified<late_steps>("trip", 1, std::chrono::minutes(10));

TEST(SagaRepairs, BehindThePivotARecordedRefusalEndsTheDoubt) {
    const Trip trip(late);
    Case c(trip);
    c.claim("pay");
    c.due();
    c.due();
    ASSERT_EQ(c.where(), "stuck pay");
    EXPECT_EQ(c.repair(RepairAction::skip).error, "outcome_unknown: pay");
    EXPECT_TRUE(c.repair(RepairAction::record_refused).moved);
    EXPECT_EQ(c.where(), "stuck pay");
    EXPECT_EQ(c.state.code, "recorded_by_operator");
    EXPECT_EQ(c.diary.back(), "pay refused");
    EXPECT_EQ(c.repair(RepairAction::record_refused).error, "cannot_be_undone: go");
    // Nobody heard the world refuse it: its key stays.
    EXPECT_EQ(c.state.find("pay")->forward.refusals, 0);
    EXPECT_TRUE(c.repair(RepairAction::skip).moved);
    EXPECT_EQ(c.where(), "completed");
}

}  // namespace
}  // namespace skald::sagas
