"""What operators read, health, metrics, the document of the API, and what each listener has."""

import json
import re
import uuid

from api_harness import ApiTest, Everything, table

NAMES = ["accounts", "carts", "orders", "payments", "products", "sales", "stock_levels"]


class Ops(ApiTest):
    @classmethod
    def prepare(cls):
        cls.ops = cls.shop.ops()
        cls.sku = cls.make_product(title="Grüner Tee", amount=349)
        for title in "b", "c", "d", "e":
            cls.api.patch("/v1/products/" + cls.sku, {"title": title})
        cls.api.get("/v1/products/" + cls.sku)

    def stream(self, query=""):
        return self.ops.get(f"/ops/streams/product-{self.sku}{query}")

    def test_projections_are_listed_with_their_lag(self):
        answer = self.ops.get("/ops/projections")
        self.assertEqual(answer.status, 200, answer)
        rows = {row["name"]: row for row in answer.json["data"]}
        self.assertEqual(sorted(rows), NAMES)
        for row in rows.values():
            self.assertEqual(len(row["partitions"]), 4)
            self.assertEqual(row["lag"], sum(part["lag"] for part in row["partitions"]))
            self.assertEqual(row["parked_keys"], 0)
            for part in row["partitions"]:
                self.assertEqual(part["lag"], part["head"] - part["position"])
                self.assertGreaterEqual(part["lag"], 0)

    def test_nothing_is_parked(self):
        page = {"next": None, "prev": None, "limit": 20}
        self.assertEqual(self.ops.get("/ops/parked").json, {"data": [], "pagination": page})

    def test_every_list_has_its_pagination(self):
        for name in "projections", "relay", "leases":
            answer = self.ops.get("/ops/" + name).json
            page = {"next": None, "prev": None, "limit": len(answer["data"])}
            self.assertEqual(answer["pagination"], page)

    def test_events_of_a_stream_oldest_first(self):
        answer = self.stream()
        self.assertEqual([e["version"] for e in answer.json["data"]], [1, 2, 3, 4, 5])
        first = answer.json["data"][0]
        self.assertEqual(
            list(first),
            ["partition", "position", "stream", "version", "type", "schema_version", "event_id"]
            + ["command_id", "recorded_at", "meta", "data"],
        )
        self.assertEqual(
            (first["stream"], first["type"]), ("product-" + self.sku, "product.created")
        )
        self.assertEqual((first["data"]["sku"], first["data"]["title"]), (self.sku, "Grüner Tee"))
        self.assertEqual(first["meta"]["principal"], "anonymous")
        self.assertEqual(first["meta"]["correlation_id"], first["command_id"])
        expected = uuid.uuid5(uuid.UUID(first["command_id"]), "1")
        self.assertEqual(first["event_id"], str(expected))

    def test_stream_page_by_page_there_and_back(self):
        pages, cursor = [], ""
        while cursor is not None:
            answer = self.stream("?limit=2" + (f"&cursor={cursor}" if cursor else ""))
            pages.append([e["version"] for e in answer.json["data"]])
            cursor = answer.json["pagination"]["next"]
        self.assertEqual(pages, [[1, 2], [3, 4], [5]])
        back = self.stream("?limit=2&cursor=" + answer.json["pagination"]["prev"])
        self.assertEqual([e["version"] for e in back.json["data"]], [3, 4])
        self.assertIsNotNone(back.json["pagination"]["next"])

    def test_stream_after_a_version(self):
        answer = self.stream("?after=3")
        self.assertEqual([e["version"] for e in answer.json["data"]], [4, 5])
        self.assertIsNone(answer.json["pagination"]["next"])
        self.assertIsNone(answer.json["pagination"]["prev"])

    def test_events_of_a_partition_newest_first_over_all_pages(self):
        partition = self.stream().json["data"][0]["partition"]
        path, found, cursor = f"/ops/events?partition={partition}&limit=50", [], ""
        while cursor is not None:
            answer = self.ops.get(path + (f"&cursor={cursor}" if cursor else ""))
            found += [(e["partition"], e["position"]) for e in answer.json["data"]]
            cursor = answer.json["pagination"]["next"]
        head = found[0][1]
        self.assertEqual(found, [(partition, position) for position in range(head, 0, -1)])

    def test_events_of_a_partition_oldest_first_after_a_position(self):
        partition = self.stream().json["data"][0]["partition"]
        path = f"/ops/events?partition={partition}&sort=position&limit=3&after=2"
        answer = self.ops.get(path)
        self.assertEqual([e["position"] for e in answer.json["data"]], [3, 4, 5])
        self.assertIsNone(answer.json["pagination"]["prev"])
        second = self.ops.get(path + "&cursor=" + answer.json["pagination"]["next"])
        self.assertEqual(second.json["data"][0]["position"], 6)
        back = self.ops.get(path + "&cursor=" + second.json["pagination"]["prev"])
        self.assertEqual([e["position"] for e in back.json["data"]], [3, 4, 5])

    def test_unknown_streams(self):
        for name in "product-none", "nonsense", "product-", "a%20-b":
            self.is_problem(self.ops.get("/ops/streams/" + name), 404, "stream_not_found")

    def test_relay_and_leases_name_every_partition(self):
        relay = self.ops.get("/ops/relay")
        self.assertEqual(relay.status, 200, relay)
        self.assertEqual([row["partition"] for row in relay.json["data"]], [0, 1, 2, 3])
        leases = self.ops.get("/ops/leases")
        self.assertEqual(leases.status, 200, leases)
        held = {(row["follower"], row["partition"]) for row in leases.json["data"]}
        self.assertGreaterEqual(held, {("relay", partition) for partition in range(4)})

    def test_what_is_for_operators_is_not_for_the_public(self):
        for path in "/ops/projections", "/ops/parked", "/ops/events?partition=0", "/metrics":
            self.assertEqual(self.ops.get(path).status, 200, path)
            self.is_problem(self.api.get(path), 404, "not_found")
        self.is_problem(self.ops.get("/v1/products"), 404, "not_found")

    def test_health_is_on_both(self):
        for client in self.api, self.ops:
            for name in "live", "ready":
                answer = client.get("/health/" + name)
                self.assertEqual((answer.status, answer.json), (200, {"status": name}))

    def test_metrics_count_requests_by_route(self):
        self.api.get("/v1/products/" + self.sku)
        text = self.ops.get("/metrics")
        self.assertTrue(text.headers["Content-Type"].startswith("text/plain"))
        line = r'^skald_http_requests_total\{[^}]*route="/v1/products/\{sku\}"[^}]*\} [1-9]'
        self.assertRegex(text.body.decode(), re.compile(line, re.MULTILINE))
        self.assertNotIn(self.sku, text.body.decode(), "a label with as many values as products")


