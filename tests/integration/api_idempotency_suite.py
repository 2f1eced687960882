"""Idempotency keys, command ids, and what is told of a command afterwards."""

import uuid

from api_accounts_suite import at_once
from api_harness import ApiTest, table

EUR = {"amount": 1999, "currency": "EUR"}


class Idempotency(ApiTest):
    def key(self):
        return {"Idempotency-Key": self.fresh("key")}

    def same(self, first, again):
        """The second answer is the first one, repeated."""
        self.assertIsNone(first.headers["Idempotency-Replayed"])
        self.assertEqual(again.headers["Idempotency-Replayed"], "true", again)
        self.assertEqual((again.status, again.json), (first.status, first.json))
        for name in "Location", "Skald-Command", "ETag":
            self.assertEqual(again.headers[name], first.headers[name])

    def twice(self, method, path, body):
        headers = self.key()
        self.same(*(self.api.send(method, path, body, headers=headers) for _ in range(2)))

    def test_create_product(self):
        self.twice("POST", "/v1/products", {"sku": self.fresh("i"), "title": "x", "price": EUR})

    def test_change_product(self):
        self.twice("PATCH", "/v1/products/" + self.make_product(), {"title": "x"})

    def test_archive_product(self):
        self.twice("DELETE", "/v1/products/" + self.make_product(), None)

    def test_receive_stock(self):
        sku = self.make_product()
        self.twice("POST", f"/v1/stock/{sku}/receipts", {"quantity": 5})
        self.assertEqual(self.api.get("/v1/stock/" + sku).json["on_hand"], 5)

    def test_adjust_stock(self):
        sku = self.make_product()
        self.api.post(f"/v1/stock/{sku}/receipts", {"quantity": 5})
        self.twice("POST", f"/v1/stock/{sku}/adjustments", {"delta": -2, "reason": "x"})
        self.assertEqual(self.api.get("/v1/stock/" + sku).json["on_hand"], 3)

    def test_register_account(self):
        self.twice("POST", "/v1/accounts", {"email": self.fresh("i") + "@example.org", "name": "x"})

    def test_change_account(self):
        self.twice(
            "PATCH",
            "/v1/accounts/" + self.make_account(),
            {"email": self.fresh("i") + "@example.org"},
        )

    def test_change_account_there_and_back_is_not_done_again(self):
        first, second = (self.fresh(n) + "@example.org" for n in ("first", "second"))
        account = self.api.post("/v1/accounts", {"email": first, "name": "x"}).json["id"]
        path, headers = "/v1/accounts/" + account, self.key()
        there = self.api.patch(path, {"email": second}, headers=headers)
        self.api.patch(path, {"email": first})
        self.same(there, self.api.patch(path, {"email": second}, headers=headers))
        self.assertEqual(self.api.get(path).json["email"], first)

    def test_place_order(self):
        body = {
            "account_id": self.make_account(),
            "lines": [{"sku": self.make_product(), "quantity": 1}],
            "payment": {"method": "card-ok"},
        }
        self.twice("POST", "/v1/orders", body)
        self.assertEqual(
            len(self.api.get("/v1/orders?account_id=" + body["account_id"]).json["data"]), 1
        )

    def test_place_order_with_prefer_wait(self):
        body = {
            "account_id": self.make_account(),
            "lines": [{"sku": self.make_product(), "quantity": 1}],
            "payment": {"method": "card-ok"},
        }
        headers = {**self.key(), "Prefer": "wait=1"}
        self.same(*(self.api.post("/v1/orders", body, headers=headers) for _ in range(2)))

    def test_first_answer_is_repeated_though_the_world_moved_on(self):
        sku, headers = self.make_product(), self.key()
        first = self.api.patch("/v1/products/" + sku, {"title": "one"}, headers=headers)
        self.api.patch("/v1/products/" + sku, {"title": "two"})
        self.api.delete("/v1/products/" + sku)
        self.same(first, self.api.patch("/v1/products/" + sku, {"title": "one"}, headers=headers))
        self.assertEqual(self.api.get("/v1/products/" + sku).json["title"], "two")

    def test_first_answer_is_repeated_though_if_match_no_longer_holds(self):
        sku = self.make_product()
        headers = {**self.key(), "If-Match": '"1"'}
        self.same(
            *(
                self.api.patch("/v1/products/" + sku, {"title": "x"}, headers=headers)
                for _ in range(2)
            )
        )

    def test_nothing_to_do_is_remembered(self):
        sku, headers = self.make_product(title="same"), self.key()
        first = self.api.patch("/v1/products/" + sku, {"title": "same"}, headers=headers)
        self.api.patch("/v1/products/" + sku, {"title": "other"})
        again = self.api.patch("/v1/products/" + sku, {"title": "same"}, headers=headers)
        self.same(first, again)
        self.assertEqual(self.api.get("/v1/products/" + sku).json["title"], "other")

    def test_refusal_is_not_remembered(self):
        sku, headers = self.fresh("later"), self.key()
        path, body = f"/v1/stock/{sku}/receipts", {"quantity": 1}
        self.assertEqual(self.api.post(path, body, headers=headers).status, 404)
        self.make_product(sku)
        self.assertEqual(self.api.post(path, body, headers=headers).status, 200)

    def test_order_of_fields_and_blanks_do_not_matter(self):
        sku, headers = self.make_product(), self.key()
        path = f"/v1/stock/{sku}/receipts"
        first = self.api.post(path, raw=b'{"quantity":1,"reference":"a"}', headers=headers)
        self.same(
            first,
            self.api.post(
                path, raw=b' { "reference" : "\\u0061",\n"quantity": 1 } ', headers=headers
            ),
        )

    def test_query_is_no_part_of_the_key(self):
        self.is_problem(
            self.api.post(
                "/v1/products?dry_run=1", {"sku": self.fresh("q"), "title": "x", "price": EUR}
            ),
            400,
            "invalid_request",
            ("/query/dry_run", "unknown_parameter"),
        )

    def test_key_of_another_body_is_422(self):
        headers = self.key()
        self.api.post(
            "/v1/products", {"sku": self.fresh("a"), "title": "x", "price": EUR}, headers=headers
        )
        other = self.api.post(
            "/v1/products", {"sku": self.fresh("b"), "title": "x", "price": EUR}, headers=headers
        )
        self.is_problem(other, 422, "idempotency_key_reused")

    def test_key_with_another_if_match_is_422(self):
        sku, headers = self.make_product(), self.key()
        self.api.patch("/v1/products/" + sku, {"title": "x"}, headers=headers)
        again = self.api.patch(
            "/v1/products/" + sku, {"title": "x"}, headers={**headers, "If-Match": '"2"'}
        )
        self.is_problem(again, 422, "idempotency_key_reused")

    def test_key_is_of_the_path_however_it_is_written(self):
        sku, headers = "A" + self.make_product(sku=self.fresh("A"))[1:], self.key()
        body = {"quantity": 1}
        first = self.api.post(f"/v1/stock/{sku}/receipts", body, headers=headers)
        again = self.api.post(f"/v1/stock/%41{sku[1:]}/receipts", body, headers=headers)
        self.same(first, again)
        self.assertEqual(self.api.get("/v1/stock/" + sku).json["on_hand"], 1)

    def test_refusals_before_the_executor_carry_a_token_and_the_id_if_there_is_a_command(self):
        product = "/v1/products/" + self.make_product()
        for answer in (
            self.api.post("/v1/products", {"sku": "x"}),
            self.api.post("/v1/products", raw=b"{"),
            self.api.patch("/v1/products/a%20b", {"title": "x"}),
            self.api.patch(product, {"title": "x"}, headers={"If-Match": '"x"'}),
            self.api.delete(product + "?dry=1"),
        ):
            self.assertIn(answer.status, (400, 404, 412), answer)
            self.assertTrue(answer.headers["Skald-Token"], answer)
            self.assertEqual("Skald-Command" in answer.headers, answer.status != 400, answer)

    def test_key_is_of_one_path_and_method(self):
        headers, first, second = self.key(), self.make_product(), self.make_product()
        for method, path in (
            ("PATCH", first),
            ("PATCH", second),
            ("DELETE", first),
            ("DELETE", second),
        ):
            body = {"title": "x"} if method == "PATCH" else None
            answer = self.api.send(method, "/v1/products/" + path, body, headers=headers)
            self.assertEqual(
                (answer.status, answer.headers["Idempotency-Replayed"]), (200, None), answer
            )

    def test_two_requests_without_key_are_two_commands(self):
        sku = self.make_product()
        first, second = (
            self.api.post(f"/v1/stock/{sku}/receipts", {"quantity": 5}) for _ in range(2)
        )
        self.assertNotEqual(first.headers["Skald-Command"], second.headers["Skald-Command"])
        self.assertEqual(self.api.get("/v1/stock/" + sku).json["on_hand"], 10)

    def test_one_key_sent_by_many_at_once_is_done_once(self):
        sku, headers = self.make_product(), self.key()
        answers = at_once(
            8,
            lambda n: self.shop.client().post(
                f"/v1/stock/{sku}/receipts", {"quantity": 5}, headers=headers
            ),
        )
        self.assertEqual([answer.status for answer in answers], [200] * 8)
        self.assertEqual(len([a for a in answers if not a.headers["Idempotency-Replayed"]]), 1)
        self.assertEqual({answer.body for answer in answers}, {answers[0].body})
        self.api.token = None
        for answer in answers:
            self.api.token = answer.headers["Skald-Token"]
        self.assertEqual(self.api.get("/v1/stock/" + sku).json["on_hand"], 5)

    def test_answer_survives_kill_9(self):
        sku, headers = self.make_product(), self.key()
        first = self.api.post(f"/v1/stock/{sku}/receipts", {"quantity": 5}, headers=headers)
        self.shop.kill()
        self.shop.start()
        self.same(
            first, self.api.post(f"/v1/stock/{sku}/receipts", {"quantity": 5}, headers=headers)
        )
        self.assertEqual(self.api.get("/v1/stock/" + sku).json["on_hand"], 5)


