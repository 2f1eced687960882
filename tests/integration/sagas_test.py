#!/usr/bin/env python3
"""Checkouts as a shop's customers and operators see them: over REST, with the payment provider in
process, and with `skald` killed again and again."""

import collections
import json
import os
import random
import signal
import subprocess
import time

from cli_harness import BINARY, CliTest, Server, eventually, free_port, main

ROLES = "--roles=api,relay,projector,sagas"
PRICE = {"amount": 250, "currency": "EUR"}
ENDED = ("confirmed", "rejected", "cancelled", "completed")


class Shop(CliTest):
    # Where many cards fail on purpose, many in a row are no reason to leave the provider alone.
    SETTINGS = {}

    def setUp(self):
        self.ledger = os.path.join(self.store.folder.name, "payments.ledger")
        self.server = None

    def serve(self, **settings):
        self.server = Server(
            self.store, ROLES, SKALD_PAYMENT_URL=f"sandbox:{self.ledger}", SKALD_LEASE_MS="1000",
            SKALD_ALLOW_DEGRADED="true", **{**self.SETTINGS, **settings},
        )
        self.addCleanup(self.server.end, signal.SIGKILL)
        return self.server

    def post(self, path, body, status, key=None):
        headers = {"Idempotency-Key": key} if key else {}
        got, answer, _ = self.server.send(path, body, headers=headers)
        self.assertEqual(got, status, answer)
        return answer

    def stocked(self, units):
        account = self.post("/v1/accounts", {"email": "ann@example.org", "name": "Ann"}, 201)["id"]
        for sku, quantity in units.items():
            self.post("/v1/products", {"sku": sku, "title": "Thing " + sku, "price": PRICE}, 201)
            self.post(f"/v1/stock/{sku}/receipts", {"quantity": quantity}, 200)
        return account

    def order(self, account, lines, method, key=None):
        body = {
            "account_id": account,
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
            "payment": {"method": method},
        }
        return self.post("/v1/orders", body, 202, key)["id"]

    def outcome(self, order):
        def ended():
            status, answer, _ = self.server.send(f"/v1/orders/{order}")
            return answer if status == 200 and answer["status"] in ENDED else None

        answer = eventually(ended, 60, 0.1)
        self.assertIsNotNone(answer, f"order {order} does not end: {self.server.log()[-3000:]}")
        return answer

    def held_by_provider(self):
        """By order: what the provider's own books say is authorised and not voided."""
        open_amounts, charged = collections.Counter(), collections.Counter()
        with open(self.ledger, encoding="utf-8") as books:
            for line in books:
                entry = json.loads(line)
                if entry["outcome"] != "succeeded":
                    continue
                if entry["operation"] == "authorise":
                    open_amounts[entry["order"]] += entry["amount"]["amount"]
                    charged[entry["order"]] += 1
                if entry["operation"] == "void_authorisation":
                    open_amounts[entry["order"]] = 0
        self.assertFalse([order for order, times in charged.items() if times > 1], "charged twice")
        return open_amounts

    def audit(self, orders, received):
        """Every order ended whole: stock, payment and the provider's books bear it out."""
        answers = [self.outcome(order) for order in orders]
        allocated, promised = collections.Counter(), self.held_by_provider()
        for order, answer in zip(orders, answers):
            if answer["status"] == "confirmed":
                for line in answer["lines"]:
                    allocated[line["sku"]] += line["quantity"]
                self.assertEqual(promised[order], answer["total"]["amount"], order)
            else:
                self.assertEqual(promised[order], 0, f"{order}: money is still held")

        def settled():
            levels = {sku: self.server.send(f"/v1/stock/{sku}")[1] for sku in received}
            return all(
                (level["on_hand"], level["held"], level["allocated"])
                == (received[sku], 0, allocated[sku])
                for sku, level in levels.items()
            )

        self.assertTrue(
            eventually(settled, 30, 0.2),
            {sku: (self.server.send(f"/v1/stock/{sku}")[1], allocated[sku]) for sku in received},
        )
        self.ends(0, self.store.run("verify"))


class Checkout(Shop):
    def test_every_payment_method_ends_as_it_says(self):
        self.serve()
        received = {"A": 100, "B": 100, "SHORT": 3}
        account = self.stocked(received)
        rows = [
            ([("A", 2), ("B", 1)], "card-ok", "confirmed", None),
            ([("A", 1)], "card-declined", "rejected", "payment_declined"),
            ([("A", 1)], "card-flaky", "confirmed", None),
            ([("B", 1)], "card-slow", "confirmed", None),
            ([("B", 2)], "card-timeout", "confirmed", None),
            ([("A", 1), ("SHORT", 4)], "card-ok", "rejected", "out_of_stock"),
        ]
        orders = [self.order(account, lines, method) for lines, method, _, _ in rows]
        for order, (lines, method, status, reason) in zip(orders, rows):
            with self.subTest(method=method, lines=lines):
                answer = self.outcome(order)
                self.assertEqual(answer["status"], status, answer)
                self.assertEqual(answer.get("reason"), reason)
                types = [entry["type"] for entry in answer["timeline"]]
                self.assertEqual(types, ["order.placed", "order." + status])
        self.audit(orders, received)


