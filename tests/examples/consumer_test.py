"""consumer_test.py BINARY HOME: what is done over REST comes out of the example consumer.

Services run already, below $SKALD_VAR. Each case goes on where the one before it ended.
"""

import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.retail.client import Session, Target  # noqa: E402
from bench.retail.server import Server, environment_of  # noqa: E402

CONSUMER = ROOT / "docs" / "examples" / "consumer" / "consumer.py"
EUR_1999 = {"amount": 1999, "currency": "EUR"}
VAR = pathlib.Path(os.environ["SKALD_VAR"])


class ExampleConsumer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(BINARY, VAR)
        cls.addClassCleanup(cls.server.stop)
        migrated = cls.server.run("migrate", "up")
        assert migrated.returncode == 0, migrated.stdout
        cls.server.start()
        cls.session = Session(Target("127.0.0.1", cls.server.port, patience_s=30))
        cls.addClassCleanup(cls.session.close)

    def consume(self, *arguments: str, code: int = 0) -> tuple[list[dict], str]:
        """Its lines, and what it says at the end."""
        brokers = environment_of(VAR)["SKALD_KAFKA"]
        done = subprocess.run(
            [sys.executable, "-B", str(CONSUMER), "--brokers", brokers, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(done.returncode, code, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    def post(self, path: str, body: dict, key: str) -> str:
        answer = self.session.post(path, body, key)
        self.assertIn(answer.status, (200, 201, 202), answer.body)
        return answer.body["id"]

    def test_1_every_event_comes_once_decoded_and_in_order(self):
        self.post(
            "/v1/products",
            {"sku": "tea", "title": "Tea", "department": "GROCERY", "price": EUR_1999},
            "p",
        )
        self.post("/v1/stock/tea/receipts", {"quantity": 50}, "s")
        account = self.post("/v1/accounts", {"email": "a@example.org", "name": "Ada"}, "a")
        order = self.post(
            "/v1/orders",
            {
                "account_id": account,
                "payment": {"method": "card-ok"},
                "lines": [{"sku": "tea", "quantity": 3}],
            },
            "o",
        )
        self.wait_until_confirmed(order)
        events, said = self.consume("--state", STATE, "--until-quiet", "3")
        self.assertIn(f"{len(events)} events, 0 repeats dropped", said)

        self.assertEqual(len({(e["stream"], e["version"]) for e in events}), len(events))
        by_type = {event["type"]: event for event in events}
        self.assertLessEqual(
            {
                "product.created",
                "stock.received",
                "account.registered",
                "email.claimed",
                "order.placed",
                "saga.started",
                "stock.reserved",
                "payment.authorised",
                "order.confirmed",
                "stock.allocated",
            },
            set(by_type),
        )
        self.assertEqual(by_type["order.placed"]["stream"], f"order-{order}")
        self.assertEqual(by_type["order.placed"]["version"], 1)
        product = by_type["product.created"]["data"]
        self.assertEqual((product["title"], product["department"]), ("Tea", "GROCERY"))
        self.assertEqual(product["price"], {"amount": "1999", "currency": "EUR"})
        placed = by_type["order.placed"]["data"]
        self.assertEqual(placed["account"], account)
        self.assertEqual(placed["lines"][0]["sku"], "tea")
        self.assertEqual(placed["lines"][0]["quantity"], "3")

        last = {}
        for event in events:
            self.assertEqual(event["position"], last.get(event["partition"], 0) + 1)
            last[event["partition"]] = event["position"]

    def test_2_it_goes_on_where_it_was(self):
        self.post("/v1/stock/tea/receipts", {"quantity": 7}, "s2")
        events, _ = self.consume("--state", STATE, "--max", "1")
        self.assertEqual(
            [(e["type"], e["data"]["quantity"]) for e in events], [("stock.received", "7")]
        )
        self.assertEqual(self.consume("--state", STATE, "--until-quiet", "1")[0], [])

    def test_3_repeats_are_dropped(self):
        """As after a relay's crash: the same records come again. Here by going back in Kafka."""
        places = json.loads(pathlib.Path(STATE).read_text())
        for place in places.values():
            place["offset"] = 0
        events, said = self.consume("--state", self.written(places), "--until-quiet", "2")
        self.assertEqual(events, [])
        self.assertIn(f"{sum(p['position'] for p in places.values())} repeats dropped", said)

    def test_4_a_hole_is_refused(self):
        places = json.loads(pathlib.Path(STATE).read_text())
        place = next(place for place in places.values() if place["position"] >= 2)
        place["position"] -= 2
        place["offset"] -= 1
        _, said = self.consume("--state", self.written(places), "--until-quiet", "2", code=3)
        self.assertIn("events are missing", said)

    def test_5_a_lower_era_is_refused(self):
        places = json.loads(pathlib.Path(STATE).read_text())
        for place in places.values():
            place["era"] += 1
            place["offset"] = 0
        _, said = self.consume("--state", self.written(places), "--until-quiet", "2", code=3)
        self.assertIn("era", said)

    def test_6_proto_files_that_lack_the_event_end_it(self):
        """An event type that nobody here knows is not passed over."""
        older = HOME / "older"
        for file in ROOT.glob("schemas/*/v*/*.proto"):
            if "stock" not in file.parts:
                (older / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
                (older / file.relative_to(ROOT)).write_text(file.read_text())
        _, said = self.consume("--schemas", str(older), "--until-quiet", "2", code=1)
        self.assertIn("no .proto file knows", said)

    def wait_until_confirmed(self, order: str):
        deadline = time.monotonic() + 30
        while self.session.get(f"/v1/orders/{order}").body.get("status") != "confirmed":
            self.assertLess(time.monotonic(), deadline, "the order is not confirmed")
            time.sleep(0.1)  # sleep: the checkout tells nobody here when it is done

    def written(self, places: dict) -> str:
        file = HOME / "places.json"
        file.write_text(json.dumps(places))
        return str(file)


if __name__ == "__main__":
    BINARY, HOME = pathlib.Path(sys.argv.pop(1)).resolve(), pathlib.Path(sys.argv.pop(1))
    STATE = str(HOME / "seen.json")
    unittest.main(verbosity=2)
