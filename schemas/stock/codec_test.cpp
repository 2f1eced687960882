#include "schemas/stock/codec.h"

#include <gtest/gtest.h>

#include "schemas/stock/v1/stock.pb.h"
#include "schemas/testing/arbitrary.h"
#include "schemas/testing/golden.h"
#include "schemas/testing/rejects.h"

namespace skald::schemas::stock {
namespace {

using kernel::HoldId;
using kernel::OrderId;
using kernel::Quantity;
using skald::stock::Adjusted;
using skald::stock::Allocated;
using skald::stock::Event;
using skald::stock::quantity_max;
using skald::stock::Received;
using skald::stock::Released;
using skald::stock::Reserved;
using skald::stock::Returned;
using skald::stock::Shipped;
using skald::stock::Unallocated;
using testing::Golden;

TEST(StockCodec, ReadsWhatWasEverWritten) {
    const std::vector<Golden<Event>> rows = {
        {"stock.received.v1.plain", Received{5, {}}},
        {"stock.received.v1.most", Received{1'000'000'000'000, "note 7/\xC3\xA4"}},
        {"stock.adjusted.v1.more", Adjusted{2, "counted"}},
        {"stock.adjusted.v1.less", Adjusted{-3, "broken"}},
        {"stock.reserved.v1.plain", Reserved{HoldId("h-1"), 3}},
        {"stock.released.v1.plain", Released{HoldId("h-1"), 3, "payment declined"}},
        {"stock.allocated.v1.plain", Allocated{HoldId("h-1"), OrderId("o-1"), 3}},
        {"stock.unallocated.v1.plain", Unallocated{OrderId("o-1"), 3}},
        {"stock.shipped.v1.plain", Shipped{OrderId("o-1"), 2}},
        {"stock.returned.v1.plain", Returned{OrderId("o-1"), 1}},
    };
    testing::check_golden("stock", rows, &encode, &decode);
}

template <class Message>
Message with(auto change) {
    Message m;
    if constexpr (requires { m.set_hold("h"); }) m.set_hold("h");
    if constexpr (requires { m.set_order("o"); }) m.set_order("o");
    if constexpr (requires { m.set_quantity(1); }) m.set_quantity(1);
    if constexpr (requires { m.set_delta(1); }) m.set_delta(1);
    if constexpr (requires { m.set_reason("r"); }) m.set_reason("r");
    change(m);
    return m;
}

TEST(StockCodec, RejectsWhatTheDomainNeverLetsHappen) {
    namespace v1 = skald::stock::v1;
    const auto impossible = DecodeErrorKind::impossible;
    const auto none = [](auto& m) { m.clear_quantity(); };
    const auto too_many = [](auto& m) { m.set_quantity(1'000'000'000'001); };
    const std::string range = "quantity is out of range";
    testing::expect_rejected<Event>(
        &decode,
        {
            {"none", "stock.received", 1, with<v1::Received>(none), impossible, range},
            {"too many", "stock.received", 1, with<v1::Received>(too_many), impossible, range},
            {"minus one", "stock.reserved", 1,
             with<v1::Reserved>([](auto& m) { m.set_quantity(-1); }), impossible, range},
            {"none", "stock.released", 1, with<v1::Released>(none), impossible, range},
            {"none", "stock.allocated", 1, with<v1::Allocated>(none), impossible, range},
            {"none", "stock.unallocated", 1, with<v1::Unallocated>(none), impossible, range},
            {"none", "stock.shipped", 1, with<v1::Shipped>(none), impossible, range},
            {"too many", "stock.returned", 1, with<v1::Returned>(too_many), impossible, range},
            {"by 0", "stock.adjusted", 1, with<v1::Adjusted>([](auto& m) { m.clear_delta(); }),
             impossible, "delta is 0"},
            {"by too much", "stock.adjusted", 1,
             with<v1::Adjusted>([](auto& m) { m.set_delta(-1'000'000'000'001); }), impossible,
             "delta is out of range"},
            {"no reason", "stock.adjusted", 1,
             with<v1::Adjusted>([](auto& m) { m.clear_reason(); }), impossible, "reason is empty"},
            {"a NUL in the reason", "stock.released", 1,
             with<v1::Released>([](auto& m) { m.set_reason(std::string(1, '\0')); }), impossible,
             "reason holds control characters"},
            {"a tab in the reference", "stock.received", 1,
             with<v1::Received>([](auto& m) { m.set_reference("\t"); }), impossible,
             "reference holds control characters"},
            {"no hold", "stock.reserved", 1, with<v1::Reserved>([](auto& m) { m.clear_hold(); }),
             impossible, "hold is no id"},
            {"no order", "stock.unallocated", 1,
             with<v1::Unallocated>([](auto& m) { m.clear_order(); }), impossible, "order is no id"},
            {"no order", "stock.shipped", 1, with<v1::Shipped>([](auto& m) { m.clear_order(); }),
             impossible, "order is no id"},
            {"an order with a dot", "stock.allocated", 1,
             with<v1::Allocated>([](auto& m) { m.set_order("a.b"); }), impossible,
             "order is no id"},
        });
    testing::expect_unknown<Event>(&decode, "stock.reserved");
}

RC_GTEST_PROP(StockCodecProperty, ReadsWhatItWrites, ()) {
    using testing::maybe, testing::words;
    const auto count = [] { return testing::quantity(1, quantity_max); };
    const Event events[] = {
        Received{count(), maybe(words)},
        Adjusted{testing::coin() ? count() : Quantity(0) - count(), words()},
        Reserved{testing::id<HoldId>(), count()},
        Released{testing::id<HoldId>(), count(), words()},
        Allocated{testing::id<HoldId>(), testing::id<OrderId>(), count()},
        Unallocated{testing::id<OrderId>(), count()},
        Shipped{testing::id<OrderId>(), count()},
        Returned{testing::id<OrderId>(), count()},
    };
    for (const Event& event : events) testing::assert_round_trip<Event>(event, &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::stock