class Killed(Shop):
    SETTINGS = {"SKALD_PAYMENT_CIRCUIT_FAILURES": "1000"}

    def test_whatever_is_killed_every_order_ends_whole(self):
        self.serve()
        received = {"A": 1000, "B": 1000, "SHORT": 20}
        account = self.stocked(received)
        chance = random.Random(4)
        orders = []
        for _ in range(6):
            for _ in range(12):
                lines = [("A", chance.randint(1, 3)), (chance.choice(["B", "SHORT"]), 1)]
                method = chance.choice(["card-ok", "card-ok", "card-declined", "card-flaky"])
                orders.append(self.order(account, lines, method))
            time.sleep(chance.random() * 0.4)  # sleep: so that it is killed at some point or other
            self.server.end(signal.SIGKILL)
            self.serve()
            eventually(lambda: self.server.send("/health/ready")[0] == 200)
        self.audit(orders, received)


class Elsewhere(Shop):
    """The provider is a process of its own, reached over HTTP."""

    SECRET = "between-us"

    def setUp(self):
        super().setUp()
        self.address = f"127.0.0.1:{free_port()}"
        self.provider = None
        self.addCleanup(self.kill_provider)

    def start_provider(self):
        self.provider = subprocess.Popen(
            [BINARY, "sandbox-provider", "--listen", self.address, "--ledger", self.ledger],
            env={"SKALD_PAYMENT_SECRET": self.SECRET},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.assertIn("http://", self.provider.stdout.readline())

    def kill_provider(self):
        if self.provider:
            self.provider.kill()
            self.provider.wait()
            self.provider.stdout.close()
            self.provider = None

    def serve(self, **settings):
        self.server = Server(
            self.store, ROLES, SKALD_PAYMENT_URL=f"http://{self.address}",
            SKALD_PAYMENT_SECRET=self.SECRET, SKALD_LEASE_MS="1000", SKALD_ALLOW_DEGRADED="true",
            **{**self.SETTINGS, **settings},
        )
        self.addCleanup(self.server.end, signal.SIGKILL)
        return self.server


class ProviderKilled(Elsewhere):
    def test_the_provider_and_skald_are_killed_and_nobody_pays_twice(self):
        self.start_provider()
        self.serve()
        received = {"A": 1000, "B": 1000, "SHORT": 20}
        account = self.stocked(received)
        chance = random.Random(5)
        orders = []
        for turn in range(6):
            for _ in range(12):
                lines = [("A", chance.randint(1, 3)), (chance.choice(["B", "SHORT"]), 1)]
                # No card that fails on purpose: to the circuit breaker it would be the provider.
                method = chance.choice(["card-ok", "card-ok", "card-declined"])
                orders.append(self.order(account, lines, method))
            time.sleep(chance.random() * 0.4)  # sleep: so that it is killed at some point or other
            if turn % 2 == 0:
                self.kill_provider()
                self.start_provider()
            else:
                self.server.end(signal.SIGKILL)
                self.serve()
                eventually(lambda: self.server.send("/health/ready")[0] == 200)
        self.audit(orders, received)


class TwoProcesses(Shop):
    """One machine, one ledger: the process that has it drives; the other stands by."""

    SETTINGS = {"SKALD_PAYMENT_CIRCUIT_FAILURES": "1000"}

    def test_the_one_that_stands_by_takes_over_from_the_one_that_is_killed(self):
        first = self.serve()
        leases = eventually(lambda: self.saga_leases(first, 4))
        second = self.serve()
        self.assertEqual((self.duty(first), self.duty(second)), ("driving", "standing by"))
        received = {"A": 1000, "B": 1000, "SHORT": 20}
        account = self.stocked(received)
        orders = []
        for n in range(60):
            self.server = second if n % 2 else first
            method = ("card-ok", "card-declined", "card-flaky", "card-slow")[n % 4]
            sku = "SHORT" if n % 5 == 0 else "B"
            orders.append(self.order(account, [("A", 1), (sku, 2)], method))
        self.assertEqual(self.saga_leases(second, 4), leases, "who stands by has held a lease")
        self.assertEqual(second.log().count("standing by"), 1)
        first.end(signal.SIGKILL)
        self.server = second
        self.assertTrue(eventually(lambda: self.duty(second) == "driving"), second.log())
        self.audit(orders, received)
        self.assertEqual(second.log().count("driving the sagas from now on"), 1)

    def test_one_that_is_asked_to_end_lets_the_other_take_over(self):
        first = self.serve()
        second = self.serve()
        self.assertEqual(first.end()[0], 0)
        self.assertTrue(eventually(lambda: self.duty(second) == "driving", 10), second.log())
        third = self.serve()
        self.assertEqual(self.duty(third), "standing by")
        self.assertEqual(third.end()[0], 0, third.log())
        self.assertEqual(second.end()[0], 0, second.log())

    def duty(self, server):
        return server.send("/health/ready", ops=True)[1]["sagas"]

    def saga_leases(self, server, count):
        """Owner and epoch of each partition, once there are so many."""
        rows = server.send("/ops/leases", ops=True)[1]["data"]
        held = [
            (row["partition"], row["owner"], row["epoch"])
            for row in rows
            if row["follower"] == "sagas"
        ]
        return held if len(held) == count else None


if __name__ == "__main__":
    main()
