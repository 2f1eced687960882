#include "schemas/shipment/codec.h"

#include <gtest/gtest.h>

#include "schemas/shipment/v1/shipment.pb.h"
#include "schemas/testing/arbitrary.h"
#include "schemas/testing/golden.h"
#include "schemas/testing/rejects.h"

namespace skald::schemas::shipment {
namespace {

using kernel::OrderId;
using kernel::Sku;
using kernel::Timestamp;
using skald::shipment::Created;
using skald::shipment::Delivered;
using skald::shipment::Event;
using skald::shipment::Failed;
using skald::shipment::Shipped;
using testing::Golden;

TEST(ShipmentCodec, ReadsWhatWasEverWritten) {
    const std::vector<Golden<Event>> rows = {
        {"shipment.created.v1.plain",
         Created{OrderId("o-1"), {{Sku("WINE-1"), 3}, {Sku("x_1"), 100'000}}}},
        {"shipment.created.v1.tracking",
         Created{OrderId("o-1"), {{Sku("WINE-1"), 3}}, "00340434/\xC3\xA4"}},
        {"shipment.shipped.v1.plain",
         Shipped{"00340434/\xC3\xA4", Timestamp(1'700'000'000'123'456)}},
        {"shipment.delivered.v1.plain", Delivered{}},
        {"shipment.failed.v1.plain", Failed{"lost on the way"}},
    };
    testing::check_golden("shipment", rows, &encode, &decode);
}

TEST(ShipmentCodec, RejectsWhatTheDomainNeverLetsHappen) {
    namespace v1 = skald::shipment::v1;
    const auto created = [](auto change) {
        v1::Created m;
        m.set_order("o");
        for (const auto* sku : {"a", "b"}) {
            auto& line = *m.add_lines();
            line.set_sku(sku);
            line.set_quantity(1);
        }
        change(m);
        return m;
    };
    v1::Shipped timeless;
    timeless.set_tracking("t");
    v1::Shipped nanosecond = timeless;
    nanosecond.mutable_shipped_at()->set_nanos(1);
    v1::Failed bell;
    bell.set_reason("\a");
    const auto impossible = DecodeErrorKind::impossible;
    ASSERT_TRUE(decode("shipment.created", 1, created([](auto&) {}).SerializeAsString()));
    testing::expect_rejected<Event>(
        &decode,
        {
            {"no order", "shipment.created", 1, created([](auto& m) { m.clear_order(); }),
             impossible, "order is no id"},
            {"nothing in it", "shipment.created", 1, created([](auto& m) { m.clear_lines(); }),
             impossible, "lines is empty"},
            {"no sku", "shipment.created", 1,
             created([](auto& m) { m.mutable_lines(1)->clear_sku(); }), impossible, "sku is no id"},
            {"none of it", "shipment.created", 1,
             created([](auto& m) { m.mutable_lines(1)->clear_quantity(); }), impossible,
             "quantity is out of range"},
            {"a sku twice", "shipment.created", 1,
             created([](auto& m) { m.mutable_lines(1)->set_sku("a"); }), impossible,
             "lines has a sku twice"},
            {"an empty name", "shipment.created", 1, created([](auto& m) { m.set_tracking(""); }),
             impossible, "tracking is empty"},
            {"a bell as name", "shipment.created", 1,
             created([](auto& m) { m.set_tracking("\a"); }), impossible,
             "tracking holds control characters"},
            {"without a trace", "shipment.shipped", 1, v1::Shipped(), impossible,
             "tracking is empty"},
            {"no time", "shipment.shipped", 1, timeless, impossible, "shipped_at is absent"},
            {"a nanosecond", "shipment.shipped", 1, nanosecond, impossible,
             "shipped_at is no time in whole microseconds"},
            {"no reason", "shipment.failed", 1, v1::Failed(), impossible, "reason is empty"},
            {"a bell as reason", "shipment.failed", 1, bell, impossible,
             "reason holds control characters"},
        });
    testing::expect_unknown<Event>(&decode, "shipment.created");
}

RC_GTEST_PROP(ShipmentCodecProperty, ReadsWhatItWrites, ()) {
    using testing::maybe, testing::words;
    const Event events[] = {
        Created{testing::id<OrderId>(), testing::portions(), maybe(words)},
        Shipped{words(), testing::time()},
        Delivered{},
        Failed{words()},
    };
    for (const Event& event : events) testing::assert_round_trip<Event>(event, &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::shipment
