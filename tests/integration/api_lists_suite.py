"""Pages by key: forward, backward, sorted, filtered, under writes; tampered cursors; tokens."""

import base64

from api_harness import ApiTest, table


class Lists(ApiTest):
    @classmethod
    def prepare(cls):
        cls.brand = cls.fresh("pages")
        cls.skus = [
            cls.make_product(
                brand=cls.brand, amount=100 + n % 3, title=f"T{n % 5}", category=f"c{n % 2}"
            )
            for n in range(23)
        ]

    def walk(self, path, key="sku", direction="next"):
        """All pages of a list, and the last answer."""
        pages, cursor = [], None
        while True:
            answer = self.api.get(path + (f"&cursor={cursor}" if cursor else ""))
            self.assertEqual(answer.status, 200, answer)
            pages.append([row[key] for row in answer.json["data"]])
            cursor = answer.json["pagination"][direction]
            if not cursor:
                return pages, answer

    def test_default_is_newest_first_and_twenty(self):
        answer = self.api.get("/v1/products?brand=" + self.brand)
        self.assertEqual([row["sku"] for row in answer.json["data"]], self.skus[:2:-1])
        self.assertEqual(answer.json["pagination"]["limit"], 20)
        self.assertIsNone(answer.json["pagination"]["prev"])
        self.assertIsNotNone(answer.json["pagination"]["next"])

    def test_last_page_that_is_exactly_full_has_no_next(self):
        answer = self.api.get(f"/v1/products?brand={self.brand}&limit=23")
        self.assertEqual(len(answer.json["data"]), 23)
        self.assertIsNone(answer.json["pagination"]["next"])

    def test_empty_list(self):
        answer = self.api.get("/v1/products?brand=" + self.fresh("none"))
        self.assertEqual(
            answer.json, {"data": [], "pagination": {"next": None, "prev": None, "limit": 20}}
        )

    def test_there_and_back(self):
        path = f"/v1/products?brand={self.brand}&limit=5"
        forward, last = self.walk(path)
        self.assertEqual([len(page) for page in forward], [5, 5, 5, 5, 3])
        backward, cursor = [forward[-1]], last.json["pagination"]["prev"]
        while cursor:
            answer = self.api.get(path + "&cursor=" + cursor)
            backward.append([row["sku"] for row in answer.json["data"]])
            self.assertIsNotNone(answer.json["pagination"]["next"])
            cursor = answer.json["pagination"]["prev"]
        self.assertEqual(backward[::-1], forward)

    def test_limit_may_change_on_the_way(self):
        path = f"/v1/products?brand={self.brand}"
        first = self.api.get(path + "&limit=3")
        second = self.api.get(path + "&limit=100&cursor=" + first.json["pagination"]["next"])
        self.assertEqual(
            [row["sku"] for row in first.json["data"] + second.json["data"]], self.skus[::-1]
        )

    def test_rows_added_and_archived_meanwhile_do_not_shift_pages(self):
        brand = self.fresh("moving")
        skus = [self.make_product(brand=brand) for _ in range(6)]
        path = f"/v1/products?brand={brand}&limit=2"
        first = self.api.get(path)
        self.make_product(brand=brand)
        self.api.delete("/v1/products/" + skus[5])
        self.api.delete("/v1/products/" + skus[4])
        second = self.api.get(path + "&cursor=" + first.json["pagination"]["next"])
        self.assertEqual([row["sku"] for row in second.json["data"]], [skus[3], skus[2]])

    def test_filters_add_up(self):
        rows = self.api.get(f"/v1/products?brand={self.brand}&category=c1&limit=100").json["data"]
        self.assertEqual(sorted(row["sku"] for row in rows), sorted(self.skus[1::2]))

    def test_filter_with_signs_that_need_encoding(self):
        brand = 'a&b=c "d" +%é'
        sku = self.make_product(brand=brand)
        import urllib.parse

        rows = self.api.get("/v1/products?brand=" + urllib.parse.quote(brand, safe="")).json["data"]
        self.assertIn(sku, [row["sku"] for row in rows])

    def test_accounts_newest_first(self):
        made = [self.make_account() for _ in range(3)]
        listed = self.api.get("/v1/accounts?limit=3").json["data"]
        self.assertEqual([row["id"] for row in listed], made[::-1])
        self.assertEqual(
            set(listed[0]), {"id", "email", "name", "version", "created_at", "updated_at"}
        )

    def test_accounts_oldest_first_over_pages(self):
        for _ in range(3):
            self.make_account()
        pages, _ = self.walk("/v1/accounts?sort=created_at&limit=2", key="created_at")
        times = [time for page in pages for time in page]
        self.assertEqual(times, sorted(times))

    def test_orders_of_an_account(self):
        account, other, sku = self.make_account(), self.make_account(), self.make_product()
        made = [self.make_order(account, [(sku, n + 1)]) for n in range(5)]
        self.make_order(other, [(sku, 1)])
        pages, _ = self.walk(f"/v1/orders?account_id={account}&limit=2", key="id")
        self.assertEqual(pages, [[made[4], made[3]], [made[2], made[1]], [made[0]]])
        row = self.api.get("/v1/orders?account_id=" + other).json["data"][0]
        self.assertEqual(
            (row["line_count"], row["total"]["amount"], row["status"]), (1, 1999, "pending")
        )

    def test_orders_by_status(self):
        account = self.make_account()
        order = self.make_order(account, [(self.make_product(), 1)])
        for status, found in ("pending", [order]), ("confirmed", []), ("cancelled", []):
            rows = self.api.get(f"/v1/orders?account_id={account}&status={status}").json["data"]
            self.assertEqual([row["id"] for row in rows], found)

    def test_orders_from_is_inclusive_and_to_exclusive(self):
        account = self.make_account()
        order = self.make_order(account, [(self.make_product(), 1)])
        at = self.api.get("/v1/orders/" + order).json["placed_at"]
        for bound, found in (
            (f"from={at}", 1),
            (f"to={at}", 0),
            (f"from={at[:10]}", 1),
            (f"to={at[:10]}", 0),
            ("from=2999-01-01", 0),
            ("to=2999-01-01T00:00:00Z", 1),
            ("to=2999-01-01T00:00:00%2B02:00", 1),
        ):
            rows = self.api.get(f"/v1/orders?account_id={account}&{bound}").json["data"]
            self.assertEqual(len(rows), found, bound)


