"""One keep-alive connection to the shop that does not give up when the server is away.

A request is sent again, the same bytes under the same key, until it is answered: after a refused,
reset or silent connection, and after an answer that says it may be retried. A Session belongs to
one thread.
"""

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

TIMEOUT_S = 15  # longer than any answer takes: the server's own deadlines are shorter
WAIT_MS = 5000  # how long the server may wait for its read models before it answers
PAUSE_S = 0.1  # the first pause before sending again; it doubles up to PAUSE_MAX_S
PAUSE_MAX_S = 1.0


class Gone(Exception):
    """The server was away for longer than we wait."""


class Stopped(Exception):
    """Somebody asked us to stop."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: dict

    @property
    def replayed(self) -> bool:
        return self.headers.get("Idempotency-Replayed") == "true"


@dataclass
class Target:
    """Where the server is, how long it may be away (seconds), and what is counted by all sessions
    together.
    """

    host: str
    port: int
    patience_s: float
    stop: threading.Event = field(default_factory=threading.Event)
    counts: Counter = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> None:
        with self.lock:
            self.counts[what] += 1


class Session:
    """Keeps the last Skald-Token and shows it with every request, so that each answer's token
    covers all before it.
    """

    def __init__(self, target: Target):
        self._target = target
        self._connection: http.client.HTTPConnection | None = None
        self.token: str | None = None

    def post(self, path: str, body: dict, key: str) -> Answer:
        return self._until_answered(
            "POST",
            path,
            json.dumps(body, separators=(",", ":")).encode(),
            {"Content-Type": "application/json", "Idempotency-Key": key},
        )

    def get(self, path: str, token: str | None = None, wait_ms: int = WAIT_MS) -> Answer:
        """Shows `token`, or else the session's own."""
        headers = {"Skald-Wait": str(wait_ms)}
        if token:
            headers["Skald-Token"] = token
        return self._until_answered("GET", path, None, headers)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _until_answered(self, method: str, path: str, body: bytes | None, headers: dict) -> Answer:
        deadline = time.monotonic() + self._target.patience_s
        pause = PAUSE_S
        while True:
            if self._target.stop.is_set():
                raise Stopped
            try:
                answer = self._once(method, path, body, headers)
            except (OSError, http.client.HTTPException) as broken:
                self.close()
                self._target.count("connections lost or refused")
                answer, why = None, f"{type(broken).__name__}: {broken}"
            else:
                if not may_be_retried(answer):
                    return answer
                self._target.count(f"answers {answer.status}, sent again")
                why = f"{answer.status} {answer.body.get('code', '')}"
            wait = max(pause, retry_after(answer))
            if time.monotonic() + wait > deadline:
                raise Gone(
                    f"{method} {path} was not answered for {self._target.patience_s:.0f} s;"
                    f" at last: {why}"
                )
            self._target.stop.wait(wait)
            pause = min(2 * pause, PAUSE_MAX_S)

    def _once(self, method: str, path: str, body: bytes | None, headers: dict) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                self._target.host, self._target.port, timeout=TIMEOUT_S
            )
        if self.token:
            headers = {"Skald-Token": self.token, **headers}
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        self._target.count("requests answered")
        if response.getheader("Skald-Token"):
            self.token = response.getheader("Skald-Token")
        try:
            parsed = json.loads(content) if content else {}
        except ValueError:
            parsed = {"not_json": content[:500].decode("utf-8", "replace")}
        return Answer(response.status, response.headers, parsed)


def may_be_retried(answer: Answer) -> bool:
    return answer.status in (429, 503) or (
        answer.status >= 500 and answer.body.get("retryable") is True
    )


def retry_after(answer: Answer | None) -> float:
    """Seconds that the server asks us to wait; at most 10, whatever it says."""
    try:
        return min(10.0, float(answer.headers["Retry-After"])) if answer else 0.0
    except (TypeError, ValueError):
        return 0.0
