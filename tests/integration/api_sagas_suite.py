"""/ops/sagas on a running server: what it takes, what it refuses, and for whom it is. Repairs of
real sagas are in tests/integration/sagas."""

from api_harness import ApiTest

PLAN = {"action": "retry", "streams": ["checkout-none"], "reason": "bank is back"}


class Sagas(ApiTest):
    @classmethod
    def prepare(cls):
        cls.ops = cls.shop.ops()

    def test_the_list_is_a_page(self):
        page = {"next": None, "prev": None, "limit": 7}
        answer = self.ops.get("/ops/sagas?limit=7&phase=stuck&saga=checkout&older_than_s=60")
        self.assertEqual((answer.status, answer.json), (200, {"data": [], "pagination": page}))

    def test_all_that_is_wrong_with_filters_is_named(self):
        answer = self.ops.get("/ops/sagas?phase=lost&older_than_s=soon&limit=0&color=red")
        self.assertEqual(answer.status, 400, answer)
        pointers = sorted(pointer for pointer, _ in answer.problems())
        expected = ["color", "limit", "older_than_s", "phase"]
        self.assertEqual(pointers, ["/query/" + name for name in expected])

    def test_a_saga_that_is_not_there(self):
        for stream in "checkout-none", "order-1", "nothing", "checkout-" + "x" * 191:
            self.is_problem(self.ops.get("/ops/sagas/" + stream), 404, "saga_not_found")

    def test_a_plan_says_who_cannot_be_repaired(self):
        answer = self.ops.post("/ops/sagas/plan", PLAN)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual((answer.json["possible"], answer.json["action"]), (0, "retry"))
        self.assertEqual(answer.json["sagas"][0]["refused"], "unknown_saga")
        again = self.ops.post("/ops/sagas/plan", PLAN)
        self.assertEqual(again.json["plan"], answer.json["plan"])

        applied = self.ops.post(
            "/ops/sagas/apply", {**PLAN, "actor": "eve", "plan": answer.json["plan"]}
        )
        self.assertEqual(applied.status, 200, applied)
        self.assertEqual((applied.json["repaired"], applied.json["refused"]), (0, 1))
        self.assertEqual(applied.json["sagas"][0]["code"], "unknown_saga")

    def test_another_plan_is_refused(self):
        answer = self.ops.post("/ops/sagas/apply", {**PLAN, "actor": "eve", "plan": "1234"})
        self.is_problem(answer, 409, "plan_stale")

    def test_all_that_is_wrong_with_a_repair_is_named(self):
        for path, body, pointers in [
            ("plan", {}, ["/action", "/reason"]),
            ("plan", {**PLAN, "action": "mend", "color": 1}, ["/action", "/color"]),
            ("plan", {**PLAN, "reason": "x" * 501}, ["/reason"]),
            ("plan", {**PLAN, "filter": {"saga": "checkout"}}, ["/filter"]),
            ("plan", {**PLAN, "streams": []}, ["/streams"]),
            ("plan", {**PLAN, "reference": "x"}, ["/reference"]),
            ("apply", PLAN, ["/actor", "/plan"]),
        ]:
            with self.subTest(path=path, body=body):
                answer = self.ops.post("/ops/sagas/" + path, body)
                self.assertEqual(answer.status, 400, answer)
                self.assertEqual(sorted(pointer for pointer, _ in answer.problems()), pointers)
        self.assertEqual(self.ops.send("POST", "/ops/sagas/plan", raw=b"{").status, 400)

    def test_they_are_not_for_the_public(self):
        self.is_problem(self.api.get("/ops/sagas"), 404, "not_found")
        self.is_problem(self.api.post("/ops/sagas/plan", PLAN), 404, "not_found")
