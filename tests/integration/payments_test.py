#!/usr/bin/env python3
"""What customers read of orders that went through checkout: their payments, what is promised, and
what was sold."""

import collections
import json

from cli_harness import eventually, main
from sagas_test import PRICE, Shop


def euro(cents):
    return {"amount": cents, "currency": "EUR"}


class Reader(Shop):
    def get(self, path, status=200, **headers):
        got, answer, headers = self.server.send(path, headers=headers)
        self.assertEqual(got, status, answer)
        return answer, headers

    def payment(self, order, **wanted):
        """The order's payment, once it says what is wanted."""

        def told():
            status, answer, _ = self.server.send(f"/v1/payments/{order}.1")
            if status != 200:
                return None
            return answer if {**answer, **wanted} == answer else None

        answer = eventually(told, 30, 0.1)
        self.assertIsNotNone(answer, self.server.send(f"/v1/payments/{order}.1"))
        return answer

    def movements(self, payment):
        return [(entry["type"], entry["amount"]) for entry in payment["movements"]]


class Checkout(Reader):
    def test_payments_and_sales_after_checkout(self):
        self.serve()
        account = self.stocked({"TEA": 100})
        song = {"sku": "SONG", "title": "Song", "price": PRICE, "ships": False}
        self.post("/v1/products", song, 201)
        self.post("/v1/stock/SONG/receipts", {"quantity": 100}, 200)

        shipping = self.order(account, [("TEA", 2)], "card-ok")
        declined = self.order(account, [("TEA", 5)], "card-declined")
        download = self.order(account, [("SONG", 1)], "card-ok")

        # Authorised until the goods leave, and the order says by which payment.
        confirmed = self.outcome(shipping)
        self.assertEqual(confirmed["payment"], {"method": "card-ok", "id": shipping + ".1"})
        payment = self.payment(shipping, authorisation="authorised")
        self.assertGreater(payment["authorised_until"], payment["created_at"])
        self.assertEqual(self.movements(payment), [("payment.authorised", euro(500))])
        for name, amount in [("amount", 500), ("authorised", 500), ("captured", 0),
                             ("refunding", 0), ("refunded", 0), ("capturing", 0)]:
            self.assertEqual(payment[name], euro(amount), name)
        self.assertEqual((payment["order_id"], payment["unknown"]), (shipping, False))
        self.assertNotIn("provider", str(payment), "its name there is not for customers")

        # Nothing to carry: taken at once.
        def completed():
            answer, _ = self.get("/v1/orders/" + download)
            return answer if answer["status"] == "completed" else None

        answer = eventually(completed, 60, 0.1)
        self.assertIsNotNone(answer)
        self.assertIs(answer["lines"][0]["ships"], False)
        payment = self.payment(download, captured=euro(250))
        self.assertEqual(
            self.movements(payment),
            [("payment.authorised", euro(250)), ("payment.captured", euro(250))],
        )

        self.assertEqual(self.outcome(declined)["payment"]["id"], None)
        payment = self.payment(declined, authorisation="declined")
        self.assertTrue(payment["code"])
        self.assertEqual((payment["authorised_until"], payment["movements"]), (None, []))

        self.conditional(shipping)
        self.sold()
        before = self.payment(download, captured=euro(250))
        self.ends(0, self.store.run("projections", "rebuild", "payments"))
        self.assertEqual(self.payment(download, captured=euro(250)), before)
        self.ends(0, self.store.run("verify"))

    def conditional(self, order):
        path = f"/v1/payments/{order}.1"
        answer, headers = self.get(path)
        self.assertEqual(headers["ETag"], '"%d"' % answer["version"])
        self.get(path, 304, **{"If-None-Match": headers["ETag"]})
        self.get(path, 200, **{"Skald-Token": headers["Skald-Token"]})
        for path in f"/v1/payments/{order}.2", f"/v1/payments/{order}", "/v1/payments/a%20b.1":
            answer, _ = self.get(path, 404)
            self.assertEqual(answer["code"], "payment_not_found", path)

    def sold(self):
        def rows(basis):
            answer, _ = self.get("/v1/reports/sales?by=sku&basis=" + basis)
            return {row["sku"]: (row["orders"], row["units"]) for row in answer["data"]}

        self.assertEqual(rows("placed"), {"TEA": (2, 7), "SONG": (1, 1)})
        self.assertTrue(
            eventually(lambda: rows("sold") == {"TEA": (1, 2), "SONG": (1, 1)}, 30, 0.1),
            rows("sold"),
        )


