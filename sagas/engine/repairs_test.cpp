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

}  // namespace
}  // namespace skald::sagas
