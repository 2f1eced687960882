#include "schemas/order/codec.h"

#include <gtest/gtest.h>

#include "schemas/order/v1/order.pb.h"
#include "schemas/testing/arbitrary.h"
#include "schemas/testing/golden.h"
#include "schemas/testing/rejects.h"

namespace skald::schemas::order {
namespace {

using kernel::AccountId;
using kernel::Sku;
using kernel::Timestamp;
using skald::order::Event;
using skald::order::Place;
using skald::order::Placed;
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
        place.lines.push_back({Sku(sku),
                               std::string(100, 't'),
                               std::string(22, 'd'),
                               100'000,
                               {90'000, eur}});
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
    Place place{*testing::ids<AccountId>(),
                {},
                testing::ids<AccountId>().operator*().value(),
                Timestamp(*rc::gen::inRange(time_min.value(), time_max.value()))};
    const auto count = *rc::gen::inRange(1, 20);
    for (int i = 0; i < count; ++i)
        place.lines.push_back({Sku("sku-" + std::to_string(i)),
                               *testing::words(),
                               *testing::maybe(testing::words()),
                               *testing::quantities(1, skald::order::quantity_max),
                               {*rc::gen::inRange<std::int64_t>(1, 1'000'000), eur}});
    const auto events = decide(skald::order::State{}, place);
    RC_ASSERT(events.has_value());
    testing::assert_round_trip<Event>(events->at(0), &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::order
