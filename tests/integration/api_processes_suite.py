"""Several processes on one store, a store that does not answer in time, a key that is parked."""

import subprocess

from api_accounts_suite import at_once
from api_harness import ApiTest, Client, Shop
from cli_harness import Server, eventually

EUR = {"amount": 1999, "currency": "EUR"}


def murmur2(data):
    """Where Kafka puts a key, and the log too; not negative."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = 0x9747B28C ^ len(data)
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    if whole < len(data):
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return (h ^ h >> 15) & 0x7FFFFFFF


class OfServer:
    """Lets a client talk to another server of the same store."""

    def __init__(self, server):
        self.server = server


class TwoProcesses(ApiTest):
    @classmethod
    def prepare(cls):
        cls.second = Server(cls.shop.store, "--roles=api", SKALD_REQUEST_MS="1500")
        cls.addClassCleanup(cls.second.end)
        cls.other = Client(OfServer(cls.second))

    def test_token_of_one_is_understood_by_the_other(self):
        sku = self.make_product()
        for n in range(10):
            writer, reader = (self.api, self.other) if n % 2 else (self.other, self.api)
            done = writer.patch("/v1/products/" + sku, {"title": f"T{n}"})
            self.assertEqual((done.status, done.json["version"]), (200, n + 2))
            reader.token = done.headers["Skald-Token"]
            self.assertEqual(reader.get("/v1/products/" + sku).json["title"], f"T{n}")

    def test_cursor_of_one_is_understood_by_the_other(self):
        first = self.api.get("/v1/accounts?limit=1")
        cursor = first.json["pagination"]["next"]
        self.assertEqual(self.other.get("/v1/accounts?limit=1&cursor=" + cursor).status, 200)

    def test_what_one_cached_is_not_what_the_other_wrote(self):
        sku = self.make_product(amount=1)
        account = self.make_account()
        for n in range(2, 12):
            writer, buyer = (self.api, self.other) if n % 2 else (self.other, self.api)
            writer.patch("/v1/products/" + sku, {"price": {"amount": n, "currency": "EUR"}})
            body = {
                "account_id": account,
                "lines": [{"sku": sku, "quantity": 1}],
                "payment": {"method": "card-ok"},
            }
            placed = buyer.post("/v1/orders", body)
            total = buyer.get(placed.headers["Location"]).json["total"]
            self.assertEqual(total["amount"], n)

    def test_one_key_sent_to_both_at_once_is_done_once(self):
        for _ in range(10):
            sku = self.make_product()
            headers = {"Idempotency-Key": self.fresh("both")}
            path, body = f"/v1/stock/{sku}/receipts", {"quantity": 5}
            clients = [self.shop.client(), Client(OfServer(self.second))]
            answers = at_once(2, lambda n: clients[n].post(path, body, headers=headers))
            self.assertEqual([answer.status for answer in answers], [200, 200], answers)
            replayed = [answer.headers["Idempotency-Replayed"] for answer in answers]
            self.assertEqual(sorted(replayed, key=str), [None, "true"])

    def test_one_email_sent_to_both_at_once_is_registered_once(self):
        for _ in range(10):
            body = {"email": self.fresh("both") + "@example.org", "name": "x"}
            clients = [self.shop.client(), Client(OfServer(self.second))]
            answers = at_once(2, lambda n: clients[n].post("/v1/accounts", body))
            self.assertEqual(sorted(answer.status for answer in answers), [201, 409], answers)

    def test_command_that_waited_for_a_lock_in_vain_was_not_done_and_is_sent_again(self):
        """PostgreSQL itself ends the wait, so this outcome is known: the command had no effect."""
        sku = self.make_product()
        path, body = f"/v1/stock/{sku}/receipts", {"quantity": 5}
        headers = {"Idempotency-Key": self.fresh("unknown")}
        with self.all_partitions_locked():
            answer = self.other.post(path, body, headers=headers)
            self.is_problem(answer, 503, "timed_out")
            self.assertIs(answer.json["retryable"], True)
            self.assertTrue(answer.headers["Retry-After"])
            command = "/v1/commands/" + answer.headers["Skald-Command"]
            self.is_problem(self.other.get(command), 404, "not_recorded")
        again = eventually(lambda: self.sent_again(path, body, headers))
        self.assertEqual((again.status, again.json["version"]), (200, 1))
        told = self.other.get(command).json
        self.assertEqual((told["outcome"], told["events"]), ("appended", 1))
        self.assertEqual(self.shop.client().get("/v1/stock/" + sku).status, 200)
        self.api.token = again.headers["Skald-Token"]
        self.assertEqual(self.api.get("/v1/stock/" + sku).json["on_hand"], 5)

    def sent_again(self, path, body, headers):
        answer = self.other.post(path, body, headers=headers)
        return answer if answer.status != 503 else None

    def all_partitions_locked(self):
        """As another process in the middle of an append would, which does not go on."""
        shop = self.shop

        class Locked:
            def __enter__(self):
                self.psql = subprocess.Popen(
                    ["psql", "-XqAt", "-d", shop.store.owner],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                self.psql.stdin.write(
                    "BEGIN; SELECT pg_advisory_xact_lock(1936417132, n), 'locked'"
                    " FROM generate_series(0, 3) AS s(n);\n"
                )
                self.psql.stdin.flush()
                for _ in range(4):
                    assert "locked" in self.psql.stdout.readline()

            def __exit__(self, *_):
                self.psql.communicate("COMMIT;\n")

        return Locked()


class Parked(ApiTest):
    """An event of a type that nobody knows: its key is held back and says so, the rest flows."""

    @classmethod
    def setUpClass(cls):
        cls.shop = Shop()
        cls.addClassCleanup(cls.shop.wipe)
        cls.api = cls.shop.client()
        cls.prepare()

    @classmethod
    def prepare(cls):
        cls.brand = cls.fresh("brand")
        cls.bad, cls.good = (cls.make_product(brand=cls.brand) for _ in range(2))
        cls.api.get("/v1/products/" + cls.bad)
        partition = murmur2(cls.bad.encode()) % 4
        cls.append(partition, "product-" + cls.bad, 2)
        cls.ops = cls.shop.ops()
        # Things that are new and held back from their first event.
        cls.lost = cls.fresh("lost")
        partition = murmur2(cls.lost.encode()) % 4
        for category in "product", "order", "account", "stock", "cart":
            cls.append(partition, f"{category}-{cls.lost}", 1)
        parked = lambda: {row["projection"] for row in cls.ops.get("/ops/parked").json["data"]}
        eventually(lambda: parked() >= {"products", "orders", "accounts", "stock_levels", "carts"})

    @classmethod
    def append(cls, partition, stream, version):
        cls.shop.sql(f"""
            INSERT INTO skald.events
                   (partition, position, stream, version, type, schema_version, command_id,
                    command_seq, recorded_at, meta, data)
            SELECT {partition},
                   (SELECT coalesce(max(x.position), 0) + 1 FROM skald.events x
                    WHERE x.partition = {partition}),
                   '{stream}', {version}, split_part('{stream}', '-', 1) || '.blessed', 1,
                   gen_random_uuid(), 1, now(), '', ''""")

    def test_operators_see_it(self):
        rows = self.ops.get("/ops/parked?projection=products").json["data"]
        self.assertEqual(
            sorted((row["key"], row["reason"], row["type"]) for row in rows),
            [(key, "unknown_type", "product.blessed") for key in sorted([self.bad, self.lost])],
        )
        status = {row["name"]: row for row in self.ops.get("/ops/projections").json["data"]}
        self.assertEqual(status["products"]["parked_keys"], 2)

    def test_operators_see_it_page_by_page(self):
        key = lambda row: (row["projection"], row["partition"], row["position"])
        whole = [key(row) for row in self.ops.get("/ops/parked?limit=100").json["data"]]
        self.assertEqual(whole, sorted(whole))
        pages, cursor = [], ""
        while cursor is not None:
            answer = self.ops.get("/ops/parked?limit=2" + (f"&cursor={cursor}" if cursor else ""))
            pages.append([key(row) for row in answer.json["data"]])
            cursor = answer.json["pagination"]["next"]
        self.assertEqual(sum(pages, []), whole)
        back = self.ops.get("/ops/parked?limit=2&cursor=" + answer.json["pagination"]["prev"])
        self.assertEqual([key(row) for row in back.json["data"]], pages[-2])

    def test_the_thing_is_shown_as_it_was_and_says_so(self):
        answer = self.api.get("/v1/products/" + self.bad)
        self.assertEqual((answer.status, answer.headers["ETag"]), (200, '"1"'))
        self.assertEqual(answer.headers["Skald-Parked"], "unknown_type")

    def test_a_new_thing_that_is_held_back_is_not_said_to_be_nowhere(self):
        for kind, path in [
            ("product", "/v1/products/"),
            ("order", "/v1/orders/"),
            ("account", "/v1/accounts/"),
            ("cart", "/v1/carts/"),
            ("stock", "/v1/stock/"),
        ]:
            answer = self.api.get(path + self.lost)
            self.is_problem(answer, 404, kind + "_parked")
            self.assertEqual(answer.headers["Skald-Parked"], "unknown_type")
            self.assertTrue(answer.headers["Skald-Token"])
        answer = self.shop.client().get("/v1/products/nowhere")
        self.is_problem(answer, 404, "product_not_found")
        self.assertTrue(answer.headers["Skald-Token"])

    def test_lists_say_how_many_keys_are_held_back(self):
        answer = self.api.get("/v1/products?brand=" + self.brand)
        self.assertEqual(answer.headers["Skald-Parked-Keys"], "2")
        self.assertEqual(len(answer.json["data"]), 2)

    def test_others_flow(self):
        done = self.api.patch("/v1/products/" + self.good, {"title": "flows"})
        self.assertEqual(done.status, 200)
        answer = self.api.get("/v1/products/" + self.good)
        self.assertEqual(answer.json["title"], "flows")
        self.assertIsNone(answer.headers["Skald-Parked"])

    def test_commands_on_it_are_answered_as_corrupt(self):
        answer = self.api.patch("/v1/products/" + self.bad, {"title": "x"})
        self.is_problem(answer, 500, "stream_corrupt")
        self.assertTrue(answer.headers["Skald-Command"])
        self.assertIn("product-" + self.bad, answer.json["detail"])

    def test_the_event_itself_can_be_read(self):
        events = self.ops.get("/ops/streams/product-" + self.bad).json["data"]
        self.assertIn("undecodable", events[1]["data"])
