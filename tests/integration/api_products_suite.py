"""Products, their stock, and what stands against changing them."""

from api_harness import ApiTest, table

EUR = {"amount": 1999, "currency": "EUR"}


class Products(ApiTest):
    def test_created_and_read(self):
        sku = self.fresh("tea")
        body = {
            "sku": sku,
            "title": "Grüner Tee 茶",
            "department": "Food",
            "category": "Tea",
            "brand": "Own",
            "price": {"amount": 349, "currency": "EUR"},
        }
        made = self.api.post("/v1/products", body)
        self.assertEqual((made.status, made.json), (201, {"id": sku, "version": 1}))
        self.assertEqual(made.headers["Location"], "/v1/products/" + sku)
        self.assertTrue(made.headers["Skald-Command"])
        self.assertTrue(made.headers["Skald-Token"])
        read = self.api.get(made.headers["Location"])
        self.assertEqual(read.status, 200)
        self.assertEqual({**read.json, **body}, read.json)
        self.assertIs(read.json["archived"], False)
        self.assertIs(read.json["ships"], True)
        self.assertEqual(read.json["created_at"], read.json["updated_at"])
        self.assertRegex(read.json["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$")
        self.assertEqual(read.headers["ETag"], '"1"')
        self.assertEqual(read.headers["Content-Type"].split(";")[0], "application/json")

    def test_nothing_to_carry_of_it(self):
        song = self.fresh("song")
        body = {"sku": song, "title": "Song", "price": EUR, "ships": False}
        self.assertEqual(self.api.post("/v1/products", body).status, 201)
        self.assertIs(self.api.get("/v1/products/" + song).json["ships"], False)
        order = self.make_order(self.make_account(), [(song, 1)])
        self.api.patch("/v1/products/" + song, {"ships": True})
        line = self.api.get("/v1/orders/" + order).json["lines"][0]
        self.assertIs(line["ships"], False, "frozen in the order")
        body = {**body, "sku": self.fresh("no"), "ships": "no"}
        self.is_problem(
            self.api.post("/v1/products", body), 400, "invalid_request", ("/ships", "wrong_type")
        )

    def test_optional_fields_are_null(self):
        read = self.api.get("/v1/products/" + self.make_product())
        self.assertEqual(
            [read.json[name] for name in ("department", "category", "brand")], [None] * 3
        )

    def test_sku_at_its_bounds(self):
        for sku in (self.fresh("L") + "_-" * 30)[:64], self.fresh("x").replace("-", "_"):
            self.make_product(sku)
            self.assertEqual(self.api.get("/v1/products/" + sku).json["sku"], sku)

    def test_title_at_its_bounds(self):
        for title in "t", "t" * 500, "茶" * 166:
            sku = self.make_product(title=title)
            self.assertEqual(self.api.get("/v1/products/" + sku).json["title"], title)

    def test_price_at_its_bounds(self):
        for amount in 1, 1_000_000_000_000:
            sku = self.make_product(amount=amount)
            self.assertEqual(self.api.get("/v1/products/" + sku).json["price"]["amount"], amount)

    def test_sku_that_exists_is_refused(self):
        sku = self.make_product()
        again = self.api.post("/v1/products", {"sku": sku, "title": "Other", "price": EUR})
        self.is_problem(again, 409, "product_already_exists", ("/sku", "product_already_exists"))
        self.assertTrue(again.headers["Skald-Command"])
        self.assertTrue(again.headers["Skald-Token"])
        self.assertNotEqual(self.api.get("/v1/products/" + sku).json["title"], "Other")

    def test_skus_are_told_apart_by_case(self):
        sku = self.fresh("case")
        self.make_product(sku)
        self.make_product(sku.upper())

    def test_unknown_product(self):
        path = "/v1/products/" + self.fresh("none")
        self.is_problem(self.api.get(path), 404, "product_not_found")
        self.is_problem(self.api.patch(path, {"title": "x"}), 404, "product_not_found")
        self.is_problem(self.api.delete(path), 404, "product_not_found")

    def test_path_that_can_be_no_sku(self):
        for path in "/v1/products/a%20b", "/v1/products/" + "s" * 65, "/v1/products/t%C3%BCr":
            self.is_problem(self.api.get(path), 404, "product_not_found")
            self.is_problem(self.api.patch(path, {"title": "x"}), 404, "product_not_found")
            self.is_problem(self.api.delete(path), 404, "product_not_found")

    def test_change_changes_what_is_given(self):
        sku = self.make_product(department="Food")
        for version, change in enumerate(
            [
                {"title": "New"},
                {"price": {"amount": 5, "currency": "EUR"}},
                {"department": "Drinks"},
                {"category": "Tea"},
                {"brand": "Own"},
                {"ships": False},
                {"ships": True},
            ],
            2,
        ):
            before = self.api.get("/v1/products/" + sku).json
            done = self.api.patch("/v1/products/" + sku, change)
            self.assertEqual((done.status, done.json), (200, {"id": sku, "version": version}))
            after = self.api.get("/v1/products/" + sku).json
            for mark in "version", "updated_at":
                self.assertNotEqual(before.pop(mark), after.pop(mark))
            self.assertEqual({**before, **change}, after)

    def test_change_of_text_and_price_is_one(self):
        sku = self.make_product()
        done = self.api.patch(
            "/v1/products/" + sku, {"title": "New", "price": {"amount": 7, "currency": "EUR"}}
        )
        self.assertEqual(done.json, {"id": sku, "version": 3}, "two events, one command")
        read = self.api.get("/v1/products/" + sku).json
        self.assertEqual((read["title"], read["price"]["amount"]), ("New", 7))

    def test_change_to_what_it_is_does_nothing(self):
        sku = self.make_product(amount=5, title="Same")
        for change in (
            {},
            {"title": "Same"},
            {"title": "Same", "price": {"amount": 5, "currency": "EUR"}},
        ):
            done = self.api.patch("/v1/products/" + sku, change)
            self.assertEqual((done.status, done.json["version"]), (200, 1))

    def test_price_in_another_currency(self):
        sku = self.make_product(currency="JPY", amount=5)
        self.assertEqual(
            self.api.get("/v1/products/" + sku).json["price"], {"amount": 5, "currency": "JPY"}
        )
        answer = self.api.patch("/v1/products/" + sku, {"title": "x", "price": EUR})
        self.is_problem(
            answer,
            409,
            "product_currency_mismatch",
            ("/price/currency", "product_currency_mismatch"),
        )
        self.assertEqual(
            self.api.get("/v1/products/" + sku).headers["ETag"], '"1"', "all or nothing"
        )

    def test_archived_is_readable_but_in_no_list(self):
        brand = self.fresh("brand")
        kept, gone = self.make_product(brand=brand), self.make_product(brand=brand)
        done = self.api.delete("/v1/products/" + gone)
        self.assertEqual((done.status, done.json), (200, {"id": gone, "version": 2}))
        read = self.api.get("/v1/products/" + gone)
        self.assertEqual((read.status, read.json["archived"]), (200, True))
        listed = self.api.get("/v1/products?brand=" + brand).json["data"]
        self.assertEqual([row["sku"] for row in listed], [kept])

    def test_archived_twice_is_the_same(self):
        sku = self.make_product()
        self.api.delete("/v1/products/" + sku)
        again = self.api.delete("/v1/products/" + sku)
        self.assertEqual((again.status, again.json["version"]), (200, 2))

    def test_archived_cannot_be_changed_nor_made_again(self):
        sku = self.make_product()
        self.api.delete("/v1/products/" + sku)
        self.is_problem(
            self.api.patch("/v1/products/" + sku, {"title": "x"}), 409, "product_archived"
        )
        again = self.api.post("/v1/products", {"sku": sku, "title": "x", "price": EUR})
        self.is_problem(again, 409, "product_already_exists")

    def test_delete_takes_no_body(self):
        sku = self.make_product()
        answer = self.api.delete("/v1/products/" + sku, body={"why": "no"})
        self.is_problem(answer, 400, "body_not_expected")


class Stock(ApiTest):
    def levels(self, sku):
        answer = self.api.get("/v1/stock/" + sku)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(set(answer.json), {"sku", "on_hand", "held", "allocated", "available"})
        return answer

    def test_product_without_stock_has_none(self):
        sku = self.make_product()
        self.assertEqual(
            self.levels(sku).json,
            {"sku": sku, "on_hand": 0, "held": 0, "allocated": 0, "available": 0},
        )

    def test_receipts_add_up(self):
        sku = self.make_product()
        for version, quantity in enumerate([5, 1, 1_000_000_000], 1):
            done = self.api.post(
                f"/v1/stock/{sku}/receipts", {"quantity": quantity, "reference": "DN 7"}
            )
            self.assertEqual((done.status, done.json), (200, {"id": sku, "version": version}))
        level = self.levels(sku)
        self.assertEqual(
            (level.json["on_hand"], level.json["available"]), (1_000_000_006, 1_000_000_006)
        )
        self.assertEqual(level.headers["ETag"], '"3"')

    def test_adjustments_go_both_ways(self):
        sku = self.make_product()
        self.api.post(f"/v1/stock/{sku}/receipts", {"quantity": 10})
        for delta, left in (-3, 7), (2, 9), (-9, 0):
            done = self.api.post(
                f"/v1/stock/{sku}/adjustments", {"delta": delta, "reason": "count"}
            )
            self.assertEqual(done.status, 200, done)
            self.assertEqual(self.levels(sku).json["available"], left)

    def test_adjustment_below_zero_is_refused(self):
        sku = self.make_product()
        self.api.post(f"/v1/stock/{sku}/receipts", {"quantity": 2})
        done = self.api.post(f"/v1/stock/{sku}/adjustments", {"delta": -3, "reason": "theft"})
        self.is_problem(done, 409, "stock_not_enough", ("/delta", "stock_not_enough"))
        self.assertEqual(self.levels(sku).json["on_hand"], 2)

    def test_adjustment_before_any_receipt_is_refused(self):
        done = self.api.post(
            f"/v1/stock/{self.make_product()}/adjustments", {"delta": 1, "reason": "count"}
        )
        self.is_problem(done, 409, "stock_never_received")

    def test_stock_of_archived_product_can_still_be_counted(self):
        sku = self.make_product()
        self.api.post(f"/v1/stock/{sku}/receipts", {"quantity": 2})
        self.api.delete("/v1/products/" + sku)
        self.assertEqual(
            self.api.post(f"/v1/stock/{sku}/adjustments", {"delta": -1, "reason": "x"}).status, 200
        )
        self.assertEqual(self.levels(sku).json["on_hand"], 1)

    def test_stock_beyond_all_bounds_is_refused(self):
        sku = self.make_product()
        for _ in range(1000):
            if (
                self.api.post(f"/v1/stock/{sku}/receipts", {"quantity": 1_000_000_000}).status
                != 200
            ):
                self.fail("refused too early")
        self.is_problem(
            self.api.post(f"/v1/stock/{sku}/receipts", {"quantity": 1}), 409, "stock_too_much"
        )


def stock_of_nothing(self, method, path, body):
    self.is_problem(self.api.send(method, path, body), 404, "product_not_found")


table(
    Stock,
    "of_unknown_product",
    [
        ("levels", "GET", "/v1/stock/no-such-sku", None),
        ("receipt", "POST", "/v1/stock/no-such-sku/receipts", {"quantity": 1}),
        ("adjustment", "POST", "/v1/stock/no-such-sku/adjustments", {"delta": 1, "reason": "x"}),
        ("levels of no sku", "GET", "/v1/stock/a%20b", None),
        ("receipt of no sku", "POST", "/v1/stock/a%20b/receipts", {"quantity": 1}),
        (
            "adjustment of no sku",
            "POST",
            "/v1/stock/a%20b/adjustments",
            {"delta": 1, "reason": "x"},
        ),
    ],
    stock_of_nothing,
)


class Conditions(ApiTest):
    """ETag, If-None-Match, If-Match."""

    def test_unchanged_is_304_without_body(self):
        sku = self.make_product()
        for tag in '"1"', '*', 'W/"1"', '"7", "1"':
            answer = self.api.get("/v1/products/" + sku, headers={"If-None-Match": tag})
            self.assertEqual(
                (answer.status, answer.body, answer.headers["ETag"]), (304, b"", '"1"'), tag
            )
            self.assertTrue(answer.headers["Skald-Token"])

    def test_changed_is_200(self):
        sku = self.make_product()
        self.api.patch("/v1/products/" + sku, {"title": "New"})
        answer = self.api.get("/v1/products/" + sku, headers={"If-None-Match": '"1"'})
        self.assertEqual((answer.status, answer.headers["ETag"]), (200, '"2"'))

    def test_etag_of_a_command_is_that_of_the_thing(self):
        sku = self.make_product()
        done = self.api.patch("/v1/products/" + sku, {"title": "New"})
        self.assertEqual(done.headers["ETag"], self.api.get("/v1/products/" + sku).headers["ETag"])

    def test_if_match_that_holds(self):
        sku = self.make_product()
        for tag in '"1"', '*':
            done = self.api.patch(
                "/v1/products/" + sku, {"title": "for " + tag}, headers={"If-Match": tag}
            )
            self.assertEqual(done.status, 200, done)

    def test_second_writer_on_the_same_version_fails(self):
        sku = self.make_product()
        first = self.api.patch(
            "/v1/products/" + sku, {"title": "first"}, headers={"If-Match": '"1"'}
        )
        second = self.api.patch(
            "/v1/products/" + sku, {"title": "second"}, headers={"If-Match": '"1"'}
        )
        self.assertEqual(first.status, 200)
        self.is_problem(second, 412, "precondition_failed")
        self.assertIn("2", second.json["detail"])
        self.assertEqual(self.api.get("/v1/products/" + sku).json["title"], "first")

    def test_if_match_of_stock_is_the_stock_version(self):
        sku = self.make_product()
        receipts = f"/v1/stock/{sku}/receipts"
        self.assertEqual(
            self.api.post(receipts, {"quantity": 1}, headers={"If-Match": '"0"'}).status, 200
        )
        self.is_problem(
            self.api.post(receipts, {"quantity": 1}, headers={"If-Match": '"0"'}),
            412,
            "precondition_failed",
        )


def unmatched(self, method, tag, status, code):
    sku = self.make_product()
    body = {"title": "x"} if method == "PATCH" else None
    answer = self.api.send(method, "/v1/products/" + sku, body, headers={"If-Match": tag})
    self.is_problem(answer, status, code)
    self.assertEqual(self.api.get("/v1/products/" + sku).headers["ETag"], '"1"')


table(
    Conditions,
    "if_match",
    [
        ("another version", "PATCH", '"2"', 412, "precondition_failed"),
        ("another version on delete", "DELETE", '"2"', 412, "precondition_failed"),
        ("version zero", "PATCH", '"0"', 412, "precondition_failed"),
        ("a tag that is no version", "PATCH", '"abc"', 412, "precondition_failed"),
        ("a weak tag", "PATCH", 'W/"1"', 412, "precondition_failed"),
        ("no quotes", "PATCH", "1", 400, "invalid_request"),
        ("nothing", "PATCH", "", 400, "invalid_request"),
        ("two tags", "PATCH", '"1", "2"', 400, "invalid_request"),
    ],
    unmatched,
)


def create_matching(self, tag, status):
    answer = self.api.post(
        "/v1/products",
        {"sku": self.fresh("im"), "title": "x", "price": EUR},
        headers={"If-Match": tag},
    )
    self.assertEqual(answer.status, status, answer)


table(
    Conditions,
    "if_match_on_create",
    [
        ("that it exists", "*", 412),
        ("a version it cannot have", '"1"', 412),
        ("that there is none", '"0"', 201),
    ],
    create_matching,
)
