#!/usr/bin/env python3
"""Carts over REST: filled by a customer or a guest, shown with the prices of now, and made into an
order whose outcome is waited for."""

import signal

from cli_harness import Server, eventually, main
from orders_test import Orders, euro


class Carts(Orders):
    def begin(self, **body):
        answer, headers = self.ask("/v1/carts", body, 201)
        self.assertEqual(headers["Location"], "/v1/carts/" + answer["id"])
        self.token = headers["Skald-Token"]
        return headers["Location"]

    def put(self, cart, sku, quantity, status=200, **headers):
        return self.change("PUT", f"{cart}/items/{sku}", {"quantity": quantity}, status, **headers)

    def change(self, method, path, body, status, **headers):
        got, answer, got_headers = self.server.send(path, body, method=method, headers=headers)
        self.assertEqual(got, status, answer)
        self.token = got_headers["Skald-Token"]
        return answer, got_headers

    def read(self, path, status=200, **headers):
        headers = {"Skald-Token": self.token, "Skald-Wait": "10000", **headers}
        got, answer, got_headers = self.server.send(path, headers=headers)
        self.assertEqual(got, status, answer)
        return answer, got_headers

    def lines(self, cart):
        return [
            (line["sku"], line["quantity"], line["unit_price"] and line["unit_price"]["amount"])
            for line in self.read(cart)[0]["lines"]
        ]

    def refused(self, told, *errors):
        self.assertEqual([(one["pointer"], one["code"]) for one in told[0]["errors"]],
                         list(errors), told[0])


