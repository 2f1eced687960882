"""./dev bench: runs benchmarks on services of its own, keeps their figures, prints a table."""

import argparse
import contextlib
import fcntl
import os
import pathlib
import signal
import sys

from bench.retail.server import Broken
from bench.suite import table
from bench.suite.checkouts import Checkouts, measure_checkouts
from bench.suite.profile import Profile
from bench.suite.services import MeasuredServer, Services, clean_environment

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILLED_PER_S_MIN = 6_000  # events
BINARIES = ROOT / "build" / "release"


class Bench:
    """One benchmark by name: the services it needs and how it is run. `on_request`: only by its
    name, because it takes long.
    """

    def __init__(self, what: str, needs: list[str], run, on_request: bool = False):
        self.what, self.needs, self.run, self.on_request = what, needs, run, on_request


def in_process(name: str):
    """A benchmark that skald_bench does by itself, on a store of its own."""

    def run(services: Services, options: argparse.Namespace) -> list[dict]:
        return measure(services, options, name, services.store(name), [])

    return run


def of_size(services: Services, options: argparse.Namespace) -> list[dict]:
    events = ["--events", str(options.events)]
    filling_s = options.events / FILLED_PER_S_MIN
    return measure(services, options, "size", services.store("size"), events, more_s=filling_s)


def without_services(services: Services, options: argparse.Namespace) -> list[dict]:
    return measure(services, options, "pure", clean_environment(), [])


def over_rest(services: Services, options: argparse.Namespace) -> list[dict]:
    """Reads while projectors are there, whose models Redis answers from; commands without them, as
    processes of that role alone take them.
    """
    environment = services.store("http")
    parts = {"reads": "api,projector", "commands": "api"}
    if options.profile:
        part = "reads" if options.case and options.case.startswith("GET") else "commands"
        parts = {part: parts[part]}
    figures = []
    for name, roles in parts.items():
        server = MeasuredServer(services, environment, roles)
        server.start()
        try:
            where = ["--server", server.url.removeprefix("http://"), "--pid", str(server.pid)]
            figures += measure(services, options, name, environment, where, server.pid)
            figures.append(server.memory(name))
        finally:
            server.stop()
    return figures


def of_checkouts(services: Services, options: argparse.Namespace) -> list[dict]:
    if not options.profile:
        return measure_checkouts(services, options.seconds)
    case = options.case or PROFILED["checkouts"]
    checkouts = Checkouts(services, "profiled", case.partition(": ")[0])
    profile = profile_of(services, checkouts.environment, options.seconds)
    try:
        figures = checkouts.alone(
            case, options.seconds, lambda: profile.begin(checkouts.server.pid)
        )
        keep_profile(services, "checkouts", case, profile)
    finally:
        checkouts.server.stop()
    return figures


def measure(
    services: Services,
    options: argparse.Namespace,
    name: str,
    environment: dict[str, str],
    more: list[str],
    pid: int | None = None,
    more_s: float = 0,
) -> list[dict]:
    """One benchmark of skald_bench, or a profile of one of its cases: of the process `pid`, or of
    skald_bench itself. `more_s`: how much longer than others it may take.
    """
    arguments = ["--seconds", str(options.seconds), "--rounds", str(options.rounds), *more]
    # No benchmark measures more than twenty things, and preparing takes seconds.
    limit_s = 180 + 40 * options.seconds + more_s
    if not options.profile:
        return table.read_figures(services.run(name, arguments, environment, limit_s))
    case = options.case or PROFILED[name]
    profile = profile_of(services, environment, min(options.seconds, LOOKS_S.get(case, 40)))

    def told(line: str, own: int) -> None:
        if "round 1 of" in line:
            profile.begin(pid or own)

    arguments += ["--only", case]
    figures = table.read_figures(services.run(name, arguments, environment, limit_s, told))
    keep_profile(services, name, case, profile)
    return figures


def profile_of(services: Services, environment: dict[str, str], seconds: float) -> Profile:
    return Profile(services, environment["SKALD_PG"].rsplit("/", 1)[1], seconds)


def keep_profile(services: Services, name: str, case: str, profile: Profile) -> None:
    file = services.var / f"profile.{name}.txt"
    file.write_text(f"# {name}: {case}\n{profile.text()}\n", encoding="utf-8")
    print(file.read_text(encoding="utf-8"))
    say(f"kept in {file}")


