"""How the driver takes trouble and refusals: against a server that answers from a script."""

import json
import socket
import threading
import unittest
import unittest.mock

from bench.retail import compare
from bench.retail.client import Gone, Session, Stopped, Target
from bench.retail.drive import Driver, Unexpected, Window
from bench.retail.shop import Basket

CUT, SILENT = "cut", "silent"  # the connection is closed before, or in the middle of, the answer


class ScriptedServer:
    """Answers the n-th request with the n-th entry: (status, headers, body), CUT or SILENT."""

    def __init__(self, *script):
        self.requests: list[tuple[str, str, dict, bytes]] = []
        self._script = list(script)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as incoming:
                while self._answer(connection, incoming):
                    pass

    def _answer(self, connection, incoming) -> bool:
        line = incoming.readline().decode()
        if not line:
            return False
        headers = {}
        while header := incoming.readline().decode().strip():
            name, value = header.split(":", 1)
            headers[name.lower()] = value.strip()
        body = incoming.read(int(headers.get("content-length", 0)))
        method, path, _ = line.split(" ")
        self.requests.append((method, path, headers, body))
        step = self._script.pop(0)
        if step == CUT:
            return False
        status, extra, content = step
        data = json.dumps(content).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in extra.items()) + "\r\n"
        if content == SILENT:
            connection.sendall(head.encode())
            return False
        connection.sendall(head.encode() + data)
        return True


PROBLEM = {"code": "unavailable", "retryable": True}
MADE = (202, {"Skald-Token": "t9"}, {"id": "o1", "version": 1})


class Base(unittest.TestCase):
    def serve(self, *script) -> ScriptedServer:
        server = ScriptedServer(*script)
        self.addCleanup(server.close)
        return server

    def target(self, port: int, patience_s: float = 5) -> Target:
        return Target("127.0.0.1", port, patience_s)

    def session(self, target: Target) -> Session:
        session = Session(target)
        self.addCleanup(session.close)
        return session


