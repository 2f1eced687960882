#!/usr/bin/env python3
"""What operators do beside a running shop: look at it, rebuild a read model, release a parked key,
and verify it, whole and damaged.
"""

import json
import signal
import threading

from cli_harness import CliTest, Server, eventually, main

EUR = {"amount": 250, "currency": "EUR"}
UNKNOWN = """INSERT INTO skald.events (partition, position, stream, version, type, schema_version,
                                       command_id, command_seq, recorded_at, meta, data)
             SELECT partition, (SELECT max(position) + 1 FROM skald.events o
                                WHERE o.partition = e.partition), stream, version + 1, '{type}', 1,
                    '0190b5c0-0000-7000-8000-0000000000ff', 1, now(), '', '{data}'
             FROM skald.events e WHERE stream = '{stream}' ORDER BY version DESC LIMIT 1"""


class Shop(CliTest):
    """A store with a few things of each kind, all published and projected."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = Server(cls.store)
        cls.addClassCleanup(lambda: cls.server.end(signal.SIGKILL))
        for sku in ("TEA", "JAM"):
            cls.post("/v1/products", {"sku": sku, "title": sku, "department": "d", "price": EUR})
            cls.post(f"/v1/stock/{sku}/receipts", {"quantity": 9})
        ada = cls.post("/v1/accounts", {"email": "ada@example.org", "name": "Ada"})["id"]
        order = {"account_id": ada, "payment": {"method": "card-ok"}}
        for quantity in (1, 2):
            cls.post("/v1/orders", {**order, "lines": [{"sku": "TEA", "quantity": quantity}]})

    @classmethod
    def post(cls, path, body):
        status, answer, _ = cls.server.send(path, body)
        assert status in (200, 201, 202), (status, answer)
        return answer

    def seen(self, *arguments):
        return self.ends(0, self.store.run(*arguments, "--json")).json()

    def is_whole(self):
        """Redis may be a moment behind; all else is compared as of one moment."""
        runs = []
        eventually(lambda: runs.append(self.store.run("verify")) or runs[-1].code == 0)
        self.ends(0, runs[-1], "no differences")


class Looking(Shop):
    def test_projections(self):
        def lag():
            return sum(one["lag"] for one in self.seen("projections", "list"))

        self.assertTrue(eventually(lambda: lag() == 0))
        names = [one["name"] for one in self.seen("projections", "list")]
        self.assertEqual(
            names,
            ["accounts", "carts", "orders", "payments", "products", "sales", "stock_levels"],
        )
        shown = self.seen("projections", "show", "orders")
        self.assertEqual(shown["live_version"], 1)
        self.assertEqual(len(shown["partitions"]), 4)
        self.assertEqual(sum(at["position"] for at in shown["partitions"]), 8)
        self.ends(0, self.store.run("projections", "list"), "NAME", "stock_levels")
        self.ends(0, self.store.run("projections", "show", "orders"), "PARTITION", "live")
        self.assertEqual(self.seen("projections", "parked"), [])
        self.ends(2, self.store.run("projections", "show", "nothing"), "there are: accounts")
        self.ends(1, self.store.run("projections", "release", "orders", "x"), "not parked")

    def test_relay(self):
        self.assertTrue(eventually(lambda: self.seen("relay", "status")["lag"] == 0))
        status = self.seen("relay", "status")
        self.assertEqual(sum(at["published"] for at in status["partitions"]), 8)
        self.assertTrue(all(at["owner"] for at in status["partitions"]))
        self.ends(0, self.store.run("relay", "status"), "PUBLISHED", "lag: 0 events")

    def test_streams_and_events(self):
        stream = self.seen("streams", "show", "stock-TEA")
        self.assertEqual(stream["version"], len(stream["events"]))
        self.assertEqual(stream["events"][0]["type"], "stock.received")
        lines = self.store.run("events", "read", "--json").out.splitlines()
        self.assertEqual(len(lines), 8)
        self.assertNotIn("ada@example.org", self.server.log())
        self.assertTrue(all(json.loads(line)["meta"]["principal"] for line in lines))

    def test_openapi_is_what_the_server_answers(self):
        self.assertEqual(self.seen("openapi"), self.server.send("/openapi.json")[1])


class Verifying(Shop):
    def differing(self):
        done = self.store.run("verify", "--json", "--patience-ms", "200")
        self.assertEqual(done.code, 1, done)
        found = done.json()
        self.assertFalse(found["same"])
        return {part["part"]: part for part in found["parts"] if part["differences"] > 0}

    def test_every_damage_is_found_where_it_is(self):
        self.is_whole()
        self.assertEqual(self.server.end()[0], 0)
        rows = [
            (
                "DELETE FROM skald.events WHERE stream = 'product-TEA'",
                "INSERT INTO skald.events TABLE kept_tea",
                {"log": "missing_positions", "topic": "phantom"},
            ),
            (
                "UPDATE skald.events SET data = '\\x' WHERE stream = 'product-JAM'",
                "UPDATE skald.events e SET data = k.data FROM kept_events k"
                " WHERE (e.partition, e.position) = (k.partition, k.position)",
                {"topic": "phantom", "products": "different"},
            ),
            (
                "UPDATE skald_read.products_v1 SET title = 'Coffee' WHERE sku = 'TEA'",
                "UPDATE skald_read.products_v1 SET title = 'TEA' WHERE sku = 'TEA'",
                {"products": "different"},
            ),
            (
                "UPDATE skald_read.stock_levels_v1 SET on_hand = on_hand + 1 WHERE sku = 'JAM'",
                "UPDATE skald_read.stock_levels_v1 SET on_hand = on_hand - 1 WHERE sku = 'JAM'",
                {"stock_levels": "different"},
            ),
            (
                "UPDATE skald.commands SET count = count + 1 WHERE stream = 'product-TEA'",
                "UPDATE skald.commands SET count = count - 1 WHERE stream = 'product-TEA'",
                {"receipts": "different"},
            ),
            (
                "INSERT INTO skald.snapshots SELECT partition, stream, version, command_id,"
                " command_seq, recorded_at, 1, '\\x082a', now() FROM skald.events"
                " WHERE stream = 'stock-TEA' AND version = 1",
                "DELETE FROM skald.snapshots",
                {"snapshots": "different"},
            ),
        ]
        self.store.sql("CREATE TABLE kept_events AS TABLE skald.events")
        self.store.sql("CREATE TABLE kept_tea AS TABLE skald.events")
        self.store.sql("DELETE FROM kept_tea WHERE stream <> 'product-TEA'")
        for damage, repair, expected in rows:
            with self.subTest(damage):
                self.store.sql(damage)
                found = self.differing()
                for part, count in expected.items():
                    self.assertIn(part, found)
                    self.assertGreater(found[part][count], 0)
                    self.assertTrue(found[part]["first"])
                self.store.sql(repair)
                self.ends(0, self.store.run("verify"))

    def test_parts_can_be_asked_for_alone(self):
        found = self.seen("verify", "--part", "log")
        self.assertEqual([part["part"] for part in found["parts"]], ["log"])
        self.ends(0, self.store.run("verify", "--part", "log", SKALD_KAFKA=None))
        self.ends(2, self.store.run("verify", "--part", "topic", SKALD_KAFKA=None), "SKALD_KAFKA")
        self.ends(2, self.store.run("verify", "--part", "soul"), "--part")

    def test_kafka_or_redis_away_is_said(self):
        self.ends(1, self.store.run("verify", SKALD_KAFKA="127.0.0.1:1"), "Kafka")
        self.ends(1, self.store.run("verify", SKALD_REDIS="127.0.0.1:1"), "Redis")


class Rebuilding(Shop):
    def test_rebuild_while_commands_go_on(self):
        plan = self.ends(0, self.store.run("projections", "rebuild", "products", "--dry-run"))
        self.assertIn("would build version 2 of products", plan.out)
        self.assertEqual(self.seen("projections", "show", "products")["live_version"], 1)
        stop, made = threading.Event(), []

        def sell():
            while not stop.is_set():
                sku = f"R{len(made)}"
                self.post("/v1/products", {"sku": sku, "title": sku, "price": EUR})
                made.append(sku)

        seller = threading.Thread(target=sell)
        seller.start()
        try:
            self.assertTrue(eventually(lambda: len(made) > 20))
            done = self.ends(0, self.store.run("projections", "rebuild", "products"))
        finally:
            stop.set()
            seller.join()
        self.assertIn("version 2 of products is live", done.out)
        shown = self.seen("projections", "show", "products")
        self.assertEqual(shown["live_version"], 2)
        self.is_whole()
        self.assertEqual(self.server.send(f"/v1/products/{made[-1]}")[0], 200)


class Parking(Shop):
    def test_key_with_an_event_nobody_knows_is_parked_and_the_rest_flows(self):
        self.store.sql(UNKNOWN.format(type="product.exploded", stream="product-JAM", data=""))
        parked = eventually(lambda: self.seen("projections", "parked", "products"))
        self.assertEqual((parked[0]["key"], parked[0]["reason"]), ("JAM", "unknown_type"))
        self.ends(0, self.store.run("projections", "parked"), "JAM", "product.exploded")
        status, _, headers = self.server.send("/v1/products/JAM")
        self.assertEqual((status, headers["Skald-Parked"]), (200, "unknown_type"))
        sku = {"sku": "FLOW", "title": "Flow", "price": EUR}
        token = self.server.send("/v1/products", sku)[2]["Skald-Token"]
        self.assertTrue(
            eventually(
                lambda: self.server.send("/v1/products/FLOW", headers={"Skald-Token": token})[0]
                == 200
            )
        )
        dry = self.store.run("projections", "release", "products", "JAM", "--dry-run")
        self.ends(0, dry, "would apply 1 events")
        self.ends(1, self.store.run("projections", "release", "products", "JAM"), "still parked")


if __name__ == "__main__":
    main()
