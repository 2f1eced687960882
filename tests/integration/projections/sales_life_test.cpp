// What the sales read model makes of orders that are confirmed and of those that are cancelled
// after all: told by the report, the same after a rebuild, and every difference found.
#include "projections/sales/queries.h"
#include "tests/integration/projections/life_rig.h"

namespace skald::tests {
namespace {

using projections::sales::Basis;
using projections::sales::GroupBy;

constexpr std::int64_t a_day_us = 86'400'000'000;
constexpr kernel::Currency euros{"EUR"};

class ProjectionsSalesLife : public LifeRig {
  protected:
    ProjectionsSalesLife() {
        shop.simple_product("TEA", 100, "GROCERY");
        shop.simple_product("POT", 10, "GROCERY");
        shop.simple_product("PEN", 1);
        // Several partitions, so that a day's row is a sum.
        for (int i = 0; i < 8; ++i) {
            const auto id = "sold" + std::to_string(i);
            shop.simple_order(id, "ann", a_day_us, {{"TEA", 2}, {"POT", 1}});
            confirm(id);
        }
        shop.simple_order("open", "ann", a_day_us, {{"TEA", 1}});
        shop.simple_order("rejected", "ann", a_day_us, {{"TEA", 1}});
        shop.order("rejected", order::Rejected{"out_of_stock", {}});
        shop.simple_order("never", "ann", a_day_us, {{"TEA", 1}});
        cancel("never");
        shop.simple_order("regretted", "ann", 2 * a_day_us, {{"PEN", 3}, {"TEA", 4}});
        confirm("regretted");
    }
    void confirm(const std::string& id) {
        shop.order(id, order::Confirmed{kernel::PaymentId(id + ".1")});
    }
    void cancel(const std::string& id) {
        shop.order(id, order::CancelRequested{"no", kernel::Timestamp(0)});
        shop.order(id, order::Cancelled{{0, euros}});
    }

    // All but the rest was shipped.
    void ship_in_part(const std::string& id, std::vector<kernel::Portion> rest, std::int64_t cost) {
        shop.order(id, order::Shipped{kernel::ShipmentId(id + ".1"), {{kernel::Sku("TEA"), 1}}});
        shop.order(id,
                   order::RestCancelled{
                       "no", kernel::Timestamp(0), std::move(rest), {cost, euros}, {0, euros}, 1});
    }

