"""What --kill-every and --stop-kafka-for do while the baskets are driven, each in a thread of its
own.
"""

import pathlib
import threading
import time

from bench.retail.client import Session, Stopped, Target
from bench.retail.progress import Progress
from bench.retail.server import Server, dev

READ_MODELS_S = 10  # how far read models may be behind while Kafka is away


class Trouble:
    """One kind of trouble. `failure` holds what went wrong with it; the demo fails by that."""

    def __init__(self, target: Target):
        self.failure: BaseException | None = None
        self._target = target
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._guarded, daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """The driving is done: no new trouble begins, and what has begun is brought to its end."""
        self._over.set()
        while self._thread.is_alive():
            self._thread.join(0.2)
        if self.failure:
            raise self.failure

    def _guarded(self) -> None:
        try:
            self._make()
        except Stopped:
            pass
        except BaseException as failure:  # noqa: B902: raised by end()
            self.failure = failure
            self._target.stop.set()

    def fact(self) -> tuple[str, bool]:
        """What it did, for people; and whether that is as it must be."""
        raise NotImplementedError

    def _make(self) -> None:
        raise NotImplementedError


class Kills(Trouble):
    """kill -9 of the server every `every_s` seconds, and once in the middle of the orders."""

    def __init__(self, target: Target, server: Server, every_s: float | None, orders: Progress):
        super().__init__(target)
        self._server, self._every_s, self._orders = server, every_s, orders

    def fact(self) -> tuple[str, bool]:
        return (
            f"skald was killed and started again {self._server.kills} times",
            self._server.kills > 0,
        )

    def _make(self) -> None:
        last = time.monotonic()
        killed_in_orders = False
        while not self._over.wait(0.01) and not self._target.stop.is_set():
            middle = self._orders.done >= self._orders.total / 2
            if time.monotonic() - last >= self._every_s or (middle and not killed_in_orders):
                killed_in_orders = self._orders.done > 0
                self._server.kill_and_start()
                last = time.monotonic()


class KafkaOutage(Trouble):
    """Stops Kafka for `seconds` once half of the orders are placed, and looks whether the shop
    minds.
    """

    def __init__(
        self, target: Target, root: pathlib.Path, seconds: float, orders: Progress, writer: Session
    ):
        super().__init__(target)
        self.orders_meanwhile = 0
        self.read_lag_s = -1.0
        self._root, self._seconds, self._orders, self._writer = root, seconds, orders, writer

    def fact(self) -> tuple[str, bool]:
        text = (
            f"with Kafka away for {self._seconds:.0f} s: {self.orders_meanwhile} orders placed,"
            f" read models {self.read_lag_s:.1f} s behind"
        )
        return text, self.orders_meanwhile > 0 and 0 <= self.read_lag_s <= READ_MODELS_S

    def _make(self) -> None:
        while self._orders.done < self._orders.total / 2 and not self._over.is_set():
            self._wait(0.05)
        dev(self._root, "down", "kafka")
        try:
            before, begun = self._orders.done, time.monotonic()
            self._wait(self._seconds / 2)
            self.read_lag_s = self._read_what_was_written()
            self._wait(begun + self._seconds - time.monotonic())
            self.orders_meanwhile = self._orders.done - before
        finally:
            dev(self._root, "up", "kafka")

    def _read_what_was_written(self) -> float:
        """Seconds until the read model showed the last thing written, with Kafka away."""
        session = Session(self._target)
        begun = time.monotonic()
        session.get("/v1/orders?limit=1", token=self._writer.token)
        session.close()
        return time.monotonic() - begun

    def _wait(self, seconds: float) -> None:
        if self._target.stop.wait(max(0.0, seconds)):
            raise Stopped