def sorted_walk(self, sort, keys):
    pages, _ = self.walk(f"/v1/products?brand={self.brand}&limit=4&sort={sort}")
    found = [sku for page in pages for sku in page]
    self.assertEqual(sorted(found), sorted(self.skus), "each row once")
    rows = {sku: self.api.get("/v1/products/" + sku).json for sku in self.skus}
    expected = sorted(
        self.skus, key=lambda sku: (keys(rows[sku]), sku), reverse=sort.startswith("-")
    )
    self.assertEqual(found, expected)


table(
    Lists,
    "sort",
    [
        ("by sku", "sku", lambda row: row["sku"]),
        ("by sku descending", "-sku", lambda row: row["sku"]),
        ("by price with ties", "price", lambda row: row["price"]["amount"]),
        ("by price with ties descending", "-price", lambda row: row["price"]["amount"]),
        ("by title with ties", "title", lambda row: row["title"]),
        ("by title with ties descending", "-title", lambda row: row["title"]),
        ("by time", "created_at", lambda row: row["created_at"]),
        ("by time descending", "-created_at", lambda row: row["created_at"]),
    ],
    sorted_walk,
)


class Cursors(ApiTest):
    @classmethod
    def prepare(cls):
        cls.brand = cls.fresh("cursors")
        for _ in range(3):
            cls.make_product(brand=cls.brand)
        answer = cls.api.get(f"/v1/products?brand={cls.brand}&limit=1")
        cls.cursor = answer.json["pagination"]["next"]

    def refuses(self, path, code):
        self.is_problem(self.api.get(path), 400, code)

    def test_every_changed_character_is_noticed(self):
        for at in range(len(self.cursor)):
            changed = (
                self.cursor[:at] + ("A" if self.cursor[at] != "A" else "B") + self.cursor[at + 1 :]
            )
            answer = self.api.get(f"/v1/products?brand={self.brand}&limit=1&cursor={changed}")
            self.assertEqual((answer.status, answer.json["code"]), (400, "cursor_invalid"), changed)

    def test_cut_off(self):
        self.refuses(f"/v1/products?brand={self.brand}&cursor={self.cursor[:-4]}", "cursor_invalid")

    def test_made_up(self):
        forged = base64.urlsafe_b64encode(b'{"sku":"a"}').decode().rstrip("=")
        self.refuses(f"/v1/products?brand={self.brand}&cursor={forged}", "cursor_invalid")

    def test_of_other_filters(self):
        self.refuses(f"/v1/products?cursor={self.cursor}", "cursor_of_other_list")

    def test_of_other_order(self):
        self.refuses(
            f"/v1/products?brand={self.brand}&sort=sku&cursor={self.cursor}", "cursor_of_other_list"
        )

    def test_of_other_list(self):
        self.refuses(f"/v1/accounts?cursor={self.cursor}", "cursor_of_other_list")


