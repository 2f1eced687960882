"""What is made of the shop's answers and of the provider's books: each kind of wrong is a
difference.
"""

import json
import pathlib
import tempfile
import unittest

from bench.retail import checkout
from bench.retail.compare import Orders

OK = frozenset({"confirmed"})
EITHER = frozenset({"confirmed", "out_of_stock"})


class Outcomes(unittest.TestCase):
    def test_an_order_ends_in_one_of_the_allowed_ways(self):
        for name, allowed, answered, always, differences in [
            ("as it must", {1: OK}, {1: "confirmed"}, (), 0),
            ("either way", {1: EITHER, 2: EITHER}, {1: "confirmed", 2: "out_of_stock"}, (), 0),
            ("rejected with stock and a good card", {1: OK}, {1: "out_of_stock"}, (), 1),
            ("confirmed against a bad card", {1: EITHER - OK}, {1: "confirmed"}, (), 1),
            ("still pending", {1: OK}, {1: "pending"}, (), 1),
            ("lost", {1: OK}, {}, (), 1),
            ("made up", {}, {"o9": "confirmed"}, (), 1),
            ("given up after a cut", {1: OK}, {1: "stock_unavailable"}, checkout.GIVEN_UP, 0),
            ("given up for no reason", {1: OK}, {1: "stock_unavailable"}, (), 1),
            ("made up and given up", {}, {"o9": "stock_unavailable"}, checkout.GIVEN_UP, 1),
        ]:
            with self.subTest(name):
                found = checkout.compare_outcomes(answered, allowed, frozenset(always))
                self.assertEqual(found.differences, differences, found)


class Money(unittest.TestCase):
    def books(self, *entries) -> pathlib.Path:
        """Entries: (operation, order, amount, outcome)."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "ledger"
        path.write_text(
            "".join(
                json.dumps(
                    {
                        "operation": operation,
                        "order": order,
                        "amount": {"amount": amount, "currency": "EUR"},
                        "outcome": outcome,
                    }
                )
                + "\n"
                for operation, order, amount, outcome in entries
            )
        )
        return path

    def test_a_confirmed_order_is_charged_once_and_no_other_at_all(self):
        charge = ("authorise", "o1", 250, "succeeded")
        declined = ("authorise", "o1", 250, "refused")
        voided = ("void_authorisation", "o1", 250, "succeeded")
        part = ("void_authorisation", "o1", 100, "succeeded")
        taken, back = ("capture", "o1", 250, "succeeded"), ("refund", "o1", 250, "succeeded")
        foreign = ("authorise", "o9", 250, "succeeded")
        cheap = ("authorise", "o1", 249, "succeeded")
        for name, outcome, entries, differences in [
            ("charged", "confirmed", [charge], 0),
            ("charged and taken", "confirmed", [charge, taken], 0),
            ("declined", "payment_declined", [declined], 0),
            ("never asked", "out_of_stock", [], 0),
            ("charged and voided", "payment_unavailable", [charge, voided], 0),
            ("charged, taken and given back", "payment_unavailable", [charge, taken, back], 0),
            ("confirmed without money", "confirmed", [], 1),
            ("confirmed on a refusal", "confirmed", [declined], 1),
            ("confirmed and voided", "confirmed", [charge, voided], 1),
            ("charged twice", "confirmed", [charge, charge], 1),
            ("charged twice, given back once", "confirmed", [charge, charge, voided], 1),
            ("another amount", "confirmed", [cheap], 1),
            ("rejected and kept", "out_of_stock", [charge], 1),
            ("rejected and partly kept", "out_of_stock", [charge, part], 1),
            ("charged for nothing", "confirmed", [charge, foreign], 1),
        ]:
            with self.subTest(name):
                orders = Orders(totals={7: 250}, outcomes={7: outcome})
                found = checkout.compare_money(
                    orders, {"o1": 7}, checkout.balances(self.books(*entries))
                )
                self.assertEqual(found.differences, differences, found)


if __name__ == "__main__":
    unittest.main()
