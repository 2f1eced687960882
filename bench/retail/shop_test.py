"""The transformation and the truth, each on the made data set and both against each other."""

import pathlib
import tempfile
import unittest

from bench.retail import made_data, raw, shop
from bench.retail.truth import truth

ROOT = pathlib.Path(__file__).resolve().parents[2]
EVERYTHING = 10**9


class MadeData(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = made_data.write(pathlib.Path(folder.name))
        self.shop = shop.build(raw.Raw(self.folder), EVERYTHING)

    def test_baskets_come_in_the_order_of_time_then_of_their_ids(self):
        self.assertEqual([b.basket for b in self.shop.baskets], [12, 11, 13, 14, 15, 16])

    def test_lines_of_one_sku_are_added_up_and_dirty_ones_stay(self):
        lines = {b.basket: dict(b.lines) for b in self.shop.baskets}
        self.assertEqual(lines[12], {"100": 2, "300": 0})
        self.assertEqual(lines[14], {"400": 100000, "500": 100001})
        self.assertEqual(lines[15], {"200": 3, "600": 120000})

    def test_prices_are_medians_in_cents_and_at_least_one(self):
        prices = {p.sku: p.price for p in self.shop.products}
        self.assertEqual(
            prices,
            {
                "100": 199,  # of 199, 199 and 205
                "200": 51,  # of 50 and 51: half a cent upwards
                "300": 1,  # only ever bought zero times
                "400": 1,  # a hundred thousand for a cent
                "500": 1,
                "600": 1,
                "700": 4,  # 3.5 cents
            },
        )

    def test_unit_prices_round_halves_up_whatever_the_float_says(self):
        for value, quantity, wanted in [
            (0.07, 2, 4),
            (1.0, 3, 33),
            (2.0, 3, 67),
            (1.15, 1, 115),
            (8.35, 1, 835),
            (0.0, 5, 0),
        ]:
            with self.subTest(value=value, quantity=quantity):
                self.assertEqual(shop.unit_price(shop.cents(value), quantity), wanted)

    def test_labels_that_are_missing_or_blank_are_left_out(self):
        bodies = {p.sku: p.body() for p in self.shop.products}
        self.assertEqual(
            bodies["100"],
            {
                "sku": "100",
                "title": "FLUID MILK, 1 LT",
                "department": "GROCERY",
                "category": "MILK",
                "brand": "National",
                "price": {"amount": 199, "currency": "EUR"},
            },
        )
        self.assertEqual(bodies["200"].keys(), {"sku", "title", "department", "brand", "price"})
        self.assertEqual(bodies["200"]["title"], "GROCERY")
        for sku in ("600", "700"):
            self.assertEqual(bodies[sku].keys(), {"sku", "title", "price"})
            self.assertEqual(bodies[sku]["title"], f"Product {sku}")

    def test_a_product_gets_a_year_s_supply_and_never_nothing(self):
        supply = {r.sku: r.quantity for r in self.shop.receipts}
        self.assertEqual((supply["100"], supply["300"], supply["600"]), (4, 1, 120000))

    def test_only_what_the_chosen_baskets_need_is_made_and_it_is_the_same(self):
        small = shop.build(raw.Raw(self.folder), 2)
        self.assertEqual([b.basket for b in small.baskets], [12, 11])
        self.assertEqual({a.household for a in small.accounts}, {1, 2})
        self.assertEqual([p.sku for p in small.products], ["100", "200", "300"])
        for of_small, of_all in [
            (small.products, self.shop.products),
            (small.receipts, self.shop.receipts),
        ]:
            self.assertLessEqual(set(of_small), set(of_all))

    def test_an_order_can_leave_out_the_lines_that_were_refused(self):
        basket = next(b for b in self.shop.baskets if b.basket == 12)
        self.assertEqual(
            basket.body("a1", frozenset({1})),
            {
                "account_id": "a1",
                "lines": [{"sku": "100", "quantity": 2}],
                "payment": {"method": "card-ok"},
            },
        )

    def test_truth_by_hand(self):
        self.assertEqual(
            truth.compute(self.folder, EVERYTHING),
            truth.Truth(
                baskets={11: 449, 12: 398, 14: 100000, 15: 153, 16: 8},
                household_orders={1: 1, 2: 2, 3: 1, 4: 1},
                household_revenue={1: 449, 2: 406, 3: 100000, 4: 153},
                skus={
                    "100": (2, 4, 796),
                    "200": (2, 4, 204),
                    "400": (1, 100000, 100000),
                    "700": (1, 2, 8),
                },
                departments={
                    "GROCERY": (3, 8, 1000),
                    "FUEL": (1, 100000, 100000),
                    None: (1, 2, 8),
                },
                total=(5, 100010, 101008),
                methods={
                    11: "card-flaky",
                    12: "card-ok",
                    14: "card-ok",
                    15: "card-ok",
                    16: "card-ok",
                },
                outcomes={b: frozenset({"confirmed"}) for b in (11, 12, 14, 15, 16)},
                pieces={
                    11: {"100": 2, "200": 1},
                    12: {"100": 2},
                    14: {"400": 100000},
                    15: {"200": 3},
                    16: {"700": 2},
                },
                supply={
                    "100": 4,
                    "200": 4,
                    "300": 1,
                    "400": 100000,
                    "500": 100001,
                    "600": 120000,
                    "700": 2,
                },
                bad_lines=4,
                empty_baskets=1,
            ),
        )

    def test_every_card_and_what_is_scarce(self):
        """Product 807 is scarce: 150 pieces are bought, one is there."""
        day = "2017-01-01 10:00:00"
        lines = [
            (4, 1, day, 100, 1, 1.0),
            (9, 1, day, 100, 1, 1.0),
            (11, 1, day, 100, 1, 1.0),
            (33, 1, day, 100, 1, 1.0),
            (47, 1, day, 100, 1, 1.0),
            (500, 1, day, 807, 1, 1.0),
            (504, 1, day, 807, 1, 1.0),
            (533, 1, day, 807, 1, 1.0),
            (600, 1, day, 807, 147, 1.0),
        ]
        made_data.write(self.folder, lines)
        expected = truth.compute(self.folder, EVERYTHING)
        goods = shop.build(raw.Raw(self.folder), EVERYTHING)
        paid = {b.basket: b.body("a")["payment"]["method"] for b in goods.baskets}
        self.assertEqual(expected.methods, paid)
        self.assertEqual({r.sku: r.quantity for r in goods.receipts}, {"100": 5, "807": 1})
        self.assertEqual(expected.supply, {"100": 5, "807": 1})
        wanted = {
            4: ("card-declined", {"payment_declined"}),
            9: ("card-slow", {"confirmed"}),
            11: ("card-flaky", {"confirmed"}),
            33: ("card-timeout", {"confirmed", "payment_unavailable"}),
            47: ("card-error", {"payment_unavailable"}),
            500: ("card-ok", {"confirmed", "out_of_stock"}),
            504: ("card-declined", {"payment_declined", "out_of_stock"}),
            533: ("card-timeout", {"confirmed", "payment_unavailable", "out_of_stock"}),
            600: ("card-ok", {"out_of_stock"}),
        }
        self.assertEqual(expected.methods, {b: method for b, (method, _) in wanted.items()})
        self.assertEqual(expected.outcomes, {b: ways for b, (_, ways) in wanted.items()})

    def test_truth_of_the_first_baskets_only(self):
        first = truth.compute(self.folder, 3)
        self.assertEqual(first.baskets, {11: 449, 12: 398})
        self.assertEqual(first.household_orders, {1: 1, 2: 1})
        self.assertEqual((first.bad_lines, first.empty_baskets), (2, 1))

    def test_a_household_without_any_order_is_there_with_nothing(self):
        made_data.write(self.folder, [(13, 1, "2017-01-01 10:00:00", 300, 0, 0.0)])
        nothing = truth.compute(self.folder, EVERYTHING)
        self.assertEqual(nothing.household_orders, {1: 0})
        self.assertEqual(nothing.household_revenue, {1: 0})
        self.assertEqual((nothing.total, nothing.empty_baskets), ((0, 0, 0), 1))


class RealData(unittest.TestCase):
    def test_what_the_shop_would_be_told_adds_up_to_the_truth(self):
        """As a shop would turn them that takes 1 to 100 000 pieces a line."""
        folder = raw.fetch(ROOT / "build" / "retail-data")
        for count in (1, 3000):
            with self.subTest(count=count):
                goods = shop.build(raw.Raw(folder), count)
                prices = {p.sku: p.price for p in goods.products}
                totals, bad, empty = {}, 0, 0
                for basket in goods.baskets:
                    kept = [(sku, n) for sku, n in basket.lines if 1 <= n <= 100_000]
                    bad += len(basket.lines) - len(kept)
                    empty += not kept
                    if kept:
                        totals[basket.basket] = sum(prices[sku] * n for sku, n in kept)
                expected = truth.compute(folder, count)
                self.assertEqual(len(goods.baskets), count)
                self.assertEqual(totals, expected.baskets)
                paid = {b.basket: b.body("")["payment"]["method"] for b in goods.baskets}
                self.assertEqual({b: paid[b] for b in totals}, expected.methods)
                self.assertEqual({r.sku: r.quantity for r in goods.receipts}, expected.supply)
                self.assertEqual((bad, empty), (expected.bad_lines, expected.empty_baskets))
                self.assertEqual(
                    {a.household for a in goods.accounts}, set(expected.household_orders)
                )


if __name__ == "__main__":
    unittest.main()
