"""Runs the program `skald` as an operator would, on a database, topic and Redis prefix of its own.

Needs SKALD_TEST_PG (libpq URI of a role that may create databases and roles), SKALD_TEST_REDIS,
SKALD_TEST_KAFKA, and the program's path in SKALD_TEST_BIN. One thread.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("SKALD_TEST_BIN", os.path.join(ROOT, "build/dev/skald"))
START_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_ports(count):
    """As many different ones: each is kept until all are found."""
    with contextlib.ExitStack() as kept:
        probes = [kept.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def psql(uri, statement):
    done = subprocess.run(
        ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", uri, "-c", statement],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


class Ended:
    """What a run of the program came to."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Store:
    """A database of its own, with a login of its own that is not the owner; not migrated yet."""

    def __init__(self):
        self.name = "skald_cli_" + secrets.token_hex(4)
        self.server = os.environ["SKALD_TEST_PG"]
        psql(self.server, f'CREATE DATABASE "{self.name}"')
        psql(self.server, f'CREATE ROLE "{self.name}" LOGIN')
        self.folder = tempfile.TemporaryDirectory(prefix="skald-cli-")
        parts = urllib.parse.urlsplit(self.server)
        self.owner = parts._replace(path="/" + self.name).geturl()
        at = parts.netloc.rpartition("@")[2]
        self.login = parts._replace(path="/" + self.name, netloc=f"{self.name}@{at}").geturl()
        self.environment = {
            "PATH": os.environ["PATH"],
            "SKALD_PG": self.login,
            "SKALD_PG_OWNER": self.owner,
            "SKALD_REDIS": os.environ["SKALD_TEST_REDIS"],
            "SKALD_REDIS_PREFIX": self.name + ":",
            "SKALD_KAFKA": os.environ["SKALD_TEST_KAFKA"],
            "SKALD_TOPIC": self.name.replace("_", "."),
            "SKALD_PARTITIONS": "4",
            "SKALD_ROLES": "api,relay,projector",  # orders stay pending
        }

    def wipe(self):
        drop = f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)'
        for tries_left in range(50, -1, -1):
            try:
                psql(self.server, drop)
                break
            except RuntimeError as error:
                # An autovacuum worker is in there, and only a superuser may end it.
                if tries_left == 0 or "pg_signal_backend" not in str(error):
                    raise
                time.sleep(0.2)  # sleep: the worker tells nobody when it is done
        psql(self.server, f'DROP ROLE "{self.name}"')
        self.folder.cleanup()

    def sql(self, statement):
        return psql(self.owner, statement)

    def run(self, *arguments, **settings):
        """Settings overrule the environment; None takes a variable away."""
        environment = {**self.environment, **settings}
        environment = {key: value for key, value in environment.items() if value is not None}
        return Ended(
            subprocess.run(
                [BINARY, *arguments],
                env=environment,
                cwd=self.folder.name,
                text=True,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=120,
            )
        )


class Server:
    """A running `skald serve` on free ports."""

    def __init__(self, store, *arguments, prefix=(), **settings):
        """`prefix`: words before the program's path, such as those of another program. A setting
        of None takes a variable away."""
        self.port, self.ops_port = free_ports(2)
        environment = {
            **store.environment,
            "SKALD_LISTEN": f"127.0.0.1:{self.port}",
            "SKALD_OPS_LISTEN": f"127.0.0.1:{self.ops_port}",
            **settings,
        }
        environment = {key: value for key, value in environment.items() if value is not None}
        self.log_path = os.path.join(store.folder.name, f"serve-{self.port}.log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [*prefix, BINARY, "serve", *arguments],
                env=environment,
                cwd=store.folder.name,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.ready_line = self.process.stdout.readline()
        if not self.ready_line:
            raise RuntimeError(f"skald serve ended with {self.process.wait(30)}:\n{self.log()}")

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def send(self, path, body=None, ops=False, method=None, headers=None):
        """(status, parsed JSON or text, headers)"""
        port = self.ops_port if ops else self.port
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}",
            data=data,
            method=method,
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return self._answer(answer)
        except urllib.error.HTTPError as error:
            with error:
                return self._answer(error)

    @staticmethod
    def _answer(answer):
        text = answer.read().decode()
        kind = answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if "json" in kind and text else text, answer.headers

    def end(self, with_signal=signal.SIGTERM, seconds=30):
        """The exit code, and how many seconds the end took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = None
        self.process.stdout.close()
        return code, time.monotonic() - began


def eventually(condition, seconds=30, every=0.05):
    """Waits for a true answer; returns the last one."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(every)  # sleep: the other process tells nobody when it is done


class CliTest(unittest.TestCase):
    """The base of all suites: `self.store` is fresh for each class, migrated if it says so."""

    maxDiff = None
    migrated = True

    @classmethod
    def setUpClass(cls):
        cls.store = Store()
        cls.addClassCleanup(cls.store.wipe)
        if cls.migrated:
            done = cls.store.run("migrate", "up")
            assert done.code == 0, done

    def ends(self, code, ended, *parts):
        """`parts` must stand in what it said: on standard error if it failed."""
        self.assertEqual(ended.code, code, ended)
        for part in parts:
            self.assertIn(part, ended.out if code == 0 else ended.err, ended)
        return ended


def main():
    missing = [
        key
        for key in ("SKALD_TEST_PG", "SKALD_TEST_REDIS", "SKALD_TEST_KAFKA")
        if key not in os.environ
    ]
    if missing:
        sys.exit("set " + ", ".join(missing) + " (./dev test does)")
    unittest.main(module="__main__")
