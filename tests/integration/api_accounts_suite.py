"""Accounts: one per e-mail address, whatever its case, at any time and under any race."""

import threading

from api_harness import ApiTest


class Accounts(ApiTest):
    def register(self, email, name="Ada", **keywords):
        return self.api.post("/v1/accounts", {"email": email, "name": name}, **keywords)

    def test_registered_and_read(self):
        email = self.fresh("ada") + "@example.org"
        made = self.register(email, "Ada Lovelace")
        self.assertEqual((made.status, made.json["version"]), (201, 1))
        self.assertEqual(made.headers["Location"], "/v1/accounts/" + made.json["id"])
        read = self.api.get(made.headers["Location"])
        self.assertEqual(
            (read.json["id"], read.json["email"], read.json["name"]),
            (made.json["id"], email, "Ada Lovelace"),
        )
        self.assertEqual(read.headers["ETag"], '"1"')

    def test_unknown_account(self):
        for path in "/v1/accounts/nobody", "/v1/accounts/a%20b":
            self.is_problem(self.api.get(path), 404, "account_not_found")
            self.is_problem(self.api.patch(path, {"name": "x"}), 404, "account_not_found")
            self.is_problem(
                self.api.patch(path, {"email": "x@example.org"}), 404, "account_not_found"
            )

    def test_email_of_another_is_refused_in_any_case(self):
        email = self.fresh("bob") + "@example.org"
        self.register(email)
        for same in email, email.upper(), email.capitalize():
            self.is_problem(self.register(same), 409, "email_taken", ("/email", "email_taken"))

    def test_email_is_kept_as_it_was_written(self):
        email = self.fresh("Carol") + "@Example.org"
        made = self.register(email)
        self.assertEqual(self.api.get("/v1/accounts/" + made.json["id"]).json["email"], email)

    def test_change_of_name(self):
        account = self.make_account()
        done = self.api.patch("/v1/accounts/" + account, {"name": "Countess"})
        self.assertEqual((done.status, done.json), (200, {"id": account, "version": 2}))
        self.assertEqual(self.api.get("/v1/accounts/" + account).json["name"], "Countess")

    def test_change_of_email_frees_the_old_one(self):
        old, new = self.fresh("old") + "@example.org", self.fresh("new") + "@example.org"
        account = self.register(old).json["id"]
        done = self.api.patch("/v1/accounts/" + account, {"email": new})
        self.assertEqual((done.status, done.json), (200, {"id": account, "version": 2}))
        self.assertEqual(self.api.get("/v1/accounts/" + account).json["email"], new)
        self.is_problem(self.register(new), 409, "email_taken")
        self.assertEqual(self.register(old).status, 201)

    def test_change_of_both_is_one(self):
        account, email = self.make_account(), self.fresh("both") + "@example.org"
        done = self.api.patch("/v1/accounts/" + account, {"email": email, "name": "Both"})
        self.assertEqual((done.status, done.json["version"]), (200, 3))
        read = self.api.get("/v1/accounts/" + account).json
        self.assertEqual((read["email"], read["name"]), (email, "Both"))

    def test_change_to_an_email_of_another_changes_nothing(self):
        taken = self.fresh("taken") + "@example.org"
        self.register(taken)
        account = self.make_account(name="Before")
        answer = self.api.patch("/v1/accounts/" + account, {"email": taken, "name": "After"})
        self.is_problem(answer, 409, "email_taken", ("/email", "email_taken"))
        self.assertEqual(self.api.get("/v1/accounts/" + account).json["name"], "Before")

    def test_change_to_what_it_is_does_nothing(self):
        email = self.fresh("same") + "@example.org"
        account = self.register(email, "Same").json["id"]
        for change in {}, {"name": "Same"}, {"email": email}, {"email": email, "name": "Same"}:
            done = self.api.patch("/v1/accounts/" + account, change)
            self.assertEqual((done.status, done.json["version"]), (200, 1), change)

    def test_there_and_back_again(self):
        first, second = (self.fresh(name) + "@example.org" for name in ("first", "second"))
        account = self.register(first).json["id"]
        for email in second, first, second:
            self.assertEqual(
                self.api.patch("/v1/accounts/" + account, {"email": email}).status, 200
            )
        self.assertEqual(self.register(first).status, 201)
        self.is_problem(self.register(second), 409, "email_taken")

    def test_if_match(self):
        account = self.make_account()
        path, email = "/v1/accounts/" + account, self.fresh("im") + "@example.org"
        self.is_problem(
            self.api.patch(path, {"email": email}, headers={"If-Match": '"9"'}),
            412,
            "precondition_failed",
        )
        self.assertEqual(
            self.api.patch(path, {"email": email}, headers={"If-Match": '"1"'}).status, 200
        )
        self.is_problem(
            self.api.patch(path, {"name": "x"}, headers={"If-Match": '"1"'}),
            412,
            "precondition_failed",
        )

    def test_race_for_one_email_has_one_winner(self):
        email = self.fresh("race") + "@example.org"
        answers = at_once(
            8, lambda n: self.shop.client().post("/v1/accounts", {"email": email, "name": f"R{n}"})
        )
        self.assertEqual(sorted(answer.status for answer in answers), [201] + [409] * 7, answers)

    def test_race_of_changes_to_one_email_has_one_winner(self):
        email = self.fresh("race") + "@example.org"
        accounts = [self.make_account() for _ in range(6)]
        answers = at_once(
            6, lambda n: self.shop.client().patch("/v1/accounts/" + accounts[n], {"email": email})
        )
        self.assertEqual(sorted(answer.status for answer in answers), [200] + [409] * 5, answers)

    def test_race_of_changes_of_one_account_leaves_one_email_claimed(self):
        account = self.make_account()
        emails = [self.fresh("turn") + "@example.org" for _ in range(6)]
        answers = at_once(
            6, lambda n: self.shop.client().patch("/v1/accounts/" + account, {"email": emails[n]})
        )
        self.assertEqual([answer.status for answer in answers], [200] * 6, answers)
        free = [self.register(email).status for email in emails]
        self.assertEqual(sorted(free), [201] * 5 + [409])

    def test_no_email_in_the_names_of_streams_nor_in_the_log_lines(self):
        email = self.fresh("secret") + "@example.org"
        account = self.register(email, "Mrs Whisper").json["id"]
        self.api.patch("/v1/accounts/" + account, {"name": "Mrs Silence"})
        self.register(email)
        streams = self.shop.sql(
            "SELECT DISTINCT stream FROM skald.events WHERE stream LIKE 'email-%'"
        )
        self.assertTrue(streams)
        self.assertNotIn("secret", streams)
        for personal in email, "Mrs Whisper", "Mrs Silence":
            self.assertNotIn(personal, self.shop.log())


def at_once(count, call):
    """Runs call(0) .. call(count - 1) in parallel; their results in order."""
    results, gate = [None] * count, threading.Barrier(count)

    def run(n):
        gate.wait()
        results[n] = call(n)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
