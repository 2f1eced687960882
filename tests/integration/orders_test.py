#!/usr/bin/env python3
"""Orders over REST while sagas run: placing one and waiting for its outcome, sending it, taking it
back; and what becomes of those who wait when there is none."""

import concurrent.futures
import json
import signal
import socket
import time

from cli_harness import Server, eventually, main
from sagas_test import Shop


def euro(cents):
    return {"amount": cents, "currency": "EUR"}


class Orders(Shop):
    def place(self, method="card-ok", wait=None, key=None, server=None, lines=(("A", 1),)):
        """(status, answer, headers, seconds)"""
        headers = {"Prefer": f"wait={wait}"} if wait is not None else {}
        if key:
            headers["Idempotency-Key"] = key
        body = {
            "account_id": self.account,
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
            "payment": {"method": method},
        }
        began = time.monotonic()
        answer = (server or self.server).send("/v1/orders", body, headers=headers)
        return (*answer, time.monotonic() - began)

    def ask(self, path, body, status, **headers):
        got, answer, got_headers = self.server.send(path, body, headers=headers)
        self.assertEqual(got, status, answer)
        return answer, got_headers

    def is_accepted(self, answered):
        status, answer, headers, _ = answered
        self.assertEqual((status, set(answer)), (202, {"id", "version"}), answer)
        self.assertIsNone(headers["Preference-Applied"])
        self.assertEqual(headers["Location"], "/v1/orders/" + answer["id"])