class Rest(Reader):
    """An order that has shipped in part, of which nobody wants the rest."""

    def test_it_ends_whole(self):
        self.serve()
        account = self.stocked({"TEA": 100, "POT": 100})
        song = {"sku": "SONG", "title": "Song", "price": PRICE, "ships": False}
        self.post("/v1/products", song, 201)
        self.post("/v1/stock/SONG/receipts", {"quantity": 100}, 200)
        order = self.order(account, [("TEA", 3), ("POT", 1), ("SONG", 1)], "card-ok")
        self.assertEqual(self.outcome(order)["status"], "confirmed")
        path = f"/v1/orders/{order}"
        self.post(f"{path}/shipments", {"lines": [{"sku": "TEA", "quantity": 1}]}, 201)
        why = {"reason": "sold out"}
        asked = self.post(f"{path}/cancellation", why, 200, "rest")
        self.assertEqual(self.post(f"{path}/cancellation", why, 200, "rest"), asked)
        self.assertEqual(self.post(f"{path}/cancellation", {"reason": "again"}, 200)["id"], order)
        refused = self.post(f"{path}/shipments", {}, 409)
        self.assertEqual(refused["code"], "order_status_forbids")

        payment = self.payment(order, authorisation="voided", captured=euro(500), refunded=euro(0))
        self.assertEqual(
            self.movements(payment),
            [("payment.authorised", euro(1250)), ("payment.captured", euro(500)),
             ("payment.voided", euro(750))],
        )
        self.assertIsNone(payment["authorised_until"])
        told = self.ended(path)
        self.assertEqual(told["timeline"][3]["type"], "order.rest_cancelled")
        self.assertEqual(told["timeline"][3]["detail"], "sold out")
        units = [(line["sku"], line["shipped"], line["cancelled"]) for line in told["lines"]]
        self.assertEqual(units, [("TEA", 1, 2), ("POT", 0, 1), ("SONG", 1, 0)])
        self.assertEqual(told["total"], euro(1250))
        self.assertEqual((told["cancelled_total"], told["refund_due"]), (euro(750), euro(0)))
        listed = self.get("/v1/orders?status=completed")[0]["data"]
        self.assertEqual([row["cancelled_total"] for row in listed], [euro(750)])
        self.only_what_shipped_is_sold(in_stock=99)

        self.post(f"{path}/returns", {"lines": [{"sku": "POT", "quantity": 1}]}, 409)
        self.post(f"{path}/returns", {"lines": [{"sku": "TEA", "quantity": 1}]}, 200)
        self.post(f"/v1/payments/{order}.1/refunds", {"amount": euro(251), "reason": "x"}, 409)
        self.payment(order, refunded=euro(250))
        books = self.books(order)
        self.assertEqual(books, {"authorise": 1250, "capture": 500, "void_authorisation": 750,
                                 "refund": 250})
        self.ends(0, self.store.run("verify"))
        for projection in ("orders", "sales"):
            self.ends(0, self.store.run("projections", "rebuild", projection))
        self.assertEqual(self.ended(path)["lines"][0]["cancelled"], 2)
        self.only_what_shipped_is_sold(in_stock=100)
        self.ends(0, self.store.run("verify"))

    def ended(self, path):
        def completed():
            answer, _ = self.get(path)
            return answer if answer["status"] == "completed" else None

        answer = eventually(completed, 60, 0.1)
        self.assertIsNotNone(answer, self.get(path))
        return answer

    def only_what_shipped_is_sold(self, in_stock):
        def sold():
            rows = self.get("/v1/reports/sales?by=sku&basis=sold")[0]["data"]
            return {row["sku"]: (row["orders"], row["units"], row["revenue"]) for row in rows}

        wanted = {"TEA": (1, 1, euro(250)), "SONG": (1, 1, euro(250))}
        self.assertTrue(eventually(lambda: sold() == wanted, 30, 0.1), sold())
        for sku, level in (("TEA", in_stock), ("POT", 100), ("SONG", 99)):
            stock = self.get(f"/v1/stock/{sku}")[0]
            self.assertEqual((stock["on_hand"], stock["available"]), (level, level), sku)

    def books(self, order):
        """What the provider's own ledger says was done for the order, in cents."""
        done = collections.Counter()
        with open(self.ledger, encoding="utf-8") as ledger:
            for line in ledger:
                entry = json.loads(line)
                if entry["order"] == order and entry["outcome"] == "succeeded":
                    done[entry["operation"]] += entry["amount"]["amount"]
        return dict(done)


class WholeLife(Reader):
    def test_an_order_shipped_returned_and_paid_back_and_one_cancelled(self):
        self.serve()
        account = self.stocked({"TEA": 100, "POT": 100})
        sent = self.order(account, [("TEA", 3), ("POT", 1)], "card-ok")
        regretted = self.order(account, [("TEA", 1)], "card-ok")
        for order in sent, regretted:
            self.assertEqual(self.outcome(order)["status"], "confirmed")

        def reaches(order, status):
            answer = eventually(lambda: self.get("/v1/orders/" + order)[0]["status"] == status)
            self.assertTrue(answer, self.get("/v1/orders/" + order))
            return self.get("/v1/orders/" + order)[0]

        self.post(f"/v1/orders/{regretted}/cancellation", {"reason": "changed my mind"}, 200)
        parcels = [[("TEA", 2)], [("POT", 1), ("TEA", 1)]]
        for n, parcel in enumerate(parcels):
            lines = [{"sku": sku, "quantity": quantity} for sku, quantity in parcel]
            body = {"tracking": f"T{n}", "lines": lines}
            self.post(f"/v1/orders/{sent}/shipments", body, 201)
        reaches(sent, "completed")
        body = {"lines": [{"sku": "TEA", "quantity": 1}], "reason": "broken"}
        self.post(f"/v1/orders/{sent}/returns", body, 200)
        payment = self.payment(sent, captured=euro(1000), refunded=euro(250))
        self.assertEqual(
            self.movements(payment),
            [
                ("payment.authorised", euro(1000)),
                ("payment.captured", euro(500)),
                ("payment.captured", euro(500)),
                ("payment.refunded", euro(250)),
            ],
        )
        order = reaches(sent, "completed")
        units = [(line["sku"], line["shipped"], line["returned"]) for line in order["lines"]]
        self.assertEqual(units, [("TEA", 3, 1), ("POT", 1, 0)])
        shown = [
            [(line["sku"], line["quantity"]) for line in shipment["lines"]]
            for shipment in order["shipments"]
        ]
        self.assertEqual(shown, parcels)
        self.assertEqual([one["refund"] for one in order["returns"]], [euro(250)])
        self.assertEqual(order["refund_due"], euro(250))

        order = reaches(regretted, "cancelled")
        self.assertEqual(order["lines"][0]["cancelled"], 1)
        self.payment(regretted, authorisation="voided")
        self.ends(0, self.store.run("verify"))


if __name__ == "__main__":
    main()
