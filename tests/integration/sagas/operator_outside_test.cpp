// The same checkouts from outside: the program's commands, and the routes of the ops listener.
#include <nlohmann/json.hpp>

#include "api/ops/repair_shop.h"
#include "api/ops/routes.h"
#include "projections/reading/reading.h"
#include "tests/integration/sagas/stuck_checkouts.h"

namespace skald::tests {
namespace {

using nlohmann::json;
using saga::Phase;

struct Ran {
    int code = -1;
    std::string said;  // on both outputs
};

class SagaCommands : public StuckCheckouts {
  protected:
    // `arguments` as a shell takes them.
    Ran skald(const std::string& arguments) {
        const auto line = "SKALD_PG='" + database.conninfo() + "' '" +
                          required_env("SKALD_TEST_BIN") + "' sagas " + arguments +
                          " 2>&1 </dev/null";
        Ran ran;
        FILE* pipe = popen(line.c_str(), "r");
        for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) ran.said += static_cast<char>(c);
        ran.code = WEXITSTATUS(pclose(pipe));
        return ran;
    }
    void expect(const std::string& arguments, int code, const std::vector<std::string>& parts) {
        const auto ran = skald(arguments);
        EXPECT_EQ(ran.code, code) << arguments << "\n" << ran.said;
        for (const auto& part : parts)
            EXPECT_NE(ran.said.find(part), std::string::npos)
                << arguments << " does not say: " << part << "\n"
                << ran.said;
    }
    std::string hash_of(const std::string& arguments) {
        return json::parse(skald("plan " + arguments + " --json").said).at("plan");
    }
    Phase phase_of(const eventstore::StreamName& saga) {
        eventstore::PgLog log(database.reader());
        return desk.look(log, saga)->state.phase;
    }
};

TEST_F(SagaCommands, ListAndShow) {
    const auto all = stuck(2);
    expect("list", 0,
           {"SUBJECT", std::string(all[0].id()), "closed_today", "Not ended: checkout: 2 stuck."});
    expect("list --phase completed", 0, {"Not ended: checkout: 2 stuck."});
    const auto first = json::parse(skald("list --limit 1 --json").said);
    EXPECT_EQ(first.at("data").size(), 1u);
    EXPECT_EQ(first.at("data")[0].at("stream"), all[0].text());
    EXPECT_EQ(first.at("counts")[0].at("sagas"), 2);
    const auto second = json::parse(
        skald("list --limit 1 --json --cursor " + first.at("next").get<std::string>()).said);
    EXPECT_EQ(second.at("data")[0].at("stream"), all[1].text());
    EXPECT_TRUE(second.at("next").is_null());

    expect("show " + all[0].text(), 0,
           {all[0].text() + " (version 2 of checkout) is stuck at capture: closed_today",
            "It holds or promised:\n  authorise: held", "retry: capture is begun",
            "abandon: ends abandoned", "History:", "attempt 1 of capture"});
    const auto shown = json::parse(skald("show " + all[0].text() + " --json").said);
    EXPECT_EQ(shown.at("phase"), "stuck");
    EXPECT_EQ(shown.at("repairs").size(), 6u);
    EXPECT_EQ(shown.at("timeline").size(), shown.at("version"));
}

TEST_F(SagaCommands, PlanThenApplyThenSayThatItWasApplied) {
    const auto saga = stuck(1).front();
    rig->provider().refuse_captures(false);
    const auto arguments = "retry " + saga.text() + " --reason 'bank is back'";
    expect("plan " + arguments, 0, {"capture is begun", "1 of 1 can be repaired", "--plan "});
    EXPECT_EQ(phase_of(saga), Phase::stuck);
    const auto hash = hash_of(arguments);
    expect("apply " + arguments + " --dry-run", 0, {"Nothing was changed", hash});
    expect("apply " + arguments, 2, {"--plan is required"});
    expect("apply " + arguments + " --plan 1234", 1, {"does not hold any more", "Plan again"});
    EXPECT_EQ(phase_of(saga), Phase::stuck);
    expect("apply " + arguments + " --actor eve --plan " + hash, 0, {"repaired", "1 repaired"});
    ASSERT_TRUE(comes_to(saga, Phase::completed));
    expect("show " + saga.text(), 0, {"retry of capture by eve: bank is back"});
    expect("apply " + arguments + " --plan " + hash, 0,
           {"0 repaired, 1 repaired before by this plan, 0 refused"});
}

TEST_F(SagaCommands, WhatIsGivenUpIsAskedForFirst) {
    const auto all = stuck(3);
    const std::string arguments =
        "abandon --saga checkout --step capture --code closed_today --reason closed";
    const auto hash = hash_of(arguments);
    expect("apply " + arguments + " --plan " + hash, 1, {"This gives 3 sagas up", "add --yes"});
    EXPECT_EQ(phase_of(all[0]), Phase::stuck);
    expect("apply " + arguments + " --yes --plan " + hash, 0, {"3 repaired"});
    for (const auto& saga : all) EXPECT_EQ(phase_of(saga), Phase::abandoned);
    // They fit the filter no more, and yet it is known what became of the plan.
    for (const auto& saga : all) ASSERT_TRUE(comes_to(saga, Phase::abandoned));
    expect("apply " + arguments + " --yes --plan " + hash, 0,
           {"0 repaired, 3 repaired before by this plan, 0 refused"});
    const auto another = stuck(1).front();
    expect("apply " + arguments + " --yes --plan " + hash, 1,
           {"3 of its sagas were repaired by it before", "Plan again"});
    EXPECT_EQ(phase_of(another), Phase::stuck);
}

TEST_F(SagaCommands, WhoeverIsRefusedIsNamed) {
    const auto all = stuck(2);
    const auto alone = "skip " + all[0].text() + " --reason r";
    expect("apply " + alone + " --yes --plan " + hash_of(alone), 0, {"1 repaired"});
    const auto both = "skip " + all[0].text() + " " + all[1].text() + " --reason r";
    expect("plan " + both, 0, {"1 of 2 can be repaired", "cannot be: not_stuck"});
    expect("apply " + both + " --yes --plan " + hash_of(both), 1,
           {"1 repaired, 0 repaired before by this plan, 1 refused", "not_stuck"});
}

TEST_F(SagaCommands, BadArgumentsAreNamed) {
    for (const auto& [arguments, part] : std::vector<std::pair<std::string, std::string>>{
             {"list --phase lost", "phase is one of forward, undoing, stuck"},
             {"list --older-than soon", "--older-than: \"soon\" is no duration"},
             {"list --limit 0", "--limit"},
             {"list --cursor x", "--cursor: is not one"},
             {"list --cursor a,b,c", "--cursor: is not one"},
             {"show 'a b'", "stream: \"a b\""},
             {"plan repair checkout-1 --reason r", "there are retry, record_done"},
             {"plan retry checkout-1", "--reason is required"},
             {"plan retry --reason r", "streams name the sagas' streams, or a filter"},
             {"plan retry checkout-1 --step capture --reason r", "not both"},
             {"plan retry checkout-1 --reason r --reference x",
              "--reference goes with record_done only"},
             {"apply retry checkout-1 --reason r", "--plan is required"}})
        expect(arguments, 2, {part});
    expect("show checkout-none", 1, {"There is no saga checkout-none."});
    expect("show order-1", 1, {"order-1 is no saga's stream", "checkout"});
    expect("plan retry checkout-none --reason r", 0,
           {"0 of 1 can be repaired", "There is no saga checkout-none."});
    expect("plan retry --step none --reason r", 0, {"No saga fits."});
}

class SagaRoutes : public StuckCheckouts {
  protected:
    struct Got {
        int status = 0;
        json body;  // of a problem: {"code", "errors": [pointers]}
    };
    // What the route answers; what stands behind `/ops/sagas`.
    Got ask(const std::string& method, const std::string& route, const std::string& body = {},
            const http::Pairs& query = {}, const std::string& stream = {}) {
        http::Request request;
        request.method = method;
        request.path = request.route = "/ops/sagas" + route;
        request.query = query;
        request.body = body;
        request.deadline = http::Clock::now() + std::chrono::seconds(30);
        if (!stream.empty()) request.path_parameters = {{"stream", stream}};
        for (const auto& one : ops::saga_routes(services, shop)) {
            if (one.method != method || one.path != request.route) continue;
            const auto answer = std::get<http::BlockingHandler>(one.handler)(request);
            if (answer) return {answer->status, json::parse(answer->body)};
            auto pointers = json::array();
            for (const auto& issue : answer.error().errors) pointers.push_back(issue.pointer);
            return {answer.error().status, {{"code", answer.error().code}, {"at", pointers}}};
        }
        ADD_FAILURE() << "there is no route " << method << " " << request.route;
        return {};
    }