class WithSagas(Orders):
    def setUp(self):
        super().setUp()
        self.serve()
        self.account = self.stocked({"A": 1000, "B": 1000, "SHORT": 1})

    def test_waits_and_the_life_that_follows(self):
        """One server for all of it: a start takes longer than what is tested."""
        for part in (
            self.waiting_tells_the_outcome,
            self.sent_again_waits_for_the_outcome_as_it_is_now,
            self.many_wait_at_once,
            self.shipments_and_returns,
            self.cancellations,
            self.refunds,
            self.waiting_ends_with_the_server,
        ):
            with self.subTest(part.__name__):
                part()

    def waiting_tells_the_outcome(self):
        for method, sku, status, reason in (
            ("card-ok", "A", "confirmed", None),
            ("card-declined", "A", "rejected", "payment_declined"),
            ("card-ok", "SHORT", "rejected", "out_of_stock"),
        ):
            got, answer, headers, seconds = self.place(method, wait=20, lines=[(sku, 2)])
            self.assertEqual((got, answer.get("status")), (201, status), answer)
            self.assertEqual(answer["reason"], reason)
            self.assertEqual(headers["Preference-Applied"], "wait=20")
            self.assertEqual(headers["Location"], "/v1/orders/" + answer["id"])
            self.assertEqual(headers["ETag"], f'"{answer["version"]}"')
            self.assertTrue(headers["Skald-Command"])
            self.assertLess(seconds, 15)
            read = self.server.send(
                headers["Location"], headers={"Skald-Token": headers["Skald-Token"]}
            )[1]
            self.assertEqual(read, answer)
        self.is_accepted(self.place())

    def sent_again_waits_for_the_outcome_as_it_is_now(self):
        first = self.place("card-slow", wait=1, key="slow")  # the provider takes 3 s
        self.is_accepted(first)
        self.assertGreaterEqual(first[3], 1)
        got, answer, headers, _ = self.place("card-slow", wait=20, key="slow")
        self.assertEqual((got, answer["status"]), (201, "confirmed"), answer)
        self.assertEqual(headers["Idempotency-Replayed"], "true")
        self.assertEqual(answer["id"], first[1]["id"])
        got, answer, headers, _ = self.place("card-slow", wait=0, key="slow")
        self.assertEqual((got, answer["status"]), (201, "confirmed"), "as it stands now")
        again = self.place("card-slow", key="slow")
        self.is_accepted(again)
        self.assertEqual(again[2]["Idempotency-Replayed"], "true")

    def many_wait_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(32) as clients:
            waiting = [clients.submit(self.place, "card-slow", 20) for _ in range(32)]
            for place in waiting:
                got, answer, _, _ = place.result()
                self.assertEqual((got, answer["status"]), (201, "confirmed"), answer)

    def shipments_and_returns(self):
        got, order, _, _ = self.place(wait=20, lines=[("A", 2), ("B", 3)])
        self.assertEqual((got, order["status"]), (201, "confirmed"), order)
        path = f'/v1/orders/{order["id"]}'
        part = {"lines": [{"sku": "B", "quantity": 1}], "tracking": "track/1"}
        keyed = {"Idempotency-Key": "ship"}
        first, headers = self.ask(f"{path}/shipments", part, 201, **keyed)
        self.assertEqual(first, {"id": order["id"] + ".1", "version": 1})
        self.assertEqual((headers["Location"], headers["ETag"]), (path, '"1"'))
        rest, _ = self.ask(f"{path}/shipments", {}, 201)
        self.assertEqual(rest["id"], order["id"] + ".2")
        again, headers = self.ask(f"{path}/shipments", part, 201, **keyed)
        self.assertEqual((again, headers["Idempotency-Replayed"]), (first, "true"))
        told, _ = self.ask(f'/v1/commands/{headers["Skald-Command"]}', None, 200)
        self.assertEqual(
            (told["outcome"], told["stream"], told["location"]),
            ("appended", f'shipment-{order["id"]}.1', path),
        )
        refused, _ = self.ask(f"{path}/shipments", {}, 409)
        self.assertEqual(refused["code"], "order_status_forbids")
        refused, _ = self.ask(f"{path}/cancellation", {"reason": "x"}, 409)
        self.assertEqual(refused["code"], "order_cancel_too_late")
        back = {"lines": [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}],
                "reason": "too small"}
        returned, headers = self.ask(f"{path}/returns", back, 200)
        self.assertEqual(returned["id"], order["id"])
        self.assertEqual(headers["ETag"], f'"{returned["version"]}"')
        refused, _ = self.ask(f"{path}/returns", back, 409)
        self.assertEqual(
            [error["pointer"] for error in refused["errors"]], ["/lines/0/quantity"], refused
        )
        shipped = self.events("shipment.created", order["id"])
        self.assertEqual(
            [(event["stream"], event["data"]["lines"]) for event in shipped],
            [
                (f'shipment-{order["id"]}.1', [{"sku": "B", "quantity": "1"}]),
                (f'shipment-{order["id"]}.2',
                 [{"sku": "A", "quantity": "2"}, {"sku": "B", "quantity": "2"}]),
            ],
        )
        self.assertEqual([event["data"].get("tracking") for event in shipped], ["track/1", None])
        data = self.events("order.return_recorded", order["id"])[0]["data"]
        self.assertEqual((data["refund"], data["reason"]),
                         ({"amount": "750", "currency": "EUR"}, "too small"))
        self.assertEqual(data["return_id"], headers["Skald-Command"])
        refused, _ = self.ask(f'/v1/payments/{order["id"]}.1/refunds',
                              {"amount": {"amount": 10**6, "currency": "EUR"}, "reason": "x"}, 409)
        self.assertEqual(refused["code"], "payment_more_than_captured")
        self.becomes(path, status="completed")
        self.becomes(f'/v1/payments/{order["id"]}.1', captured=euro(1250), refunded=euro(750))

    def becomes(self, path, **wanted):
        """What GET answers, once it says what is wanted."""

        def told():
            status, answer, _ = self.server.send(path)
            return answer if status == 200 and {**answer, **wanted} == answer else None

        answer = eventually(told, 60, 0.1)
        self.assertIsNotNone(answer, self.server.send(path))
        return answer

    def cancellations(self):
        got, order, _, _ = self.place(wait=20)
        self.assertEqual((got, order["status"]), (201, "confirmed"), order)
        path = f'/v1/orders/{order["id"]}'
        asked, headers = self.ask(
            f"{path}/cancellation", {"reason": "changed my mind"}, 200, **{"If-Match": '"2"'}
        )
        self.assertEqual(asked, {"id": order["id"], "version": 3})
        self.assertEqual(headers["ETag"], '"3"')
        self.becomes(path, status="cancelled", refund_due=euro(0))
        self.becomes(f'/v1/payments/{order["id"]}.1', authorisation="voided")

    def refunds(self):
        song = {"sku": "SONG", "title": "Song", "price": euro(250), "ships": False}
        self.post("/v1/products", song, 201)
        self.post("/v1/stock/SONG/receipts", {"quantity": 10}, 200)
        order = self.place(wait=20, lines=[("SONG", 4)])[1]["id"]
        payment = f"{order}.1"
        paid = self.becomes(f"/v1/payments/{payment}", captured=euro(1000))
        body = {"amount": euro(600), "reason": "out of tune"}
        keyed = {"Idempotency-Key": "refund"}
        path = f"/v1/payments/{payment}/refunds"
        late, _ = self.ask(path, body, 412, **{"If-Match": '"1"'})
        self.assertEqual(late["code"], "precondition_failed")
        asked, headers = self.ask(path, body, 200, **keyed)
        self.assertEqual(asked, {"id": payment, "version": paid["version"] + 1})
        self.assertEqual(headers["ETag"], f'"{asked["version"]}"')
        again, replayed = self.ask(path, body, 200, **keyed)
        self.assertEqual((again, replayed["Idempotency-Replayed"]), (asked, "true"))
        more, _ = self.ask(path, {**body, "amount": euro(401)}, 409)
        self.assertEqual(
            [(error["pointer"], error["code"]) for error in more["errors"]],
            [("/amount/amount", "payment_more_than_captured")],
        )
        read = self.becomes(f"/v1/payments/{payment}", refunded=euro(600), refunding=euro(0))
        self.assertEqual(
            [(refund["id"], refund["status"], refund["reason"]) for refund in read["refunds"]],
            [(headers["Skald-Command"], "refunded", "out of tune")],
        )
        self.a_download_comes_back(order, payment)

    def a_download_comes_back(self, order, payment):
        """Once paid for it is in stock no more, and can be returned like any other goods."""
        self.becomes("/v1/stock/SONG", on_hand=6, allocated=0, available=6)
        self.becomes(f"/v1/orders/{order}", status="completed")
        self.ask(f"/v1/orders/{order}/returns",
                 {"lines": [{"sku": "SONG", "quantity": 1}], "reason": "out of tune"}, 200)
        self.becomes("/v1/stock/SONG", on_hand=7, allocated=0, available=7)
        self.becomes(f"/v1/payments/{payment}", refunded=euro(850))
        line = self.becomes(f"/v1/orders/{order}", refund_due=euro(250))["lines"][0]
        self.assertEqual((line["shipped"], line["returned"]), (4, 1))

    def events(self, kind, order):
        done = self.store.run("events", "read", "--json", "--type", kind)
        self.ends(0, done)
        found = [json.loads(line) for line in done.out.splitlines()]
        return [event for event in found if order in event["stream"]]

    def waiting_ends_with_the_server(self):
        with concurrent.futures.ThreadPoolExecutor(1) as client:
            waiting = client.submit(self.place, "card-slow", 30)
            placed = eventually(
                lambda: self.server.send("/v1/orders?limit=1")[1]["data"][0]["status"] == "pending"
            )
            self.assertTrue(placed)
            code, seconds = self.server.end()
            self.assertEqual(code, 0)
            self.assertLess(seconds, 20)
            self.is_accepted(waiting.result())


