"""What is asked of orders and payments later: cancelling, sending, taking back, refunding. Nothing
confirms orders here (the role sagas is off), so what needs that is refused."""

from api_harness import ApiTest, table

EUR = {"amount": 1999, "currency": "EUR"}
LINE = {"sku": "s-1", "quantity": 1}
MANY = [{"sku": f"s-{n}", "quantity": 1} for n in range(1001)]


class OrderLife(ApiTest):
    @classmethod
    def prepare(cls):
        cls.account, cls.sku = cls.make_account(), cls.make_product()

    def ask(self, what, body, order=None, **keywords):
        """Of a fresh order, if none is named. The path, and the answer."""
        path = f"/v1/orders/{order or self.make_order(self.account, [(self.sku, 2)])}/{what}"
        return path, self.api.post(path, body, **keywords)

    def refuses(self, what, body, *problems):
        answer = self.api.post(what, body)
        self.is_problem(answer, 400, "invalid_request")
        self.assertEqual(sorted(answer.problems()), sorted(problems), answer)
        self.assertIsNone(answer.headers["Skald-Command"], "no command was made of it")

    def test_cancellation_is_asked_for_once(self):
        path, answer = self.ask("cancellation", {"reason": "changed my mind"})
        order = path.split("/")[3]
        self.assertEqual((answer.status, answer.json), (200, {"id": order, "version": 2}))
        self.assertEqual(answer.headers["ETag"], '"2"')
        self.assertIsNone(answer.headers["Location"])
        self.assertEqual(self.api.get("/v1/orders/" + order).json["status"], "cancelling")
        again = self.api.post(path, {"reason": "really"})
        self.assertEqual((again.status, again.json), (200, {"id": order, "version": 2}))

    def test_cancellation_sent_again_is_answered_as_the_first_time(self):
        headers = {"Idempotency-Key": self.fresh("key")}
        path, first = self.ask("cancellation", {"reason": "x"}, headers=headers)
        again = self.api.post(path, {"reason": "x"}, headers=headers)
        self.assertIsNone(first.headers["Idempotency-Replayed"])
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertEqual((again.status, again.json), (first.status, first.json))
        other = self.api.post(path, {"reason": "y"}, headers=headers)
        self.is_problem(other, 422, "idempotency_key_reused")

    def test_if_match_is_the_orders_version(self):
        for what, body, otherwise in (
            ("cancellation", {"reason": "x"}, 200),
            ("shipments", {}, 409),
            ("returns", {"lines": [LINE]}, 409),
        ):
            for tag, status in (('"7"', 412), ('"1"', otherwise), ("*", otherwise)):
                _, answer = self.ask(what, body, headers={"If-Match": tag})
                self.assertEqual(answer.status, status, f"{what} {tag}: {answer}")
                if status == 412:
                    self.is_problem(answer, 412, "precondition_failed")
                    self.assertIn("the present version is 1", answer.json["detail"])

    def test_what_is_only_placed_is_neither_sent_nor_taken_back(self):
        for what, body in (
            ("shipments", {}),
            ("shipments", {"lines": [{"sku": self.sku, "quantity": 1}], "tracking": "t/1"}),
            ("returns", {"lines": [{"sku": self.sku, "quantity": 1}]}),
        ):
            _, answer = self.ask(what, body)
            self.is_problem(answer, 409, "order_status_forbids")
            self.assertTrue(answer.headers["Skald-Command"])

    def test_of_no_order_and_of_no_payment(self):
        for what, body in (
            ("cancellation", {"reason": "x"}),
            ("shipments", {}),
            ("returns", {"lines": [LINE]}),
        ):
            for order in "none", "a%20b", "o.1":
                _, answer = self.ask(what, body, order)
                self.is_problem(answer, 404, "order_not_found")
        for payment in "none", "none.1", "none.0", "a%20b.1", "none.1.1":
            answer = self.api.post(
                f"/v1/payments/{payment}/refunds", {"amount": EUR, "reason": "x"}
            )
            self.is_problem(answer, 404, "payment_not_found")

    def test_query_parameters_are_refused(self):
        _, answer = self.ask("cancellation?reason=x", {"reason": "x"})
        self.is_problem(
            answer, 400, "invalid_request", ("/query/reason", "unknown_parameter")
        )


