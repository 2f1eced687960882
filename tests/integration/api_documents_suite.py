"""Bodies that are not the JSON we take, content types, and query parameters."""

from api_harness import ApiTest, table


class Documents(ApiTest):
    """Bodies that are not the JSON we take, and bodies where none is expected."""

    def refuses(self, raw, status, code, *problems, headers=None):
        answer = self.api.send("POST", "/v1/products", raw=raw, headers=headers)
        self.is_problem(answer, status, code, *problems)


GOOD = b'{"sku":"d-1","title":"Tea","price":{"amount":1,"currency":"EUR"}}'
table(
    Documents,
    "body",
    [
        ("empty", b"", 400, "malformed_json", ("", "malformed_json")),
        ("half a document", GOOD[:-1], 400, "malformed_json", ("", "malformed_json")),
        ("two documents", GOOD + GOOD, 400, "malformed_json", ("", "malformed_json")),
        ("a comment", GOOD + b"// tea", 400, "malformed_json", ("", "malformed_json")),
        ("a comma too many", b'{"sku":"x",}', 400, "malformed_json", ("", "malformed_json")),
        ("single quotes", b"{'sku':'x'}", 400, "malformed_json", ("", "malformed_json")),
        ("not UTF-8", b'{"sku":"\xff\xfe"}', 400, "malformed_json", ("", "malformed_json")),
        ("a lone surrogate", b'{"sku":"\\ud800"}', 400, "malformed_json", ("", "malformed_json")),
        ("NaN", b'{"sku":NaN}', 400, "malformed_json", ("", "malformed_json")),
        (
            "a key twice",
            b'{"sku":"a","sku":"b"}',
            400,
            "invalid_request",
            ("/sku", "duplicate_key"),
        ),
        (
            "an integer beyond int64",
            GOOD.replace(b":1,", b":9223372036854775808,"),
            400,
            "invalid_request",
            ("/price/amount", "number_out_of_range"),
        ),
        ("nesting without end", b"[" * 10000 + b"]" * 10000, 400, "invalid_request"),
    ],
    Documents.refuses,
)

table(
    Documents,
    "content_type",
    [
        ("form", "application/x-www-form-urlencoded", 415),
        ("text", "text/plain", 415),
        ("none", None, 415),
        ("another charset", "application/json; charset=latin1", 415),
        ("JSON with charset", "application/json; charset=utf-8", 201),
        ("JSON in capitals", "Application/JSON", 201),
    ],
    lambda self, kind, status: self.takes_type(kind, status),
)


def takes_type(self, kind, status):
    body = GOOD.replace(b"d-1", self.fresh("ct").encode())
    answer = self.api.send("POST", "/v1/products", raw=body, headers={"Content-Type": kind})
    self.assertEqual(answer.status, status, answer)
    if status == 415:
        self.is_problem(answer, 415, answer.json["code"])


Documents.takes_type = takes_type


class Parameters(ApiTest):
    """Query parameters: unknown, repeated, malformed."""

    def refuses(self, path, *problems):
        answer = self.api.get(path)
        self.is_problem(answer, 400, "invalid_request")
        self.assertEqual(sorted(answer.problems()), sorted(problems), answer)


table(
    Parameters,
    "refused",
    [
        ("search, which is not yet", "/v1/products?q=tea", ("/query/q", "unknown_parameter")),
        (
            "a filter of another list",
            "/v1/products?status=pending",
            ("/query/status", "unknown_parameter"),
        ),
        ("limit zero", "/v1/products?limit=0", ("/query/limit", "too_small")),
        ("limit 101", "/v1/products?limit=101", ("/query/limit", "too_large")),
        ("limit a word", "/v1/products?limit=all", ("/query/limit", "bad_format")),
        ("limit with a fraction", "/v1/products?limit=2.5", ("/query/limit", "bad_format")),
        ("limit twice", "/v1/products?limit=2&limit=3", ("/query/limit", "repeated")),
        ("sort by what cannot be", "/v1/products?sort=colour", ("/query/sort", "bad_choice")),
        ("sort by nothing", "/v1/products?sort=-", ("/query/sort", "bad_choice")),
        ("sort of another list", "/v1/products?sort=-placed_at", ("/query/sort", "bad_choice")),
        ("department empty", "/v1/products?department=", ("/query/department", "too_short")),
        ("brand twice", "/v1/products?brand=a&brand=b", ("/query/brand", "repeated")),
        (
            "three at once",
            "/v1/products?limit=x&sort=y&z=1",
            ("/query/limit", "bad_format"),
            ("/query/sort", "bad_choice"),
            ("/query/z", "unknown_parameter"),
        ),
        (
            "a parameter on one product",
            "/v1/products/any?limit=1",
            ("/query/limit", "unknown_parameter"),
        ),
        ("a parameter on stock", "/v1/stock/any?x=1", ("/query/x", "unknown_parameter")),
        (
            "a filter on accounts",
            "/v1/accounts?email=ada@example.org",
            ("/query/email", "unknown_parameter"),
        ),
        ("accounts by name", "/v1/accounts?sort=name", ("/query/sort", "bad_choice")),
        (
            "orders of a status that is none",
            "/v1/orders?status=lost",
            ("/query/status", "bad_choice"),
        ),
        (
            "orders of an account that cannot be",
            "/v1/orders?account_id=a%20b",
            ("/query/account_id", "bad_format"),
        ),
        ("orders from no time", "/v1/orders?from=yesterday", ("/query/from", "bad_format")),
        ("orders to the 30th of February", "/v1/orders?to=2024-02-30", ("/query/to", "bad_format")),
        (
            "a parameter on one order",
            "/v1/orders/any?lines=1",
            ("/query/lines", "unknown_parameter"),
        ),
        ("sales by what cannot be", "/v1/reports/sales?by=hour", ("/query/by", "bad_choice")),
        (
            "sales on a basis that is none",
            "/v1/reports/sales?basis=paid",
            ("/query/basis", "bad_choice"),
        ),
        (
            "sales from within a day",
            "/v1/reports/sales?from=2024-05-01T12:00:00Z",
            ("/query/from", "not_a_day"),
        ),
        ("sales to no time", "/v1/reports/sales?to=soon", ("/query/to", "bad_format")),
        (
            "sales sorted by another group",
            "/v1/reports/sales?by=sku&sort=day",
            ("/query/sort", "bad_choice"),
        ),
        ("best sellers of no day", "/v1/reports/best_sellers?days=0", ("/query/days", "too_small")),
        (
            "best sellers of a word",
            "/v1/reports/best_sellers?days=all",
            ("/query/days", "bad_format"),
        ),
        ("101 best sellers", "/v1/reports/best_sellers?limit=101", ("/query/limit", "too_large")),
        (
            "best sellers by page",
            "/v1/reports/best_sellers?cursor=x",
            ("/query/cursor", "unknown_parameter"),
        ),
        (
            "a parameter on a command's outcome",
            "/v1/commands/x?a=1",
            ("/query/a", "unknown_parameter"),
        ),
    ],
    Parameters.refuses,
)