def bad_key(self, value):
    answer = self.api.post(
        "/v1/products",
        {"sku": self.fresh("k"), "title": "x", "price": EUR},
        headers={"Idempotency-Key": value},
    )
    self.is_problem(answer, 400, "invalid_request", ("/header/Idempotency-Key", "bad_format"))


table(
    Idempotency,
    "bad_key",
    [("empty", ""), ("of 256", "k" * 256), ("with an umlaut", "schlüssel"), ("with a tab", "a\tb")],
    bad_key,
)


def good_key(self, value):
    headers = {"Idempotency-Key": value + self.fresh("")[: 255 - len(value)]}
    answer = self.api.post(
        "/v1/products", {"sku": self.fresh("k"), "title": "x", "price": EUR}, headers=headers
    )
    self.assertEqual(answer.status, 201, answer)


table(
    Idempotency,
    "good_key",
    [
        ("of 255", "k" * 240),
        ("with blanks and signs", 'a "b" {c}, '),
        ("a uuid", str(uuid.uuid4())),
    ],
    good_key,
)


class Outcomes(ApiTest):
    """GET /v1/commands/{id}."""

    def outcome(self, answer):
        return self.api.get("/v1/commands/" + answer.headers["Skald-Command"])

    def test_appended(self):
        sku = self.fresh("o")
        made = self.api.post("/v1/products", {"sku": sku, "title": "x", "price": EUR})
        told = self.outcome(made)
        self.assertEqual(
            (told.status, told.json),
            (
                200,
                {
                    "id": made.headers["Skald-Command"],
                    "outcome": "appended",
                    "stream": "product-" + sku,
                    "version": 1,
                    "events": 1,
                    "location": "/v1/products/" + sku,
                },
            ),
        )

    def test_group_is_told_by_its_own_stream(self):
        made = self.api.post(
            "/v1/accounts", {"email": self.fresh("o") + "@example.org", "name": "x"}
        )
        told = self.outcome(made).json
        self.assertEqual(
            (told["outcome"], told["location"]), ("appended", "/v1/accounts/" + made.json["id"])
        )

    def test_version_is_that_of_the_time(self):
        sku = self.make_product()
        changed = self.api.patch(
            "/v1/products/" + sku,
            {"title": "x", "brand": "y", "price": {"amount": 1, "currency": "EUR"}},
        )
        self.api.delete("/v1/products/" + sku)
        told = self.outcome(changed).json
        self.assertEqual((told["version"], told["events"]), (3, 2))

    def test_nothing_to_do_with_a_key(self):
        sku = self.make_product(title="same")
        done = self.api.patch(
            "/v1/products/" + sku, {"title": "same"}, headers={"Idempotency-Key": self.fresh("o")}
        )
        told = self.outcome(done).json
        self.assertEqual(
            (told["outcome"], told["events"], told["version"]), ("nothing_to_do", 0, 1)
        )

    def test_refused_is_not_recorded(self):
        sku = self.make_product()
        refused = self.api.post(
            "/v1/products",
            {"sku": sku, "title": "x", "price": EUR},
            headers={"Idempotency-Key": self.fresh("o")},
        )
        self.is_problem(self.outcome(refused), 404, "not_recorded")

    def test_every_answer_has_a_token_that_reflects_it(self):
        sku = self.fresh("o")
        made = self.api.post("/v1/products", {"sku": sku, "title": "x", "price": EUR})
        reader = self.shop.client()
        told = reader.get("/v1/commands/" + made.headers["Skald-Command"])
        self.assertEqual((told.status, reader.token), (200, told.headers["Skald-Token"]), told)
        self.assertEqual(reader.get("/v1/products/" + sku).status, 200)
        unknown = self.shop.client().get("/v1/commands/" + str(uuid.uuid4()))
        self.assertTrue(unknown.headers["Skald-Token"])

    def test_unknown_ids(self):
        for name in str(uuid.uuid4()), "nonsense", "x" * 300:
            self.is_problem(self.api.get("/v1/commands/" + name), 404, "not_recorded")