class WithoutSagas(Orders):
    def start(self, roles):
        server = Server(self.store, "--roles=" + roles, SKALD_ALLOW_DEGRADED="true")
        self.addCleanup(server.end, signal.SIGKILL)
        return server

    def test_waiting_for_what_does_not_come_ends(self):
        self.server = self.start("api,relay,projector")
        self.account = self.stocked({"A": 10})
        for wait, least, most in ((0, 0, 0.9), (1, 1, 10)):
            answered = self.place(wait=wait)
            self.is_accepted(answered)
            self.assertGreaterEqual(answered[3], least)
            self.assertLess(answered[3], most)

        with self.subTest("who goes away is not waited for"):
            body = json.dumps({"account_id": self.account,
                               "lines": [{"sku": "A", "quantity": 1}],
                               "payment": {"method": "card-ok"}})
            for _ in range(20):
                with socket.create_connection(("127.0.0.1", self.server.port)) as client:
                    client.sendall(
                        f"POST /v1/orders HTTP/1.1\r\nHost: x\r\nPrefer: wait=2\r\n"
                        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                        f"{body}".encode()
                    )
            self.is_accepted(self.place(wait=1))

        with self.subTest("a read model that does not move ends no wait too early or too late"):
            lagging = self.start("api")
            self.assertEqual(self.server.end()[0], 0)
            answered = self.place(wait=1, server=lagging)
            self.is_accepted(answered)
            self.assertGreaterEqual(answered[3], 1)
            self.assertLess(answered[3], 10)

        with self.subTest("a stop answers who waits, and until then nobody waits for them"):
            placed = "SELECT count(*) FROM skald.events WHERE type = 'order.placed'"
            before = int(self.store.sql(placed))
            with concurrent.futures.ThreadPoolExecutor(32) as clients:  # there are 8 workers
                waiting = [
                    clients.submit(self.place, "card-ok", 30, None, lagging) for _ in range(32)
                ]
                self.assertTrue(eventually(lambda: int(self.store.sql(placed)) == before + 32))
                self.assertEqual(lagging.send("/v1/products/A")[0], 200)
                self.assertFalse([place for place in waiting if place.done()])
                code, seconds = lagging.end()
                self.assertEqual(code, 0)
                self.assertLess(seconds, 10)
                for place in waiting:
                    self.is_accepted(place.result())


if __name__ == "__main__":
    main()
