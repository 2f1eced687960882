"""Orders: prices frozen as they are when it is placed, and what cannot be ordered."""

from api_harness import ApiTest, table

METHODS = ["card-ok", "card-declined", "card-slow", "card-timeout", "card-error", "card-flaky"]


class Orders(ApiTest):
    @classmethod
    def prepare(cls):
        cls.account = cls.make_account()

    def place(self, lines, account=None, method="card-ok", **keywords):
        return self.api.post(
            "/v1/orders",
            {
                "account_id": account or self.account,
                "payment": {"method": method},
                "lines": [{"sku": sku, "quantity": n} for sku, n in lines],
            },
            **keywords,
        )

    def test_placed_and_read(self):
        tea = self.make_product(amount=349, title="Tea", department="Food")
        pot = self.make_product(amount=2500, title="Pot")
        made = self.place([(tea, 3), (pot, 1)])
        self.assertEqual((made.status, made.json["version"]), (202, 1))
        self.assertEqual(made.headers["Location"], "/v1/orders/" + made.json["id"])
        read = self.api.get(made.headers["Location"])
        self.assertEqual(read.status, 200)

        def euro(cents):
            return {"amount": cents, "currency": "EUR"}

        nowhere_yet = {"ships": True, "shipped": 0, "returned": 0, "cancelled": 0}
        self.assertEqual(
            read.json["lines"],
            [
                {
                    "sku": tea,
                    "title": "Tea",
                    "department": "Food",
                    "quantity": 3,
                    "unit_price": euro(349),
                    "total": euro(1047),
                    **nowhere_yet,
                },
                {
                    "sku": pot,
                    "title": "Pot",
                    "department": None,
                    "quantity": 1,
                    "unit_price": euro(2500),
                    "total": euro(2500),
                    **nowhere_yet,
                },
            ],
        )
        self.assertEqual(
            {
                key: read.json[key]
                for key in ("id", "account_id", "status", "total", "payment", "refund_due")
            },
            {
                "id": made.json["id"],
                "account_id": self.account,
                "status": "pending",
                "total": euro(3547),
                "payment": {"method": "card-ok", "id": None},
                "refund_due": euro(0),
            },
        )
        self.assertEqual((read.json["shipments"], read.json["returns"]), ([], []))
        self.assertEqual([entry["type"] for entry in read.json["timeline"]], ["order.placed"])
        self.assertEqual(read.json["timeline"][0]["at"], read.json["placed_at"])
        self.assertIsNone(read.json["timeline"][0]["detail"])
        self.assertEqual(read.headers["ETag"], '"1"')

    def test_price_title_and_department_are_frozen(self):
        sku = self.make_product(amount=100, title="Before", department="Old")
        order = self.make_order(self.account, [(sku, 2)])
        self.api.patch(
            "/v1/products/" + sku,
            {"title": "After", "department": "New", "price": {"amount": 999, "currency": "EUR"}},
        )
        line = self.api.get("/v1/orders/" + order).json["lines"][0]
        self.assertEqual(
            (line["title"], line["department"], line["unit_price"]["amount"]),
            ("Before", "Old", 100),
        )
        line = self.api.get("/v1/orders/" + self.make_order(self.account, [(sku, 2)])).json[
            "lines"
        ][0]
        self.assertEqual(
            (line["title"], line["department"], line["unit_price"]["amount"]), ("After", "New", 999)
        )

    def test_order_of_a_price_just_set_has_it(self):
        sku = self.make_product(amount=1)
        for amount in range(2, 12):
            self.api.patch("/v1/products/" + sku, {"price": {"amount": amount, "currency": "EUR"}})
            order = self.make_order(self.account, [(sku, 1)])
            self.assertEqual(self.api.get("/v1/orders/" + order).json["total"]["amount"], amount)

    def test_sku_with_the_largest_quantity(self):
        sku = self.make_product(amount=7)
        order = self.make_order(self.account, [(sku, 100_000)])
        self.assertEqual(self.api.get("/v1/orders/" + order).json["total"]["amount"], 700_000)

    def test_thousand_lines(self):
        skus = [self.make_product(amount=n + 1) for n in range(1000)]
        order = self.make_order(self.account, [(sku, 1) for sku in skus])
        read = self.api.get("/v1/orders/" + order).json
        self.assertEqual([line["sku"] for line in read["lines"]], skus)
        self.assertEqual(read["total"]["amount"], 500_500)

    def test_order_too_large_for_one_event_is_refused(self):
        skus = [self.make_product(title="t" * 500) for _ in range(600)]
        self.is_problem(self.place([(sku, 1) for sku in skus]), 409, "order_too_large")

    def test_total_beyond_all_bounds_is_refused(self):
        skus = [self.make_product(amount=1_000_000_000_000) for _ in range(100)]
        self.is_problem(self.place([(sku, 100_000) for sku in skus]), 409, "order_total_overflow")

    def test_all_unknown_products_are_named(self):
        known = self.make_product()
        answer = self.place([("none1", 1), (known, 1), ("none2", 1), ("none3", 1)])
        self.is_problem(answer, 409, "unknown_product")
        self.assertEqual(
            answer.problems(), [(f"/lines/{i}/sku", "unknown_product") for i in (0, 2, 3)]
        )

    def test_two_currencies_in_one_order_are_refused(self):
        euro, yen = self.make_product(), self.make_product(currency="JPY")
        self.is_problem(
            self.place([(euro, 1), (yen, 1)]),
            409,
            "order_mixed_currencies",
            ("/lines/1/sku", "order_mixed_currencies"),
        )
        order = self.make_order(self.account, [(yen, 2)])
        self.assertEqual(
            self.api.get("/v1/orders/" + order).json["total"], {"amount": 3998, "currency": "JPY"}
        )

    def test_unknown_product_is_refused_with_its_line(self):
        good, none = self.make_product(), self.fresh("none")
        self.is_problem(
            self.place([(good, 1), (none, 1)]),
            409,
            "unknown_product",
            ("/lines/1/sku", "unknown_product"),
        )

    def test_archived_product_is_refused_with_its_line(self):
        good, gone = self.make_product(), self.make_product()
        self.api.delete("/v1/products/" + gone)
        self.is_problem(
            self.place([(gone, 1), (good, 1)]),
            409,
            "unknown_product",
            ("/lines/0/sku", "unknown_product"),
        )

    def test_unknown_account_is_refused(self):
        self.is_problem(
            self.place([(self.make_product(), 1)], account="nobody"),
            409,
            "unknown_account",
            ("/account_id", "unknown_account"),
        )

    def test_refused_order_is_not_there(self):
        before = len(self.api.get(f"/v1/orders?account_id={self.account}&limit=100").json["data"])
        self.place([(self.fresh("none"), 1)])
        after = len(self.api.get(f"/v1/orders?account_id={self.account}&limit=100").json["data"])
        self.assertEqual(before, after)

    def test_order_does_not_write_on_what_it_reads(self):
        sku, account = self.make_product(), self.make_account()
        self.make_order(account, [(sku, 1)])
        self.assertEqual(self.api.get("/v1/products/" + sku).headers["ETag"], '"1"')
        self.assertEqual(self.api.get("/v1/accounts/" + account).headers["ETag"], '"1"')

    def test_unknown_order(self):
        for path in "/v1/orders/none", "/v1/orders/a%20b":
            self.is_problem(self.api.get(path), 404, "order_not_found")

    def test_prefer_wait_answers_with_the_outcome_as_it_stands(self):
        answer = self.place([(self.make_product(), 1)], headers={"Prefer": "wait=1"})
        self.assertEqual(answer.status, 202)
        self.assertEqual(self.api.get(answer.headers["Location"]).json["status"], "pending")

    def test_prefer_wait_must_be_a_number(self):
        answer = self.place([(self.make_product(), 1)], headers={"Prefer": "wait=long"})
        self.is_problem(answer, 400, "invalid_request", ("/header/Prefer", "bad_format"))

    def test_other_preferences_are_ignored(self):
        self.assertEqual(
            self.place([(self.make_product(), 1)], headers={"Prefer": "return=minimal"}).status, 202
        )


