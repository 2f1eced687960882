"""What each field of each request may hold: a row per field and rule, with code and pointer."""

from api_harness import ApiTest, table

EUR = {"amount": 1999, "currency": "EUR"}


def product(**fields):
    """A good product with some fields replaced; a field that is ... is left out."""
    body = {
        "sku": "v-1",
        "title": "Tea",
        "department": "Food",
        "category": "Tea",
        "brand": "Own",
        "price": EUR,
        **fields,
    }
    return {key: value for key, value in body.items() if value is not ...}


def price(**fields):
    body = {**EUR, **fields}
    return product(price={key: value for key, value in body.items() if value is not ...})


def account(**fields):
    body = {"email": "ada@example.org", "name": "Ada", **fields}
    return {key: value for key, value in body.items() if value is not ...}


def order(**fields):
    body = {
        "account_id": "a-1",
        "lines": [{"sku": "s-1", "quantity": 1}],
        "payment": {"method": "card-ok"},
        **fields,
    }
    return {key: value for key, value in body.items() if value is not ...}


def line(**fields):
    body = {"sku": "s-1", "quantity": 1, **fields}
    return order(lines=[{key: value for key, value in body.items() if value is not ...}])


class Validation(ApiTest):
    """400 and where it hurts. Nothing of it reaches the log."""

    def refuses(self, method, path, body, *problems):
        answer = self.api.send(method, path, body)
        self.is_problem(answer, 400, "invalid_request")
        self.assertEqual(sorted(answer.problems()), sorted(problems), answer)
        self.assertIsNone(answer.headers["Skald-Command"], "no command was made of it")


