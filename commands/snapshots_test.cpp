#include <gtest/gtest.h>

#include "commands/shop_rig.h"
#include "schemas/stock/snapshot.h"

namespace skald::commands {
namespace {

using eventstore::AnswerKind;

// The story: the state that came of a snapshot was of another type than the fold's, and the first
// command on a long stream ended the process.
TEST(Snapshots, OfALongStocksLifeAreWhereTheNextProcessBegins) {
    ShopRig shop;
    shop.create("tea");
    const auto tea = stock_stream(kernel::Sku("tea"));
    const auto snapshot = [&] {
        std::lock_guard lock(shop.store->mutex);
        return shop.store->snapshots[tea];
    };
    for (int i = 0; i < 50'000 && snapshot().state.empty(); ++i)
        ASSERT_EQ(shop.receive("tea", 1).kind, AnswerKind::done);
    auto kept = snapshot();
    auto state = schemas::stock::from_bytes(kept.state);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->on_hand.value(), kept.version.value());

    // Another process, and a snapshot such as no event tells it: so it is seen to be read.
    state->on_hand = kernel::Quantity(0);
    kept.state = schemas::stock::to_bytes(*state);
    {
        std::lock_guard lock(shop.store->mutex);
        shop.store->snapshots[tea] = kept;
    }
    const auto behind = static_cast<std::int64_t>(shop.stream(tea).size()) - kept.version.value();
    eventstore::Executor other([&] { return std::make_unique<eventstore::MemoryLog>(shop.store); },
                               folds(), {});
    const auto take = [&](std::int64_t units) {
        return other.run(adjust_stock(ShopRig::context(), kernel::Sku("tea"),
                                      {.delta = kernel::Quantity::of(-units), .reason = "count"}));
    };
    EXPECT_EQ(take(behind + 1).kind, AnswerKind::refused);
    if (behind > 0) {
        EXPECT_EQ(take(behind).kind, AnswerKind::done);
    }
}

}  // namespace
}  // namespace skald::commands