def refused(self, path, *problems):
    answer = self.ops.get(path)
    self.is_problem(answer, 400, "invalid_request")
    self.assertEqual(sorted(answer.problems()), sorted(problems), answer)


table(
    Ops,
    "refused",
    [
        ("no partition", "/ops/events", ("/query/partition", "missing")),
        ("a partition too many", "/ops/events?partition=4", ("/query/partition", "too_large")),
        ("a partition below", "/ops/events?partition=-1", ("/query/partition", "too_small")),
        (
            "a partition that is a word",
            "/ops/events?partition=x",
            ("/query/partition", "bad_format"),
        ),
        (
            "after what is no number",
            "/ops/events?partition=0&after=x",
            ("/query/after", "bad_format"),
        ),
        ("a stream backward", "/ops/streams/a-b?sort=-version", ("/query/sort", "bad_choice")),
        (
            "events by time",
            "/ops/events?partition=0&sort=recorded_at",
            ("/query/sort", "bad_choice"),
        ),
        ("parked of no name", "/ops/parked?projection=A%20B", ("/query/projection", "bad_format")),
        ("a parameter too many", "/ops/projections?name=x", ("/query/name", "unknown_parameter")),
    ],
    refused,
)


class OpenApi(ApiTest):
    """The document is made from the routes; what it says of them is compared with their answers."""

    @classmethod
    def prepare(cls):
        cls.document = cls.api.get("/openapi.json").json

    def test_every_reference_leads_somewhere(self):
        for reference in re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(self.document)):
            at = self.document
            for part in reference.split("/"):
                self.assertIn(part, at, reference)
                at = at[part]

    def test_every_route_of_the_interface_is_there(self):
        routes = {(m, p) for p, methods in self.document["paths"].items() for m in methods}
        for method, path in [
            ("post", "/v1/products"),
            ("get", "/v1/products"),
            ("get", "/v1/products/{sku}"),
            ("patch", "/v1/products/{sku}"),
            ("delete", "/v1/products/{sku}"),
            ("get", "/v1/stock/{sku}"),
            ("post", "/v1/stock/{sku}/receipts"),
            ("post", "/v1/stock/{sku}/adjustments"),
            ("post", "/v1/accounts"),
            ("get", "/v1/accounts"),
            ("get", "/v1/accounts/{id}"),
            ("patch", "/v1/accounts/{id}"),
            ("post", "/v1/orders"),
            ("get", "/v1/orders"),
            ("get", "/v1/orders/{id}"),
            ("post", "/v1/orders/{id}/cancellation"),
            ("post", "/v1/orders/{id}/shipments"),
            ("post", "/v1/orders/{id}/returns"),
            ("post", "/v1/payments/{id}/refunds"),
            ("get", "/v1/reports/sales"),
            ("get", "/v1/reports/best_sellers"),
            ("get", "/v1/commands/{id}"),
            ("get", "/health/live"),
            ("get", "/health/ready"),
            ("get", "/openapi.json"),
        ]:
            self.assertIn((method, path), routes)

    def test_lists_name_their_sort_keys(self):
        for path, keys in [
            ("/v1/products", {"created_at", "sku", "price", "title"}),
            ("/v1/accounts", {"created_at"}),
            ("/v1/orders", {"placed_at"}),
            ("/v1/reports/sales", {"day", "department", "sku"}),
        ]:
            parameters = self.document["paths"][path]["get"]["parameters"]
            sort = next(p for p in parameters if p["name"] == "sort")
            self.assertEqual({key.lstrip("-") for key in sort["schema"]["enum"]}, keys)

    def test_cli_prints_the_same(self):
        self.assertEqual(json.loads(Everything.shop.run("openapi")), self.document)

    def schema(self, path, method="get", status="200"):
        answer = self.document["paths"][path][method]["responses"][status]
        schema = answer["content"]["application/json"]["schema"]
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].split("/")[-1]]
        return schema

    def test_answers_have_exactly_the_fields_it_promises(self):
        sku, account = self.make_product(), self.make_account()
        order = self.make_order(account, [(sku, 1)])
        for template, path in [
            ("/v1/products/{sku}", "/v1/products/" + sku),
            ("/v1/stock/{sku}", "/v1/stock/" + sku),
            ("/v1/accounts/{id}", "/v1/accounts/" + account),
            ("/v1/orders/{id}", "/v1/orders/" + order),
            ("/v1/products", "/v1/products"),
            ("/v1/reports/sales", "/v1/reports/sales"),
        ]:
            self.assertEqual(
                set(self.schema(template)["properties"]), set(self.api.get(path).json), path
            )


