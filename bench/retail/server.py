"""The program under test and its services, as processes: started, killed on purpose, and stopped.

The server is a child of ours in a session of its own, so that Ctrl-C reaches only us and we end it
in order. Thread-safe.
"""

import http.client
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

READY_S = 60
STOP_S = 20


class Broken(Exception):
    """A process that does not do what it must."""


def dev(root: pathlib.Path, *arguments: str) -> None:
    """./dev ARGUMENTS; SKALD_VAR of our own environment says whose services. Not interrupted by
    Ctrl-C.
    """
    done = subprocess.run(
        [str(root / "dev"), *arguments],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        check=False,
    )
    if done.returncode != 0:
        raise Broken(f"./dev {' '.join(arguments)} failed:\n{done.stdout}")


def environment_of(var: pathlib.Path) -> dict[str, str]:
    """What var/env exports, as a shell reads it."""
    text = subprocess.run(
        ["bash", "-c", 'source "$1" && env -0', "env", str(var / "env")],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    ).stdout
    pairs = (entry.split("=", 1) for entry in text.decode().split("\0") if entry)
    return {name: value for name, value in pairs if name.startswith("SKALD_")}


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on. All are held until the last is found, so they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return ports


class Server:
    """`skald serve` on ports of its own; what it prints goes to var/log/skald.log."""

    def __init__(self, binary: pathlib.Path, var: pathlib.Path):
        self.port, ops_port = free_ports(2)
        self.kills = 0
        self._binary, self._log = binary, var / "log" / "skald.log"
        self._pid_file = var / "run" / "skald.pid"
        ours = {name: value for name, value in os.environ.items() if not name.startswith("SKALD_")}
        self._env = {
            **ours,
            **environment_of(var),
            "SKALD_LISTEN": f"127.0.0.1:{self.port}",
            "SKALD_OPS_LISTEN": f"127.0.0.1:{ops_port}",
            "SKALD_LEASE_MS": "1000",  # what a killed server held is free again after a second
        }
        # The sandbox's books, which the program itself keeps.
        self.ledger = pathlib.Path(self._env["SKALD_PAYMENT_URL"].removeprefix("sandbox:"))
        self._process: subprocess.Popen | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """Another subcommand of the program, with the server's settings, to its end."""
        return subprocess.run(
            [str(self._binary), *arguments],
            env=self._env,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=False,
        )

    def start(self) -> None:
        """Returns when the server is ready. From now on it may start without Kafka, too: it may be
        killed and started again while Kafka is away.
        """
        with self._lock:
            self._end_left_over()
            self._spawn()
            self._env["SKALD_ALLOW_DEGRADED"] = "true"

    def kill_and_start(self) -> None:
        """kill -9, as a crash would end it, and a new one on the same ports."""
        with self._lock:
            if self._process is None:
                return
            self._process.kill()
            self._process.wait()
            self.kills += 1
            self._spawn()

    def check_alive(self) -> None:
        """A server that somebody else killed is started again; one that ended by itself is a
        failure.
        """
        if self._lock.acquire(blocking=False):  # else it is being restarted just now
            try:
                ended = self._process is not None and self._process.poll() is not None
                if ended and self._process.returncode == -signal.SIGKILL:
                    self.kills += 1
                    self._spawn()
                elif ended:
                    raise Broken(
                        f"skald ended by itself (exit code {self._process.returncode})"
                        f"{self._last_words()}"
                    )
            finally:
                self._lock.release()

    def stop(self) -> None:
        with self._lock:
            if self._process is None:
                return
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
            self._pid_file.unlink(missing_ok=True)

    def _spawn(self) -> None:
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [str(self._binary), "serve"],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._pid_file.write_text(str(self._process.pid))
        deadline = time.monotonic() + READY_S
        while not self._ready():
            if self._process.poll() is not None:
                raise Broken(f"skald ended while it was starting{self._last_words()}")
            if time.monotonic() > deadline:
                raise Broken(f"skald was not ready after {READY_S} s{self._last_words()}")
            time.sleep(0.05)

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _end_left_over(self) -> None:
        """A server that a killed demo left: known by its pid, its program and its services."""
        try:
            pid = int(self._pid_file.read_text())
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            settings = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return
        if b"serve" in command and f"SKALD_PG={self._env['SKALD_PG']}".encode() in settings:
            os.kill(pid, signal.SIGKILL)
            while pathlib.Path(f"/proc/{pid}").exists():
                time.sleep(0.05)

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-5:]
        return f"; its log is {self._log}, which ends:\n    " + "\n    ".join(lines)
