"""Shows how far a phase is: a bar on a terminal, else a plain line every few seconds. Safe to use
from many threads.
"""

import sys
import threading
import time

BAR_WIDTH = 30
TERMINAL_EVERY_S = 0.1
PLAIN_EVERY_S = 5.0


class Progress:
    """One phase of `total` steps. It begins when begin() is called."""

    def __init__(self, name: str, total: int, out=sys.stdout):
        self.total = total
        self._name, self._out = name, out
        self._done = 0
        self._bar = out.isatty()
        self._every_s = TERMINAL_EVERY_S if self._bar else PLAIN_EVERY_S
        self._lock = threading.Lock()
        self._begun: float | None = None
        self._shown = 0.0

    def begin(self) -> None:
        self._begun = self._shown = time.monotonic()

    @property
    def done(self) -> int:
        return self._done

    def step(self) -> None:
        with self._lock:
            self._done += 1
            now = time.monotonic()
            if now - self._shown >= self._every_s:
                self._shown = now
                self._show(now)

    def say(self, text: str) -> None:
        """A line of its own that does not tear the bar."""
        with self._lock:
            self._out.write(f"\r\033[K{text}\n" if self._bar else f"{text}\n")
            self._out.flush()

    def end(self) -> None:
        with self._lock:
            self._show(time.monotonic())
            if self._bar:
                self._out.write("\n")
                self._out.flush()

    def _show(self, now: float) -> None:
        seconds = max(now - self._begun, 1e-6)
        rate = self._done / seconds
        text = f"{self._name:<10} {self._done:>7}/{self.total:<7} {rate:7.0f}/s"
        if self._done < self.total:
            text += f"  {duration((self.total - self._done) / rate) if rate else '?'} left"
        else:
            text += f"  in {duration(seconds)}"
        if self._bar:
            filled = BAR_WIDTH * self._done // max(self.total, 1)
            text = f"\r\033[K{text}  [{'#' * filled}{'.' * (BAR_WIDTH - filled)}]"
        self._out.write(text if self._bar else text + "\n")
        self._out.flush()


def duration(seconds: float) -> str:
    seconds = round(seconds)
    return f"{seconds // 60}m{seconds % 60:02}s" if seconds >= 60 else f"{seconds}s"