# What --profile looks at where --case does not say.
PROFILED = {
    "executor": "receipts, 64 in flight",
    "relay": "backlog published",
    "projections": "all projectors, a backlog in Kafka",
    "reads": "GET an order",
    "commands": "POST a receipt",
    "checkouts": "api,relay,projector,sagas: checkouts at once",
}
PROFILES = ("executor", "relay", "projections", "http", "checkouts")  # what can be profiled
# Of cases that are over when a backlog is: how long they last at least with --profile.
LOOKS_S = {
    "backlog published": 5,
    "all projectors, a backlog in Kafka": 5,
    "rebuild of stock_levels": 3,
}
BENCHES = {
    "executor": Bench(
        "commands through the executor and the log, beside plain inserts and copies",
        ["pg"],
        in_process("executor"),
    ),
    "processes": Bench(
        "one, two and four processes that append to one store",
        ["pg"],
        in_process("processes"),
    ),
    "relay": Bench(
        "from a commit to a reader of Kafka, beside Kafka's own producer",
        ["pg", "kafka"],
        in_process("relay"),
    ),
    "projections": Bench(
        "a backlog through all projectors, and a rebuild, beside a COPY out",
        ["pg", "redis", "kafka"],
        in_process("projections"),
    ),
    "size": Bench(
        "commands in a store of 100 000 events and in one of ten million; only by its name",
        ["pg"],
        of_size,
        on_request=True,
    ),
    "pure": Bench("what needs no server: deciding, folding, bytes, JSON", [], without_services),
    "http": Bench(
        "reads and commands over REST, beside an empty handler of the same server",
        ["pg", "redis", "kafka"],
        over_rest,
    ),
    "checkouts": Bench(
        "orders through the checkout saga to confirmed, beside orders that nobody drives",
        ["pg", "redis", "kafka"],
        of_checkouts,
    ),
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures Skald on services of its own, each figure beside a control, into"
        " var/bench/results.json.",
        epilog="benchmarks:\n"
        + "\n".join(f"  {name:<12} {bench.what}" for name, bench in BENCHES.items())
        + "\n\nExample: ./dev bench executor --seconds 6. How to read it: bench/README.md.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which (default: all but size)")
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="S",
        help="how long each thing is measured (default 3)",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=3,
        metavar="N",
        help="in so many stretches, all things in turns (default 3)",
    )
    parser.add_argument(
        "--events",
        type=int,
        default=10_000_000,
        metavar="N",
        help="of size: how large the store is (default ten million: 6 GB, some minutes)",
    )
    parser.add_argument(
        "--profile",
        action="store_true",
        help="measure one case of one benchmark alone (12 s) and show where its time goes",
    )
    parser.add_argument(
        "--case",
        metavar="METRIC",
        help="with --profile: which, as the table names it (default, by benchmark: "
        + "; ".join(PROFILED.values())
        + ")",
    )
    options = parser.parse_args()
    for name in options.names:
        if name not in BENCHES:
            parser.error(f'there is no benchmark "{name}"; there are: {", ".join(BENCHES)}')
    if options.profile:
        if len(options.names) != 1 or options.names[0] not in PROFILES:
            parser.error("--profile is of one of " + ", ".join(PROFILES))
        options.rounds = 1
    elif options.case:
        parser.error("--case goes with --profile")
    longest = 40 if options.profile else 600
    if options.seconds is None:
        options.seconds = 12 if options.profile else 3
    if not 0 < options.seconds <= longest:
        parser.error(f"--seconds is more than 0 and at most {longest}")
    if not 1 <= options.rounds <= 100:
        parser.error("--rounds is 1 to 100")
    if options.events <= 100_000:
        parser.error("--events is more than 100000")
    usual = [name for name, bench in BENCHES.items() if not bench.on_request]
    options.names = options.names or usual
    return options


def run_all(services: Services, options: argparse.Namespace) -> list[dict]:
    needed = {need for name in options.names for need in BENCHES[name].needs}
    figures, done = [], False
    try:
        if needed:
            say("services: " + ", ".join(sorted(needed)))
            services.start(sorted(needed), statistics=options.profile)
        for name in options.names:
            figures += BENCHES[name].run(services, options)
        settings = {"seconds": options.seconds, "rounds": options.rounds} | table.machine()
        if "pg" in needed:
            settings |= services.postgres_settings()
        kept = services.var / ("profiled.json" if options.profile else "results.json")
        table.write(kept, figures, table.commit_of(ROOT), settings)
        done = True
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it
        services.cut_off()
        if done:
            services.stop()
        else:
            services.leave()
    return figures


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def only_one_in(var: pathlib.Path):
    """Two runs on the same services would spoil each other's figures."""
    var.mkdir(parents=True, exist_ok=True)
    with open(var / "bench.lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Broken(f"another benchmark runs in {var}") from None
        yield


def interrupted(_number, _frame):
    raise KeyboardInterrupt


def main() -> int:
    options = arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    var = pathlib.Path(os.environ["SKALD_VAR"]).resolve()
    services = Services(ROOT, var, BINARIES)
    try:
        with only_one_in(var):
            figures = run_all(services, options)
    except KeyboardInterrupt:
        return 130
    except (Broken, OSError, ValueError) as failure:
        say(f"./dev bench: {failure}")
        return 1
    print(table.table(figures))
    missed = sum(figure["met"] is False for figure in figures)
    if not options.profile:
        print(f"\n{missed} targets missed; kept in {services.var / 'results.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
