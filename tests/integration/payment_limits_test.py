#!/usr/bin/env python3
"""What the operator sets of the circuit breaker and the calls to the payment provider, as a running
`skald serve` keeps to it, with the provider in process and elsewhere."""

import json
import re
import time
from datetime import datetime

from cli_harness import eventually, main
from sagas_test import Elsewhere, Shop

CLOSED, HALF_OPEN, OPEN = 0, 1, 2


class Watched(Shop):
    def metric(self, name, **labels):
        """The sum over all samples that have these labels."""
        _, text, _ = self.server.send("/metrics", ops=True)
        total = 0
        for given, value in re.findall(rf"^{name}{{(.*)}} (\S+)$", text, re.MULTILINE):
            have = dict(re.findall(r'(\w+)="([^"]*)"', given))
            if {**have, **labels} == have:
                total += float(value)
        return total

    def circuit(self, kind="call"):
        return self.metric("skald_payment_circuit", kind=kind)

    def requests(self, **labels):
        return self.metric("skald_payment_requests_total", **labels)

    def changes(self, kind="call"):
        """When the circuit came to which state, as the log tells."""
        lines = [json.loads(line) for line in self.server.log().splitlines() if line[:1] == "{"]
        return [
            (datetime.fromisoformat(line["at"].replace("Z", "+00:00")).timestamp(), line["to"])
            for line in lines
            if line.get("message") == "payment circuit changed" and line["kind"] == kind
        ]

    def becomes(self, what, wanted):
        self.assertTrue(
            eventually(lambda: what() == wanted, 30, 0.02), (what(), self.server.log()[-3000:])
        )


class CircuitElsewhere(Watched, Elsewhere):
    def test_opens_looks_and_closes_as_it_is_set(self):
        self.serve(
            SKALD_PAYMENT_CIRCUIT_FAILURES="3",
            SKALD_PAYMENT_CIRCUIT_OPEN_MS="1500",
            SKALD_PAYMENT_CIRCUIT_SUCCESSES="2",
        )
        account = self.stocked({"A": 100})
        first = self.order(account, [("A", 1)], "card-ok")
        # Nobody is there, which is so for all: one order is enough to learn it.
        self.becomes(self.circuit, OPEN)
        self.assertEqual(self.requests(kind="call", code="not_connected"), 3)
        self.start_provider()
        self.assertEqual(self.outcome(first)["status"], "confirmed")
        self.assertEqual(self.circuit(), HALF_OPEN, "one success of two")
        changes = self.changes()
        self.assertEqual([to for _, to in changes[:2]], ["open", "half_open"])
        self.assertGreaterEqual(changes[1][0] - changes[0][0], 1.49, "it looked too early")
        self.assertEqual(
            self.outcome(self.order(account, [("A", 1)], "card-ok"))["status"], "confirmed"
        )
        self.becomes(self.circuit, CLOSED)


class TooLateElsewhere(Watched, Elsewhere):
    def test_a_call_that_answers_too_late_for_the_setting_is_asked_for(self):
        self.start_provider()
        self.serve(SKALD_PAYMENT_CALL_MS="300")
        account = self.stocked({"A": 100})
        slow = self.order(account, [("A", 1)], "card-slow")
        self.assertEqual(self.outcome(slow)["status"], "confirmed")
        self.assertEqual(self.requests(kind="call", code="no_answer"), 1)
        self.assertGreaterEqual(self.requests(kind="find", outcome="succeeded"), 1)


class CircuitInProcess(Watched):
    """One card that fails whenever it is tried is no reason to leave the provider alone; several
    are. The same as elsewhere."""

    def test_one_that_keeps_failing_opens_nothing_and_two_do(self):
        self.serve(
            SKALD_PAYMENT_CIRCUIT_FAILURES="2",
            SKALD_PAYMENT_CIRCUIT_OPEN_MS="500",
            SKALD_PAYMENT_CIRCUIT_SUCCESSES="1",
        )
        account = self.stocked({"A": 100})
        self.order(account, [("A", 1)], "card-error")
        failed = {"kind": "call", "code": "provider_error"}
        self.assertTrue(eventually(lambda: self.requests(**failed) >= 6), self.requests(**failed))
        self.assertEqual(self.circuit(), CLOSED)
        self.order(account, [("A", 1)], "card-error")
        self.assertTrue(eventually(self.changes), self.server.log()[-3000:])
        # What has failed before does not keep it from others for ever.
        good = self.order(account, [("A", 1)], "card-ok")
        self.assertEqual(self.outcome(good)["status"], "confirmed")
        self.becomes(self.circuit, CLOSED)


class InTimeInProcess(Watched):
    def test_a_call_has_the_time_that_is_set(self):
        self.serve(SKALD_PAYMENT_CALL_MS="4500")
        account = self.stocked({"A": 100})
        slow = self.order(account, [("A", 1)], "card-slow")
        self.assertEqual(self.outcome(slow)["status"], "confirmed")
        self.assertEqual(self.requests(kind="call", code="no_answer"), 0)
        self.assertEqual(self.requests(kind="call", outcome="succeeded"), 1)


class CallsAtOnce(Watched):
    def test_others_wait_for_their_turn(self):
        self.serve(SKALD_PAYMENT_CALLS_MAX="1")
        account = self.stocked({"A": 100})
        slow = self.order(account, [("A", 1)], "card-slow")
        # Charged, and not answered yet.
        self.assertTrue(eventually(lambda: self.held_by_provider()[slow]))
        begun = time.time()
        other = self.outcome(self.order(account, [("A", 1)], "card-ok"))
        self.assertEqual(other["status"], "confirmed")
        self.assertGreater(time.time() - begun, 2.5, "it was called beside the slow one")


if __name__ == "__main__":
    main()
