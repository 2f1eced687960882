// What each event of the shop changes in each read model, and how things stand in Redis.
#include <gtest/gtest.h>

#include <set>

#include "projections/accounts/projection.h"
#include "projections/all.h"
#include "projections/best_sellers/ranking.h"
#include "projections/orders/mirrored.h"
#include "projections/orders/projection.h"
#include "projections/payments/projection.h"
#include "projections/products/mirrored.h"
#include "projections/products/projection.h"
#include "projections/redis/packed.h"
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
using testing_changes::ChangeCase;
using testing_changes::changes_of;

constexpr kernel::Currency euro{"EUR"};

class ChangesOf : public testing::TestWithParam<ChangeCase> {};

TEST_P(ChangesOf, event) {
    const auto& row = GetParam();
    EXPECT_EQ(changes_of(row), row.changes) << row.why;
}

schemas::Encoded of(const product::Event& event) { return schemas::product::encode(event); }
schemas::Encoded of(const stock::Event& event) { return schemas::stock::encode(event); }
schemas::Encoded of(const account::Event& event) { return schemas::account::encode(event); }

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

TEST(packed_in_redis, gives_an_order_back_and_takes_nothing_else_for_one) {
    orders::Order order;
    order.id = kernel::OrderId("o");
    order.account = kernel::AccountId("a");
    order.status = "shipped";
    order.reason = "why";
    order.total = {-1, euro};
    order.cancelled_total = {2, euro};
    order.refund_due = {3, euro};
    order.payment_method = "card";
    order.payment = kernel::PaymentId("p");
    order.line_count = 1;
    order.version = eventstore::Version(4);
    order.placed_at = kernel::Timestamp(5);
    order.updated_at = kernel::Timestamp(6);
    order.lines = {{Sku("A"), "T", "D", 7, {8, euro}, {9, euro}, false, 10, 11, 12},
                   {Sku("B"), std::string("\0\xff", 2), {}, 1, {1, euro}, {1, euro}}};
    order.timeline = {{"order.placed", kernel::Timestamp(13), {}},
                      {"order.shipped", kernel::Timestamp(14), "s"}};
    order.shipments = {{"s", kernel::Timestamp(15), {0, euro}, {{Sku("A"), 16}, {Sku("B"), 1}}}};
    order.returns = {{"r", kernel::Timestamp(17), {18, euro}, {{Sku("A"), 19}}}};
    const auto bytes = orders::packed(order);
    EXPECT_EQ(orders::unpacked(bytes), order);
    EXPECT_EQ(orders::unpacked(orders::packed({})), orders::Order{});
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_THROW(orders::unpacked(bytes.substr(0, size)), redis::NotPacked) << size;
    EXPECT_THROW(orders::unpacked(bytes + "x"), redis::NotPacked);
    EXPECT_THROW(orders::unpacked(std::string(bytes.size(), '\xff')), redis::NotPacked);
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
    EXPECT_EQ(products::unpacked(products::packed(product)), product);
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