table(
    OrderLife,
    "cancellation",
    [
        ("reason missing", {}, ("/reason", "missing")),
        ("reason null", {"reason": None}, ("/reason", "wrong_type")),
        ("reason empty", {"reason": ""}, ("/reason", "too_short")),
        ("reason of 201", {"reason": "r" * 201}, ("/reason", "too_long")),
        ("reason of 200 letters of two bytes", {"reason": "ß" * 200}, ("/reason", "too_long")),
        ("reason with a bell", {"reason": "\a"}, ("/reason", "control_character")),
        ("two at once", {"reason": 1, "why": 2}, ("/reason", "wrong_type"),
         ("/why", "unknown_field")),
        ("a list", [], ("", "wrong_type")),
    ],
    lambda self, body, *problems: self.refuses("/v1/orders/any/cancellation", body, *problems),
)

table(
    OrderLife,
    "shipment",
    [
        ("lines null", {"lines": None}, ("/lines", "wrong_type")),
        ("no line", {"lines": []}, ("/lines", "too_few")),
        ("1001 lines", {"lines": MANY}, ("/lines", "too_many")),
        ("a sku twice", {"lines": [LINE, LINE]}, ("/lines/1/sku", "duplicate")),
        ("quantity zero", {"lines": [{**LINE, "quantity": 0}]},
         ("/lines/0/quantity", "too_small")),
        ("quantity 100001", {"lines": [{**LINE, "quantity": 100_001}]},
         ("/lines/0/quantity", "too_large")),
        ("tracking null", {"tracking": None}, ("/tracking", "wrong_type")),
        ("tracking empty", {"tracking": ""}, ("/tracking", "too_short")),
        ("tracking of 201", {"tracking": "t" * 201}, ("/tracking", "too_long")),
        ("tracking of 200 letters of two bytes", {"tracking": "ß" * 200},
         ("/tracking", "too_long")),
        ("tracking with a bell", {"tracking": "\a"}, ("/tracking", "control_character")),
        ("a number of one's own", {"number": 1}, ("/number", "unknown_field")),
        (
            "everything at once",
            {"lines": [{"sku": "a b"}], "tracking": 5, "x": 1},
            ("/lines/0/sku", "bad_format"),
            ("/lines/0/quantity", "missing"),
            ("/tracking", "wrong_type"),
            ("/x", "unknown_field"),
        ),
        ("a text", "all", ("", "wrong_type")),
    ],
    lambda self, body, *problems: self.refuses("/v1/orders/any/shipments", body, *problems),
)

table(
    OrderLife,
    "return",
    [
        ("lines missing", {}, ("/lines", "missing")),
        ("no line", {"lines": []}, ("/lines", "too_few")),
        ("1001 lines", {"lines": MANY}, ("/lines", "too_many")),
        ("a sku twice", {"lines": [LINE, LINE]}, ("/lines/1/sku", "duplicate")),
        ("quantity negative", {"lines": [{**LINE, "quantity": -1}]},
         ("/lines/0/quantity", "too_small")),
        ("reason empty", {"lines": [LINE], "reason": ""}, ("/reason", "too_short")),
        ("reason of 200 letters of two bytes", {"lines": [LINE], "reason": "ß" * 200},
         ("/reason", "too_long")),
        ("a refund of one's own", {"lines": [LINE], "refund": EUR}, ("/refund", "unknown_field")),
        ("two at once", {"lines": [{"sku": "x"}], "reason": 5},
         ("/lines/0/quantity", "missing"), ("/reason", "wrong_type")),
    ],
    lambda self, body, *problems: self.refuses("/v1/orders/any/returns", body, *problems),
)

table(
    OrderLife,
    "refund",
    [
        ("nothing", {}, ("/amount", "missing"), ("/reason", "missing")),
        ("amount a number", {"amount": 5, "reason": "x"}, ("/amount", "wrong_type")),
        ("amount zero", {"amount": {**EUR, "amount": 0}, "reason": "x"},
         ("/amount/amount", "too_small")),
        ("amount beyond all orders", {"amount": {**EUR, "amount": 10**13 + 1}, "reason": "x"},
         ("/amount/amount", "too_large")),
        ("currency in small letters", {"amount": {**EUR, "currency": "eur"}, "reason": "x"},
         ("/amount/currency", "bad_format")),
        ("reason empty", {"amount": EUR, "reason": ""}, ("/reason", "too_short")),
        ("reason of 201", {"amount": EUR, "reason": "r" * 201}, ("/reason", "too_long")),
        (
            "everything at once",
            {"amount": {"amount": -1}, "reason": None, "refund_id": "r"},
            ("/amount/amount", "too_small"),
            ("/amount/currency", "missing"),
            ("/reason", "wrong_type"),
            ("/refund_id", "unknown_field"),
        ),
    ],
    lambda self, body, *problems: self.refuses("/v1/payments/any.1/refunds", body, *problems),
)
