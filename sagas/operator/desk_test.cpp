// A checkout that is stuck where the money is taken, on the log in memory: looked at, planned and
// repaired.
#include "sagas/operator/desk.h"

#include <gtest/gtest.h>

#include "domain/kernel/enum_name.h"
#include "eventstore/memory/memory_log.h"
#include "sagas/checkout/input.h"
#include "sagas/engine/saga_command.h"
#include "sagas/known/known.h"
#include "sagas/operator/timeline.h"
#include "schemas/order/codec.h"

namespace skald::sagas {
namespace {

using eventstore::Answer;
using eventstore::AnswerKind;
using eventstore::StreamName;
using kernel::Timestamp;
using saga::Outcome;
using saga::Phase;

constexpr Timestamp noon{1'700'000'000'000'000};
constexpr kernel::Currency euro{"EUR"};

class OperatorsDesk : public testing::Test {
  protected:
    static StreamName checkout_of(const std::string& order) {
        return StreamName::of("checkout", order);
    }

    Answer store(const std::string& stream, const order::Event& event) {
        eventstore::Command command;
        command.id = eventstore::fresh_command_id();
        command.streams = {*StreamName::parse(stream)};
        command.deadline = eventstore::Clock::now() + std::chrono::seconds(20);
        command.decide = [event](const eventstore::States&) -> eventstore::Decided {
            const auto bytes = schemas::order::encode(event);
            return eventstore::Accepted{{{{bytes.type, bytes.schema_version, bytes.data, ""}}}};
        };
        return executor.run(std::move(command));
    }

    void tell_it(const StreamName& saga, Input input, Timestamp at = noon) {
        auto command =
            tell(desk.registry(), saga, std::move(input), at, "test " + std::to_string(++told),
                 {"corr", ""}, std::make_shared<Told>());
        command.deadline = eventstore::Clock::now() + std::chrono::seconds(20);
        const auto answer = executor.run(std::move(command));
        ASSERT_EQ(answer.kind, AnswerKind::done) << answer.refusal.code;
        ASSERT_GT(answer.count, 0);
    }

    // The provider refuses to capture what it had authorised.
    StreamName stuck_at_capture(const std::string& order) {
        const order::Placed placed{
            kernel::AccountId("ann"),
            {{kernel::Sku("S"), "Thing", {}, 1, {100, euro}, {100, euro}, false}},
            {100, euro},
            "card-ok",
            noon};
        EXPECT_EQ(store("order-" + order, placed).kind, AnswerKind::done);
        const auto saga = checkout_of(order);
        tell_it(saga, Start{order, encode(input_of(placed)), {}});
        tell_it(saga, Replies{"reserve", false, {{0, Outcome::done, {}}}});
        tell_it(saga, Claim{"authorise"});
        tell_it(saga, AttemptResult{.step = "authorise",
                                    .outcome = Outcome::done,
                                    .code = {},
                                    .reference = "auth-" + order,
                                    .attempt = 1});
        tell_it(saga, Replies{"allocate", false, {{0, Outcome::done, {}}}});
        tell_it(saga, Claim{"capture"});
        tell_it(saga, AttemptResult{.step = "capture",
                                    .outcome = Outcome::refused,
                                    .code = "authorisation_expired",
                                    .reference = {},
                                    .attempt = 1});
        return saga;
    }

    Plan plan(RepairAction action, std::vector<StreamName> streams,
              const std::string& reason = "seen at the provider", const std::string& reference = {},
              const std::string& actor = "bob") {
        return desk.plan(log, {action, actor, reason, reference}, streams, noon);
    }
    std::vector<Applied> apply(const Plan& plan) {
        return desk.apply(plan, {.executor = executor, .now = [] { return noon; }});
    }
    Sight sight(const StreamName& saga) { return desk.look(log, saga).value(); }

    const std::shared_ptr<eventstore::MemoryStore> memory =
        std::make_shared<eventstore::MemoryStore>(4);
    eventstore::MemoryLog log{memory};
    Desk desk{known_sagas()};
    eventstore::Executor executor{
        [memory = memory] { return std::make_unique<eventstore::MemoryLog>(memory); },
        desk.folds(),
        {}};
    int told = 0;
};

TEST_F(OperatorsDesk, SeesWhatHappenedAndWhatItRestsOn) {
    const auto saga = stuck_at_capture("7");
    const auto seen = sight(saga);
    EXPECT_EQ(seen.state.phase, Phase::stuck);
    EXPECT_EQ(seen.version().value(), std::int64_t(seen.history.size()));
    EXPECT_EQ(seen.correlation_id, "corr");
    std::vector<std::string> rests;
    for (const auto& rest : seen.rests)
        rests.push_back(rest.stream.text() + " " + std::to_string(rest.version.value()));
    EXPECT_EQ(rests, (std::vector<std::string>{"checkout-7 7", "order-7 2", "payment-7.1 4"}));

    std::vector<std::string> texts;
    for (const auto& entry : timeline(seen.history, [](Timestamp) { return "T"; }))
        texts.push_back(entry.text);
    EXPECT_EQ(texts,
              (std::vector<std::string>{
                  "started, version 2, until T; accept done; reserve begun, 1 commands, until T",
                  "reserve: 1 done; reserve done; authorise begun, until T",
                  "attempt 1 of authorise, until T",
                  "authorise done, reference auth-7; confirm done; allocate begun, 1 commands, "
                  "until T",
                  "allocate: 1 done; allocate done; capture begun, until T",
                  "attempt 1 of capture, until T",
                  "attempt of capture: refused; now stuck (authorisation_expired)"}));
}

TEST_F(OperatorsDesk, ARepairIsInTheTimeline) {
    const auto saga = stuck_at_capture("7");
    apply(plan(RepairAction::abandon, {saga}, "lost case"));
    const auto texts = timeline(sight(saga).history, [](Timestamp) { return "T"; });
    EXPECT_EQ(texts.back().text,
              "abandon of capture by bob: lost case; left undone: authorise: held, reference "
              "auth-7; now abandoned");
}

TEST_F(OperatorsDesk, WhatIsNoSagaIsSaid) {
    EXPECT_EQ(desk.look(log, checkout_of("none")).error().code, "unknown_saga");
    // Names that no saga can have, since those of the streams beside it would be none.
    for (const auto& saga : desk.registry().names()) {
        const std::string longest(eventstore::stream_name_bytes_max - saga.size() - 1, 'x');
        EXPECT_EQ(desk.look(log, StreamName::of(saga, longest)).error().code, "unknown_saga");
    }
    const auto order = desk.look(log, *StreamName::parse("order-7")).error();
    EXPECT_EQ(order.code, "unknown_saga");
    EXPECT_NE(order.detail.find("checkout"), std::string::npos) << order.detail;
}

TEST_F(OperatorsDesk, SaysWhatEachRepairWouldDo) {
    const auto seen = sight(stuck_at_capture("7"));
    const std::map<RepairAction, std::string> expected{
        {RepairAction::retry, "capture is begun"},
        {RepairAction::record_done,
         "capture is done; take_out is begun; stores payment-7.1: payment.capture_requested, "
         "payment-7.1: payment.captured"},
        {RepairAction::record_refused,
         "cannot be: cannot_be_undone: confirm. A step that nothing undoes is done. Go on, or "
         "give it up."},
        {RepairAction::undo,
         "cannot be: cannot_be_undone: confirm. A step that nothing undoes is done. Go on, or "
         "give it up."},
        {RepairAction::skip,
         "capture is skipped; take_out is begun; leaves authorise: held, reference auth-7"},
        {RepairAction::abandon, "ends abandoned; leaves authorise: held, reference auth-7"}};
    const auto all = possible_repairs(seen, noon);
    EXPECT_EQ(all.size(), 6u);
    for (const auto& [action, planned] : all) {
        EXPECT_EQ(sentence_of(planned), expected.at(action)) << kernel::name_of(action);
    }
    // Nothing was changed by it.
    EXPECT_EQ(sight(seen.stream()).version(), seen.version());
}

// Tried again, the capture is not answered before the time for it is over.
TEST_F(OperatorsDesk, AnAnswerThatComesWhileItIsStuckIsInTheTimeline) {
    const auto saga = stuck_at_capture("7");
    apply(plan(RepairAction::retry, {saga}));
    tell_it(saga, Claim{"capture"});
    tell_it(saga, Due{}, noon + 2 * kernel::microseconds_per_day);
    const auto skip = plan(RepairAction::skip, {saga}).sagas.front();
    EXPECT_EQ(sentence_of(skip),
              "cannot be: outcome_unknown: capture. An attempt of it may be under way. Record what "
              "became of it (record_done, record_refused), or have it asked for (retry).");
    EXPECT_EQ(sentence_of(plan(RepairAction::record_refused, {saga}).sagas.front()),
              "stuck again at capture: recorded_by_operator; stores payment-7.1: "
              "payment.reconciled");
    EXPECT_EQ(sentence_of(plan(RepairAction::abandon, {saga}).sagas.front()),
              "ends abandoned; stores payment-7.1: payment.reconciled; leaves authorise: held, "
              "reference auth-7; capture: may be under way");
    tell_it(saga, AttemptResult{.step = "capture",
                                .outcome = Outcome::done,
                                .code = {},
                                .reference = "cap-9",
                                .attempt = 2});
    const auto seen = sight(saga);
    EXPECT_NE(seen.state.phase, Phase::stuck);
    const auto texts = timeline(seen.history, [](Timestamp) { return "T"; });
    EXPECT_EQ(texts.at(texts.size() - 3).text, "attempt 2 of capture, under a new key, until T");
    EXPECT_EQ(texts.at(texts.size() - 2).text,
              "attempt of capture: unknown; now stuck (timed_out)");
    EXPECT_TRUE(texts.back().text.starts_with(
        "answered while it was stuck; capture done, reference cap-9; "))
        << texts.back().text;
}

TEST_F(OperatorsDesk, MoneyIsNotTakenWithoutItsReference) {
    const auto planned = plan(RepairAction::record_done, {stuck_at_capture("7")}).sagas.front();
    EXPECT_EQ(sentence_of(planned),
              "cannot be: impossible_outcome: payment_text_empty. What stands beside it does not "
              "allow it without a reference.");
}

TEST_F(OperatorsDesk, UndoingNamesTheStepsItGoesBackOver) {
    const auto saga = stuck_at_capture("7");
    auto seen = sight(saga);
    // As if the pivot had not been reached.
    std::erase_if(seen.state.steps, [](const auto& step) {
        return step.name == "confirm" || step.name == "allocate";
    });
    const auto planned =
        sagas::planned(seen, {.action = RepairAction::undo, .actor = {}, .reason = {}}, noon);
    EXPECT_EQ(sentence_of(planned), "capture is undone; undoes authorise, reserve, accept");
}

TEST_F(OperatorsDesk, TheHashIsOfWhatIsDoneAndWhatItWasDecidedOn) {
    const auto a = stuck_at_capture("7"), b = stuck_at_capture("8");
    const auto hash = plan(RepairAction::retry, {a, b}).hash;
    EXPECT_EQ(plan(RepairAction::retry, {b, a, b}).hash, hash);
    EXPECT_EQ(plan(RepairAction::retry, {a, b}, "seen at the provider", {}, "eve").hash, hash);
    for (const auto& other :
         {plan(RepairAction::retry, {a}), plan(RepairAction::abandon, {a, b}),
          plan(RepairAction::retry, {a, b}, "other"), plan(RepairAction::record_done, {a, b}),
          plan(RepairAction::record_done, {a, b}, "seen at the provider", "ref")})
        EXPECT_NE(other.hash, hash);
    tell_it(a, Signal{"news", {}});
    EXPECT_NE(plan(RepairAction::retry, {a, b}).hash, hash);
}

TEST_F(OperatorsDesk, AppliesAPlanOnce) {
    const auto a = stuck_at_capture("7"), b = stuck_at_capture("8");
    const auto made = plan(RepairAction::record_done, {a, b}, "they say so", "cap-1");
    for (const auto& one : apply(made)) EXPECT_EQ(one.as, AppliedAs::repaired) << one.code;
    for (const auto& saga : {a, b}) {
        const auto seen = sight(saga);
        EXPECT_EQ(seen.state.current->step, "take_out");
        const auto& repaired = std::get<saga::Repaired>(seen.history.back().event);
        EXPECT_EQ(repaired.actor, "bob");
        EXPECT_EQ(repaired.reason, "they say so");
        EXPECT_EQ(sight(saga).state.find("capture")->reference, "cap-1");
    }
    const auto version = sight(a).version();
    for (const auto& one : apply(made)) EXPECT_EQ(one.as, AppliedAs::repeated) << one.code;
    EXPECT_EQ(sight(a).version(), version);
    EXPECT_EQ(Desk::applied_before(log, made.hash, std::vector{a, b}).size(), 2u);
    EXPECT_TRUE(
        Desk::applied_before(log, plan(RepairAction::retry, {a}).hash, std::vector{a, b}).empty());
}

TEST_F(OperatorsDesk, WhatMovedSinceThePlanIsNotRepaired) {
    const auto a = stuck_at_capture("7"), b = stuck_at_capture("8"), c = stuck_at_capture("9");
    const auto made = plan(RepairAction::retry, {a, b, c});
    tell_it(a, Signal{"news", {}});
    // What stands beside a saga decides too.
    ASSERT_EQ(store("order-8", order::CancelRequested{"changed my mind", noon}).kind,
              AnswerKind::done);
    const auto applied = apply(made);
    ASSERT_EQ(applied.size(), 3u);
    EXPECT_EQ(applied[0].as, AppliedAs::refused);
    EXPECT_EQ(applied[0].code, "moved");
    EXPECT_EQ(
        applied[0].detail,
        "checkout-7 is at version 8, and was at version 7 when this was planned. Plan again.");
    EXPECT_EQ(applied[1].code, "moved");
    EXPECT_EQ(applied[2].as, AppliedAs::repaired);
    EXPECT_EQ(sight(a).state.phase, Phase::stuck);
    EXPECT_EQ(sight(b).state.phase, Phase::stuck);
    EXPECT_EQ(sight(c).state.phase, Phase::forward);
}

TEST_F(OperatorsDesk, OnlyWhatIsStuckIsRepairedAndOthersAreNamed) {
    const auto a = stuck_at_capture("7");
    apply(plan(RepairAction::retry, {a}));
    const auto made = plan(RepairAction::retry, {a, checkout_of("none")});
    EXPECT_EQ(made.possible(), 0u);
    const auto applied = apply(made);
    ASSERT_EQ(applied.size(), 2u);
    EXPECT_EQ(applied[0].code, "not_stuck");
    EXPECT_EQ(applied[1].code, "unknown_saga");
}

TEST_F(OperatorsDesk, ManyAreAppliedInChunks) {
    std::vector<StreamName> all;
    for (int i = 0; i < 70; ++i) all.push_back(stuck_at_capture(std::to_string(i)));
    std::vector<std::size_t> steps;
    const auto applied =
        desk.apply(plan(RepairAction::abandon, all), {.executor = executor,
                                                      .now = [] { return noon; },
                                                      .progress =
                                                          [&](std::size_t done, std::size_t of) {
                                                              EXPECT_EQ(of, 70u);
                                                              steps.push_back(done);
                                                          }});
    EXPECT_EQ(steps, (std::vector<std::size_t>{64, 70}));
    for (const auto& one : applied) EXPECT_EQ(one.as, AppliedAs::repaired) << one.code;
}

TEST(RepairArguments, AreNamedWhenTheyAreWrong) {
    struct Case {
        Repair repair;
        std::string faults;
    };
    const std::string longest(repair_text_bytes_max, 'x');
    for (const auto& [repair, faults] :
         std::vector<Case>{{{RepairAction::retry, "bob", "why", ""}, ""},
                           {{RepairAction::record_done, longest, longest, longest}, ""},
                           {{RepairAction::retry, "", "", ""}, "reason missing, actor missing"},
                           {{RepairAction::retry, "bob", longest + "x", ""}, "reason too_long"},
                           {{RepairAction::retry, "b\nob", "why", ""}, "actor bad_form"},
                           {{RepairAction::skip, "bob", "why", "ref"}, "reference unfit"}}) {
        std::string found;
        for (const auto& fault : faults_of(repair))
            found += (found.empty() ? "" : ", ") + fault.pointer + " " + fault.code;
        EXPECT_EQ(found, faults);
    }
}

}  // namespace
}  // namespace skald::sagas