PRODUCTS = "/v1/products"
table(
    Validation,
    "create_product",
    [
        ("sku missing", product(sku=...), ("/sku", "missing")),
        ("sku null", product(sku=None), ("/sku", "wrong_type")),
        ("sku a number", product(sku=5), ("/sku", "wrong_type")),
        ("sku empty", product(sku=""), ("/sku", "too_short")),
        ("sku of 65", product(sku="s" * 65), ("/sku", "too_long")),
        ("sku with a blank", product(sku="a b"), ("/sku", "bad_format")),
        ("sku with a dot", product(sku="a.b"), ("/sku", "bad_format")),
        ("sku with a slash", product(sku="a/b"), ("/sku", "bad_format")),
        ("sku with an umlaut", product(sku="tür"), ("/sku", "bad_format")),
        ("sku with a NUL", product(sku="a\0b"), ("/sku", "control_character")),
        ("title missing", product(title=...), ("/title", "missing")),
        ("title null", product(title=None), ("/title", "wrong_type")),
        ("title empty", product(title=""), ("/title", "too_short")),
        ("title of 501 letters", product(title="t" * 501), ("/title", "too_long")),
        ("title of 500 letters of two bytes", product(title="ü" * 500), ("/title", "too_long")),
        ("title with a NUL", product(title="Tea\0"), ("/title", "control_character")),
        ("title with a C1 control", product(title="a\u0085b"), ("/title", "control_character")),
        ("title with a line break", product(title="Tea\nTime"), ("/title", "control_character")),
        ("title a list", product(title=["Tea"]), ("/title", "wrong_type")),
        ("department null", product(department=None), ("/department", "wrong_type")),
        ("department empty", product(department=""), ("/department", "too_short")),
        ("department of 201", product(department="d" * 201), ("/department", "too_long")),
        (
            "department of 200 letters of two bytes",
            product(department="ß" * 200),
            ("/department", "too_long"),
        ),
        ("department with a tab", product(department="a\tb"), ("/department", "control_character")),
        ("department a number", product(department=7), ("/department", "wrong_type")),
        ("category null", product(category=None), ("/category", "wrong_type")),
        ("category empty", product(category=""), ("/category", "too_short")),
        ("category of 201", product(category="c" * 201), ("/category", "too_long")),
        (
            "category of 200 letters of two bytes",
            product(category="ß" * 200),
            ("/category", "too_long"),
        ),
        ("category true", product(category=True), ("/category", "wrong_type")),
        ("brand null", product(brand=None), ("/brand", "wrong_type")),
        ("brand empty", product(brand=""), ("/brand", "too_short")),
        ("brand of 201", product(brand="b" * 201), ("/brand", "too_long")),
        ("brand of 200 letters of two bytes", product(brand="ß" * 200), ("/brand", "too_long")),
        ("brand an object", product(brand={}), ("/brand", "wrong_type")),
        ("price missing", product(price=...), ("/price", "missing")),
        ("price null", product(price=None), ("/price", "wrong_type")),
        ("price a number", product(price=1999), ("/price", "wrong_type")),
        (
            "price empty",
            product(price={}),
            ("/price/amount", "missing"),
            ("/price/currency", "missing"),
        ),
        ("amount missing", price(amount=...), ("/price/amount", "missing")),
        ("amount zero", price(amount=0), ("/price/amount", "too_small")),
        ("amount negative", price(amount=-1), ("/price/amount", "too_small")),
        ("amount too large", price(amount=1_000_000_000_001), ("/price/amount", "too_large")),
        ("amount with a fraction", price(amount=19.99), ("/price/amount", "wrong_type")),
        (
            "amount a whole number with a fraction",
            price(amount=19.0),
            ("/price/amount", "wrong_type"),
        ),
        ("amount a text", price(amount="1999"), ("/price/amount", "wrong_type")),
        ("amount true", price(amount=True), ("/price/amount", "wrong_type")),
        ("currency missing", price(currency=...), ("/price/currency", "missing")),
        ("currency in small letters", price(currency="eur"), ("/price/currency", "bad_format")),
        ("currency of two letters", price(currency="EU"), ("/price/currency", "too_short")),
        ("currency of four letters", price(currency="EURO"), ("/price/currency", "too_long")),
        ("currency with a digit", price(currency="EU1"), ("/price/currency", "bad_format")),
        ("currency null", price(currency=None), ("/price/currency", "wrong_type")),
        ("price with a field too many", price(tax=19), ("/price/tax", "unknown_field")),
        ("a field too many", product(colour="green"), ("/colour", "unknown_field")),
        ("a field misspelt", product(Title="x"), ("/Title", "unknown_field")),
        (
            "a field whose name needs escaping",
            product(**{"a/b~c": 1}),
            ("/a~1b~0c", "unknown_field"),
        ),
        (
            "everything at once",
            {"sku": "", "title": 1, "price": {"amount": 0, "currency": "e"}, "x": 1},
            ("/sku", "too_short"),
            ("/title", "wrong_type"),
            ("/price/amount", "too_small"),
            ("/price/currency", "too_short"),
            ("/x", "unknown_field"),
        ),
        ("nothing", {}, ("/sku", "missing"), ("/title", "missing"), ("/price", "missing")),
        ("a list", [product()], ("", "wrong_type")),
        ("a text", "product", ("", "wrong_type")),
    ],
    lambda self, body, *problems: self.refuses("POST", PRODUCTS, body, *problems),
)

table(
    Validation,
    "change_product",
    [
        ("sku, which cannot change", {"sku": "other"}, ("/sku", "unknown_field")),
        ("archived, which is DELETE", {"archived": True}, ("/archived", "unknown_field")),
        ("title null", {"title": None}, ("/title", "wrong_type")),
        ("title empty", {"title": ""}, ("/title", "too_short")),
        ("title of 501", {"title": "t" * 501}, ("/title", "too_long")),
        ("department null", {"department": None}, ("/department", "wrong_type")),
        ("category empty", {"category": ""}, ("/category", "too_short")),
        ("brand of 201", {"brand": "b" * 201}, ("/brand", "too_long")),
        (
            "amount zero",
            {"price": {"amount": 0, "currency": "EUR"}},
            ("/price/amount", "too_small"),
        ),
        (
            "currency in small letters",
            {"price": {"amount": 1, "currency": "jpy"}},
            ("/price/currency", "bad_format"),
        ),
        ("price without currency", {"price": {"amount": 1}}, ("/price/currency", "missing")),
        (
            "two at once",
            {"title": "", "brand": 3},
            ("/title", "too_short"),
            ("/brand", "wrong_type"),
        ),
        ("a list", [], ("", "wrong_type")),
    ],
    lambda self, body, *problems: self.refuses("PATCH", "/v1/products/any", body, *problems),
)

