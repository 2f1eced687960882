"""Drives a Shop through the REST interface: accounts, products, stock receipts, then the baskets in
the order of time, no faster than their checkouts end.

Every request has a key made from what it is about, so that a run that was cut off is simply run
again: what was done is answered again, the rest is done. A phase is shared out to a few threads,
each with a connection of its own.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bench.retail.client import Answer, Session, Stopped, Target
from bench.retail.progress import Progress
from bench.retail.shop import Account, Basket, Product, Receipt, Shop

LINE = re.compile(r"/lines/(\d+)(?:/.*)?")


class Unexpected(Exception):
    """An answer that no run may get."""


@dataclass
class Driven:
    """What the server made of it."""

    account_ids: dict[int, str] = field(default_factory=dict)  # by household
    order_ids: dict[str, int] = field(default_factory=dict)  # order to basket
    bad_lines: int = 0
    empty_baskets: int = 0
    reasons: Counter = field(
        default_factory=Counter
    )  # why lines were refused, in the server's codes
    created: int = 0
    replayed: int = 0


class Driver:
    def __init__(self, target: Target, connections: int):
        self.driven = Driven()
        self.sessions = [Session(target) for _ in range(connections)]
        self._target = target
        self._lock = threading.Lock()
        self._window = Window(target.stop)

    def open_shop(self, shop: Shop) -> None:
        """All that has to be there before the first order."""
        self.phase("accounts", shop.accounts, self._account)
        self.phase("products", shop.products, self._product)
        self.phase("receipts", shop.receipts, self._receipt)

    def order(self, shop: Shop, orders: Progress, orders_last_s: float = 0) -> Driven:
        """Places the orders, spread over at least `orders_last_s` seconds; `orders` shows how far
        they are.
        """
        pace = Pace(len(shop.baskets) / orders_last_s if orders_last_s else 0, self._target.stop)
        self.phase("orders", pace.over(shop.baskets), self._basket, orders)
        return self.driven

    def phase(
        self,
        name: str,
        items: Iterable,
        work: Callable[[Session, object], None],
        progress: Progress | None = None,
    ) -> None:
        """work(session, item) for each item, on all connections. The first failure ends the phase
        and is raised.
        """
        progress = progress or Progress(name, len(items))
        progress.begin()
        feed = iter(items)
        feed_lock = threading.Lock()
        failures: list[BaseException] = []
        nothing = object()

        def run(session: Session) -> None:
            try:
                while not failures and not self._target.stop.is_set():
                    with feed_lock:
                        item = next(feed, nothing)
                    if item is nothing:
                        return
                    work(session, item)
                    progress.step()
            except (
                BaseException
            ) as failure:  # noqa: B902: it is raised again below, in the caller's thread
                failures.append(failure)

        threads = [
            threading.Thread(target=run, args=(session,), daemon=True) for session in self.sessions
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():  # a join without limit would not hear Ctrl-C
                thread.join(0.2)
        progress.end()
        if failures:
            raise failures[0]
        if self._target.stop.is_set():
            raise Stopped

    def _account(self, session: Session, account: Account) -> None:
        answer = self._create(
            session, "/v1/accounts", account.body(), f"retail-account-{account.household}"
        )
        with self._lock:
            self.driven.account_ids[account.household] = answer.body["id"]

    def _product(self, session: Session, product: Product) -> None:
        self._create(session, "/v1/products", product.body(), f"retail-product-{product.sku}")

    def _receipt(self, session: Session, receipt: Receipt) -> None:
        self._create(
            session,
            f"/v1/stock/{receipt.sku}/receipts",
            receipt.body(),
            f"retail-receipt-{receipt.sku}",
        )

    def _basket(self, session: Session, basket: Basket) -> None:
        """As it is; and if lines of it are refused, once more without them."""
        self._window.enter(session)
        key = f"retail-basket-{basket.basket}"
        account = self.driven.account_ids[basket.household]
        answer = session.post("/v1/orders", basket.body(account), f"{key}-whole")
        if answer.status == 400:
            bad = bad_lines(answer)
            with self._lock:
                self.driven.bad_lines += len(bad)
                self.driven.reasons.update(bad.values())
                self.driven.empty_baskets += len(bad) == len(basket.lines)
            if len(bad) == len(basket.lines):
                return
            answer = session.post(
                "/v1/orders", basket.body(account, frozenset(bad)), f"{key}-cleaned"
            )
        self._made(answer, "POST /v1/orders", key)
        with self._lock:
            self.driven.order_ids[answer.body["id"]] = basket.basket

    def _create(self, session: Session, path: str, body: dict, key: str) -> Answer:
        answer = session.post(path, body, key)
        self._made(answer, f"POST {path}", key)
        return answer

    def _made(self, answer: Answer, request: str, key: str) -> None:
        if answer.status not in (200, 201, 202):
            raise Unexpected(
                f"{request} with key {key} was answered {answer.status}: {answer.body}"
            )
        with self._lock:
            self.driven.replayed += answer.replayed
            self.driven.created += not answer.replayed


def bad_lines(answer: Answer) -> dict[int, str]:
    """The lines that a 400 names, each with the reason's code. If it names anything else, the
    basket is not the culprit.
    """
    bad: dict[int, str] = {}
    for error in answer.body.get("errors", []):
        match = LINE.fullmatch(error.get("pointer", ""))
        if not match:
            raise Unexpected(
                f"an order was refused for something else than its lines: {answer.body}"
            )
        bad[int(match[1])] = error.get("code", "?")
    if not bad:
        raise Unexpected(f"a 400 that names nothing: {answer.body}")
    return bad


class Window:
    """Keeps the orders that are pending at a few dozen. Checkouts have deadlines: whoever places
    orders faster than they can be worked off, be it on the busiest machine, has some given up.
    """

    LOOK_AFTER = 10  # orders let in unseen
    PENDING_MAX = 30
    PAUSE_S = 0.1

    def __init__(self, stop: threading.Event):
        self._stop = stop
        self._lock = threading.Lock()
        self._unseen = 0

    def enter(self, session: Session) -> None:
        with self._lock:
            self._unseen += 1
            if self._unseen <= self.LOOK_AFTER:
                return
            while self._is_full(session):
                if self._stop.wait(self.PAUSE_S):
                    raise Stopped
            self._unseen = 1

    def _is_full(self, session: Session) -> bool:
        answer = session.get(f"/v1/orders?status=pending&limit={self.PENDING_MAX}")
        if answer.status != 200:
            raise Unexpected(f"the list of pending orders was answered {answer.status}")
        return len(answer.body["data"]) == self.PENDING_MAX


class Pace:
    """Hands out items no faster than `per_second` (0: as fast as they are taken)."""

    def __init__(self, per_second: float, stop: threading.Event):
        self._per_second, self._stop = per_second, stop

    def over(self, items: Iterable) -> Iterable:
        begun = time.monotonic()
        for index, item in enumerate(items):
            early = begun + index / self._per_second - time.monotonic() if self._per_second else 0
            if early > 0:
                self._stop.wait(early)
            yield item
