#include "schemas/stock/snapshot.h"

#include <gtest/gtest.h>

#include <set>

#include "schemas/stock/snapshot.pb.h"
#include "schemas/testing/arbitrary.h"
#include "schemas/testing/golden.h"
#include "schemas/wire.h"

namespace skald::schemas::stock {
namespace {

using namespace skald::stock;

State folded(const std::vector<Event>& events) {
    State state;
    for (const auto& event : events) apply(state, event);
    return state;
}

// Every kind of event, each with an effect of its own on what is left.
const std::vector<Event>& life() {
    static const std::vector<Event> events{
        Received{1000, "note"},
        Adjusted{-7, "broken"},
        Reserved{HoldId("h-1"), 10},
        Reserved{HoldId("h-2"), 20},
        Reserved{HoldId("h-3"), 40},
        Released{HoldId("h-2"), 20, "declined"},
        Allocated{HoldId("h-3"), OrderId("o-3"), 40},
        Unallocated{OrderId("o-3"), 5},
        Shipped{OrderId("o-3"), 15},
        Returned{OrderId("o-3"), 2},
    };
    return events;
}

TEST(StockSnapshot, IsTheSameByTheSameRevision) {
    ASSERT_EQ(snapshot_revision, 1);
    std::set<std::size_t> kinds;
    for (const auto& event : life()) kinds.insert(event.index());
    EXPECT_EQ(kinds.size(), std::variant_size_v<Event>) << "a kind of event is not in the life";
    EXPECT_EQ(testing::to_hex(to_bytes(folded(life()))),
              "08d407100d1a070a03682d31100a22070a036f2d331014\n")
        << "the fold or the form of its snapshots was changed: count snapshot_revision up and put "
           "the new bytes here";
}

TEST(StockSnapshot, IsReadBackAtAnyMomentOfALife) {
    State state;
    for (const auto& event : life()) {
        apply(state, event);
        EXPECT_EQ(from_bytes(to_bytes(state)), state);
    }
}

RC_GTEST_PROP(StockSnapshot, KeepsWhatAnyHistoryLeft, ()) {
    const std::array holds{HoldId("h-1"), HoldId("h-2"), HoldId("h-3")};
    const std::array orders{OrderId("o-1"), OrderId("o-2")};
    auto state = folded({Received{quantity_max, {}}});
    for (std::size_t i = testing::pick(40); i > 0; --i) {
        const auto hold = holds[testing::pick(holds.size())];
        const auto order = orders[testing::pick(orders.size())];
        const auto some = testing::quantity(1, 3);
        const std::array<Command, 6> commands{Reserve{hold, some},         Release{hold, "r"},
                                              Ship{order, some},           Unallocate{order, some},
                                              Allocate{hold, order, some}, Return{order, some}};
        if (const auto events = decide(state, commands[testing::pick(commands.size())])) {
            for (const auto& event : *events) apply(state, event);
        }
    }
    RC_ASSERT(from_bytes(to_bytes(state)) == state);
}

TEST(StockSnapshot, BytesOfNoPossibleStateAreNone) {
    namespace proto = skald::stock::snapshot;
    const auto with = [](auto change) {
        proto::State m;
        m.set_on_hand(10);
        auto& hold = *m.add_holds();
        hold.set_id("h-1");
        hold.set_quantity(10);
        change(m);
        return wire::to_bytes(m);
    };
    ASSERT_TRUE(from_bytes(with([](auto&) {})));
    const struct {
        std::string_view what;
        std::string bytes;
    } rows[] = {
        {"no message", "\xff\xff"},
        {"held beyond what is there", with([](auto& m) { m.set_on_hand(9); })},
        {"less than nothing out", with([](auto& m) { m.set_out(-1); })},
        {"a hold without an id", with([](auto& m) { m.mutable_holds(0)->clear_id(); })},
        {"a hold of nothing", with([](auto& m) { m.mutable_holds(0)->set_quantity(0); })},
        {"a hold twice", with([](auto& m) {
             m.set_on_hand(20);
             *m.add_holds() = m.holds(0);
         })},
        {"sums beyond all bounds", with([](auto& m) {
             for (int i = 0; i < 10; ++i) {
                 auto& part = *m.add_allocations();
                 part.set_id("o-" + std::to_string(i));
                 part.set_quantity(quantity_max.value());
             }
         })},
    };
    for (const auto& row : rows) EXPECT_EQ(from_bytes(row.bytes), std::nullopt) << row.what;
}

}  // namespace
}  // namespace skald::schemas::stock
