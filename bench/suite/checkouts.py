"""How fast checkouts of three lines end, on `skald serve` with the sandbox in process and card-ok:
many at once, and at an even pace; in a process that has the roles api and sagas alone, and in one
that has all. Beside them, in the same run, orders that nobody drives, and how long a POST takes.

Times from placed to confirmed are PostgreSQL's, taken from the log: an event's `recorded_at`.
"""

import concurrent.futures
import json
import random
import socket
import sys
import time

from bench.retail.server import Broken
from bench.suite.services import MeasuredServer, Services
from bench.suite.table import figure

SKUS = 300
LINES = 3
CONNECTIONS = 32  # that orders are placed on, one at a time on each
PACE = 50  # orders a second
SETTLE_S = 120  # how long the last may take
RATE_MIN = 600  # 1/s
OVERHEAD_P99_MAX = 25  # ms; the sandbox answers at once


class Wire:
    """HTTP/1.1 requests on one connection, one after the other, of which all must succeed."""

    def __init__(self, port: int):
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def post(self, path: str, body: dict) -> dict:
        self._socket.sendall(request(path, body))
        return self._answer()

    def _answer(self) -> dict:
        status = self._file.readline()
        length = 0
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = self._file.read(length)
        if not status.startswith(b"HTTP/1.1 2"):
            raise Broken(f"{status.decode().strip()} {body.decode()}")
        return json.loads(body)


def request(path: str, body: dict) -> bytes:
    content = json.dumps(body, separators=(",", ":")).encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    ).encode() + content


class Orders:
    """A shop with stock enough, to place orders in."""

    def __init__(self, port: int):
        self._wires = [Wire(port) for _ in range(CONNECTIONS)]
        self._random = random.Random(4)
        skus = [f"s{i}" for i in range(SKUS)]
        price = {"amount": 250, "currency": "EUR"}
        self._all("/v1/products", [{"sku": s, "title": s, "price": price} for s in skus])
        for sku in skus:
            self._wires[0].post(f"/v1/stock/{sku}/receipts", {"quantity": 1_000_000})
        person = {"email": "ann@example.org", "name": "Ann"}
        self._account = self._wires[0].post("/v1/accounts", person)["id"]

    def place(self, count: int) -> float:
        """As fast as the server takes them; how many a second that was."""
        orders = [self._order() for _ in range(count)]
        begun = time.monotonic()
        self._all("/v1/orders", orders)
        return count / (time.monotonic() - begun)

    def _all(self, path: str, bodies: list[dict]) -> None:
        def some(wire: Wire, mine: list[dict]) -> None:
            for body in mine:
                wire.post(path, body)

        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as threads:
            shares = [bodies[i::CONNECTIONS] for i in range(CONNECTIONS)]
            for done in [threads.submit(some, *one) for one in zip(self._wires, shares)]:
                done.result()

    def place_evenly(self, count: int) -> list[float]:
        """PACE a second; the answers' times in ms, from when each was meant to be sent."""
        begun = time.monotonic()
        times = []
        for i in range(count):
            due = begun + i / PACE
            time.sleep(max(0.0, due - time.monotonic()))
            self._wires[0].post("/v1/orders", self._order())
            times.append(1000 * (time.monotonic() - due))
        return times

    def _order(self) -> dict:
        skus = self._random.sample(range(SKUS), LINES)
        return {
            "account_id": self._account,
            "lines": [{"sku": f"s{i}", "quantity": 1} for i in skus],
            "payment": {"method": "card-ok"},
        }


def confirmed_since(
    services: Services, database: str, at: str, count: int
) -> tuple[float, float, float]:
    """Once so many orders of that time on have ended: seconds from the first placed to the last
    confirmed, and p50 and p99 of the time from placed to confirmed, in ms.
    """
    query = f"""
        SELECT count(*), extract(epoch FROM max(c.recorded_at) - min(p.recorded_at)),
               percentile_cont(0.5) WITHIN GROUP (ORDER BY x.ms),
               percentile_cont(0.99) WITHIN GROUP (ORDER BY x.ms)
        FROM skald.events AS p JOIN skald.events AS c USING (partition, stream),
             LATERAL (SELECT 1000 * extract(epoch FROM c.recorded_at - p.recorded_at) AS ms) AS x
        WHERE p.type = 'order.placed' AND p.recorded_at >= '{at}' AND c.type = 'order.confirmed'"""
    deadline = time.monotonic() + SETTLE_S
    while True:
        done, seconds, p50, p99 = services.ask(database, query)[0]
        if int(done) == count:
            return float(seconds), float(p50), float(p99)
        if time.monotonic() > deadline:
            raise Broken(f"of {count} orders {done} were confirmed within {SETTLE_S} s")
        time.sleep(1)


def wait_for_read_models(services: Services, database: str) -> None:
    """Until the projections have what the log has, so that they do not work off what was before."""
    query = """
        SELECT count(*) FROM skald.projection_cursors AS c
        WHERE c.position < (SELECT max(e.position) FROM skald.events AS e
                            WHERE e.partition = c.partition)"""
    deadline = time.monotonic() + SETTLE_S
    while int(services.ask(database, query)[0][0]) > 0:
        if time.monotonic() > deadline:
            raise Broken(f"the read models were still behind after {SETTLE_S} s")
        time.sleep(1)


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def told(what: str) -> None:
    print(f"checkouts: {what}", file=sys.stderr, flush=True)


def measure_checkouts(services: Services, seconds: float) -> list[dict]:
    server = MeasuredServer(services, services.store("orders_alone"), "api")
    server.start()
    try:
        told("orders that nobody drives")
        placed_alone = Orders(server.port).place(int(1000 * seconds))
    finally:
        server.stop()
    return [
        *of_roles(services, seconds, "engine", "api,sagas", placed_alone),
        *of_roles(services, seconds, "all_roles", "api,relay,projector,sagas", placed_alone),
    ]


def of_roles(
    services: Services, seconds: float, name: str, roles: str, placed_alone: float
) -> list[dict]:
    database = "bench_" + name
    now = "SELECT clock_timestamp()::text"
    server = MeasuredServer(services, services.store(name), roles)
    server.start()
    try:
        orders = Orders(server.port)
        told(f"{roles}: warming up")
        orders.place(500)
        confirmed_since(services, database, "epoch", 500)
        told(f"{roles}: many at once")
        at = services.ask(database, now)[0][0]
        count = int(1000 * seconds)
        orders.place(count)
        took, *_ = confirmed_since(services, database, at, count)
        rate = count / took
        if "projector" in roles:
            wait_for_read_models(services, database)
        told(f"{roles}: {PACE} a second")
        at = services.ask(database, now)[0][0]
        count = int(PACE * 5 * seconds)
        answers = orders.place_evenly(count)
        _, p50, p99 = confirmed_since(services, database, at, count)
        memory = server.memory("checkouts")
    finally:
        server.stop()
    posts = "POST an order, its answer"
    to_confirmed = f"{roles}: to confirmed at {PACE}/s"
    return [
        figure(
            "checkouts",
            f"{roles}: checkouts at once",
            rate,
            "1/s",
            ("orders placed, not driven", placed_alone),
            (">=", RATE_MIN),
        ),
        figure(
            "checkouts",
            f"{to_confirmed}, p50",
            p50,
            "ms",
            (f"{posts}, p50", percentile(answers, 0.5)),
        ),
        figure(
            "checkouts",
            f"{to_confirmed}, p99",
            p99,
            "ms",
            (f"{posts}, p99", percentile(answers, 0.99)),
            ("<=", OVERHEAD_P99_MAX),
        ),
        memory,
    ]
