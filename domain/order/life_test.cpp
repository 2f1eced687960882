// What an order accepts and refuses once it is placed, command by command. Which command is
// possible in which status is in matrix_test.cpp.
#include <gtest/gtest.h>

#include <set>

#include "domain/kernel/enum_name.h"
#include "domain/order/examples.h"

namespace skald::order {
namespace {

using namespace examples;

const std::string longest(200, 'r'), too_long(201, 'r');

TEST(OrderLife, AcceptsWith) {
    struct Row {
        std::string_view what;
        State given;
        Command when;
        std::vector<Event> then;
    };
    const Row rows[] = {
        {"the pivot", pending, Confirm{p1}, {Confirmed{p1}}},
        {"the pivot again", confirmed, Confirm{p1}, {}},
        {"the pivot again, much later", completed, Confirm{p1}, {}},
        {"rejected as a whole", pending, Reject{"declined", {}}, {Rejected{"declined", {}}}},
        {"rejected for a line", pending, Reject{longest, b}, {Rejected{longest, b}}},
        {"rejected again", rejected, Reject{"declined", {}}, {}},
        {"a customer who waits no longer",
         pending,
         RequestCancel{"why", noon},
         {CancelRequested{"why", noon}}},
        {"a customer who asks twice", cancelling, RequestCancel{"now!", noon}, {}},
        {"a customer who asks when it is done", cancelled, RequestCancel{"now!", noon}, {}},
        {"a customer who asks again after a no",
         confirmed_after_refusal,
         RequestCancel{"please", time_max},
         {CancelRequested{"please", time_max}}},
        {"no", cancelling, RefuseCancel{"too late"}, {CancelRefused{"too late"}}},
        {"no, as was said", confirmed_after_refusal, RefuseCancel{"too late"}, {}},
        {"no, though it has shipped since",
         evolve(confirmed_after_refusal, Shipped{s1, {{a, 1}}}),
         RefuseCancel{"too late"},
         {}},
        {"cancelled before a payment", cancelling, Cancel{{0, eur}}, {Cancelled{{0, eur}}}},
        {"cancelled, all is paid back",
         cancelling_confirmed,
         Cancel{{36, eur}},
         {Cancelled{{36, eur}}}},
        {"cancelled again", cancelled, Cancel{{36, eur}}, {}},
        {"a part shipped", confirmed, RecordShipment{s1, {{b, 1}}}, {Shipped{s1, {{b, 1}}}}},
        {"the rest", part_shipped, RecordShipment{s2, {{a, 1}}}, {Shipped{s2, {{a, 1}}}}},
        {"the same shipment again", part_shipped, RecordShipment{s1, {{a, 1}, {b, 3}}}, {}},
        {"the same shipment, long after", completed, RecordShipment{s1, {{a, 2}, {b, 3}}}, {}},
        {"the rest that cannot be had",
         part_shipped,
         CancelRest{"sold out", noon, {10, eur}},
         {RestCancelled{"sold out", noon, {{a, 1}}, {10, eur}, {10, eur}, 1}}},
        {"the rest of two lines",
         evolve(evolve(confirmed, Shipped{s1, {{a, 1}}}), Shipped{s2, {{b, 1}}}),
         CancelRest{"sold out", time_max, {0, eur}},
         {RestCancelled{"sold out", time_max, {{a, 1}, {b, 2}}, {20, eur}, {0, eur}, 2}}},
        {"the rest, as was asked for", rest_cancelled, CancelRest{"now!", noon, {1, eur}}, {}},
        {"the rest, once it is completed",
         completed_without_the_rest,
         CancelRest{"now!", noon, {0, eur}},
         {}},
        {"what was shipped came back, and the rest never was",
         rest_cancelled,
         RecordReturn{r1, {{a, 1}, {b, 3}, {song, 1}}, {26, eur}},
         {ReturnRecorded{r1, {{a, 1}, {b, 3}, {song, 1}}, {26, eur}}}},
        {"the end without the rest", rest_cancelled, Complete{}, {Completed{}}},
        {"one came back",
         shipped,
         RecordReturn{r1, {{a, 1}}, {10, eur}},
         {ReturnRecorded{r1, {{a, 1}}, {10, eur}}}},
        {"one came back broken",
         part_shipped,
         RecordReturn{r1, {{b, 2}}, {0, eur}},
         {ReturnRecorded{r1, {{b, 2}}, {0, eur}}}},
        {"another one, all is paid back",
         returned,
         RecordReturn{r2, {{a, 1}, {b, 3}}, {26, eur}},
         {ReturnRecorded{r2, {{a, 1}, {b, 3}}, {26, eur}}}},
        {"one came back, and why",
         shipped,
         RecordReturn{r1, {{a, 1}}, {10, eur}, "broken"},
         {ReturnRecorded{r1, {{a, 1}}, {10, eur}, "broken"}}},
        {"a download that was not what was expected",
         completed_song,
         RecordReturn{r1, {{song, 1}}, {1, eur}},
         {ReturnRecorded{r1, {{song, 1}}, {1, eur}}}},
        {"a download with what was carried",
         part_shipped,
         RecordReturn{r1, {{a, 1}, {song, 1}}, {11, eur}},
         {ReturnRecorded{r1, {{a, 1}, {song, 1}}, {11, eur}}}},
        {"the same return again", returned, RecordReturn{r1, {{a, 1}}, {10, eur}}, {}},
        {"the end", shipped, Complete{}, {Completed{}}},
        {"the end where nothing ships", confirmed_song, Complete{}, {Completed{}}},
        {"the end again", completed, Complete{}, {}},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_TRUE(decision) << row.what << ": " << kernel::name_of(decision.error().code);
        EXPECT_TRUE(*decision == row.then) << row.what;
    }
}

struct Refused {
    std::string_view what;
    State given;
    Command when;
    Refusal then;
};

const Refused refused_rows[] = {
    {"an order without number", pending, Confirm{PaymentId("o")}, {RefusalCode::id_invalid}},
    {"another payment", confirmed, Confirm{p2}, {RefusalCode::payment_differs}},
    {"confirm what waits to be cancelled", cancelling, Confirm{p1}, {RefusalCode::status_forbids}},
    {"reject without reason", pending, Reject{"", {}}, {RefusalCode::reason_empty}},
    {"reject at length", pending, Reject{too_long, {}}, {RefusalCode::reason_too_long}},
    {"reject with a bell", pending, Reject{"\a", {}}, {RefusalCode::reason_invalid}},
    {"reject for what was not ordered", pending, Reject{"x", Sku("c")}, {RefusalCode::sku_unknown}},
    {"ask without reason", pending, RequestCancel{"", noon}, {RefusalCode::reason_empty}},
    {"ask at length", pending, RequestCancel{too_long, noon}, {RefusalCode::reason_too_long}},
    {"ask in no UTF-8", pending, RequestCancel{"\xFF", noon}, {RefusalCode::reason_invalid}},
    {"ask in the year 0",
     pending,
     RequestCancel{"x", time_min - 1},
     {RefusalCode::requested_at_out_of_range}},
    {"ask in the year 10000",
     pending,
     RequestCancel{"x", time_max + 1},
     {RefusalCode::requested_at_out_of_range}},
    {"ask after the first shipment",
     part_shipped,
     RequestCancel{"x", noon},
     {RefusalCode::cancel_too_late}},
    {"ask after the last", shipped, RequestCancel{"x", noon}, {RefusalCode::cancel_too_late}},
    {"ask after a download",
     completed_song,
     RequestCancel{"x", noon},
     {RefusalCode::cancel_too_late}},
    {"no, without reason", cancelling, RefuseCancel{""}, {RefusalCode::reason_empty}},
    {"a negative refund", cancelling, Cancel{{-1, eur}}, {RefusalCode::refund_negative}},
    {"a refund in dollars", cancelling, Cancel{{1, usd}}, {RefusalCode::refund_currency_differs}},
    {"another refund", cancelled, Cancel{{35, eur}}, {RefusalCode::refund_differs}},
    {"a refund of more", cancelling, Cancel{{37, eur}}, {RefusalCode::refund_too_much}},
    {"a shipment without number",
     confirmed,
     RecordShipment{ShipmentId("o."), {{a, 1}}},
     {RefusalCode::id_invalid}},
    {"the same shipment with other goods",
     part_shipped,
     RecordShipment{s1, {{a, 1}}},
     {RefusalCode::shipment_differs}},
    {"nothing shipped", confirmed, RecordShipment{s1, {}}, {RefusalCode::no_lines}},
    {"none shipped",
     confirmed,
     RecordShipment{s1, {{a, 1}, {b, 0}}},
     {RefusalCode::quantity_out_of_range, 1}},
    {"shipped what was not ordered",
     confirmed,
     RecordShipment{s1, {{Sku("c"), 1}}},
     {RefusalCode::sku_unknown, 0}},
    {"a song shipped",
     confirmed,
     RecordShipment{s1, {{a, 1}, {song, 1}}},
     {RefusalCode::does_not_ship, 1}},
    {"a download returned before it is the customer's",
     confirmed_song,
     RecordReturn{r1, {{song, 1}}, {1, eur}},
     {RefusalCode::status_forbids}},
    {"a sku twice",
     confirmed,
     RecordShipment{s1, {{a, 1}, {a, 1}}},
     {RefusalCode::duplicate_sku, 1}},
    {"more than ordered",
     confirmed,
     RecordShipment{s1, {{a, 2}, {b, 4}}},
     {RefusalCode::more_than_allocated, 1}},
    {"more than is left",
     part_shipped,
     RecordShipment{s2, {{a, 2}}},
     {RefusalCode::more_than_allocated, 0}},
    {"the first bad line speaks",
     confirmed,
     RecordShipment{s1, {{a, 3}, {b, 0}}},
     {RefusalCode::more_than_allocated, 0}},
    {"cancel the rest without reason",
     part_shipped,
     CancelRest{"", noon, {0, eur}},
     {RefusalCode::reason_empty}},
    {"cancel the rest in the year 10000",
     part_shipped,
     CancelRest{"x", time_max + 1, {0, eur}},
     {RefusalCode::requested_at_out_of_range}},
    {"a rest that costs",
     part_shipped,
     CancelRest{"x", noon, {-1, eur}},
     {RefusalCode::refund_negative}},
    {"a rest in dollars",
     part_shipped,
     CancelRest{"x", noon, {1, usd}},
     {RefusalCode::refund_currency_differs}},
    {"a refund of more than the rest",
     part_shipped,
     CancelRest{"x", noon, {11, eur}},
     {RefusalCode::refund_too_much}},
    {"returned what was never shipped",
     rest_cancelled,
     RecordReturn{r1, {{a, 2}}, {10, eur}},
     {RefusalCode::more_than_shipped, 0}},
    {"refunds of more than what was shipped costs",
     rest_cancelled,
     RecordReturn{r1, {{a, 1}}, {27, eur}},
     {RefusalCode::refund_too_much}},
    {"a return with a dot",
     shipped,
     RecordReturn{ReturnId("r.1"), {{a, 1}}, {1, eur}},
     {RefusalCode::id_invalid}},
    {"a return that costs",
     shipped,
     RecordReturn{r1, {{a, 1}}, {-1, eur}},
     {RefusalCode::refund_negative}},
    {"a return in dollars",
     shipped,
     RecordReturn{r1, {{a, 1}}, {1, usd}},
     {RefusalCode::refund_currency_differs}},
    {"the same return with other goods",
     returned,
     RecordReturn{r1, {{a, 2}}, {10, eur}},
     {RefusalCode::return_differs}},
    {"the same return for less",
     returned,
     RecordReturn{r1, {{a, 1}}, {9, eur}},
     {RefusalCode::return_differs}},
    {"the same return for another reason",
     returned,
     RecordReturn{r1, {{a, 1}}, {10, eur}, "broken"},
     {RefusalCode::return_differs}},
    {"returned without a word",
     shipped,
     RecordReturn{r1, {}, {1, eur}, ""},
     {RefusalCode::reason_empty}},
    {"returned with a bell",
     shipped,
     RecordReturn{r1, {}, {1, eur}, "\a"},
     {RefusalCode::reason_invalid}},
    {"nothing returned", shipped, RecordReturn{r1, {}, {1, eur}}, {RefusalCode::no_lines}},
    {"less than none returned",
     shipped,
     RecordReturn{r1, {{a, -1}}, {1, eur}},
     {RefusalCode::quantity_out_of_range, 0}},
    {"returned what has not shipped yet",
     part_shipped,
     RecordReturn{r1, {{a, 2}}, {1, eur}},
     {RefusalCode::more_than_shipped, 0}},
    {"returned what was returned",
     returned,
     RecordReturn{r2, {{b, 1}, {a, 2}}, {1, eur}},
     {RefusalCode::more_than_shipped, 1}},
    {"refunds of more than the total",
     returned,
     RecordReturn{r2, {{a, 1}}, {27, eur}},
     {RefusalCode::refund_too_much}},
    {"the end with goods to ship", confirmed, Complete{}, {RefusalCode::not_all_shipped}},
    {"the end with some to ship", part_shipped, Complete{}, {RefusalCode::not_all_shipped}},
    {"the end before the pivot", pending, Complete{}, {RefusalCode::status_forbids}},
    {"confirm what is not there", nothing, Confirm{p1}, {RefusalCode::not_found}},
};

TEST(OrderLife, RefusesWith) {
    for (const Refused& row : refused_rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_FALSE(decision) << row.what;
        EXPECT_EQ(kernel::name_of(decision.error().code), kernel::name_of(row.then.code))
            << row.what;
        EXPECT_EQ(decision.error().line, row.then.line) << row.what;
    }
}

TEST(OrderLife, UnitsMoveFromAllocatedToCancelledOrShipped) {
    EXPECT_EQ(pending.progress[1], (Progress{3, 0, 0, 0}));
    EXPECT_EQ(rest_cancelled.progress[0], (Progress{0, 1, 1, 0}));
    EXPECT_EQ(rest_cancelled.progress[1], (Progress{0, 0, 3, 0}));
    EXPECT_EQ(owed(part_shipped), (Money{36, eur}));
    EXPECT_EQ(owed(rest_cancelled), (Money{26, eur}));
    EXPECT_EQ(owed(cancelled), (Money{0, eur}));
    EXPECT_EQ(kernel::name_of(rest_cancelled.status), "shipped");
    EXPECT_EQ(part_shipped.progress[0], (Progress{1, 0, 1, 0}));
    EXPECT_EQ(returned.progress[0], (Progress{0, 0, 2, 1}));
    EXPECT_EQ(cancelled.progress[2], (Progress{0, 1, 0, 0}));
    EXPECT_EQ(rejected.progress[0], (Progress{0, 2, 0, 0}));
    EXPECT_EQ(confirmed.progress[2], (Progress{1, 0, 0, 0}));
    EXPECT_EQ(part_shipped.progress[2], (Progress{0, 0, 1, 0}));
    EXPECT_EQ(completed.progress[2], (Progress{0, 0, 1, 0}));
    EXPECT_EQ(completed_song.progress[0], (Progress{0, 0, 1, 0}));
    EXPECT_EQ(kernel::name_of(part_shipped.status), "confirmed");
    EXPECT_EQ(kernel::name_of(shipped.status), "shipped");
    EXPECT_EQ(kernel::name_of(pending_after_refusal.status), "pending");
    EXPECT_EQ(kernel::name_of(confirmed_after_refusal.status), "confirmed");
}

}  // namespace
}  // namespace skald::order
