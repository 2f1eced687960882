"""How fast checkouts end, on `skald serve` with the sandbox in process and card-ok: orders of three
lines, many at once and at an even pace, and baskets as people buy them; in a process that has the
roles api and sagas alone, and in one that has all. Beside them, in the same run, orders that nobody
drives, and how long a POST takes.

Times from placed to confirmed are PostgreSQL's, taken from the log: an event's `recorded_at`.
"""

import random
import sys
import time
from collections.abc import Callable

from bench.retail.server import Broken
from bench.suite.baskets import Baskets, take
from bench.suite.services import MeasuredServer, Services
from bench.suite.table import figure
from bench.suite.wire import Wires

SKUS = 300
LINES = 3
PLENTY = 100_000_000  # of each product
PACE = 50  # orders a second
SETTLE_S = 120  # how long the last may take
RATE_MIN = 600  # 1/s
BASKETS_RATE_MIN = 200  # 1/s, with three times as many lines
OVERHEAD_P99_MAX = 25  # ms; the sandbox answers at once


class Orders:
    """A shop with stock enough, to place orders in."""

    def __init__(self, port: int):
        self._wires = Wires(port)
        self._random = random.Random(4)
        price = {"amount": 250, "currency": "EUR"}
        self._sell([{"sku": f"s{i}", "title": f"s{i}", "price": price} for i in range(SKUS)])
        person = {"email": "ann@example.org", "name": "Ann"}
        self._account = self._wires.post("/v1/accounts", person)["id"]

    def _sell(self, products: list[dict]) -> None:
        self._wires.post_all([("/v1/products", product) for product in products])
        self._wires.post_all(
            [(f"/v1/stock/{one['sku']}/receipts", {"quantity": PLENTY}) for one in products]
        )

    def place(self, count: int) -> float:
        """As fast as the server takes them; how many a second that was."""
        return self._wires.post_all([("/v1/orders", self._any()) for _ in range(count)])

    def place_evenly(self, count: int) -> list[float]:
        """PACE a second; the answers' times in ms, from when each was meant to be sent."""
        begun = time.monotonic()
        times = []
        for i in range(count):
            due = begun + i / PACE
            time.sleep(max(0.0, due - time.monotonic()))
            self._wires.post("/v1/orders", self._any())
            times.append(1000 * (time.monotonic() - due))
        return times

    def sell_what_is_in(self, baskets: Baskets) -> None:
        self._sell(baskets.products)

    def place_baskets(self, baskets: Baskets) -> float:
        return self._wires.post_all([("/v1/orders", self._of(one)) for one in baskets.lines])

    def _any(self) -> dict:
        skus = self._random.sample(range(SKUS), LINES)
        return self._of([{"sku": f"s{i}", "quantity": 1} for i in skus])

    def _of(self, lines: list[dict]) -> dict:
        payment = {"method": "card-ok"}
        return {"account_id": self._account, "lines": lines, "payment": payment}


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
    baskets = take(services.root, int(500 * seconds))
    server = MeasuredServer(services, services.store("orders_alone"), "api")
    server.start()
    try:
        told("orders that nobody drives")
        orders = Orders(server.port)
        alone = orders.place(int(1000 * seconds))
        orders.sell_what_is_in(baskets)
        baskets_alone = orders.place_baskets(baskets)
    finally:
        server.stop()
    figures = []
    for name, roles in (("engine", "api,sagas"), ("all_roles", "api,relay,projector,sagas")):
        checkouts = Checkouts(services, name, roles)
        try:
            figures += checkouts.at_once(int(1000 * seconds), alone)
            figures += checkouts.evenly(int(PACE * 5 * seconds))
            figures += checkouts.of_baskets(baskets, baskets_alone)
            figures.append(checkouts.server.memory("checkouts"))
        finally:
            checkouts.server.stop()
    return figures


class Checkouts:
    """Of a server in these roles, on a store of its own."""

    def __init__(self, services: Services, name: str, roles: str):
        self._services, self._roles = services, roles
        self._database = "bench_" + name
        self.environment = services.store(name)
        self.server = MeasuredServer(services, self.environment, roles)
        self.server.start()
        self._orders = Orders(self.server.port)

    def alone(self, case: str, seconds: float, begun: Callable[[], None]) -> list[dict]:
        """One case alone, to be looked at from when `begun` is called on for so long."""
        what = case.partition(": ")[2]
        # Placed in less time than they take to end, and enough of them to last.
        if what == "checkouts at once":
            return self.at_once(int(1000 * seconds), None, begun)
        if what.endswith(" baskets at once"):
            return self.of_baskets(take(self._services.root, int(500 * seconds)), None, begun)
        raise Broken(f'"{case}" cannot be looked at alone')

    def at_once(
        self, count: int, placed_alone: float | None, begun: Callable[[], None] = lambda: None
    ) -> list[dict]:
        self._tell("warming up")
        at = self._now()
        self._orders.place(500)
        self._confirmed(at, 500)
        self._tell("many at once")
        at = self._now()
        begun()
        placed = self._orders.place(count)
        took, *_ = self._confirmed(at, count)
        return [
            self._figure(
                "checkouts at once",
                (count / took, "1/s"),
                ("orders placed, not driven", placed_alone or placed),
                (">=", RATE_MIN),
            )
        ]

    def evenly(self, count: int) -> list[dict]:
        self._wait_for_read_models()
        self._tell(f"{PACE} a second")
        at = self._now()
        answers = self._orders.place_evenly(count)
        _, p50, p99 = self._confirmed(at, count)
        what, posts = f"to confirmed at {PACE}/s", "POST an order, its answer"
        return [
            self._figure(
                f"{what}, p50", (p50, "ms"), (f"{posts}, p50", percentile(answers, 0.5))
            ),
            self._figure(
                f"{what}, p99",
                (p99, "ms"),
                (f"{posts}, p99", percentile(answers, 0.99)),
                ("<=", OVERHEAD_P99_MAX),
            ),
        ]

    def of_baskets(
        self,
        baskets: Baskets,
        placed_alone: float | None,
        begun: Callable[[], None] = lambda: None,
    ) -> list[dict]:
        self._orders.sell_what_is_in(baskets)
        self._wait_for_read_models()
        count = len(baskets.lines)
        self._tell(f"{count} {baskets.kind} baskets")
        at = self._now()
        begun()
        placed = self._orders.place_baskets(baskets)
        took, *_ = self._confirmed(at, count)
        return [
            self._figure(
                f"checkouts of {baskets.kind} baskets at once",
                (count / took, "1/s"),
                ("the same placed, not driven", placed_alone or placed),
                (">=", BASKETS_RATE_MIN),
            )
        ]

    def _tell(self, what: str) -> None:
        told(f"{self._roles}: {what}")

    def _now(self) -> str:
        return self._services.ask(self._database, "SELECT clock_timestamp()::text")[0][0]

    def _confirmed(self, at: str, count: int) -> tuple[float, float, float]:
        return confirmed_since(self._services, self._database, at, count)

    def _wait_for_read_models(self) -> None:
        if "projector" in self._roles:
            wait_for_read_models(self._services, self._database)

    def _figure(self, metric: str, value: tuple[float, str], control, target=None) -> dict:
        return figure("checkouts", f"{self._roles}: {metric}", *value, control, target)