    projections::PgPool pool{database.reader(), 2};
    projections::Progress progress{{}, saga_partitions};
    projections::Reading reading{.pool = pool, .progress = progress, .partitions = saga_partitions};
    routes::LogReader logs{
        [this] { return std::make_unique<eventstore::PgLog>(database.reader()); }, 1};
    const http::CursorCodec cursors{std::string(32, 'k')};
    const routes::Services services{
        .store = {}, .log = &logs, .reading = &reading, .cursors = &cursors};
    ops::RepairShop shop{[this] { return std::make_unique<eventstore::PgLog>(database.writer()); },
                         {}};
};

TEST_F(SagaRoutes, ListPageByPageAndShow) {
    const auto all = stuck(3);
    auto page = ask("GET", "", {}, {{"limit", "2"}, {"saga", "checkout"}});
    ASSERT_EQ(page.status, 200);
    EXPECT_EQ(page.body.at("data").size(), 2u);
    EXPECT_EQ(page.body.at("data")[0].at("stream"), all[0].text());
    const std::string next = page.body.at("pagination").at("next");
    page = ask("GET", "", {}, {{"limit", "2"}, {"saga", "checkout"}, {"cursor", next}});
    EXPECT_EQ(page.body.at("data")[0].at("stream"), all[2].text());
    EXPECT_TRUE(page.body.at("pagination").at("next").is_null());
    // A cursor belongs to its filter.
    EXPECT_EQ(ask("GET", "", {}, {{"cursor", next}}).status, 400);
    EXPECT_EQ(ask("GET", "", {}, {{"older_than_s", "3600"}}).body.at("data").size(), 0u);
    EXPECT_EQ(ask("GET", "", {}, {{"phase", "lost"}, {"older_than_s", "-1"}}).body.at("at"),
              (json{"/query/older_than_s", "/query/phase"}));
    EXPECT_EQ(ask("GET", "", {}, {{"sort", "-urgency"}}).body.at("at"), json{"/query/sort"});

    const auto shown = ask("GET", "/{stream}", {}, {}, all[0].text());
    EXPECT_EQ(shown.body.at("code"), "closed_today");
    EXPECT_EQ(ask("GET", "/{stream}", {}, {}, "checkout-none").body.at("code"), "saga_not_found");
    EXPECT_EQ(ask("GET", "/{stream}", {}, {}, "order-1").status, 404);
}

TEST_F(SagaRoutes, PlanAndApply) {
    const auto saga = stuck(1).front();
    rig->provider().refuse_captures(false);
    json body{{"action", "retry"}, {"filter", {{"step", "capture"}}}, {"reason", "bank is back"}};
    const auto planned = ask("POST", "/plan", body.dump());
    ASSERT_EQ(planned.status, 200) << planned.body;
    EXPECT_EQ(planned.body.at("possible"), 1);
    EXPECT_EQ(planned.body.at("sagas")[0].at("stream"), saga.text());
    body = {{"action", "retry"},
            {"streams", {saga.text()}},
            {"reason", "bank is back"},
            {"actor", "eve"},
            {"plan", "1234"}};
    const auto stale = ask("POST", "/apply", body.dump());
    EXPECT_EQ(stale.status, 409);
    EXPECT_EQ(stale.body.at("code"), "plan_stale");
    body["plan"] = planned.body.at("plan");
    EXPECT_EQ(ask("POST", "/apply", body.dump()).body.at("repaired"), 1);
    ASSERT_TRUE(comes_to(saga, Phase::completed));
    EXPECT_EQ(ask("POST", "/apply", body.dump()).body.at("repeated"), 1);
}

TEST_F(SagaRoutes, WhatIsWrongWithARequestIsNamedAtOnce) {
    const auto at = [&](const std::string& route, const json& body) {
        const auto answer = ask("POST", route, body.dump());
        EXPECT_EQ(answer.status, 400) << answer.body;
        return answer.body.at("at");
    };
    EXPECT_EQ(at("/plan", {{"action", "mend"}, {"filter", {{"phase", "lost"}}}}),
              (json{"/action", "/filter/phase", "/reason"}));
    EXPECT_EQ(at("/plan", {{"action", "retry"}, {"reason", "r"}}), json{"/streams"});
    EXPECT_EQ(at("/plan", {{"action", "retry"}, {"reason", "r"}, {"streams", {"a b"}}}),
              json{"/streams"});
    EXPECT_EQ(at("/plan", {{"action", "skip"},
                           {"reason", "r"},
                           {"reference", "x"},
                           {"streams", {"checkout-1"}},
                           {"filter", {{"step", "s"}}}}),
              (json{"/reference", "/filter"}));
    EXPECT_EQ(at("/apply", {{"action", "retry"}, {"reason", "r"}, {"streams", {"checkout-1"}}}),
              (json{"/actor", "/plan"}));
}

}  // namespace
}  // namespace skald::tests