class Retries(Base):
    def test_each_kind_of_trouble_sends_the_same_request_again(self):
        for name, trouble in [
            ("cut before the answer", CUT),
            ("cut in the answer", (202, {}, SILENT)),
            ("overload", (503, {"Retry-After": "0"}, PROBLEM)),
            ("outcome unknown", (503, {}, {"code": "outcome_unknown", "retryable": True})),
            ("too many", (429, {"Retry-After": "0"}, PROBLEM)),
            ("broken, may be retried", (500, {}, PROBLEM)),
        ]:
            with self.subTest(name):
                server = self.serve(trouble, trouble, MADE)
                session = self.session(self.target(server.port))
                self.assertEqual(session.post("/v1/orders", {"a": 1}, "key-7").body["id"], "o1")
                self.assertEqual(len(server.requests), 3)
                keys = {headers["idempotency-key"] for _, _, headers, _ in server.requests}
                bodies = {body for _, _, _, body in server.requests}
                self.assertEqual((keys, bodies), ({"key-7"}, {b'{"a":1}'}))

    def test_an_answer_is_an_answer(self):
        for status in (200, 400, 404, 409, 422, 500):
            with self.subTest(status):
                server = self.serve((status, {}, {"code": "x"}))
                answer = self.session(self.target(server.port)).post("/v1/orders", {}, "k")
                self.assertEqual((answer.status, len(server.requests)), (status, 1))

    def test_retry_after_is_waited_for(self):
        server = self.serve((503, {"Retry-After": "2"}, PROBLEM), MADE)
        session = self.session(self.target(server.port, patience_s=1))
        with self.assertRaisesRegex(Gone, "503 unavailable"):
            session.post("/v1/orders", {}, "k")

    def test_a_server_that_is_not_there_is_waited_for_and_then_given_up(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        with self.assertRaisesRegex(Gone, "ConnectionRefusedError"):
            self.session(self.target(port, patience_s=0.5)).get("/v1/orders")

    def test_a_stop_ends_the_waiting(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        target = self.target(port, patience_s=60)
        threading.Timer(0.2, target.stop.set).start()
        with self.assertRaises(Stopped):
            self.session(target).get("/v1/orders")

    def test_the_last_token_is_shown_with_every_request(self):
        server = self.serve((201, {"Skald-Token": "t1"}, {"id": "a"}), MADE, MADE)
        session = self.session(self.target(server.port))
        session.post("/v1/accounts", {}, "k1")
        session.get("/v1/orders")
        session.get("/v1/orders", token="other")
        shown = [headers.get("skald-token") for _, _, headers, _ in server.requests]
        self.assertEqual(shown, [None, "t1", "other"])


BASKET = Basket(77, 5, (("100", 2), ("300", 0), ("500", 100001)))


def refused(*pointers: str):
    errors = [{"pointer": p, "code": "out_of_range", "message": "..."} for p in pointers]
    return (400, {}, {"code": "invalid", "errors": errors})


class Baskets(Base):
    def drive(self, *script):
        server = self.serve(*script)
        driver = Driver(self.target(server.port), 1)
        self.addCleanup(driver.sessions[0].close)
        driver.driven.account_ids[5] = "acc-5"
        driver.phase("orders", [BASKET], driver._basket)
        return driver.driven, server

    def setUp(self):
        silenced = unittest.mock.patch("sys.stdout.write", lambda text: None)
        silenced.start()
        self.addCleanup(silenced.stop)

    def test_a_basket_is_posted_as_it_is(self):
        driven, server = self.drive(MADE)
        self.assertEqual(driven.order_ids, {"o1": 77})
        _, path, headers, body = server.requests[0]
        self.assertEqual(
            (path, headers["idempotency-key"]), ("/v1/orders", "retail-basket-77-whole")
        )
        self.assertEqual([line["quantity"] for line in json.loads(body)["lines"]], [2, 0, 100001])

    def test_bad_lines_are_counted_and_dropped_and_the_rest_posted_under_another_key(self):
        driven, server = self.drive(refused("/lines/1/quantity", "/lines/2/quantity"), MADE)
        self.assertEqual((driven.bad_lines, driven.empty_baskets), (2, 0))
        self.assertEqual(driven.order_ids, {"o1": 77})
        _, _, headers, body = server.requests[1]
        self.assertEqual(headers["idempotency-key"], "retail-basket-77-cleaned")
        self.assertEqual(json.loads(body)["lines"], [{"sku": "100", "quantity": 2}])

    def test_a_line_that_is_wrong_twice_is_one_line(self):
        driven, _ = self.drive(refused("/lines/1/quantity", "/lines/1/sku"), MADE)
        self.assertEqual(driven.bad_lines, 1)

    def test_a_basket_with_nothing_left_is_counted_and_not_posted_again(self):
        driven, server = self.drive(refused("/lines/0/quantity", "/lines/1", "/lines/2/quantity"))
        self.assertEqual((driven.bad_lines, driven.empty_baskets), (3, 1))
        self.assertEqual((driven.order_ids, len(server.requests)), ({}, 1))

    def test_a_replay_is_counted_as_one(self):
        replay = (202, {"Idempotency-Replayed": "true"}, {"id": "o1", "version": 1})
        driven, _ = self.drive(replay)
        self.assertEqual((driven.created, driven.replayed), (0, 1))

    def test_what_no_run_may_get_ends_it(self):
        for name, script in [
            ("a refusal of something else", [refused("/account_id")]),
            ("a refusal that names nothing", [(400, {}, {"code": "malformed"})]),
            ("a second refusal", [refused("/lines/1/quantity"), refused("/lines/0/quantity")]),
            ("another body under the same key", [(422, {}, {"code": "key_reused"})]),
            ("a conflict", [(409, {}, {"code": "unknown_product"})]),
            ("a bug", [(500, {}, {"code": "internal", "retryable": False})]),
        ]:
            with self.subTest(name), self.assertRaises(Unexpected):
                self.drive(*script)


class Windows(Base):
    def test_orders_wait_while_a_page_of_them_is_pending(self):
        full = (200, {}, {"data": [{}] * Window.PENDING_MAX})
        room = (200, {}, {"data": [{}] * (Window.PENDING_MAX - 1)})
        server = self.serve(full, full, room, room)
        session = self.session(self.target(server.port))
        window = Window(threading.Event())
        for _ in range(Window.LOOK_AFTER):
            window.enter(session)
        self.assertEqual(len(server.requests), 0)
        window.enter(session)
        self.assertEqual(len(server.requests), 3)
        for _ in range(Window.LOOK_AFTER):
            window.enter(session)
        self.assertEqual(len(server.requests), 4)

    def test_a_stop_ends_the_waiting(self):
        server = self.serve((200, {}, {"data": [{}] * Window.PENDING_MAX}))
        target = self.target(server.port)
        session, window = self.session(target), Window(target.stop)
        for _ in range(Window.LOOK_AFTER):
            window.enter(session)
        threading.Timer(0.05, target.stop.set).start()
        with self.assertRaises(Stopped):
            window.enter(session)


class Comparisons(unittest.TestCase):
    def test_differences_are_counted_and_the_first_one_told(self):
        for name, truth, answer, differences, first in [
            ("equal", {1: 2, None: 3}, {1: 2, None: 3}, 0, ""),
            ("nothing at all", {}, {}, 0, ""),
            ("another value", {1: 2, 4: 5}, {1: 2, 4: 6}, 1, "4: truth 5, shop 6"),
            ("lost", {1: 2, 4: 5}, {4: 5}, 1, "1: truth 2, shop nothing"),
            ("made up", {}, {"o9": 5}, 1, "o9: truth nothing, shop 5"),
            ("doubled", {1: 2}, {1: [2, 2]}, 1, "1: truth 2, shop [2, 2]"),
            ("lost null", {None: 2}, {}, 1, "None: truth 2, shop nothing"),
            ("kinds of keys mixed", {1: 2}, {"x": 2}, 2, "1: truth 2, shop nothing"),
        ]:
            with self.subTest(name):
                result = compare.compare("things", truth, answer)
                self.assertEqual((result.differences, result.first), (differences, first))


if __name__ == "__main__":
    unittest.main()
