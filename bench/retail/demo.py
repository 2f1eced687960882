"""./dev demo: a real year of a grocery chain's baskets through a server of its own, and was every
cent right?

Starts services and server, drives, compares, verifies, and stops all it started. README.md says how
the data is turned.
"""

import argparse
import contextlib
import fcntl
import json
import os
import pathlib
import signal
import sys
import time

from bench.retail import checkout, compare, raw, shop
from bench.retail.client import Gone, Stopped, Target
from bench.retail.drive import Driven, Driver, Unexpected
from bench.retail.progress import Progress, duration
from bench.retail.server import Broken, Server, dev
from bench.retail.trouble import KafkaOutage, Kills, Trouble
from bench.retail.truth import truth

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLD = 2  # goes up when the same requests get other bodies
VERIFY_S = 120  # how long the relay may take to bring Kafka up to the log


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev demo",
        description="Drives real shopping baskets through the REST interface of"
        " a shop of its own, then compares what the shop answers with what the data says.",
        epilog="Example: ./dev demo 2000 --kill-every 3. Run it again and all is answered again:"
        " the data is kept.",
    )
    parser.add_argument(
        "baskets",
        nargs="?",
        default="2000",
        metavar="N",
        help="how many, in the order of time, or all (default 2000)",
    )
    parser.add_argument(
        "--kill-every",
        type=seconds,
        metavar="S",
        help="kill -9 and restart skald every S seconds meanwhile",
    )
    parser.add_argument(
        "--stop-kafka-for",
        type=seconds,
        metavar="S",
        help="stop Kafka for S seconds in the middle of the orders",
    )
    parser.add_argument("--fresh", action="store_true", help="begin with an empty shop")
    parser.add_argument(
        "--connections",
        type=int,
        default=16,
        metavar="C",
        help="connections that drive at the same time (default 16)",
    )
    parser.add_argument(
        "--patience",
        type=seconds,
        default=60,
        metavar="S",
        help="how long the server may be away (default 60)",
    )
    parser.add_argument(
        "--time-limit",
        type=seconds,
        default=7200,
        metavar="S",
        help="give up after S seconds of driving and comparing (default 7200)",
    )
    parser.add_argument(
        "--binary",
        type=pathlib.Path,
        metavar="FILE",
        help="the skald program; without it the release preset is built",
    )
    options = parser.parse_args()
    if options.baskets != "all" and not (options.baskets.isdigit() and int(options.baskets) > 0):
        parser.error("N is a number of baskets, at least 1, or the word all")
    if options.connections < 1:
        parser.error("--connections is at least 1")
    return options


def seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError("seconds, more than 0")
    return value


