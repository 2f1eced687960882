// What each event of an order changes in the read models of orders and of sales.
#include <gtest/gtest.h>

#include "projections/orders/projection.h"
#include "projections/sales/projection.h"
#include "projections/testing_changes.h"
#include "schemas/order/codec.h"

namespace skald::projections {
namespace {

using kernel::Quantity;
using kernel::Sku;
using testing_changes::ChangeCase;
using testing_changes::changes_of;

constexpr kernel::Currency order_euro{"EUR"};

class ChangesOfOrder : public testing::TestWithParam<ChangeCase> {};

TEST_P(ChangesOfOrder, event) {
    const auto& row = GetParam();
    EXPECT_EQ(changes_of(row), row.changes) << row.why;
}

schemas::Encoded encoded(const order::Event& event) { return schemas::order::encode(event); }

order::Placed placed() {
    const auto line = [](const char* sku, std::optional<std::string> department,
                         std::int64_t quantity, std::int64_t price) {
        return order::Line{Sku(sku),
                           std::string("T") + sku,
                           std::move(department),
                           Quantity::of(quantity),
                           {price, order_euro},
                           {price * quantity, order_euro}};
    };
    order::Placed placed{
        kernel::AccountId("ann"),
        {line("A", "G", 2, 10), line("B", "G", 1, 5), line("C", std::nullopt, 4, 1)},
        {29, order_euro},
        "card-ok",
        kernel::Timestamp(2 * 86'400'000'000 + 5)};
    placed.lines[1].ships = false;
    return placed;
}

order::Shipped shipped(const char* id, std::vector<kernel::Portion> lines) {
    return {kernel::ShipmentId(id), std::move(lines)};
}

// Behind a shipment of two of the four C, and B, which needs no carrying.
order::RestCancelled rest() {
    return {"sold out",       kernel::Timestamp(5), {{Sku("A"), 2}, {Sku("C"), 2}},
            {22, order_euro}, {2, order_euro},      1};
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
    orders, ChangesOfOrder,
    testing::Values(
        ChangeCase{"confirmed", orders::projection, "order-o", 2,
                   encoded(order::Confirmed{payment_id}),
                   order_row(2) + entry(2, "order.confirmed", "o.1") + now("confirmed") +
                       "update orders id=o payment_id=o.1\n"},
        ChangeCase{"rejected", orders::projection, "order-o", 2,
                   encoded(order::Rejected{"out_of_stock", {}}),
                   order_row(2) + entry(2, "order.rejected", "out_of_stock") + now("rejected") +
                       "update orders id=o reason=out_of_stock\n"},
        ChangeCase{
            "cancel requested", orders::projection, "order-o", 3,
            encoded(order::CancelRequested{"too late", kernel::Timestamp(5)}),
            order_row(3) + entry(3, "order.cancel_requested", "too late") + now("cancelling")},
        ChangeCase{"cancel refused, confirmed before",
                   orders::projection,
                   "order-o",
                   4,
                   encoded(order::CancelRefused{"shipped"}),
                   order_row(4) + entry(4, "order.cancel_refused", "shipped") + now("confirmed"),
                   {encoded(order::Confirmed{payment_id})}},
        ChangeCase{"cancel refused, pending before", orders::projection, "order-o", 3,
                   encoded(order::CancelRefused{"no"}),
                   order_row(3) + entry(3, "order.cancel_refused", "no") + now("pending")},
        ChangeCase{
            "cancelled", orders::projection, "order-o", 4,
            encoded(order::Cancelled{{29, order_euro}}),
            order_row(4, "29") + entry(4, "order.cancelled", "null", "29") + now("cancelled")},
        ChangeCase{"a part shipped",
                   orders::projection,
                   "order-o",
                   3,
                   encoded(shipped("o.1", {{Sku("A"), 2}, {Sku("C"), 3}})),
                   order_row(3) + entry(3, "order.shipped", "o.1") + units("shipped", 3, "A", 2) +
                       units("shipped", 3, "C", 3) +
                       "update order_lines order_id=o sku=B shipped=1\n",
                   {encoded(placed())}},
        ChangeCase{"the rest of what can be carried shipped",
                   orders::projection,
                   "order-o",
                   4,
                   encoded(shipped("o.2", {{Sku("C"), 1}})),
                   order_row(4) + entry(4, "order.shipped", "o.2") + now("shipped") +
                       units("shipped", 4, "C", 1),
                   {encoded(placed()), encoded(shipped("o.1", {{Sku("A"), 2}, {Sku("C"), 3}}))}},
        ChangeCase{"the rest cancelled, for orders", orders::projection, "order-o", 4,
                   encoded(rest()),
                   order_row(4, "2") + entry(4, "order.rest_cancelled", "sold out", "2") +
                       now("shipped") + "update orders id=o rest_cancelled=22\n" +
                       "update order_lines order_id=o sku=A cancelled=2\n" +
                       "update order_lines order_id=o sku=C cancelled=2\n"},
        ChangeCase{"shipped, never placed", orders::projection, "order-o", 4,
                   encoded(shipped("o.2", {{Sku("C"), 1}})),
                   "error: shipped, but not placed before"},
        ChangeCase{"returned", orders::projection, "order-o", 6,
                   encoded(order::ReturnRecorded{
                       kernel::ReturnId("r"), {{Sku("A"), 1}}, {10, order_euro}}),
                   order_row(6, "10") + entry(6, "order.return_recorded", "r", "10") +
                       units("returned", 6, "A", 1)},
        ChangeCase{"completed",
                   orders::projection,
                   "order-o",
                   5,
                   encoded(order::Completed{}),
                   order_row(5) + entry(5, "order.completed", "null") + now("completed"),
                   {encoded(placed()), encoded(shipped("o.1", {{Sku("A"), 2}, {Sku("C"), 4}}))}},
        ChangeCase{"completed without a shipment",
                   orders::projection,
                   "order-o",
                   3,
                   encoded(order::Completed{}),
                   order_row(3) + entry(3, "order.completed", "null") + now("completed") +
                       "update order_lines order_id=o sku=B shipped=1\n",
                   {encoded(placed())}}));

INSTANTIATE_TEST_SUITE_P(
    orders_and_sales, ChangesOfOrder,
    testing::Values(
        ChangeCase{
            "placed, for orders", orders::projection, "order-o", 1, encoded(placed()),
            "put orders id=o account=ann status=pending reason=null total_amount=29 refund_due=0 "
            "rest_cancelled=0 currency=EUR payment_method=card-ok payment_id=null line_count=3 "
            "version=1 "
            "placed_at=172800000005 updated_at=7\n"
            "put order_timeline order_id=o version=1 type=order.placed at=172800000005 "
            "detail=null refund=0\n"
            "put order_lines order_id=o sku=A line=1 title=TA department=G quantity=2 "
            "unit_price=10 total=20 currency=EUR ships=true shipped=0 returned=0 cancelled=0\n"
            "put order_lines order_id=o sku=B line=2 title=TB department=G quantity=1 "
            "unit_price=5 total=5 currency=EUR ships=false shipped=0 returned=0 cancelled=0\n"
            "put order_lines order_id=o sku=C line=3 title=TC department=null quantity=4 "
            "unit_price=1 total=4 currency=EUR ships=true shipped=0 returned=0 cancelled=0\n"},
        ChangeCase{
            "placed, for sales: once per department", sales::projection, "order-o", 1,
            encoded(placed()),
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
            encoded(order::Confirmed{payment_id}),
            "merge sales_by_day basis=sold day=2 currency=EUR orders=1 units=7 revenue=29\n"
            "merge sales_by_sku basis=sold sku=A day=2 currency=EUR orders=1 units=2 revenue=20\n"
            "merge sales_by_sku basis=sold sku=B day=2 currency=EUR orders=1 units=1 revenue=5\n"
            "merge sales_by_sku basis=sold sku=C day=2 currency=EUR orders=1 units=4 revenue=4\n"
            "merge sales_by_department basis=sold department= day=2 currency=EUR orders=1 units=4 "
            "revenue=4\n"
            "merge sales_by_department basis=sold department=G day=2 currency=EUR orders=1 units=3 "
            "revenue=25\n",
            {encoded(placed())}},
        ChangeCase{
            "cancelled after that, for sales",
            sales::projection,
            "order-o",
            4,
            encoded(order::Cancelled{{29, order_euro}}),
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
            {encoded(placed()), encoded(order::Confirmed{payment_id})}},
        ChangeCase{"cancelled, never confirmed, for sales",
                   sales::projection,
                   "order-o",
                   3,
                   encoded(order::Cancelled{{0, order_euro}}),
                   "",
                   {encoded(placed())}},
        ChangeCase{
            "the rest cancelled, for sales: no order for A any more",
            sales::projection,
            "order-o",
            4,
            encoded(rest()),
            "merge sales_by_day basis=sold day=2 currency=EUR orders=0 units=-4 revenue=-22\n"
            "merge sales_by_sku basis=sold sku=A day=2 currency=EUR orders=-1 units=-2 "
            "revenue=-20\n"
            "merge sales_by_sku basis=sold sku=C day=2 currency=EUR orders=0 units=-2 "
            "revenue=-2\n"
            "merge sales_by_department basis=sold department= day=2 currency=EUR orders=0 "
            "units=-2 revenue=-2\n"
            "merge sales_by_department basis=sold department=G day=2 currency=EUR orders=0 "
            "units=-2 revenue=-20\n",
            {encoded(placed())}},
        ChangeCase{
            "a rest of more than was placed, for sales",
            sales::projection,
            "order-o",
            4,
            encoded(order::RestCancelled{
                "x", kernel::Timestamp(5), {{Sku("B"), 2}}, {1, order_euro}, {0, order_euro}, 1}),
            "error: a rest of more than was placed",
            {encoded(placed())}},
        ChangeCase{"confirmed, never placed, for sales", sales::projection, "order-o", 2,
                   encoded(order::Confirmed{payment_id}), "error: nothing was placed before"}));

}  // namespace
}  // namespace skald::projections