class Protocol(ApiTest):
    """What HTTP itself asks for, on the real routes."""

    def test_no_such_path(self):
        for path in "/", "/v2/products", "/v1/product", "/v1/products/a/b", "/v1/baskets":
            self.is_problem(self.api.get(path), 404, "not_found")

    def test_no_such_method_names_those_there_are(self):
        for method, path, allow in [
            ("PUT", "/v1/products", {"GET", "HEAD", "POST"}),
            ("POST", "/v1/products/x", {"GET", "HEAD", "PATCH", "DELETE"}),
            ("DELETE", "/v1/orders/x", {"GET", "HEAD"}),
            ("GET", "/v1/stock/x/receipts", {"POST"}),
        ]:
            answer = self.api.send(method, path)
            self.is_problem(answer, 405, "method_not_allowed")
            self.assertEqual(set(answer.headers["Allow"].replace(",", " ").split()), allow)

    def test_head_is_get_without_a_body(self):
        sku = self.make_product()
        answer = self.api.send("HEAD", "/v1/products/" + sku)
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.headers["ETag"], '"1"')

    def test_body_beyond_a_mebibyte_is_413(self):
        body = b'{"title":"' + b"t" * (1024 * 1024) + b'"}'
        answer = self.api.send("POST", "/v1/products", raw=body)
        self.is_problem(answer, 413, "body_too_large")

    def test_body_of_a_mebibyte_is_looked_at(self):
        body = b'{"title":"' + b"t" * (1024 * 1024 - 12) + b'"}'
        answer = self.api.send("POST", "/v1/products", raw=body)
        self.is_problem(answer, 400, "invalid_request", ("/title", "too_long"))

    def test_get_with_a_body_is_refused(self):
        self.is_problem(self.api.get("/v1/products", body={}), 400, "body_not_expected")

    def test_trace_goes_into_the_answer_and_the_event(self):
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        sku = self.fresh("trace")
        body = {"sku": sku, "title": "x", "price": {"amount": 1, "currency": "EUR"}}
        self.assertEqual(self.api.post("/v1/products", body, headers=headers).status, 201)
        refusal = self.api.post("/v1/products", body, headers=headers)
        self.assertEqual(refusal.json["trace_id"], trace)
        event = self.shop.ops().get("/ops/streams/product-" + sku).json["data"][0]
        self.assertEqual(event["meta"]["traceparent"].split("-")[1], trace)

    def test_retryable_says_what_may_be_sent_again(self):
        self.assertIs(self.api.get("/v1/nothing").json["retryable"], False)
        sku = self.make_product()
        body = {"sku": sku, "title": "x", "price": {"amount": 1, "currency": "EUR"}}
        self.assertIs(self.api.post("/v1/products", body).json["retryable"], False)