table(
    Validation,
    "receive_stock",
    [
        ("quantity missing", {}, ("/quantity", "missing")),
        ("quantity null", {"quantity": None}, ("/quantity", "wrong_type")),
        ("quantity zero", {"quantity": 0}, ("/quantity", "too_small")),
        ("quantity negative", {"quantity": -5}, ("/quantity", "too_small")),
        ("quantity too large", {"quantity": 1_000_000_001}, ("/quantity", "too_large")),
        ("quantity with a fraction", {"quantity": 1.5}, ("/quantity", "wrong_type")),
        ("quantity a text", {"quantity": "5"}, ("/quantity", "wrong_type")),
        ("reference null", {"quantity": 1, "reference": None}, ("/reference", "wrong_type")),
        ("reference empty", {"quantity": 1, "reference": ""}, ("/reference", "too_short")),
        ("reference of 201", {"quantity": 1, "reference": "r" * 201}, ("/reference", "too_long")),
        (
            "reference of 200 letters of two bytes",
            {"quantity": 1, "reference": "é" * 200},
            ("/reference", "too_long"),
        ),
        ("a field too many", {"quantity": 1, "sku": "x"}, ("/sku", "unknown_field")),
    ],
    lambda self, body, *problems: self.refuses("POST", "/v1/stock/any/receipts", body, *problems),
)

table(
    Validation,
    "adjust_stock",
    [
        ("delta missing", {"reason": "count"}, ("/delta", "missing")),
        ("delta zero", {"delta": 0, "reason": "count"}, ("/delta", "zero")),
        ("delta too large", {"delta": 1_000_000_001, "reason": "count"}, ("/delta", "too_large")),
        ("delta too small", {"delta": -1_000_000_001, "reason": "count"}, ("/delta", "too_small")),
        ("delta with a fraction", {"delta": 0.5, "reason": "count"}, ("/delta", "wrong_type")),
        ("reason missing", {"delta": 1}, ("/reason", "missing")),
        ("reason empty", {"delta": 1, "reason": ""}, ("/reason", "too_short")),
        ("reason of 201", {"delta": 1, "reason": "r" * 201}, ("/reason", "too_long")),
        (
            "reason of 200 letters of two bytes",
            {"delta": 1, "reason": "é" * 200},
            ("/reason", "too_long"),
        ),
        (
            "both wrong",
            {"delta": "1", "reason": 1},
            ("/delta", "wrong_type"),
            ("/reason", "wrong_type"),
        ),
        (
            "a field too many",
            {"delta": 1, "reason": "x", "quantity": 1},
            ("/quantity", "unknown_field"),
        ),
    ],
    lambda self, body, *problems: self.refuses(
        "POST", "/v1/stock/any/adjustments", body, *problems
    ),
)

table(
    Validation,
    "register_account",
    [
        ("email missing", account(email=...), ("/email", "missing")),
        ("email null", account(email=None), ("/email", "wrong_type")),
        ("email empty", account(email=""), ("/email", "too_short")),
        ("email without at", account(email="ada.example.org"), ("/email", "bad_format")),
        ("email with two at", account(email="ada@b@example.org"), ("/email", "bad_format")),
        ("email without local part", account(email="@example.org"), ("/email", "bad_format")),
        ("email without domain", account(email="ada@"), ("/email", "bad_format")),
        ("email with a blank", account(email="ada b@example.org"), ("/email", "bad_format")),
        ("email with an umlaut", account(email="jürgen@example.org"), ("/email", "bad_format")),
        ("email with a dot first", account(email=".ada@example.org"), ("/email", "bad_format")),
        ("email with two dots", account(email="a..da@example.org"), ("/email", "bad_format")),
        (
            "email whose domain ends with a dot",
            account(email="ada@example."),
            ("/email", "bad_format"),
        ),
        (
            "email with a line break",
            account(email="ada@example.org\n"),
            ("/email", "control_character"),
        ),
        (
            "email of 255",
            account(
                email="a" * 60 + "@" + "b" * 60 + "." + "c" * 60 + "." + "d" * 60 + ".example.org"
            ),
            ("/email", "too_long"),
        ),
        ("name missing", account(name=...), ("/name", "missing")),
        ("name null", account(name=None), ("/name", "wrong_type")),
        ("name empty", account(name=""), ("/name", "too_short")),
        ("name of 201", account(name="n" * 201), ("/name", "too_long")),
        ("name of 200 letters of two bytes", account(name="ñ" * 200), ("/name", "too_long")),
        ("name with a NUL", account(name="A\0da"), ("/name", "control_character")),
        ("password, which is not yet", account(password="secret"), ("/password", "unknown_field")),
        ("both missing", {}, ("/email", "missing"), ("/name", "missing")),
    ],
    lambda self, body, *problems: self.refuses("POST", "/v1/accounts", body, *problems),
)

