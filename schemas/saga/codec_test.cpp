#include "schemas/saga/codec.h"

#include <gtest/gtest.h>

#include "schemas/testing/golden.h"

namespace skald::schemas::saga {
namespace {

using namespace skald::saga;
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
        {"saga.moved.v1.nothing", begins},
        {"saga.repaired.v1.abandon", Repaired{"abandon", "capture", "ann", "the provider is gone",
                                              "authorise: held; reserve: held", gives_up}},
    };
    testing::check_golden("saga", rows, &encode, &decode);
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
