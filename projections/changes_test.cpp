// What each event of the shop changes in each read model, and how things stand in Redis.
#include <gtest/gtest.h>

#include <set>

#include "projections/accounts/projection.h"
#include "projections/all.h"
#include "projections/best_sellers/ranking.h"
#include "projections/orders/projection.h"
#include "projections/payments/projection.h"
#include "projections/products/json.h"
#include "projections/products/projection.h"
#include "projections/sales/projection.h"
#include "projections/stock_levels/json.h"
#include "projections/stock_levels/projection.h"
#include "projections/testing_changes.h"
#include "schemas/account/codec.h"
#include "schemas/catalogue.h"
#include "schemas/order/codec.h"
#include "schemas/product/codec.h"
#include "schemas/stock/codec.h"

namespace skald::projections {
namespace {

using kernel::HoldId;
using kernel::OrderId;
using kernel::Quantity;
using kernel::Sku;

constexpr kernel::Currency euro{"EUR"};

struct ChangeCase {
    const char* why;
    const Projection& (*projection)();
    std::string stream;
    std::int64_t version;
    schemas::Encoded event;
    std::string changes;
    std::vector<schemas::Encoded> earlier = {};  // that it is told with
};

class ChangesOf : public testing::TestWithParam<ChangeCase> {};

TEST_P(ChangesOf, event) {
    const auto& row = GetParam();
    EXPECT_EQ(testing_changes::changes_of(row.projection(), row.stream, row.version, row.event,
                                          row.earlier),
              row.changes)
        << row.why;
}

schemas::Encoded of(const product::Event& event) { return schemas::product::encode(event); }
schemas::Encoded of(const stock::Event& event) { return schemas::stock::encode(event); }
schemas::Encoded of(const account::Event& event) { return schemas::account::encode(event); }
schemas::Encoded of(const order::Event& event) { return schemas::order::encode(event); }

INSTANTIATE_TEST_SUITE_P(
    products, ChangesOf,
    testing::Values(
        ChangeCase{
            "created", products::projection, "product-A", 1,
            of(product::Created{Sku("A"), "Tea", "G", {}, "Leaf", {250, euro}}),
            "put products sku=A title=Tea department=G category=null brand=Leaf price_amount=250 "
            "currency=EUR ships=true archived=false version=1 created_at=7 updated_at=7\n"},
        ChangeCase{"created, as first written",
                   products::projection,
                   "product-V1",
                   1,
                   {"product.created", 1, "\x0a\x02V1\x12\x03Old\x28\xc7\x01"},
                   "put products sku=V1 title=Old department=null category=null brand=null "
                   "price_amount=199 "
                   "currency=EUR ships=true archived=false version=1 created_at=7 updated_at=7\n"},
        ChangeCase{
            "described", products::projection, "product-A", 2,
            of(product::Described{
                .title = "Green tea", .department = {}, .category = "C", .brand = {}}),
            "update products sku=A version=2 updated_at=7\nupdate products sku=A title=Green tea\n"
            "update products sku=A category=C\n"},
        ChangeCase{"price", products::projection, "product-A", 3,
                   of(product::PriceSet{{300, euro}}),
                   "update products sku=A price_amount=300 currency=EUR version=3 updated_at=7\n"},
        ChangeCase{"nothing to carry of it", products::projection, "product-A", 4,
                   of(product::ShippingSet{false}),
                   "update products sku=A ships=false version=4 updated_at=7\n"},
        ChangeCase{"archived", products::projection, "product-A", 4, of(product::Archived{}),
                   "update products sku=A archived=true version=4 updated_at=7\n"},
        ChangeCase{"not a product",
                   products::projection,
                   "product-A",
                   4,
                   {"product.price_set", 2, "\xff"},
                   "error: not a skald.product.v2.PriceSet"}));

INSTANTIATE_TEST_SUITE_P(
    stock_levels, ChangesOf,
    testing::Values(
        ChangeCase{"first received", stock_levels::projection, "stock-A", 1,
                   of(stock::Received{Quantity::of(5), {}}),
                   "put stock_levels sku=A on_hand=5 held=0 allocated=0 version=1 updated_at=7\n"},
        ChangeCase{
            "received", stock_levels::projection, "stock-A", 2,
            of(stock::Received{Quantity::of(5), {}}),
            "update stock_levels sku=A on_hand=5 held=0 allocated=0 version=2 updated_at=7\n"},
        ChangeCase{
            "adjusted", stock_levels::projection, "stock-A", 2,
            of(stock::Adjusted{Quantity::of(-2), "r"}),
            "update stock_levels sku=A on_hand=-2 held=0 allocated=0 version=2 updated_at=7\n"},
        ChangeCase{"reserved", stock_levels::projection, "stock-A", 2,
                   of(stock::Reserved{HoldId("h"), Quantity::of(3)}),
                   "update stock_levels sku=A on_hand=0 held=3 allocated=0 version=2 updated_at=7\n"
                   "put stock_holds sku=A hold=h quantity=3 held_at=7\n"},
        ChangeCase{
            "released", stock_levels::projection, "stock-A", 2,
            of(stock::Released{HoldId("h"), Quantity::of(3), "r"}),
            "update stock_levels sku=A on_hand=0 held=-3 allocated=0 version=2 updated_at=7\n"
            "remove stock_holds sku=A hold=h\n"},
        ChangeCase{
            "allocated", stock_levels::projection, "stock-A", 2,
            of(stock::Allocated{HoldId("h"), OrderId("o"), Quantity::of(3)}),
            "update stock_levels sku=A on_hand=0 held=-3 allocated=3 version=2 updated_at=7\n"
            "remove stock_holds sku=A hold=h\n"},
        ChangeCase{
            "shipped", stock_levels::projection, "stock-A", 2,
            of(stock::Shipped{OrderId("o"), Quantity::of(3)}),
            "update stock_levels sku=A on_hand=-3 held=0 allocated=-3 version=2 updated_at=7\n"},
        ChangeCase{
            "returned", stock_levels::projection, "stock-A", 2,
            of(stock::Returned{OrderId("o"), Quantity::of(3)}),
            "update stock_levels sku=A on_hand=3 held=0 allocated=0 version=2 updated_at=7\n"}));

INSTANTIATE_TEST_SUITE_P(
    accounts, ChangesOf,
    testing::Values(
        ChangeCase{
            "registered", accounts::projection, "account-a", 1,
            of(account::Registered{kernel::EmailAddress("a@x.org"), kernel::PersonName("Ann")}),
            "put accounts id=a email=a@x.org name=Ann version=1 created_at=7 updated_at=7\n"},
        ChangeCase{"e-mail", accounts::projection, "account-a", 2,
                   of(account::EmailChanged{kernel::EmailAddress("b@x.org")}),
                   "update accounts id=a email=b@x.org version=2 updated_at=7\n"},
        ChangeCase{"profile", accounts::projection, "account-a", 3,
                   of(account::ProfileUpdated{kernel::PersonName("Bea")}),
                   "update accounts id=a name=Bea version=3 updated_at=7\n"},
        ChangeCase{"erased", accounts::projection, "account-a", 4, of(account::Erased{}),
                   "remove accounts id=a\n"}));

order::Placed placed() {
    const auto line = [](const char* sku, std::optional<std::string> department,
                         std::int64_t quantity, std::int64_t price) {
        return order::Line{
            Sku(sku),      std::string("T") + sku,  std::move(department), Quantity::of(quantity),
            {price, euro}, {price * quantity, euro}};
    };
    order::Placed placed{
        kernel::AccountId("ann"),
        {line("A", "G", 2, 10), line("B", "G", 1, 5), line("C", std::nullopt, 4, 1)},
        {29, euro},
        "card-ok",
        kernel::Timestamp(2 * 86'400'000'000 + 5)};
    placed.lines[1].ships = false;
    return placed;
}

order::Shipped shipped(const char* id, std::vector<kernel::Portion> lines) {
    return {kernel::ShipmentId(id), std::move(lines)};
}

// An order's row and its timeline, changed by the event of this version.
std::string order_row(int version, const std::string& refund = "0") {
    return "update orders id=o refund_due=" + refund + " version=" + std::to_string(version) +
           " updated_at=7\n";
}
std::string entry(int version, const std::string& type, const std::string& detail,
                  const std::string& refund = "0") {
    return "put order_timeline order_id=o version=" + std::to_string(version) + " type=" + type +
           " at=7 detail=" + detail + " refund=" + refund + "\n";
}
std::string now(const std::string& status) { return "update orders id=o status=" + status + "\n"; }
std::string units(const std::string& column, int version, const std::string& sku, int quantity) {
    const auto number = std::to_string(quantity);
    return "update order_lines order_id=o sku=" + sku + " " + column + "=" + number +
           "\nput order_portions order_id=o version=" + std::to_string(version) + " sku=" + sku +
           " quantity=" + number + "\n";
}

const kernel::PaymentId payment_id("o.1");

INSTANTIATE_TEST_SUITE_P(
    orders, ChangesOf,
    testing::Values(
        ChangeCase{"confirmed", orders::projection, "order-o", 2, of(order::Confirmed{payment_id}),
                   order_row(2) + entry(2, "order.confirmed", "o.1") + now("confirmed") +
                       "update orders id=o payment_id=o.1\n"},
        ChangeCase{"rejected", orders::projection, "order-o", 2,
                   of(order::Rejected{"out_of_stock", {}}),
                   order_row(2) + entry(2, "order.rejected", "out_of_stock") + now("rejected") +
                       "update orders id=o reason=out_of_stock\n"},
        ChangeCase{
            "cancel requested", orders::projection, "order-o", 3,
            of(order::CancelRequested{"too late", kernel::Timestamp(5)}),
            order_row(3) + entry(3, "order.cancel_requested", "too late") + now("cancelling")},
        ChangeCase{"cancel refused, confirmed before",
                   orders::projection,
                   "order-o",
                   4,
                   of(order::CancelRefused{"shipped"}),
                   order_row(4) + entry(4, "order.cancel_refused", "shipped") + now("confirmed"),
                   {of(order::Confirmed{payment_id})}},
        ChangeCase{"cancel refused, pending before", orders::projection, "order-o", 3,
                   of(order::CancelRefused{"no"}),
                   order_row(3) + entry(3, "order.cancel_refused", "no") + now("pending")},
        ChangeCase{
            "cancelled", orders::projection, "order-o", 4, of(order::Cancelled{{29, euro}}),
            order_row(4, "29") + entry(4, "order.cancelled", "null", "29") + now("cancelled")},
        ChangeCase{"a part shipped",
                   orders::projection,
                   "order-o",
                   3,
                   of(shipped("o.1", {{Sku("A"), 2}, {Sku("C"), 3}})),
                   order_row(3) + entry(3, "order.shipped", "o.1") + units("shipped", 3, "A", 2) +
                       units("shipped", 3, "C", 3) +
                       "update order_lines order_id=o sku=B shipped=1\n",
                   {of(placed())}},
        ChangeCase{"the rest of what can be carried shipped",
                   orders::projection,
                   "order-o",
                   4,
                   of(shipped("o.2", {{Sku("C"), 1}})),
                   order_row(4) + entry(4, "order.shipped", "o.2") + now("shipped") +
                       units("shipped", 4, "C", 1),
                   {of(placed()), of(shipped("o.1", {{Sku("A"), 2}, {Sku("C"), 3}}))}},
        ChangeCase{"shipped, never placed", orders::projection, "order-o", 4,
                   of(shipped("o.2", {{Sku("C"), 1}})), "error: shipped, but not placed before"},
        ChangeCase{"returned", orders::projection, "order-o", 6,
                   of(order::ReturnRecorded{kernel::ReturnId("r"), {{Sku("A"), 1}}, {10, euro}}),
                   order_row(6, "10") + entry(6, "order.return_recorded", "r", "10") +
                       units("returned", 6, "A", 1)},
        ChangeCase{"completed",
                   orders::projection,
                   "order-o",
                   5,
                   of(order::Completed{}),
                   order_row(5) + entry(5, "order.completed", "null") + now("completed"),
                   {of(placed()), of(shipped("o.1", {{Sku("A"), 2}, {Sku("C"), 4}}))}},
        ChangeCase{"completed without a shipment",
                   orders::projection,
                   "order-o",
                   3,
                   of(order::Completed{}),
                   order_row(3) + entry(3, "order.completed", "null") + now("completed") +
                       "update order_lines order_id=o sku=B shipped=1\n",
                   {of(placed())}}));

INSTANTIATE_TEST_SUITE_P(
    orders_and_sales, ChangesOf,
    testing::Values(
        ChangeCase{
            "placed, for orders", orders::projection, "order-o", 1, of(placed()),
            "put orders id=o account=ann status=pending reason=null total_amount=29 refund_due=0 "
            "currency=EUR payment_method=card-ok payment_id=null line_count=3 version=1 "
            "placed_at=172800000005 updated_at=7\n"
            "put order_timeline order_id=o version=1 type=order.placed at=172800000005 "
            "detail=null refund=0\n"
            "put order_lines order_id=o sku=A line=1 title=TA department=G quantity=2 "
            "unit_price=10 total=20 currency=EUR ships=true shipped=0 returned=0\n"
            "put order_lines order_id=o sku=B line=2 title=TB department=G quantity=1 "
            "unit_price=5 total=5 currency=EUR ships=false shipped=0 returned=0\n"
            "put order_lines order_id=o sku=C line=3 title=TC department=null quantity=4 "
            "unit_price=1 total=4 currency=EUR ships=true shipped=0 returned=0\n"},
        ChangeCase{
            "placed, for sales: once per department", sales::projection, "order-o", 1, of(placed()),
            "merge sales_by_day basis=placed day=2 currency=EUR orders=1 units=7 revenue=29\n"
            "merge sales_by_sku basis=placed sku=A day=2 currency=EUR orders=1 units=2 revenue=20\n"
            "merge sales_by_sku basis=placed sku=B day=2 currency=EUR orders=1 units=1 revenue=5\n"
            "merge sales_by_sku basis=placed sku=C day=2 currency=EUR orders=1 units=4 revenue=4\n"
            "merge sales_by_department basis=placed department= day=2 currency=EUR orders=1 "
            "units=4 "
            "revenue=4\n"
            "merge sales_by_department basis=placed department=G day=2 currency=EUR orders=1 "
            "units=3 "
            "revenue=25\n"},
        ChangeCase{
            "confirmed, for sales",
            sales::projection,
            "order-o",
            2,
            of(order::Confirmed{payment_id}),
            "merge sales_by_day basis=sold day=2 currency=EUR orders=1 units=7 revenue=29\n"
            "merge sales_by_sku basis=sold sku=A day=2 currency=EUR orders=1 units=2 revenue=20\n"
            "merge sales_by_sku basis=sold sku=B day=2 currency=EUR orders=1 units=1 revenue=5\n"
            "merge sales_by_sku basis=sold sku=C day=2 currency=EUR orders=1 units=4 revenue=4\n"
            "merge sales_by_department basis=sold department= day=2 currency=EUR orders=1 units=4 "
            "revenue=4\n"
            "merge sales_by_department basis=sold department=G day=2 currency=EUR orders=1 units=3 "
            "revenue=25\n",
            {of(placed())}},
        ChangeCase{
            "cancelled after that, for sales",
            sales::projection,
            "order-o",
            4,
            of(order::Cancelled{{29, euro}}),
            "merge sales_by_day basis=sold day=2 currency=EUR orders=-1 units=-7 revenue=-29\n"
            "merge sales_by_sku basis=sold sku=A day=2 currency=EUR orders=-1 units=-2 "
            "revenue=-20\n"
            "merge sales_by_sku basis=sold sku=B day=2 currency=EUR orders=-1 units=-1 "
            "revenue=-5\n"
            "merge sales_by_sku basis=sold sku=C day=2 currency=EUR orders=-1 units=-4 "
            "revenue=-4\n"
            "merge sales_by_department basis=sold department= day=2 currency=EUR orders=-1 "
            "units=-4 revenue=-4\n"
            "merge sales_by_department basis=sold department=G day=2 currency=EUR orders=-1 "
            "units=-3 revenue=-25\n",
            {of(placed()), of(order::Confirmed{payment_id})}},
        ChangeCase{"cancelled, never confirmed, for sales",
                   sales::projection,
                   "order-o",
                   3,
                   of(order::Cancelled{{0, euro}}),
                   "",
                   {of(placed())}},
        ChangeCase{"confirmed, never placed, for sales", sales::projection, "order-o", 2,
                   of(order::Confirmed{payment_id}), "error: nothing was placed before"}));

TEST(all_projections, subscribe_only_to_types_of_the_catalogue) {
    for (const auto* projection : all_projections()) {
        EXPECT_EQ(find_projection(projection->name), projection);
        for (const auto& type : projection->event_types)
            EXPECT_NE(schemas::find_type(type), nullptr) << projection->name << ": " << type;
    }
    EXPECT_EQ(find_projection("nothing"), nullptr);
}

// What is held back behind an event that cannot be read must not be looked back at.
TEST(all_projections, look_back_only_from_and_at_what_they_subscribe_to) {
    for (const auto* projection : all_projections()) {
        for (const auto& [type, earlier] : projection->look_backs) {
            EXPECT_TRUE(projection->subscribes_to(type)) << projection->name << ": " << type;
            for (const auto& one : earlier)
                EXPECT_TRUE(projection->subscribes_to(one)) << projection->name << ": " << one;
        }
    }
}

TEST(all_projections, take_every_type_of_the_catalogue_but_those_that_no_read_model_shows) {
    // What has tables of its own (sagas) or none.
    const std::set<std::string_view> not_shown = {"email", "saga", "shipment"};
    for (const auto& type : schemas::catalogue()) {
        const bool taken = std::ranges::any_of(
            all_projections(), [&](const auto* one) { return one->subscribes_to(type.name); });
        EXPECT_EQ(taken, !not_shown.contains(type.category)) << type.name;
    }
}

TEST(all_projections, know_schema_versions_up_to_the_newest) {
    const auto& knows = products::projection().knows;
    EXPECT_TRUE(knows("product.created", 1));
    EXPECT_TRUE(knows("product.created", schemas::find_type("product.created")->schema_version));
    EXPECT_FALSE(
        knows("product.created", schemas::find_type("product.created")->schema_version + 1));
    EXPECT_FALSE(knows("product.invented", 1));
}

TEST(json_in_redis, gives_back_what_was_put_in) {
    products::Product product{Sku("A"),
                              "T \"ä\" \n",
                              "G",
                              {},
                              "",
                              {-5, euro},
                              false,
                              true,
                              eventstore::Version(3),
                              kernel::Timestamp(1),
                              kernel::Timestamp(2)};
    EXPECT_EQ(products::from_json(products::to_json(product)), product);
    const stock_levels::StockLevel level{Sku("A"), 9, 2, 3, eventstore::Version(4)};
    EXPECT_EQ(stock_levels::from_json(stock_levels::to_json(level)), level);
    const best_sellers::Ranking ranking{kernel::Day(3),
                                        {1, "generation", {4, 2}},
                                        {Position(1), Position(0)},
                                        5,
                                        {{Sku("A"), 1, 2}, {Sku("B"), 1, 1}}};
    EXPECT_EQ(best_sellers::from_json(best_sellers::to_json(ranking)), ranking);
}

}  // namespace
}  // namespace skald::projections
