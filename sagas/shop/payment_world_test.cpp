// What the provider's answers mean to a saga's call.
#include "sagas/shop/payment_world.h"

#include <gtest/gtest.h>

#include <chrono>

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

class Answering : public PaymentProvider {
  public:
    PaymentAnswer call(const PaymentCall&, std::chrono::milliseconds) override { return answer; }
    std::optional<PaymentAnswer> find(const std::string&, std::chrono::milliseconds) override {
        return std::nullopt;
    }
    PaymentAnswer answer;
};

// At attempt `count`, in a series that began with `first` (0: with the first one of all).
saga::State at_attempt(std::int32_t count, std::int32_t first) {
    saga::State state;
    state.steps.push_back({.name = "pay"});
    state.steps.back().forward = {.count = count, .open = true, .series_first = first};
    return state;
}

// A payment was made and its answer was lost. The provider turned the repeat down unread, which
// counted as its word that the payment was refused: the next retry had a new key, and paid again.
TEST(PaymentWorld, ARequestThatWasTurnedDownSaysNothingOfEarlierOnes) {
    Answering provider;
    const auto world =
        payment_world({provider, 1s, [] { return kernel::Timestamp(0); }},
                      [](const saga::State&, std::string_view, bool) { return PaymentCall{}; });
    const auto come_out = [&](std::int32_t count, std::int32_t first) {
        return world->call(at_attempt(count, first), "pay", false, "key", 1s).outcome;
    };
    provider.answer = {.outcome = CallOutcome::refused, .code = "invalid", .surely_not_done = true};
    EXPECT_EQ(come_out(1, 0), saga::Outcome::refused);
    EXPECT_EQ(come_out(2, 0), saga::Outcome::not_sent);
    EXPECT_EQ(come_out(2, 2), saga::Outcome::refused) << "the first under its key";
    EXPECT_EQ(come_out(3, 2), saga::Outcome::not_sent);
    provider.answer.surely_not_done = false;  // the provider's word about the key
    EXPECT_EQ(come_out(3, 2), saga::Outcome::refused);
    provider.answer = {.code = "key_reused"};
    EXPECT_EQ(come_out(1, 0), saga::Outcome::unknown);
}

}  // namespace
}  // namespace skald::sagas