class Tokens(ApiTest):
    def test_every_command_is_seen_by_the_next_query(self):
        sku = self.make_product()
        for n in range(30):
            self.api.patch("/v1/products/" + sku, {"title": f"T{n}"})
            self.assertEqual(self.api.get("/v1/products/" + sku).json["title"], f"T{n}")

    def test_token_in_the_query(self):
        reader = self.shop.client(carry_token=False)
        for n in range(5):
            done = self.api.post(
                "/v1/products",
                {
                    "sku": self.fresh("q"),
                    "title": "x",
                    "price": {"amount": n + 1, "currency": "EUR"},
                },
            )
            path = done.headers["Location"] + "?token=" + done.headers["Skald-Token"]
            self.assertEqual(reader.get(path).status, 200)

    def test_token_covers_what_was_brought(self):
        writer, other = self.shop.client(), self.shop.client()
        sku = self.make_product()
        done = writer.patch("/v1/products/" + sku, {"title": "seen"})
        other.token = done.headers["Skald-Token"]
        other.get("/v1/accounts?limit=1")
        third = self.shop.client()
        third.token = other.token
        self.assertEqual(third.get("/v1/products/" + sku).json["title"], "seen")

    def test_refused_command_has_a_token_too(self):
        sku = self.make_product()
        answer = self.shop.client().post(
            "/v1/products", {"sku": sku, "title": "x", "price": {"amount": 1, "currency": "EUR"}}
        )
        self.assertEqual(answer.status, 409)
        reader = self.shop.client()
        reader.token = answer.headers["Skald-Token"]
        self.assertEqual(reader.get("/v1/products/" + sku).status, 200)

    def test_every_query_answers_with_a_token(self):
        sku, account = self.make_product(), self.make_account()
        order = self.make_order(account, [(sku, 1)])
        for path in (
            "/v1/products",
            "/v1/products/" + sku,
            "/v1/stock/" + sku,
            "/v1/accounts",
            "/v1/accounts/" + account,
            "/v1/orders",
            "/v1/orders/" + order,
            "/v1/reports/sales",
            "/v1/reports/best_sellers",
        ):
            answer = self.api.get(path)
            self.assertEqual(answer.status, 200, answer)
            self.assertTrue(answer.headers["Skald-Token"], path)

    def test_token_ahead_of_the_log_is_refused(self):
        ahead = self.ahead()
        for path in "/v1/products", "/v1/accounts", "/v1/orders", "/v1/reports/sales?by=sku":
            answer = self.shop.client(carry_token=False).get(
                path, headers={"Skald-Token": ahead, "Skald-Wait": "50"}
            )
            self.is_problem(answer, 400, "token_ahead", ("/header/Skald-Token", "token_ahead"))
            self.assertIs(answer.json["retryable"], False)

    def ahead(self):
        """A token of this store that speaks of events its first partition does not have."""
        raw = self.api.get("/v1/products").headers["Skald-Token"]
        data = bytearray(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
        head = (
            1 + 8 + 1 + 1
        )  # format, store, era, number of partitions: all of one byte but the store
        end = head
        while data[end] & 0x80:
            end += 1
        data[head : end + 1] = bytes([0xFF, 0xFF, 0x7F])  # a varint of 2 million
        return base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=")

    def test_token_of_another_store(self):
        raw = self.api.get("/v1/products").headers["Skald-Token"]
        data = bytearray(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
        data[2] ^= 1
        token = base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=")
        answer = self.api.get("/v1/products", headers={"Skald-Token": token})
        self.is_problem(answer, 400, "token_of_other_store")
        answer = self.api.post(
            "/v1/products",
            {"sku": "t", "title": "x", "price": {"amount": 1, "currency": "EUR"}},
            headers={"Skald-Token": token},
        )
        self.is_problem(answer, 400, "token_of_other_store")

    def test_token_of_another_era(self):
        raw = self.api.get("/v1/products").headers["Skald-Token"]
        data = bytearray(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
        data[9] = 2
        token = base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=")
        self.is_problem(
            self.api.get("/v1/products", headers={"Skald-Token": token}), 400, "token_of_other_era"
        )

    def test_token_that_is_none(self):
        for token in "nonsense", "AAAA", "", "A" * 9000, "ä":
            answer = self.api.get("/v1/products", headers={"Skald-Token": token})
            self.is_problem(answer, 400, "token_malformed")
        answer = self.shop.client().get("/v1/products?token=nonsense")
        self.is_problem(answer, 400, "token_malformed")


def bad_wait(self, value):
    answer = self.api.get("/v1/products", headers={"Skald-Wait": value})
    self.is_problem(answer, 400, "invalid_request", ("/header/Skald-Wait", "bad_format"))


table(
    Tokens,
    "bad_wait",
    [
        ("a word", "long"),
        ("negative", "-1"),
        ("beyond the bound", "20001"),
        ("with a fraction", "1.5"),
        ("empty", ""),
    ],
    bad_wait,
)
