// What the read models make of all that may become of an order: told by their queries, the same
// after a rebuild, and every difference found by the verification.
#include <gtest/gtest.h>

#include "projections/orders/queries.h"
#include "tests/integration/projections/life_rig.h"

namespace skald::tests {
namespace {

using namespace projections;
using kernel::PaymentId;
using kernel::ReturnId;
using kernel::ShipmentId;
using kernel::Sku;
using kernel::Timestamp;

constexpr std::int64_t day_us = 86'400'000'000;
constexpr kernel::Currency euro{"EUR"};

class ProjectionsOrderLife : public LifeRig {
  protected:
    ProjectionsOrderLife() {
        shop.simple_product("TEA", 100, "GROCERY");
        shop.simple_product("POT", 10);
        shop.simple_product("SONG", 1, "MUSIC", false);
        for (const auto* id : {"placed", "partly", "shipped", "rejected", "kept", "resumed",
                               "refunded", "unpaid", "download", "ended"})
            shop.simple_order(id, "ann", day_us,
                              id == std::string("download")
                                  ? Lines{{"SONG", 2}}
                                  : Lines{{"TEA", 3}, {"SONG", 2}, {"POT", 1}});
        for (const auto* id : {"partly", "shipped", "resumed", "refunded", "download", "ended"})
            shop.order(id, order::Confirmed{PaymentId(std::string(id) + ".1")});
        shop.order("partly",
                   order::Shipped{ShipmentId("partly.1"), {{Sku("TEA"), 2}, {Sku("POT"), 1}}});
        shop.order("shipped", order::Shipped{ShipmentId("shipped.1"), {{Sku("TEA"), 1}}});
        shop.order("shipped",
                   order::Shipped{ShipmentId("shipped.2"), {{Sku("TEA"), 2}, {Sku("POT"), 1}}});
        shop.order("rejected", order::Rejected{"out_of_stock", Sku("POT")});
        for (const auto* id : {"kept", "resumed", "refunded", "unpaid"})
            shop.order(id, order::CancelRequested{"changed my mind", Timestamp(2 * day_us)});
        shop.order("kept", order::CancelRefused{"no"});
        shop.order("resumed", order::CancelRefused{"packed already"});
        shop.order("refunded", order::Cancelled{{312, euro}});
        shop.order("unpaid", order::Cancelled{{0, euro}});
        shop.order("download", order::Completed{});
        shop.order("ended", order::Shipped{ShipmentId("ended.1"), {{Sku("TEA"), 1}}});
        shop.order("ended", order::RestCancelled{"sold out",
                                                 Timestamp(2 * day_us),
                                                 {{Sku("TEA"), 2}, {Sku("POT"), 1}},
                                                 {210, euro},
                                                 {30, euro},
                                                 1});
        shop.project("", 3);
    }
    using Lines = std::vector<std::pair<std::string, std::int64_t>>;

    void complete_and_return() {
        shop.order("shipped",
                   order::ReturnRecorded{ReturnId("r1"), {{Sku("TEA"), 2}}, {200, euro}, "broken"});
        shop.order("shipped", order::Completed{});
        shop.order("shipped", order::ReturnRecorded{ReturnId("r2"), {{Sku("TEA"), 1}}, {0, euro}});
        shop.project();
    }

