"""Drives a real `skald serve` by plain HTTP, on a store of its own (cli_harness.py
says what that needs). One thread; the server is started once for all suites of a run.
"""

import http.client
import json
import os
import secrets
import signal
import sys
import unittest

from cli_harness import Server, Store


class Shop:
    """A running skald on a store of its own."""

    def __init__(self):
        self.store = Store()
        self.run("migrate", "up")
        self.server = None
        self.start()

    def run(self, *arguments):
        done = self.store.run(*arguments)
        if done.code != 0:
            raise RuntimeError(f"skald {' '.join(arguments)}: {done}")
        return done.out

    def sql(self, statement):
        return self.store.sql(statement)

    def start(self):
        self.server = Server(self.store)

    def kill(self):
        self.server.end(signal.SIGKILL)

    def log(self):
        return self.server.log()

    def wipe(self):
        """Ends the server as an operator would; its exit code."""
        code, _ = self.server.end()
        self.store.wipe()
        return code

    def client(self, **keywords):
        return Client(self, **keywords)

    def ops(self):
        return Client(self, ops=True)


class Response:
    """An answer: status, headers (case-insensitive), body as bytes and, if it is JSON, parsed."""

    def __init__(self, raw):
        self.status = raw.status
        self.headers = raw.headers
        self.body = raw.read()
        kind = (self.headers.get("Content-Type") or "").split(";")[0]
        self.json = json.loads(self.body) if self.body and kind.endswith("json") else None

    def problems(self):
        """Pairs (pointer, code) of a problem's list of errors."""
        return [(error["pointer"], error["code"]) for error in (self.json or {}).get("errors", [])]

    def __repr__(self):
        return f"{self.status} {self.body[:2000].decode('utf-8', 'replace')}"


class Client:
    """Carries the consistency token from answer to request, as a browser would carry a cookie."""

    def __init__(self, shop, ops=False, carry_token=True):
        self.shop, self.ops, self.carry_token, self.token = shop, ops, carry_token, None

    def send(self, method, path, body=None, headers=None, raw=None):
        """`body` is sent as JSON; `raw` as it is. A header whose value is None is left out."""
        sent = {}
        if self.carry_token and self.token:
            sent["Skald-Token"] = self.token
            sent["Skald-Wait"] = "10000"
        payload = raw
        if raw is None and body is not None:
            payload = json.dumps(body, ensure_ascii=False).encode()
        if payload is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        port = self.shop.server.ops_port if self.ops else self.shop.server.port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(
                method, path, payload, {k: v for k, v in sent.items() if v is not None}
            )
            answer = Response(connection.getresponse())
        finally:
            connection.close()
        if self.carry_token and answer.headers.get("Skald-Token"):
            self.token = answer.headers["Skald-Token"]
        return answer

    def get(self, path, **keywords):
        return self.send("GET", path, **keywords)

    def post(self, path, body=None, **keywords):
        return self.send("POST", path, body, **keywords)

    def patch(self, path, body=None, **keywords):
        return self.send("PATCH", path, body, **keywords)

    def delete(self, path, **keywords):
        return self.send("DELETE", path, **keywords)


class Everything:
    """Where the running shop is kept for the suites of one run."""

    shop = None


class ApiTest(unittest.TestCase):
    """The base of all suites: `self.shop`, a client, and makers of things."""

    maxDiff = None
    _count = 0

    @classmethod
    def setUpClass(cls):
        if Everything.shop is None:
            Everything.shop = Shop()
        cls.shop = Everything.shop
        cls.api = cls.shop.client()
        cls.prepare()

    @classmethod
    def prepare(cls):
        """What all tests of the class need; runs once, the server is up."""

    @classmethod
    def fresh(cls, prefix):
        ApiTest._count += 1
        return f"{prefix}-{ApiTest._count}-{secrets.token_hex(3)}"

    @classmethod
    def make_product(cls, sku=None, amount=1999, currency="EUR", **fields):
        sku = sku or cls.fresh("p")
        body = {
            "sku": sku,
            "title": "Thing " + sku,
            "price": {"amount": amount, "currency": currency},
            **fields,
        }
        answer = cls.api.post("/v1/products", body)
        assert answer.status == 201, answer
        return sku

    @classmethod
    def make_account(cls, name="Ada"):
        answer = cls.api.post(
            "/v1/accounts", {"email": cls.fresh("ada") + "@example.org", "name": name}
        )
        assert answer.status == 201, answer
        return answer.json["id"]

    @classmethod
    def make_order(cls, account, lines, method="card-ok"):
        answer = cls.api.post(
            "/v1/orders",
            {
                "account_id": account,
                "payment": {"method": method},
                "lines": [{"sku": sku, "quantity": n} for sku, n in lines],
            },
        )
        assert answer.status == 202, answer
        return answer.json["id"]

    def is_problem(self, answer, status, code, *pointers):
        """`pointers`: each (pointer, code) must be among the listed errors."""
        self.assertEqual((answer.status, (answer.json or {}).get("code")), (status, code), answer)
        self.assertEqual(answer.headers["Content-Type"].split(";")[0], "application/problem+json")
        for member in (
            "type",
            "title",
            "status",
            "detail",
            "code",
            "errors",
            "trace_id",
            "retryable",
        ):
            self.assertIn(member, answer.json)
        self.assertEqual(answer.json["status"], status)
        for pointer in pointers:
            self.assertIn(pointer, answer.problems(), answer)


def table(suite, name, rows, check):
    """Makes one test per row of `suite`: check(self, *row[1:]), named by the row's first column."""
    seen = set()
    for row in rows:
        title = "test_%s_%s" % (name, "".join(c if c.isalnum() else "_" for c in row[0]))
        if title in seen:
            raise ValueError("two rows are called " + title)
        seen.add(title)
        setattr(suite, title, lambda self, row=row: check(self, *row[1:]))


def main(suites):
    """Runs the suites, ends the server, and says so if that failed. Exits with the verdict."""
    missing = [
        key
        for key in ("SKALD_TEST_PG", "SKALD_TEST_REDIS", "SKALD_TEST_KAFKA")
        if key not in os.environ
    ]
    if missing:
        sys.exit("set " + ", ".join(missing) + " (./dev test does)")
    loader = unittest.TestLoader()
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if names:
        loader.testNamePatterns = ["*" + name + "*" for name in names]
    tests = unittest.TestSuite(loader.loadTestsFromTestCase(suite) for suite in suites)
    result = unittest.TextTestRunner(verbosity=2 if "-v" in sys.argv else 1).run(tests)
    clean = True
    if Everything.shop is not None:
        log = Everything.shop.log()
        if Everything.shop.wipe() != 0:
            clean = False
            print("skald serve did not end cleanly:\n" + log[-4000:])
        elif not result.wasSuccessful():
            print("the server's last lines:\n" + log[-4000:])
    sys.exit(0 if clean and result.wasSuccessful() and result.testsRun > 0 else 1)
