#include "schemas/order/codec.h"

#include <gtest/gtest.h>

#include "schemas/order/v1/order.pb.h"
#include "schemas/testing/arbitrary.h"
#include "schemas/testing/golden.h"
#include "schemas/testing/rejects.h"

namespace skald::schemas::order {
namespace {

using kernel::AccountId;
using kernel::PaymentId;
using kernel::Portion;
using kernel::ReturnId;
using kernel::ShipmentId;
using kernel::Sku;
using kernel::Timestamp;
using skald::order::Cancelled;
using skald::order::CancelRefused;
using skald::order::CancelRequested;
using skald::order::Completed;
using skald::order::Confirmed;
using skald::order::Event;
using skald::order::Place;
using skald::order::Placed;
using skald::order::Rejected;
using skald::order::RestCancelled;
using skald::order::ReturnRecorded;
using skald::order::Shipped;
using skald::order::time_max;
using skald::order::time_min;
using testing::Golden;

constexpr kernel::Currency eur{"EUR"}, jpy{"JPY"};

TEST(OrderCodec, ReadsWhatWasEverWritten) {
    const std::vector<Golden<Event>> rows = {
        {"order.placed.v1.two_lines",
         Placed{AccountId("ada-1"),
                {{Sku("WINE-1"), "Gl\xC3\xBChwein", "Drinks", 3, {799, eur}, {2397, eur}},
                 {Sku("x_1"), "Thing", {}, 1, {1, eur}, {1, eur}}},
                {2398, eur},
                "card-ok",
                Timestamp(1'700'000'000'123'456)}},
        {"order.placed.v1.before_1970",
         Placed{AccountId("b"),
                {{Sku("x"), "Old thing", {}, 100'000, {10'000'000, jpy}, {1'000'000'000'000, jpy}}},
                {1'000'000'000'000, jpy},
                "card-declined",
                Timestamp(-1)}},
        {"order.placed.v1.nothing_to_carry",
         Placed{AccountId("b"),
                {{Sku("song"), "Song", {}, 1, {99, eur}, {99, eur}, false},
                 {Sku("x"), "Thing", {}, 1, {1, eur}, {1, eur}, true}},
                {100, eur},
                "card-ok",
                Timestamp(1'700'000'000'000'000)}},
        {"order.confirmed.v1.plain", Confirmed{PaymentId("o-1.1")}},
        {"order.rejected.v1.plain", Rejected{"payment declined", {}}},
        {"order.rejected.v1.line", Rejected{"not enough stock", Sku("WINE-1")}},
        {"order.cancel_requested.v1.plain",
         CancelRequested{"zu sp\xC3\xA4t", Timestamp(1'700'000'000'123'456)}},
        {"order.cancel_refused.v1.plain", CancelRefused{"it has shipped"}},
        {"order.cancelled.v1.plain", Cancelled{{2398, eur}}},
        {"order.cancelled.v1.unpaid", Cancelled{{0, jpy}}},
        {"order.shipped.v1.plain",
         Shipped{ShipmentId("o-1.1"), {{Sku("WINE-1"), 3}, {Sku("x_1"), 100'000}}}},
        {"order.rest_cancelled.v1.plain", RestCancelled{"zu sp\xC3\xA4t",
                                                        Timestamp(1'700'000'000'123'456),
                                                        {{Sku("WINE-1"), 1}, {Sku("x_1"), 100'000}},
                                                        {100'799, eur},
                                                        {0, eur},
                                                        12}},
        {"order.rest_cancelled.v1.paid",
         RestCancelled{"sold out", Timestamp(0), {{Sku("WINE-1"), 1}}, {799, eur}, {799, eur}, 1}},
        {"order.return_recorded.v1.plain",
         ReturnRecorded{ReturnId("r-1"), {{Sku("WINE-1"), 1}}, {799, eur}}},
        {"order.return_recorded.v1.broken",
         ReturnRecorded{ReturnId("r-2"), {{Sku("WINE-1"), 1}}, {0, eur}}},
        {"order.return_recorded.v1.reason",
         ReturnRecorded{
             ReturnId("r-3"), {{Sku("WINE-1"), 2}}, {1598, eur}, "zu s\xC3\xBC\xC3\x9F"}},
        {"order.completed.v1.plain", Completed{}},
    };
    testing::check_golden("order", rows, &encode, &decode);
}

skald::order::v1::Placed with(auto change) {
    skald::order::v1::Placed m;
    m.set_account("ada");
    m.set_payment_method("card-ok");
    m.mutable_placed_at()->set_seconds(1'700'000'000);
    for (const auto* sku : {"a", "b"}) {
        auto& line = *m.add_lines();
        line.set_sku(sku);
        line.set_title("Title");
        line.set_quantity(2);
        for (auto* money : {line.mutable_unit_price(), line.mutable_total()})
            money->set_currency("EUR");
        line.mutable_unit_price()->set_amount(5);
        line.mutable_total()->set_amount(10);
    }
    m.mutable_total()->set_amount(20);
    m.mutable_total()->set_currency("EUR");
    change(m);
    return m;
}

TEST(OrderCodec, RejectsWhatTheDomainNeverLetsHappen) {
    struct Row {
        std::string_view what;
        skald::order::v1::Placed message;
        std::string detail;
    };
    const std::string sum = "total is not the sum of the lines";
    const std::string product = "a line's total is not quantity x unit_price";
    const std::string time = "placed_at is no time in whole microseconds";
    const Row rows[] = {
        {"no account", with([](auto& m) { m.clear_account(); }), "account is no id"},
        {"no lines", with([](auto& m) { m.clear_lines(); }), "no lines"},
        {"no sku", with([](auto& m) { m.mutable_lines(1)->clear_sku(); }), "sku is no id"},
        {"no title", with([](auto& m) { m.mutable_lines(1)->clear_title(); }), "title is empty"},
        {"an empty department", with([](auto& m) { m.mutable_lines(0)->set_department(""); }),
         "department is empty"},
        {"none of it", with([](auto& m) { m.mutable_lines(0)->clear_quantity(); }),
         "quantity is out of range"},
        {"100001 of it", with([](auto& m) { m.mutable_lines(0)->set_quantity(100'001); }),
         "quantity is out of range"},
        {"no price", with([](auto& m) { m.mutable_lines(0)->clear_unit_price(); }),
         "unit_price is not positive"},
        {"a line's total is wrong",
         with([](auto& m) { m.mutable_lines(0)->mutable_total()->set_amount(11); }), product},
        {"a line's total in dollars",
         with([](auto& m) { m.mutable_lines(0)->mutable_total()->set_currency("USD"); }), product},
        {"a line beyond all numbers",
         with([](auto& m) { m.mutable_lines(0)->mutable_unit_price()->set_amount(INT64_MAX); }),
         product},
        {"a sku twice", with([](auto& m) { m.mutable_lines(1)->set_sku("a"); }), "a sku twice"},
        {"the total is wrong", with([](auto& m) { m.mutable_total()->set_amount(21); }), sum},
        {"the total in dollars", with([](auto& m) { m.mutable_total()->set_currency("USD"); }),
         sum},
        {"one line in dollars", with([](auto& m) {
             m.mutable_lines(1)->mutable_unit_price()->set_currency("USD");
             m.mutable_lines(1)->mutable_total()->set_currency("USD");
         }),
         sum},
        {"no method", with([](auto& m) { m.clear_payment_method(); }), "payment_method is empty"},
        {"no time", with([](auto& m) { m.clear_placed_at(); }), "placed_at is absent"},
        {"a nanosecond", with([](auto& m) { m.mutable_placed_at()->set_nanos(1); }), time},
        {"negative nanoseconds", with([](auto& m) { m.mutable_placed_at()->set_nanos(-1000); }),
         time},
        {"the year 10000",
         with([](auto& m) { m.mutable_placed_at()->set_seconds(253'402'300'800); }), time},
        {"the largest time", with([](auto& m) { m.mutable_placed_at()->set_seconds(INT64_MAX); }),
         time},
        {"the year 0", with([](auto& m) { m.mutable_placed_at()->set_seconds(-62'135'596'801); }),
         time},
    };
    ASSERT_TRUE(decode("order.placed", 1, with([](auto&) {}).SerializeAsString()));
    for (const Row& row : rows)
        testing::expect_rejected<Event>(&decode, {{row.what, "order.placed", 1, row.message,
                                                   DecodeErrorKind::impossible, row.detail}});
    testing::expect_unknown<Event>(&decode, "order.placed");
}

TEST(OrderCodec, RejectsALifeThatTheDomainNeverLetsHappen) {
    namespace v1 = skald::order::v1;
    const auto shipped = [](auto change) {
        v1::Shipped m;
        m.set_shipment_id("o.1");
        for (const auto* sku : {"a", "b"}) {
            auto& line = *m.add_lines();
            line.set_sku(sku);
            line.set_quantity(1);
        }
        change(m);
        return m;
    };
    const auto returned = [](auto change) {
        v1::ReturnRecorded m;
        m.set_return_id("r");
        m.add_lines()->set_sku("a");
        m.mutable_lines(0)->set_quantity(1);
        m.mutable_refund()->set_currency("EUR");
        change(m);
        return m;
    };
    const auto given_up = [](auto change) {
        v1::RestCancelled m;
        m.set_reason("x");
        m.mutable_requested_at()->set_seconds(1);
        m.add_lines()->set_sku("a");
        m.mutable_lines(0)->set_quantity(1);
        for (auto* money : {m.mutable_total(), m.mutable_refund_due()}) {
            money->set_amount(5);
            money->set_currency("EUR");
        }
        m.set_shipments(1);
        change(m);
        return m;
    };
    v1::Confirmed unnumbered;
    unnumbered.set_payment_id("o");
    v1::Rejected bad_sku;
    bad_sku.set_reason("x");
    bad_sku.set_sku("");
    v1::CancelRequested timeless;
    timeless.set_reason("x");
    v1::CancelRequested nanosecond = timeless;
    nanosecond.mutable_requested_at()->set_nanos(1);
    v1::Cancelled negative;
    negative.mutable_refund_due()->set_amount(-1);
    negative.mutable_refund_due()->set_currency("EUR");
    const auto impossible = DecodeErrorKind::impossible;
    ASSERT_TRUE(decode("order.shipped", 1, shipped([](auto&) {}).SerializeAsString()));
    ASSERT_TRUE(decode("order.rest_cancelled", 1, given_up([](auto&) {}).SerializeAsString()));
    ASSERT_TRUE(decode("order.return_recorded", 1, returned([](auto&) {}).SerializeAsString()));
    testing::expect_rejected<Event>(
        &decode,
        {
            {"an order's id", "order.confirmed", 1, unnumbered, impossible, "payment_id is no id"},
            {"no reason", "order.rejected", 1, v1::Rejected(), impossible, "reason is empty"},
            {"an empty sku", "order.rejected", 1, bad_sku, impossible, "sku is no id"},
            {"no time", "order.cancel_requested", 1, timeless, impossible,
             "requested_at is absent"},
            {"a nanosecond", "order.cancel_requested", 1, nanosecond, impossible,
             "requested_at is no time in whole microseconds"},
            {"no reason", "order.cancel_refused", 1, v1::CancelRefused(), impossible,
             "reason is empty"},
            {"no currency", "order.cancelled", 1, v1::Cancelled(), impossible,
             "refund_due has no currency"},
            {"a debt", "order.cancelled", 1, negative, impossible, "refund_due is negative"},
            {"no number", "order.shipped", 1, shipped([](auto& m) { m.set_shipment_id("o."); }),
             impossible, "shipment_id is no id"},
            {"nothing", "order.shipped", 1, shipped([](auto& m) { m.clear_lines(); }), impossible,
             "lines is empty"},
            {"a sku twice", "order.shipped", 1,
             shipped([](auto& m) { m.mutable_lines(1)->set_sku("a"); }), impossible,
             "lines has a sku twice"},
            {"none of it", "order.shipped", 1,
             shipped([](auto& m) { m.mutable_lines(0)->clear_quantity(); }), impossible,
             "quantity is out of range"},
            {"100001 of it", "order.shipped", 1,
             shipped([](auto& m) { m.mutable_lines(0)->set_quantity(100'001); }), impossible,
             "quantity is out of range"},
            {"a rest without reason", "order.rest_cancelled", 1,
             given_up([](auto& m) { m.clear_reason(); }), impossible, "reason is empty"},
            {"the rest of nothing", "order.rest_cancelled", 1,
             given_up([](auto& m) { m.clear_lines(); }), impossible, "lines is empty"},
            {"the rest for free", "order.rest_cancelled", 1,
             given_up([](auto& m) { m.clear_total(); }), impossible, "total is not positive"},
            {"the rest of what has not shipped", "order.rest_cancelled", 1,
             given_up([](auto& m) { m.clear_shipments(); }), impossible, "no shipment before it"},
            {"no return", "order.return_recorded", 1,
             returned([](auto& m) { m.clear_return_id(); }), impossible, "return_id is no id"},
            {"returned without a word", "order.return_recorded", 1,
             returned([](auto& m) { m.set_reason(""); }), impossible, "reason is empty"},
            {"a refund in words", "order.return_recorded", 1,
             returned([](auto& m) { m.mutable_refund()->set_currency("euro"); }), impossible,
             "refund has no currency"},
        });
}

TEST(OrderCodec, ATimeThatJsonCannotSayIsAnErrorNotText) {
    const auto message = with([](auto& m) { m.mutable_placed_at()->set_seconds(INT64_MAX); });
    const auto json = to_json("order.placed", 1, message.SerializeAsString());
    ASSERT_FALSE(json);
    EXPECT_EQ(kernel::name_of(json.error().kind), "malformed");
}

// The largest order that is accepted fits into an event, which holds 256 KiB.
TEST(OrderCodec, TheLargestOrderFitsIntoAnEvent) {
    Place place{AccountId(std::string(64, 'a')), {}, std::string(64, 'p'), time_max};
    // As many bytes as may be beside the texts, and texts of the length that just goes through.
    for (int i = 0; i < 1000; ++i) {
        auto sku = std::to_string(i);
        sku.insert(0, 64 - sku.size(), '0');
        place.lines.push_back(
            {Sku(sku), std::string(100, 't'), std::string(22, 'd'), 100'000, {90'000, eur}, false});
    }
    const auto events = decide(skald::order::State{}, place);
    ASSERT_TRUE(events) << kernel::name_of(events.error().code);
    EXPECT_LE(encode(events->at(0)).data.size(), 256u * 1024u);
    place.lines[999].title += 't';
    const auto larger = decide(skald::order::State{}, place);
    ASSERT_FALSE(larger);
    EXPECT_EQ(kernel::name_of(larger.error().code), "too_large");
}

RC_GTEST_PROP(OrderCodecProperty, ReadsWhatItWrites, ()) {
    Place place{testing::id<AccountId>(), {}, testing::id_text(), testing::time()};
    const auto count = testing::number(1, 19);
    for (int i = 0; i < count; ++i)
        place.lines.push_back({Sku("sku-" + std::to_string(i)),
                               testing::words(),
                               testing::maybe(testing::words),
                               testing::quantity(1, skald::order::quantity_max),
                               {testing::number(1, 999'999), eur},
                               testing::coin()});
    const auto events = decide(skald::order::State{}, place);
    RC_ASSERT(events.has_value());
    testing::assert_round_trip<Event>(events->at(0), &encode, &decode);
}

RC_GTEST_PROP(OrderCodecProperty, ReadsWhatItWritesOfALife, ()) {
    using testing::maybe, testing::words;
    const Event events[] = {
        Confirmed{testing::numbered_id<PaymentId>()},
        Rejected{words(), maybe(testing::id<Sku>)},
        CancelRequested{words(), testing::time()},
        CancelRefused{words()},
        Cancelled{testing::amount()},
        Shipped{testing::numbered_id<ShipmentId>(), testing::portions()},
        RestCancelled{words(),
                      testing::time(),
                      testing::portions(),
                      {testing::number(1, 999'999), eur},
                      testing::amount(),
                      static_cast<std::int32_t>(testing::number(1, 999))},
        ReturnRecorded{testing::id<ReturnId>(), testing::portions(), testing::amount(),
                       maybe(words)},
        Completed{},
    };
    for (const Event& event : events) testing::assert_round_trip<Event>(event, &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::order
