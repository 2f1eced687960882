"""Plain keep-alive connections to a server, to place many things on as fast as it takes them."""

import concurrent.futures
import json
import socket
import time

from bench.retail.server import Broken

CONNECTIONS = 32  # that things are placed on, one at a time on each


class Wire:
    """HTTP/1.1 requests on one connection, one after the other, of which all must succeed."""

    def __init__(self, port: int):
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def post(self, path: str, body: dict) -> dict:
        self._socket.sendall(request(path, body))
        return self._answer()

    def _answer(self) -> dict:
        status = self._file.readline()
        length = 0
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = self._file.read(length)
        if not status.startswith(b"HTTP/1.1 2"):
            raise Broken(f"{status.decode().strip()} {body.decode()}")
        return json.loads(body)


def request(path: str, body: dict) -> bytes:
    content = json.dumps(body, separators=(",", ":")).encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    ).encode() + content


class Wires:
    """CONNECTIONS of them, each used by a thread of its own."""

    def __init__(self, port: int):
        self.all = [Wire(port) for _ in range(CONNECTIONS)]

    def post(self, path: str, body: dict) -> dict:
        return self.all[0].post(path, body)

    def post_all(self, requests: list[tuple[str, dict]]) -> float:
        """As fast as the server takes them; how many a second that was."""

        def some(wire: Wire, mine: list[tuple[str, dict]]) -> None:
            for path, body in mine:
                wire.post(path, body)

        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as threads:
            shares = [requests[i::CONNECTIONS] for i in range(CONNECTIONS)]
            for done in [threads.submit(some, *one) for one in zip(self.all, shares)]:
                done.result()
        return len(requests) / (time.monotonic() - begun)