    // Each row as "group orders units revenue".
    std::string report(GroupBy by, Basis basis = Basis::sold) {
        std::string text;
        const auto page =
            projections::sales::report(reading, {.by = by, .basis = basis}, {})->value;
        EXPECT_FALSE(page.has_next);
        for (const auto& row : page.rows)
            text += (row.day   ? std::to_string(row.day->value())
                     : row.sku ? row.sku->value()
                               : row.department.value_or("none")) +
                    " " + std::to_string(row.orders) + " " + std::to_string(row.units) + " " +
                    std::to_string(row.revenue.amount) + "; ";
        return text;
    }
};

TEST_F(ProjectionsSalesLife, sold_are_the_confirmed_orders_that_were_not_cancelled) {
    shop.project();
    EXPECT_EQ(report(GroupBy::day), "1 8 24 1680; 2 1 7 403; ");
    EXPECT_EQ(report(GroupBy::department), "none 1 3 3; GROCERY 9 28 2080; ");
    EXPECT_EQ(report(GroupBy::sku), "PEN 1 3 3; POT 8 8 80; TEA 9 20 2000; ");
    EXPECT_EQ(report(GroupBy::day, Basis::placed), "1 11 27 1980; 2 1 7 403; ");
    // What is to be cancelled is sold until it is.
    shop.order("sold0", order::CancelRequested{"no", kernel::Timestamp(0)});
    shop.project();
    EXPECT_EQ(report(GroupBy::day), "1 8 24 1680; 2 1 7 403; ");
}

// What was given up of an order that had shipped in part counted as sold.
TEST_F(ProjectionsSalesLife, of_a_part_shipped_order_only_what_is_left_is_sold) {
    ship_in_part("sold1", {{kernel::Sku("TEA"), 1}, {kernel::Sku("POT"), 1}}, 110);
    ship_in_part("regretted", {{kernel::Sku("PEN"), 3}, {kernel::Sku("TEA"), 1}}, 103);
    shop.project();
    EXPECT_EQ(report(GroupBy::day), "1 8 22 1570; 2 1 3 300; ");
    EXPECT_EQ(report(GroupBy::department), "GROCERY 9 25 1870; ");
    EXPECT_EQ(report(GroupBy::sku), "POT 7 7 70; TEA 9 18 1800; ");
    EXPECT_EQ(report(GroupBy::day, Basis::placed), "1 11 27 1980; 2 1 7 403; ");
    EXPECT_EQ(findings(), "");
    rebuilds_the_same("sales");
}

// A group of which nothing is left is none, though its rows are there.
TEST_F(ProjectionsSalesLife, a_cancelled_order_is_taken_back_whole) {
    shop.project();
    cancel("regretted");
    cancel("sold3");
    shop.project();
    EXPECT_EQ(report(GroupBy::day), "1 7 21 1470; ");
    EXPECT_EQ(report(GroupBy::department), "GROCERY 7 21 1470; ");
    EXPECT_EQ(report(GroupBy::sku), "POT 7 7 70; TEA 7 14 1400; ");
    EXPECT_EQ(report(GroupBy::day, Basis::placed), "1 11 27 1980; 2 1 7 403; ")
        << "placed it was all the same";
    EXPECT_EQ(findings(), "");
}

TEST_F(ProjectionsSalesLife, runs_of_any_length_and_a_rebuild_come_to_the_same_rows) {
    cancel("regretted");
    shop.project("sales", 1);
    EXPECT_EQ(report(GroupBy::day), "1 8 24 1680; ");
    rebuilds_the_same("sales");
    shop.project();
    EXPECT_EQ(report(GroupBy::day), "1 8 24 1680; ");
}

// Runs of more events that look back than are looked up at once.
TEST_F(ProjectionsSalesLife, many_orders_are_confirmed_and_cancelled_in_one_run) {
    constexpr int orders = 600;
    const auto each = [](auto act) {
        for (int i = 0; i < orders; ++i) act("many" + std::to_string(i), i);
    };
    each([&](const std::string& id, int) {
        shop.simple_order(id, "ann", 5 * a_day_us, {{"TEA", 1}, {"PEN", 2}});
    });
    each([&](const std::string& id, int) { confirm(id); });
    each([&](const std::string& id, int i) {
        if (i % 3 == 0) cancel(id);
    });
    shop.project("sales", 100'000);
    EXPECT_EQ(report(GroupBy::day), "1 8 24 1680; 2 1 7 403; 5 400 1200 40800; ");
    EXPECT_EQ(findings(), "");
}

TEST_F(ProjectionsSalesLife, what_was_sold_is_verified) {
    cancel("regretted");
    shop.project();
    EXPECT_EQ(findings(), "");
    const auto one = [](const std::string& table, const std::string& set) {
        return "UPDATE skald_read." + table + "_v1 SET " + set +
               " WHERE ctid = (SELECT min(ctid) " + "FROM skald_read." + table +
               "_v1 WHERE basis = 'sold')";
    };
    for (const auto* table : {"sales_by_day", "sales_by_department", "sales_by_sku"})
        finds(table, {one(table, "orders = orders - 1"), one(table, "units = units + 1"),
                      one(table, "revenue = revenue + 1"),
                      "DELETE FROM skald_read." + std::string(table) +
                          "_v1 WHERE ctid = (SELECT min(ctid) FROM skald_read." + table +
                          "_v1 WHERE basis = 'sold')"});
}

}  // namespace
}  // namespace skald::tests