class Filling(Carts):
    """Without sagas: orders stay pending."""

    def test_what_a_cart_does(self):
        """One server for all of it: a start takes longer than what is tested."""
        self.server = Server(self.store)
        self.addCleanup(self.server.end, signal.SIGKILL)
        self.account = self.stocked({"A": 10, "B": 10, "OLD": 10})
        for part in (
            self.is_filled_changed_and_emptied,
            self.shows_what_products_cost_now,
            self.has_no_total_where_there_is_none,
            self.is_repeated_by_its_key,
            self.is_changed_at_the_version_that_was_read,
            self.names_all_that_is_wrong,
            self.takes_only_what_is_sold,
            self.becomes_one_order,
            self.of_a_guest_becomes_an_accounts_order,
            self.says_so_when_it_is_held_back,
            self.is_verified,
        ):
            with self.subTest(part.__name__):
                part()

    def is_filled_changed_and_emptied(self):
        cart = self.begin(account_id=self.account)
        empty, headers = self.read(cart)
        self.assertEqual((empty["account_id"], empty["lines"], empty["total"], empty["order_id"]),
                         (self.account, [], None, None))
        self.assertEqual(headers["ETag"], '"1"')
        done, headers = self.put(cart, "B", 2)
        self.assertEqual((done, headers["ETag"]), ({"id": empty["id"], "version": 2}, '"2"'))
        self.put(cart, "A", 100_000)
        self.put(cart, "A", 1)
        full = self.read(cart)[0]
        self.assertEqual(full["lines"][0], {"sku": "A", "title": "Thing A", "quantity": 1,
                                            "unit_price": euro(250), "total": euro(250)})
        self.assertEqual((full["lines"][1]["total"], full["total"]), (euro(500), euro(750)))
        self.assertEqual(full["version"], 4)
        path = f"{cart}/items/A"
        self.assertEqual(self.change("DELETE", path, None, 200)[0]["version"], 5)
        self.assertEqual(self.change("DELETE", path, None, 200)[0]["version"], 5)
        self.assertEqual(self.lines(cart), [("B", 2, 250)])

    def shows_what_products_cost_now(self):
        cart = self.begin()
        self.post("/v1/products", {"sku": "DEAR", "title": "Dear", "price": euro(1)}, 201)
        self.put(cart, "DEAR", 3)
        told, headers = self.read(cart)
        self.assertEqual(told["total"], euro(3))
        tag = headers["ETag"]
        same = self.read(cart, 304, **{"If-None-Match": tag})[1]
        self.assertEqual(same["ETag"], tag)
        self.change("PATCH", "/v1/products/DEAR", {"price": euro(5)}, 200)
        told, headers = self.read(cart, 200, **{"If-None-Match": tag})
        self.assertEqual((told["total"], told["version"]), (euro(15), 2))
        self.assertNotEqual(headers["ETag"], tag)
        # The version is what a command is held to.
        self.put(cart, "DEAR", 4, **{"If-Match": tag})
        for other in (tag, tag[:-3] + '"', '"3.junk"', '"3."'):
            late = self.put(cart, "DEAR", 5, 412, **{"If-Match": other})[0]
            self.assertEqual(late["code"], "precondition_failed", other)
        # A product's ETag is its version, and with anything behind it nobody's.
        for other in ('"2.junk"', '"2' + tag[2:]):
            self.change("PATCH", "/v1/products/DEAR", {"price": euro(6)}, 412,
                        **{"If-Match": other})
        body = {"account_id": self.account, "payment": {"method": "card-ok"}}
        dear = self.ask(f"{cart}/checkout", {**body, "total": euro(15)}, 409)[0]
        self.refused([dear], ("/total", "cart_total_differs"))
        self.assertIn("20 EUR now, not to 15 EUR", dear["detail"])
        self.refused(self.ask(f"{cart}/checkout", {**body, "total": euro(0)}, 400),
                     ("/total/amount", "too_small"))
        self.ask(f"{cart}/checkout", {**body, "total": self.read(cart)[0]["total"]}, 202)

    def has_no_total_where_there_is_none(self):
        cart = self.begin()
        self.post("/v1/products", {"sku": "YEN", "title": "Yen",
                                   "price": {"amount": 7, "currency": "JPY"}}, 201)
        self.put(cart, "A", 1)
        self.put(cart, "YEN", 2)
        told = self.read(cart)[0]
        self.assertIsNone(told["total"])
        self.assertEqual(told["lines"][1]["total"], {"amount": 14, "currency": "JPY"})
        self.refused(self.ask(f"{cart}/checkout", {"account_id": self.account,
                                                   "payment": {"method": "card-ok"}}, 409),
                     ("/lines/1/sku", "order_mixed_currencies"))
        self.change("DELETE", f"{cart}/items/YEN", None, 200)
        self.assertEqual(self.read(cart)[0]["total"], euro(250))

    def is_repeated_by_its_key(self):
        keyed = {"Idempotency-Key": "cart"}
        first = self.ask("/v1/carts", {}, 201, **keyed)[0]
        again, headers = self.ask("/v1/carts", {}, 201, **keyed)
        self.assertEqual((again, headers["Idempotency-Replayed"]), (first, "true"))
        other = self.ask("/v1/carts", {"account_id": self.account}, 422, **keyed)[0]
        self.assertEqual(other["code"], "idempotency_key_reused")
        cart = "/v1/carts/" + first["id"]
        self.put(cart, "A", 2, **keyed)
        self.put(cart, "A", 3)
        again, headers = self.put(cart, "A", 2, **keyed)
        self.assertEqual((again["version"], headers["Idempotency-Replayed"]), (2, "true"))
        self.assertEqual(self.lines(cart), [("A", 3, 250)])
        told = self.ask("/v1/commands/" + headers["Skald-Command"], None, 200)[0]
        self.assertEqual((told["outcome"], told["location"]), ("appended", cart))

    def is_changed_at_the_version_that_was_read(self):
        cart = self.begin(account_id=self.account)
        self.put(cart, "A", 1, **{"If-Match": '"1"'})
        self.put(cart, "A", 2, 412, **{"If-Match": '"1"'})
        self.change("DELETE", f"{cart}/items/A", None, 412, **{"If-Match": '"7"'})
        body = {"payment": {"method": "card-ok"}}
        late = self.ask(f"{cart}/checkout", body, 412, **{"If-Match": '"1"'})[0]
        self.assertEqual(late["code"], "precondition_failed")
        self.ask(f"{cart}/checkout", body, 202, **{"If-Match": self.read(cart)[1]["ETag"]})

    def names_all_that_is_wrong(self):
        cart = self.begin()
        self.refused(self.ask("/v1/carts", {"account_id": "a b", "x": 1}, 400),
                     ("/account_id", "bad_format"), ("/x", "unknown_field"))
        for quantity, code in ((0, "too_small"), (100_001, "too_large"), ("1", "wrong_type")):
            self.refused(self.put(cart, "A", quantity, 400), ("/quantity", code))
        self.refused(self.ask(f"{cart}/checkout", {"account_id": "", "payment": {"method": "x"}},
                              400),
                     ("/account_id", "too_short"), ("/payment/method", "bad_choice"))
        self.refused(self.ask(f"{cart}/checkout", {}, 400), ("/payment", "missing"))
        for path, code in (("nowhere/items/A", "cart_not_found"), ("a.b/items/A", "cart_not_found"),
                           (cart[len("/v1/carts/"):] + "/items/a.b", "product_not_found")):
            self.assertEqual(self.put("/v1/carts/" + path.split("/items/")[0],
                                      path.split("/items/")[1], 1, 404)[0]["code"], code)
        self.assertEqual(self.ask("/v1/carts/nowhere", None, 404)[0]["code"], "cart_not_found")
        self.assertEqual(self.ask(f"{cart}?x=1", None, 400)[0]["errors"][0]["pointer"], "/query/x")

    def takes_only_what_is_sold(self):
        self.refused(self.ask("/v1/carts", {"account_id": "nobody"}, 409),
                     ("/account_id", "unknown_account"))
        cart = self.begin(account_id=self.account)
        self.refused(self.put(cart, "NONE", 1, 409), ("/path/sku", "unknown_product"))
        for sku in ("A", "OLD"):
            self.put(cart, sku, 1)
        self.change("DELETE", "/v1/products/OLD", None, 200)
        self.refused(self.put(cart, "OLD", 2, 409), ("/path/sku", "unknown_product"))
        self.assertEqual(self.lines(cart), [("A", 1, 250), ("OLD", 1, None)])
        told = self.read(cart)[0]
        self.assertEqual((told["lines"][1]["title"], told["total"]), ("Thing OLD", None))
        self.refused(self.ask(f"{cart}/checkout", {"payment": {"method": "card-ok"}}, 409),
                     ("/lines/1/sku", "unknown_product"))
        self.change("DELETE", f"{cart}/items/OLD", None, 200)
        self.ask(f"{cart}/checkout", {"payment": {"method": "card-ok"}}, 202)

    def becomes_one_order(self):
        cart = self.begin(account_id=self.account)
        self.put(cart, "B", 2)
        self.put(cart, "A", 1)
        body = {"payment": {"method": "card-ok"}}
        keyed = {"Idempotency-Key": "checkout"}
        self.refused(self.ask(f"{cart}/checkout", {**body, "account_id": "nobody"}, 409),
                     ("/account_id", "cart_account_differs"))
        placed, headers = self.change("POST", f"{cart}/checkout", body, 202, **keyed)
        self.assertEqual(placed, {"id": headers["Skald-Command"], "version": 1})
        self.assertEqual(headers["Location"], "/v1/orders/" + placed["id"])
        again, headers = self.change("POST", f"{cart}/checkout", body, 202, **keyed)
        self.assertEqual((again, headers["Idempotency-Replayed"]), (placed, "true"))
        order = self.read(headers["Location"])[0]
        self.assertEqual((order["account_id"], order["status"]), (self.account, "pending"))
        self.assertEqual([(line["sku"], line["quantity"]) for line in order["lines"]],
                         [("A", 1), ("B", 2)])
        self.assertEqual(order["total"], euro(750))
        told, headers = self.read(cart)
        self.assertEqual((told["order_id"], told["version"]), (placed["id"], 4))
        self.assertEqual(headers["ETag"], '"4"')
        self.assertEqual(self.lines(cart), [("A", 1, None), ("B", 2, None)])
        for late in (self.ask(f"{cart}/checkout", body, 409), self.put(cart, "A", 1, 409),
                     self.change("DELETE", f"{cart}/items/A", None, 409)):
            self.assertEqual(late[0]["code"], "cart_checked_out")
            self.assertIn(placed["id"], late[0]["detail"])

    def of_a_guest_becomes_an_accounts_order(self):
        cart = self.begin()
        body = {"payment": {"method": "card-ok"}}
        empty = self.ask(f"{cart}/checkout", {**body, "account_id": self.account}, 409)[0]
        self.assertEqual(empty["code"], "cart_empty")
        self.put(cart, "A", 1)
        self.refused(self.ask(f"{cart}/checkout", body, 409),
                     ("/account_id", "cart_account_missing"))
        self.refused(self.ask(f"{cart}/checkout", {**body, "account_id": "nobody"}, 409),
                     ("/account_id", "unknown_account"))
        body["account_id"] = self.account
        placed, headers = self.change("POST", f"{cart}/checkout", body, 202)
        self.assertEqual(self.read(headers["Location"])[0]["account_id"], self.account)
        self.assertIsNone(self.read(cart)[0]["account_id"])

    def says_so_when_it_is_held_back(self):
        cart = self.begin()
        self.put(cart, "A", 1)
        self.read(cart)
        self.store.sql(f"""
            INSERT INTO skald.events (partition, position, stream, version, type, schema_version,
                                      command_id, command_seq, recorded_at, meta, data)
            SELECT e.partition, (SELECT max(position) + 1 FROM skald.events o
                                 WHERE o.partition = e.partition), e.stream, e.version + 1,
                   'cart.item_set', 1, gen_random_uuid(), 1, now(), '', '\\xff'
            FROM skald.events e
            WHERE e.stream = 'cart-{cart[len("/v1/carts/"):]}' AND e.version = 2""")

        def held_back():
            return self.server.send(cart)[2]["Skald-Parked"]

        self.assertEqual(eventually(held_back), "undecodable")
        self.assertEqual(self.server.send(cart)[1]["lines"][0]["quantity"], 1)
        self.assertEqual(self.put(cart, "A", 2, 500)[0]["code"], "stream_corrupt")

    def is_verified(self):
        """With the event of above, which has no receipt."""
        runs = []
        eventually(lambda: runs.append(self.store.run("verify", "--json").json())
                   or {part["part"] for part in runs[-1]["parts"] if part["differences"]}
                   == {"receipts"})
        parts = {part["part"]: part for part in runs[-1]["parts"]}
        self.assertEqual([name for name, part in parts.items() if part["differences"]],
                         ["receipts"], runs[-1])
        for name in ("carts", "cart_items"):
            self.assertGreater(parts[name]["expected"], 3, name)


class Buying(Carts):
    def test_a_checkout_waits_for_its_outcome(self):
        self.serve()
        self.account = self.stocked({"A": 10, "SHORT": 1})
        for sku, method, status in (("A", "card-ok", "confirmed"),
                                    ("A", "card-declined", "rejected"),
                                    ("SHORT", "card-ok", "rejected")):
            cart = self.begin(account_id=self.account)
            self.put(cart, sku, 2)
            answer, headers = self.ask(f"{cart}/checkout", {"payment": {"method": method}}, 201,
                                       Prefer="wait=20")
            self.assertEqual((answer["status"], answer["total"]), (status, euro(500)))
            self.assertEqual(headers["Preference-Applied"], "wait=20")
            self.assertEqual(headers["Location"], "/v1/orders/" + answer["id"])
            self.token = headers["Skald-Token"]
            self.assertEqual(self.read(cart)[0]["order_id"], answer["id"])


if __name__ == "__main__":
    main()
