#include "schemas/saga/codec.h"

#include <gtest/gtest.h>

#include "schemas/saga/v1/saga.pb.h"
#include "schemas/testing/golden.h"

namespace skald::schemas::saga {
namespace {

using namespace skald::saga;
namespace v1 = skald::saga::v1;
using kernel::Timestamp;
using testing::Golden;

Moved full_move() {
    return {.at = Timestamp(1'700'000'000'000'002),
            .replies = {{0, Outcome::done, ""}, {1, Outcome::refused, "not_enough_stock"}},
            .attempt_ended = AttemptEnd{"authorise", false, Outcome::unknown},
            .signal = "shipped",
            .signal_code = "lost",
            .ended = {{"reserve", Outcome::refused, "not_enough_stock", ""},
                      {"authorise", Outcome::done, "", "auth-1"}},
            .begun = Begun{"reserve", true, 2, 1, Timestamp(1'700'000'060'000'002)},
            .phase = Phase::undoing,
            .code = "not_enough_stock"};
}

TEST(SagaCodec, ReadsWhatWasEverWritten) {
    Moved begins{.at = Timestamp(1'700'000'000'000'001)};
    begins.begun = Begun{"reserve", false, 3, 1, Timestamp(1'700'000'030'000'001)};
    Moved inferred{.at = Timestamp(1'700'000'000'000'005)};
    inferred.attempt_ended = AttemptEnd{"authorise", false, Outcome::refused, true};
    auto refused = inferred;
    refused.attempt_ended->inferred = false;
    Moved gives_up{.at = Timestamp(1'700'000'000'000'009)};
    gives_up.phase = Phase::abandoned;
    const std::vector<Golden<Event>> rows = {
        {"saga.started.v1.checkout",
         Started{"checkout", 1, "o-1", std::string("\x01\0\xff", 3), "return-o-1",
                 Timestamp(1'700'000'900'000'001), begins}},
        {"saga.attempt_started.v1.second",
         AttemptStarted{"authorise", true, 2, Timestamp(1'700'000'000'000'003),
                        Timestamp(1'700'000'003'000'003)}},
        {"saga.attempt_started.v1.behind_a_refusal",
         AttemptStarted{"authorise", false, 3, Timestamp(1'700'000'000'000'003),
                        Timestamp(1'700'000'003'000'003), 1}},
        {"saga.moved.v1.everything", full_move()},
        {"saga.moved.v1.inferred", inferred},
        {"saga.moved.v1.refused_by_the_world", refused},
        {"saga.moved.v1.nothing", begins},
        {"saga.repaired.v1.abandon", Repaired{"abandon", "capture", "ann", "the provider is gone",
                                              "authorise: held; reserve: held", gives_up}},
    };
    testing::check_golden("saga", rows, &encode, &decode);
}

// Before it was stored who had said so, a refusal may have been concluded from silence. It was read
// as the world's own word: the next retry took another key, and may have paid twice.
TEST(SagaCodec, ARefusalOfWhichNobodyKnowsWhoSaidItWasConcluded) {
    v1::Moved moved;
    moved.mutable_at()->set_seconds(1'700'000'000);
    moved.set_phase(v1::PHASE_STUCK);
    auto& ended = *moved.mutable_attempt_ended();
    ended.set_step("authorise");
    for (const auto& [outcome, inferred] :
         {std::pair{v1::OUTCOME_REFUSED, true}, {v1::OUTCOME_UNKNOWN, false}}) {
        ended.set_outcome(outcome);
        const auto read = decode("saga.moved", 1, moved.SerializeAsString());
        ASSERT_TRUE(read);
        EXPECT_EQ(move_of(*read)->attempt_ended->inferred, inferred) << outcome;
    }
    for (const bool inferred : {true, false}) {
        Moved said{.at = Timestamp(1'700'000'000'000'005)};
        said.attempt_ended = AttemptEnd{"authorise", false, Outcome::refused, inferred};
        const auto stored = encode(said);
        EXPECT_EQ(decode(stored.type, stored.schema_version, stored.data), Event(said));
    }
}

TEST(SagaCodec, RejectsWhatCannotBe) {
    for (const auto& [type, data] :
         std::vector<std::pair<std::string, std::string>>{{"saga.started", ""},
                                                          {"saga.attempt_started", ""},
                                                          {"saga.moved", ""},
                                                          {"saga.repaired", ""},
                                                          {"saga.moved", "\x08"}}) {
        EXPECT_FALSE(decode(type, 1, data)) << type;
    }
}

}  // namespace
}  // namespace skald::schemas::saga