    orders::Order order(const std::string& id) {
        return orders::find(reading, kernel::OrderId(id), {})->value.value();
    }
    // Of each line, and what they cost.
    std::string cancelled(const std::string& id) {
        std::string text;
        const auto found = order(id);
        for (const auto& line : found.lines) text += std::to_string(line.cancelled) + " ";
        return text + "of " + std::to_string(found.cancelled_total.amount);
    }
    // Each line as "sku quantity shipped returned", without it those that nothing happened to.
    static std::string moved(const orders::Order& order) {
        std::string text;
        for (const auto& line : order.lines)
            if (line.shipped != 0 || line.returned != 0)
                text += line.sku.value() + " " + std::to_string(line.quantity) + " " +
                        std::to_string(line.shipped) + " " + std::to_string(line.returned) + "; ";
        return text;
    }
};

TEST_F(ProjectionsOrderLife, every_event_leaves_the_order_in_its_status) {
    struct Case {
        const char* id;
        const char* status;
        std::optional<std::string> reason;
        bool paid;
        std::int64_t refund_due;
    };
    for (const auto& [id, status, reason, paid, refund_due] :
         {Case{"placed", "pending", {}, false, 0}, Case{"partly", "confirmed", {}, true, 0},
          Case{"shipped", "shipped", {}, true, 0},
          Case{"rejected", "rejected", "out_of_stock", false, 0},
          Case{"kept", "pending", {}, false, 0}, Case{"resumed", "confirmed", {}, true, 0},
          Case{"refunded", "cancelled", {}, true, 312}, Case{"unpaid", "cancelled", {}, false, 0},
          Case{"download", "completed", {}, true, 0}, Case{"ended", "shipped", {}, true, 30}}) {
        const auto found = order(id);
        EXPECT_EQ(found.status, status) << id;
        EXPECT_EQ(orders::find_status(reading, found.id, {})->value, status);
        EXPECT_EQ(found.reason, reason) << id;
        EXPECT_EQ(found.payment,
                  paid ? std::optional(PaymentId(std::string(id) + ".1")) : std::nullopt)
            << id;
        EXPECT_EQ(found.refund_due, (kernel::Money{refund_due, euro})) << id;
        orders::Listing listing;
        listing.filter.status = status;
        const auto list = orders::list(reading, listing, {});
        EXPECT_EQ(std::ranges::count(list->value.rows, found.id, &orders::Order::id), 1) << id;
    }
}

TEST_F(ProjectionsOrderLife, an_order_tells_where_its_units_are_and_what_became_due) {
    EXPECT_EQ(moved(order("resumed")), "");
    EXPECT_EQ(moved(order("ended")), "TEA 3 1 0; SONG 2 2 0; ");
    EXPECT_TRUE(order("ended").returns.empty());
    EXPECT_EQ(cancelled("ended"), "2 0 1 of 210");
    EXPECT_EQ(cancelled("partly"), "0 0 0 of 0");
    EXPECT_EQ(cancelled("refunded"), "3 2 1 of 312") << "all of it";
    EXPECT_EQ(cancelled("rejected"), "3 2 1 of 312");
    EXPECT_EQ(moved(order("partly")), "TEA 3 2 0; SONG 2 2 0; POT 1 1 0; ");
    EXPECT_EQ(moved(order("shipped")), "TEA 3 3 0; SONG 2 2 0; POT 1 1 0; ");
    EXPECT_EQ(moved(order("download")), "SONG 2 2 0; ");
    complete_and_return();
    const auto found = order("shipped");
    EXPECT_EQ(found.status, "completed") << "what comes back changes nothing of it";
    EXPECT_EQ(moved(found), "TEA 3 3 3; SONG 2 2 0; POT 1 1 0; ");
    EXPECT_FALSE(found.lines.at(1).ships);
    EXPECT_EQ(found.refund_due, (kernel::Money{200, euro}));
    using Units = std::vector<std::pair<Sku, std::int64_t>>;
    ASSERT_EQ(found.shipments.size(), 2u);
    EXPECT_EQ(found.shipments[0].id, "shipped.1");
    EXPECT_EQ(found.shipments[0].units, (Units{{Sku("TEA"), 1}}));
    EXPECT_EQ(found.shipments[1].units, (Units{{Sku("POT"), 1}, {Sku("TEA"), 2}}));
    ASSERT_EQ(found.returns.size(), 2u);
    EXPECT_EQ(found.returns[0].id, "r1");
    EXPECT_EQ(found.returns[0].refund, (kernel::Money{200, euro}));
    EXPECT_EQ(found.returns[0].units, (Units{{Sku("TEA"), 2}}));
    EXPECT_EQ(found.returns[1].refund, (kernel::Money{0, euro}));
}

TEST_F(ProjectionsOrderLife, the_timeline_tells_all_of_it_oldest_first) {
    complete_and_return();
    const auto told = [&](const std::string& id) {
        std::string text;
        const auto found = order(id);
        Timestamp last(0);
        for (const auto& entry : found.timeline) {
            EXPECT_GE(entry.at, last);
            last = entry.at;
            text += entry.type.substr(std::string("order.").size()) +
                    (entry.detail ? "(" + *entry.detail + ")" : "") + " ";
        }
        EXPECT_EQ(found.version.value(), static_cast<std::int64_t>(found.timeline.size()));
        return text;
    };
    EXPECT_EQ(told("shipped"),
              "placed confirmed(shipped.1) shipped(shipped.1) shipped(shipped.2) "
              "return_recorded(r1) completed return_recorded(r2) ");
    EXPECT_EQ(told("rejected"), "placed rejected(out_of_stock) ");
    EXPECT_EQ(told("resumed"),
              "placed confirmed(resumed.1) cancel_requested(changed my mind) "
              "cancel_refused(packed already) ");
    EXPECT_EQ(told("ended"),
              "placed confirmed(ended.1) shipped(ended.1) rest_cancelled(sold out) ");
    EXPECT_EQ(told("refunded"),
              "placed confirmed(refunded.1) cancel_requested(changed my mind) cancelled ");
}

TEST_F(ProjectionsOrderLife, orders_are_verified_in_all_that_they_tell) {
    complete_and_return();
    EXPECT_EQ(findings(), "");
    finds("orders", {"UPDATE skald_read.orders_v1 SET status = 'confirmed' WHERE id = 'kept'",
                     "UPDATE skald_read.orders_v1 SET status = 'shipped' WHERE id = 'partly'",
                     "UPDATE skald_read.orders_v1 SET status = 'confirmed' WHERE id = 'ended'",
                     "UPDATE skald_read.orders_v1 SET rest_cancelled = 0 WHERE id = 'ended'",
                     "UPDATE skald_read.orders_v1 SET payment_id = NULL WHERE id = 'partly'",
                     "UPDATE skald_read.orders_v1 SET refund_due = 1 WHERE id = 'refunded'"});
    finds("order_lines",
          {"UPDATE skald_read.order_lines_v1 SET shipped = 3 WHERE order_id = 'partly' AND "
           "sku = 'TEA'",
           "UPDATE skald_read.order_lines_v1 SET returned = 2 WHERE order_id = 'shipped' AND "
           "sku = 'TEA'",
           "UPDATE skald_read.order_lines_v1 SET cancelled = 1 WHERE order_id = 'ended' AND sku = "
           "'TEA'",
           "UPDATE skald_read.order_lines_v1 SET ships = true WHERE order_id = 'download'"});
    finds("order_timeline",
          {"UPDATE skald_read.order_timeline_v1 SET detail = 'r3' WHERE detail = 'r2'",
           "UPDATE skald_read.order_timeline_v1 SET refund = 0 WHERE refund = 312"});
    finds("order_portions",
          {"UPDATE skald_read.order_portions_v1 SET quantity = 9 WHERE order_id = 'partly' AND sku "
           "= 'TEA'",
           "DELETE FROM skald_read.order_portions_v1 WHERE order_id = 'partly' AND sku = 'TEA'"});
}

TEST_F(ProjectionsOrderLife, a_rebuild_of_orders_gives_the_same_rows) {
    complete_and_return();
    rebuilds_the_same("orders");
}

// What an event needs to know of its stream it is told, too, when it has waited behind a parked
// key.
TEST_F(ProjectionsOrderLife, events_that_waited_behind_a_parked_key_look_back_all_the_same) {
    shop.simple_order("late", "ann", day_us, {{"TEA", 1}});
    shop.order("late", order::Confirmed{PaymentId("late.1")});
    database.admin().script(
        "ALTER TABLE skald_read.orders_v1 ADD CONSTRAINT early CHECK (id <> 'late')");
    shop.order("late", order::Shipped{ShipmentId("late.1"), {{Sku("TEA"), 1}}});
    shop.project();
    EXPECT_EQ(orders::find(reading, kernel::OrderId("late"), {})->value, std::nullopt);
    database.admin().script("ALTER TABLE skald_read.orders_v1 DROP CONSTRAINT early");
    pq::Connection operator_connection(database.writer());
    EXPECT_EQ(release(operator_connection, *find_projection("orders"), "late").applied, 3);
    EXPECT_EQ(order("late").status, "shipped");
    EXPECT_EQ(findings(), "");
}

}  // namespace
}  // namespace skald::tests