def any_method(self, method):
    order = self.make_order(self.account, [(self.make_product(), 1)], method)
    self.assertEqual(self.api.get("/v1/orders/" + order).json["payment"]["method"], method)


table(Orders, "payment", [(method, method) for method in METHODS], any_method)


class Reports(ApiTest):
    """Sales and best sellers, against sums made here."""

    @classmethod
    def prepare(cls):
        cls.shelf = cls.fresh("shelf")
        account = cls.make_account()
        cls.tea = cls.make_product(amount=300, department=cls.shelf)
        cls.pot = cls.make_product(amount=2000, department=cls.shelf)
        cls.odd = cls.make_product(amount=7)
        cls.make_order(account, [(cls.tea, 2), (cls.pot, 1)])
        cls.make_order(account, [(cls.tea, 5), (cls.odd, 10)])
        cls.yen = cls.make_product(amount=11, currency="JPY", department=cls.shelf)
        cls.make_order(account, [(cls.yen, 3)])

    def rows(self, path, key, currency="EUR"):
        """All rows of a report in one currency, over all its pages, by `key`."""
        found, cursor = {}, ""
        while cursor is not None:
            page = self.api.get(path + ("&cursor=" + cursor if cursor else ""))
            self.assertEqual(page.status, 200, page)
            for row in page.json["data"]:
                name = (row[key], row["revenue"]["currency"])
                self.assertNotIn(name, found)
                found[name] = row
            cursor = page.json["pagination"]["next"]
        return {name: row for (name, its), row in found.items() if its == currency}

    def test_by_sku(self):
        rows = self.rows("/v1/reports/sales?by=sku&limit=7", "sku")
        for sku, orders, units, amount in (
            (self.tea, 2, 7, 2100),
            (self.pot, 1, 1, 2000),
            (self.odd, 1, 10, 70),
        ):
            self.assertEqual(
                rows[sku],
                {
                    "sku": sku,
                    "orders": orders,
                    "units": units,
                    "revenue": {"amount": amount, "currency": "EUR"},
                },
            )
        self.assertEqual(list(rows), sorted(rows), "ascending by default")

    def test_by_department(self):
        row = self.rows("/v1/reports/sales?by=department&limit=2", "department")[self.shelf]
        self.assertEqual(
            row,
            {
                "department": self.shelf,
                "orders": 2,
                "units": 8,
                "revenue": {"amount": 4100, "currency": "EUR"},
            },
        )

    def test_each_currency_has_a_row_of_its_own(self):
        row = self.rows("/v1/reports/sales?by=department", "department", "JPY")[self.shelf]
        self.assertEqual((row["orders"], row["units"], row["revenue"]["amount"]), (1, 3, 33))

    def test_products_without_department_have_a_row_of_their_own(self):
        self.assertGreaterEqual(
            self.rows("/v1/reports/sales?by=department", "department")[None]["units"], 10
        )

    def test_by_day_is_the_sum_of_all_skus(self):
        for currency in "EUR", "JPY":
            days = self.rows("/v1/reports/sales?by=day", "day", currency)
            skus = self.rows("/v1/reports/sales?by=sku&limit=100", "sku", currency)
            self.assertEqual(
                sum(row["revenue"]["amount"] for row in days.values()),
                sum(row["revenue"]["amount"] for row in skus.values()),
            )
            self.assertEqual(
                sum(row["units"] for row in days.values()),
                sum(row["units"] for row in skus.values()),
            )
            for day in days:
                self.assertRegex(day, r"^\d{4}-\d\d-\d\d$")

    def test_day_is_the_default(self):
        self.assertEqual(
            self.rows("/v1/reports/sales?limit=100", "day"),
            self.rows("/v1/reports/sales?by=day", "day"),
        )

    def test_sold_is_empty_while_nothing_is_confirmed(self):
        self.assertEqual(self.rows("/v1/reports/sales?by=sku&basis=sold", "sku"), {})

    def test_from_is_inclusive_and_to_exclusive(self):
        newest = max(self.rows("/v1/reports/sales?by=day", "day"))
        self.assertIn(newest, self.rows(f"/v1/reports/sales?from={newest}", "day"))
        self.assertIn(newest, self.rows(f"/v1/reports/sales?from={newest}T00:00:00Z", "day"))
        self.assertNotIn(newest, self.rows(f"/v1/reports/sales?to={newest}", "day"))

    def test_descending(self):
        names = list(self.rows("/v1/reports/sales?by=sku&sort=-sku&limit=3", "sku"))
        self.assertEqual(names, sorted(names, reverse=True))

    def test_best_sellers_are_the_most_sold_first(self):
        answer = self.api.get("/v1/reports/best_sellers?days=1&limit=100")
        self.assertEqual(answer.status, 200, answer)
        rows = answer.json["data"]
        self.assertEqual(
            [row["units"] for row in rows], sorted((row["units"] for row in rows), reverse=True)
        )
        self.assertEqual(len(self.api.get("/v1/reports/best_sellers?limit=2").json["data"]), 2)
        path = "/v1/reports/sales?by=sku&limit=100"
        skus = {**self.rows(path, "sku"), **self.rows(path, "sku", "JPY")}
        for row in rows:
            self.assertEqual(
                (skus[row["sku"]]["units"], skus[row["sku"]]["orders"]),
                (row["units"], row["orders"]),
            )
