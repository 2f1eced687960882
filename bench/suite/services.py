"""The private services that benchmarks run on, and the databases in them: started empty, deleted
at the end. One thread.
"""

import os
import pathlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

from bench.retail.server import Broken, Server, dev, environment_of
from bench.suite.table import figure

PSQL_S = 60
MEMORY_MIB_MAX = 300
STATISTICS = "pg_stat_statements"


class Services:
    """What ./dev up starts in SKALD_VAR, which is below var/bench and nobody else's."""

    def __init__(self, root: pathlib.Path, var: pathlib.Path, binaries: pathlib.Path):
        self.root, self.var, self.binaries = root, var, binaries
        self._statistics = False
        self._running: subprocess.Popen | None = None

    def start(self, names: list[str], statistics: bool = False) -> None:
        self.stop()
        dev(self.root, "up", *names)
        # A benchmark begins behind a checkpoint of its own.
        self._as_superuser("postgres", "GRANT pg_checkpoint TO skald_owner")
        self._statistics = statistics
        if statistics:
            load = f"ALTER SYSTEM SET shared_preload_libraries = '{STATISTICS}'"
            self._as_superuser("postgres", load)
            dev(self.root, "down", "pg")
            dev(self.root, "up", "pg")
            self._as_superuser(
                "postgres",
                f"ALTER SYSTEM SET {STATISTICS}.track = 'all'",
                f"ALTER SYSTEM SET {STATISTICS}.track_planning = on",
                "SELECT pg_reload_conf()",
            )

    def stop(self) -> None:
        """Ends them and deletes their data."""
        dev(self.root, "reset")

    def leave(self) -> None:
        """Ends them and leaves data and logs to be looked at, until the next start."""
        dev(self.root, "down")

    def store(self, name: str) -> dict[str, str]:
        """Makes a database with a store in it; the environment of programs that use it."""
        self._as_superuser("postgres", f"CREATE DATABASE bench_{name} OWNER skald_owner")
        if self._statistics:
            self._as_superuser(f"bench_{name}", f"CREATE EXTENSION {STATISTICS}")
        settings = environment_of(self.var)
        for key in ("SKALD_PG", "SKALD_PG_OWNER"):
            settings[key] = settings[key].rsplit("/", 1)[0] + f"/bench_{name}"
        settings["SKALD_TOPIC"] = f"skald.bench_{name}"
        settings["SKALD_REDIS_PREFIX"] = f"bench_{name}:"
        environment = clean_environment() | settings
        migrated = MeasuredServer(self, environment, "api").run("migrate", "up")
        if migrated.returncode != 0:
            raise Broken(f"skald migrate up failed:\n{migrated.stdout}")
        return environment

    def postgres_settings(self) -> dict[str, str]:
        """What durability and speed rest on, as the server has it."""
        names = ("fsync", "synchronous_commit", "server_version", "shared_buffers")
        query = f"SELECT name, current_setting(name) FROM pg_settings WHERE name IN {names}"
        return dict(self.ask("postgres", query))

    def ask(self, database: str, *statements: str) -> list[list[str]]:
        """The rows that the statements give, in one session, each value as text."""
        text = self._as_superuser(database, *statements)
        return [line.split("\t") for line in text.splitlines()]

    def run(
        self,
        name: str,
        arguments: list[str],
        environment: dict[str, str],
        limit_s: float,
        told: Callable[[str, int], None] | None = None,
    ) -> str:
        """One benchmark of skald_bench to its end, which is no later than after `limit_s`; what it
        printed. What it tells goes to standard error, and to `told` with its pid.
        """
        command = [str(self.binaries / "skald_bench"), name, "--folder", str(self.var), *arguments]
        self._running = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        watchdog = threading.Timer(limit_s, self._running.kill)
        watchdog.start()
        try:
            for line in self._running.stderr:
                print(line, end="", file=sys.stderr, flush=True)
                if told:
                    told(line, self._running.pid)
            printed, _ = self._running.communicate()
        finally:
            watchdog.cancel()
            self.cut_off()
        if self._running.returncode == -signal.SIGKILL:
            raise Broken(f"skald_bench {name} was not done after {limit_s:.0f} s, or was killed")
        if self._running.returncode != 0:
            raise Broken(f"skald_bench {name} failed; its message is above")
        return printed

    def cut_off(self) -> None:
        if self._running and self._running.poll() is None:
            self._running.kill()
            self._running.wait()

    def _as_superuser(self, database: str, *statements: str) -> str:
        url = environment_of(self.var)["SKALD_PG_OWNER"].replace("skald_owner@", "postgres@")
        command = ["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
        command += ["-d", url.rsplit("/", 1)[0] + "/" + database]
        for statement in statements:
            command += ["-c", statement]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PSQL_S,
            check=False,
        )
        if done.returncode != 0:
            raise Broken(f"psql: {done.stderr.strip()}")
        return done.stdout


class MeasuredServer(Server):
    """`skald serve` as it comes, on a store of the benchmarks', in the roles that are asked for."""

    def __init__(self, services: Services, environment: dict[str, str], roles: str):
        super().__init__(services.binaries / "skald", services.var)
        ours = {key: self._env[key] for key in ("SKALD_LISTEN", "SKALD_OPS_LISTEN")}
        self._env = environment | ours | {"SKALD_ROLES": roles}
        self._roles, self._idle_mib = roles, 0.0

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        super().start()
        self._idle_mib = self._resident_mib("VmRSS")

    def memory(self, under: str) -> dict:
        """The figure of its resident memory so far at its highest, while it still runs."""
        return figure(
            "memory",
            f"skald serve --roles={self._roles} under {under}, peak",
            self._resident_mib("VmHWM"),
            "MiB",
            ("before any request", self._idle_mib),
            ("<=", MEMORY_MIB_MAX),
        )

    def _resident_mib(self, field: str) -> float:
        """VmRSS: now, VmHWM: at its highest since the process began; proc(5)."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith(field + ":"))
        return int(line.split()[1]) / 1024


def clean_environment() -> dict[str, str]:
    """No setting of whoever calls may reach what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SKALD_")}