table(
    Validation,
    "change_account",
    [
        ("email null", {"email": None}, ("/email", "wrong_type")),
        ("email malformed", {"email": "nobody"}, ("/email", "bad_format")),
        ("name empty", {"name": ""}, ("/name", "too_short")),
        ("name of 201", {"name": "n" * 201}, ("/name", "too_long")),
        ("id, which cannot change", {"id": "x"}, ("/id", "unknown_field")),
        ("two at once", {"email": 1, "name": 2}, ("/email", "wrong_type"), ("/name", "wrong_type")),
    ],
    lambda self, body, *problems: self.refuses("PATCH", "/v1/accounts/any", body, *problems),
)

MANY = [{"sku": f"s-{n}", "quantity": 1} for n in range(1001)]
table(
    Validation,
    "place_order",
    [
        ("account missing", order(account_id=...), ("/account_id", "missing")),
        ("account null", order(account_id=None), ("/account_id", "wrong_type")),
        ("account empty", order(account_id=""), ("/account_id", "too_short")),
        ("account of 65", order(account_id="a" * 65), ("/account_id", "too_long")),
        ("account with a slash", order(account_id="a/b"), ("/account_id", "bad_format")),
        ("lines missing", order(lines=...), ("/lines", "missing")),
        ("lines null", order(lines=None), ("/lines", "wrong_type")),
        ("lines an object", order(lines={}), ("/lines", "wrong_type")),
        ("no line", order(lines=[]), ("/lines", "too_few")),
        ("1001 lines", order(lines=MANY), ("/lines", "too_many")),
        (
            "a sku twice",
            order(lines=[MANY[0], MANY[1], {"sku": "s-0", "quantity": 2}]),
            ("/lines/2/sku", "duplicate"),
        ),
        ("a line that is a text", order(lines=["s-1"]), ("/lines/0", "wrong_type")),
        ("sku missing", line(sku=...), ("/lines/0/sku", "missing")),
        ("sku malformed", line(sku="a b"), ("/lines/0/sku", "bad_format")),
        ("sku empty", line(sku=""), ("/lines/0/sku", "too_short")),
        ("sku of 65", line(sku="s" * 65), ("/lines/0/sku", "too_long")),
        ("quantity missing", line(quantity=...), ("/lines/0/quantity", "missing")),
        ("quantity zero", line(quantity=0), ("/lines/0/quantity", "too_small")),
        ("quantity negative", line(quantity=-1), ("/lines/0/quantity", "too_small")),
        ("quantity 100001", line(quantity=100_001), ("/lines/0/quantity", "too_large")),
        ("quantity with a fraction", line(quantity=2.5), ("/lines/0/quantity", "wrong_type")),
        ("quantity null", line(quantity=None), ("/lines/0/quantity", "wrong_type")),
        ("a price of one's own", line(unit_price=EUR), ("/lines/0/unit_price", "unknown_field")),
        ("payment missing", order(payment=...), ("/payment", "missing")),
        ("payment a text", order(payment="card-ok"), ("/payment", "wrong_type")),
        ("method missing", order(payment={}), ("/payment/method", "missing")),
        ("method unknown", order(payment={"method": "cash"}), ("/payment/method", "bad_choice")),
        (
            "method in capitals",
            order(payment={"method": "CARD-OK"}),
            ("/payment/method", "bad_choice"),
        ),
        (
            "payment with a field too many",
            order(payment={"method": "card-ok", "pan": "4111"}),
            ("/payment/pan", "unknown_field"),
        ),
        ("a field too many", order(total=EUR), ("/total", "unknown_field")),
        (
            "problems of several lines",
            order(
                lines=[{"sku": "a", "quantity": 0}, {"quantity": 1}, {"sku": "c", "quantity": 1}]
            ),
            ("/lines/0/quantity", "too_small"),
            ("/lines/1/sku", "missing"),
        ),
    ],
    lambda self, body, *problems: self.refuses("POST", "/v1/orders", body, *problems),
)