class Demo:
    def __init__(self, options: argparse.Namespace):
        self._options = options
        self._var = pathlib.Path(os.environ["SKALD_VAR"])
        self._note = self._var / "retail.json"
        # Of this shop, over all runs: what it was told, and whether one ended amid checkouts.
        self._kept = {"told": None, "baskets": 0, "ordering": False, "cut_off": False}
        self._target: Target | None = None
        self._server: Server | None = None
        self._troubles: list[Trouble] = []

    def run(self) -> bool:
        """True when the shop is right in everything."""
        options = self._options
        folder = raw.fetch(ROOT / "build" / "retail-data")
        data = raw.Raw(folder)
        count = data.basket_count()
        if options.baskets != "all":
            count = min(count, int(options.baskets))
        binary = self._program()
        if options.fresh:
            dev(ROOT, "reset")
        self._remember(count)
        goods = shop.build(data, count)
        expected = truth.compute(folder, count)
        say(
            "data",
            f"{count} baskets of {data.basket_count()}, {len(goods.accounts)} households,"
            f" {len(goods.products)} products",
        )
        try:
            dev(ROOT, "up")
            say("services", f"PostgreSQL, Redis and Kafka in {shown(self._var)}")
            self._serve(binary)
            comparisons, facts = self._drive(goods, expected)
            verified, report = self._verify()
        finally:
            self._stop()
        print(f"\nskald verify:\n{report}\n")
        for text, _ in facts:
            print(text)
        print(compare.table(comparisons))
        differences = sum(c.differences for c in comparisons)
        right = differences == 0 and verified and all(as_wanted for _, as_wanted in facts)
        verdict = "zero differences" if differences == 0 else f"{differences} differences"
        print(f"verdict: {verdict}{'' if right else '; NOT as it must be, see above'}")
        return right

    def _program(self) -> pathlib.Path:
        if self._options.binary:
            return self._options.binary.resolve()
        say("build", "the release preset (the first time takes minutes)")
        dev(ROOT, "build", "release")
        return ROOT / "build" / "release" / "skald"

    def _remember(self, count: int) -> None:
        """Refuses fewer baskets than the kept shop has seen: it would rightly show too many. And a
        shop that was told other things than we would tell it.
        """
        note = self._note
        if note.exists() and not self._options.fresh:
            self._kept |= json.loads(note.read_text())
            if self._kept["told"] != TOLD:
                raise Broken(
                    f"the shop in {shown(self._var)} was filled by another version of the demo;"
                    f" say --fresh"
                )
        kept = self._kept["baskets"]
        if count < kept:
            raise Broken(
                f"the shop in {shown(self._var)} has been driven with {kept} baskets already;"
                f" ask for at least as many, or say --fresh"
            )
        self._keep(told=TOLD, baskets=count)

    def _keep(self, **what) -> None:
        self._kept |= what
        self._note.write_text(json.dumps(self._kept))

    def _serve(self, binary: pathlib.Path) -> None:
        self._server = Server(binary, self._var)
        migrated = self._server.run("migrate", "up")
        if migrated.returncode != 0:
            raise Broken(f"skald migrate up failed:\n{migrated.stdout}")
        self._server.start()
        say("skald", f"serves on {self._server.url}")

    def _drive(
        self, goods: shop.Shop, expected: truth.Truth
    ) -> tuple[list[compare.Comparison], list[tuple[str, bool]]]:
        options, server = self._options, self._server
        target = self._target = Target("127.0.0.1", server.port, options.patience)
        driver = Driver(target, options.connections)
        orders = Progress("orders", len(goods.baskets))
        watch = Watch(target, server, options.time_limit)
        kills = Kills(target, server, options.kill_every, orders)
        outage = KafkaOutage(target, ROOT, options.stop_kafka_for or 0, orders, driver.sessions[0])
        self._begin(watch)
        if options.kill_every:
            self._begin(kills)
        if options.stop_kafka_for:
            self._begin(outage)
        try:
            # The outage begins at half of the orders: twice its time, and it falls into them whole.
            driver.open_shop(goods)
            self._keep(ordering=True, cut_off=self._kept["cut_off"] or self._kept["ordering"])
            driven = driver.order(goods, orders, 2 * (options.stop_kafka_for or 0))
            for trouble in self._troubles[1:]:
                trouble.end()
            compare.wait_for_read_models(driver)
            checkout.wait_for_outcomes(driver, target)
            self._keep(ordering=False)
            listed = compare.read_orders(driver)
            comparisons = compare.compare_all(driver, listed, expected)
            comparisons += checkout.compare_all(
                driver, target, listed, expected, server.ledger, self._kept["cut_off"]
            )
            watch.end()
        except Stopped:
            for trouble in self._troubles:
                if trouble.failure:
                    raise trouble.failure from None
            raise
        tell(driven, target)
        facts = [checkout.fact(listed)] + [trouble.fact() for trouble in self._troubles[1:]]
        if server.kills and not options.kill_every:
            facts.append(kills.fact())
        return comparisons, facts

    def _begin(self, trouble: Trouble) -> None:
        self._troubles.append(trouble)
        trouble.begin()

    def _verify(self) -> tuple[bool, str]:
        """`skald verify`, again while the relay may still be bringing Kafka up to the log."""
        deadline = time.monotonic() + VERIFY_S
        while True:
            verified = self._server.run("verify")
            if verified.returncode == 0 or time.monotonic() > deadline:
                break
            time.sleep(1)
        return verified.returncode == 0, verified.stdout.rstrip()

    def _stop(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it
        if self._target:
            self._target.stop.set()
        for trouble in self._troubles:
            with contextlib.suppress(Exception):
                trouble.end()
        if self._server:
            self._server.stop()
        dev(ROOT, "down")
        say("stopped", "skald and its services; the data is kept for another run")


class Watch(Trouble):
    """Ends the run when the server ends by itself or the time is over."""

    def __init__(self, target: Target, server: Server, limit_s: float):
        super().__init__(target)
        self._server, self._limit_s = server, limit_s

    def _make(self) -> None:
        deadline = time.monotonic() + self._limit_s
        while not self._over.wait(0.5) and not self._target.stop.is_set():
            self._server.check_alive()
            if time.monotonic() > deadline:
                raise Broken(f"not done after {duration(self._limit_s)} (--time-limit)")


def tell(driven: Driven, target: Target) -> None:
    reasons = ", ".join(f"{code} {count}" for code, count in sorted(driven.reasons.items()))
    say(
        "made",
        f"{driven.created} things anew, {driven.replayed} answered again from an earlier"
        f" attempt",
    )
    say(
        "refused",
        f"{driven.bad_lines} lines ({reasons or 'none'});"
        f" {driven.empty_baskets} baskets had no other",
    )
    say("answers", ", ".join(f"{what}: {count}" for what, count in sorted(target.counts.items())))


def say(what: str, text: str) -> None:
    print(f"{what:<10} {text}", flush=True)


def shown(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


@contextlib.contextmanager
def only_one_in(var: pathlib.Path):
    """Two demos on the same services would stop each other's."""
    var.mkdir(parents=True, exist_ok=True)
    with open(var / "demo.lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Broken(f"another demo runs in {shown(var)}") from None
        yield


class Interrupt:
    """Ctrl-C and SIGTERM. A library may turn the exception into one of its own, hence the note."""

    def __init__(self):
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, _number, _frame) -> None:
        self.asked = True
        raise KeyboardInterrupt


def main() -> int:
    options = arguments()
    interrupt = Interrupt()
    var = pathlib.Path(os.environ.get("SKALD_VAR") or ROOT / "var" / "demo").resolve()
    os.environ["SKALD_VAR"] = str(var)
    try:
        with only_one_in(var):
            return 0 if Demo(options).run() else 1
    except (KeyboardInterrupt, Broken, Gone, Stopped, Unexpected, RuntimeError, OSError) as failure:
        if interrupt.asked:
            print("\nstopped on request; run it again and it goes on where it was", file=sys.stderr)
            return 130
        print(f"\n./dev demo: {failure or type(failure).__name__}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
