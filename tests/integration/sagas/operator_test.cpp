// Checkouts that a provider leaves stuck where the money is taken, on a real PostgreSQL with a
// driver running: listed, planned, repaired, and driven on to their ends.
#include "diagnostics/metrics.h"
#include "tests/integration/sagas/stuck_checkouts.h"

namespace skald::tests {
namespace {

using eventstore::StreamName;
using saga::Phase;
using saga_views::SagaFilter;
using sagas::AppliedAs;
using sagas::RepairAction;

using RepairedCheckouts = StuckCheckouts;

TEST_F(RepairedCheckouts, StuckOnesAreListedFirstThenTheOldest) {
    rig->provider().refuse_captures(false);
    const auto done = place();
    ASSERT_TRUE(comes_to(done, Phase::completed));
    rig->provider().refuse_captures(true);
    const auto waiting = stuck(3);
    const auto all = list();
    ASSERT_EQ(all.rows.size(), 4u);
    EXPECT_EQ(all.rows[3].stream, done.text());
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& row = all.rows[i];
        EXPECT_EQ(row.phase + " " + row.step.value_or("-") + " " + row.code,
                  "stuck capture closed_today");
        EXPECT_FALSE(row.undo);
        EXPECT_FALSE(row.due_at);
        EXPECT_GE(row.since, all.rows[i == 0 ? 0 : i - 1].since);
    }
    EXPECT_EQ(saga_views::count_sagas(reader).size(), 1u);
    EXPECT_EQ(saga_views::count_sagas(reader).front().sagas, 3);

    // Page by page it is the same list.
    std::vector<std::string> paged;
    projections::KeysetPage page{.limit = 2, .after = {}};
    for (bool more = true; more;) {
        const auto read = saga_views::list_sagas(reader, {}, page);
        for (const auto& row : read.rows) paged.push_back(row.stream);
        page.after = read.last;
        more = read.has_next;
    }
    std::vector<std::string> whole;
    for (const auto& row : all.rows) whole.push_back(row.stream);
    EXPECT_EQ(paged, whole);
}

TEST_F(RepairedCheckouts, WhoeverTakesThemOverCountsThem) {
    stuck(2);
    rig.reset();
    rig = std::make_unique<SagaRig>(database.conninfo(), ledger());
    rig->start();
    EXPECT_TRUE(eventually([] {
        return diagnostics::render_metrics().find(
                   "skald_sagas{phase=\"stuck\",saga=\"checkout\"} 2") != std::string::npos;
    }));
}

TEST_F(RepairedCheckouts, FiltersTakeOnlyWhatFits) {
    stuck(2);
    using std::chrono::seconds;
    const std::vector<std::pair<SagaFilter, std::size_t>> cases{
        {{.saga = "checkout"}, 2},
        {{.saga = "refund"}, 0},
        {{.phase = "stuck"}, 2},
        {{.phase = "forward"}, 0},
        {{.step = "capture"}, 2},
        {{.step = "authorise"}, 0},
        {{.code = "closed_today"}, 2},
        {{.code = "other"}, 0},
        {{.older_than = seconds(0)}, 2},
        {{.older_than = seconds(3600)}, 0},
        {{.saga = "checkout", .phase = "stuck", .step = "capture", .code = "closed_today"}, 2}};
    for (std::size_t i = 0; i < cases.size(); ++i)
        EXPECT_EQ(list(cases[i].first).rows.size(), cases[i].second) << "case " << i;
}

TEST_F(RepairedCheckouts, TriedAgainTheyTakeTheMoney) {
    const auto saga = stuck(1).front();
    rig->provider().refuse_captures(false);
    const auto made = plan(RepairAction::retry, {saga});
    EXPECT_EQ(sagas::sentence_of(made.sagas.front()), "capture is begun");
    EXPECT_EQ(apply(made).front().as, AppliedAs::repaired);
    ASSERT_TRUE(comes_to(saga, Phase::completed));
    EXPECT_EQ(captured(saga), 250);
    EXPECT_EQ(status_of(*rig, saga), order::Status::completed);
    EXPECT_EQ(apply(made).front().as, AppliedAs::repeated);
}

TEST_F(RepairedCheckouts, WhatIsRecordedAsDoneIsNotAskedForAgain) {
    const auto saga = stuck(1).front();
    const auto made = plan(RepairAction::record_done, {saga}, "bank-77");
    EXPECT_EQ(apply(made).front().as, AppliedAs::repaired);
    ASSERT_TRUE(comes_to(saga, Phase::completed));
    const auto payment =
        rig->state<commands::PaymentBinding>("payment-" + std::string(saga.id()) + ".1");
    EXPECT_EQ(payment.captured.amount, 250);
    EXPECT_EQ(captured(saga), 0) << "the provider was asked";
}

TEST_F(RepairedCheckouts, AStepThatIsSkippedIsGonePast) {
    const auto saga = stuck(1).front();
    EXPECT_EQ(apply(plan(RepairAction::skip, {saga})).front().as, AppliedAs::repaired);
    ASSERT_TRUE(comes_to(saga, Phase::completed));
    EXPECT_EQ(status_of(*rig, saga), order::Status::completed);
    EXPECT_EQ(captured(saga), 0);
}

TEST_F(RepairedCheckouts, WhatIsGivenUpSaysWhatItLeaves) {
    const auto saga = stuck(1).front();
    const auto made = plan(RepairAction::abandon, {saga});
    ASSERT_EQ(made.sagas.front().residue.size(), 1u);
    EXPECT_TRUE(made.sagas.front().residue[0].starts_with("authorise: held, reference "));
    EXPECT_EQ(apply(made).front().as, AppliedAs::repaired);
    ASSERT_TRUE(comes_to(saga, Phase::abandoned));
    EXPECT_TRUE(saga_views::count_sagas(reader).empty());
}

// The second request found the saga of the first, which had ended, and the order stayed
// `cancelling`.
TEST_F(RepairedCheckouts, AnOrderThatWasPutBackCanBeCancelledAgain) {
    const auto checkout = stuck(1).front();
    EXPECT_EQ(apply(plan(RepairAction::abandon, {checkout})).front().as, AppliedAs::repaired);
    const std::string order(checkout.id());
    const auto first = StreamName::of("cancellation", order);
    rig->provider().refuse_voids(true);
    EXPECT_EQ(rig->cancel(order).kind, eventstore::AnswerKind::done);
    ASSERT_TRUE(comes_to(first, Phase::stuck));
    const auto undo = plan(RepairAction::undo, {first});
    EXPECT_TRUE(sagas::sentence_of(undo.sagas.front()).ends_with("order.cancel_refused"));
    EXPECT_EQ(apply(undo).front().as, AppliedAs::repaired);
    EXPECT_EQ(status_of(*rig, checkout), order::Status::confirmed);

    rig->provider().refuse_voids(false);
    EXPECT_EQ(rig->cancel(order).kind, eventstore::AnswerKind::done);
    ASSERT_TRUE(comes_to(StreamName::of("cancellation", order + ".5"), Phase::completed));
    EXPECT_EQ(status_of(*rig, checkout), order::Status::cancelled);
    EXPECT_EQ(rig->sandbox().balance(kernel::OrderId(order))->voided, 250);
    EXPECT_EQ(rig->state<commands::StockBinding>("stock-SONG").available().value(), 1000);
}

TEST_F(RepairedCheckouts, APlanThatAMoveMadeStaleIsRefused) {
    const auto all = stuck(2);
    const auto made = plan(RepairAction::abandon, all);
    rig->provider().refuse_captures(false);
    apply(plan(RepairAction::retry, {all[0]}));
    ASSERT_TRUE(comes_to(all[0], Phase::completed));
    EXPECT_NE(plan(RepairAction::abandon, all).hash, made.hash);
    // Whoever applies it without looking is refused by the log itself.
    for (const auto& one : apply(made)) {
        EXPECT_EQ(one.as, one.stream == all[0] ? AppliedAs::refused : AppliedAs::repaired);
        EXPECT_EQ(one.code, one.stream == all[0] ? "moved" : "") << one.detail;
    }
    EXPECT_EQ(status_of(*rig, all[0]), order::Status::completed);
}

TEST_F(RepairedCheckouts, AFilterTakesAllThatAreStuckAndNoOthers) {
    const auto waiting = stuck(5);
    rig->provider().refuse_captures(false);
    const auto done = place();
    ASSERT_TRUE(comes_to(done, Phase::completed));
    const auto streams =
        saga_views::streams_of(reader, {.streams = {}, .filter = {.saga = "checkout"}});
    EXPECT_EQ(std::set(streams.begin(), streams.end()), std::set(waiting.begin(), waiting.end()));
    const auto made = plan(RepairAction::retry, streams);
    EXPECT_EQ(made.possible(), 5u);
    for (const auto& one : apply(made)) EXPECT_EQ(one.as, AppliedAs::repaired) << one.code;
    for (const auto& saga : waiting) EXPECT_TRUE(comes_to(saga, Phase::completed));
}

TEST(SagaSelections, AreNamedWhenTheyAreWrong) {
    struct Case {
        saga_views::Selection selection;
        std::string faults;
    };
    const std::vector<std::string> many(sagas::plan_sagas_max + 1, "checkout-1");
    for (const auto& [selection, faults] :
         std::vector<Case>{{{{"checkout-1"}, {}}, ""},
                           {{{}, {.saga = "checkout"}}, ""},
                           {{{}, {}}, "streams missing"},
                           {{{"checkout-1"}, {.saga = "checkout"}}, "filter unfit"},
                           {{{"check out"}, {}}, "streams bad_form"},
                           {{many, {}}, "streams too_many"},
                           {{{}, {.phase = "lost"}}, "phase bad_choice"}}) {
        std::string found;
        for (const auto& fault : saga_views::faults_of(selection))
            found += (found.empty() ? "" : ", ") + fault.pointer + " " + fault.code;
        EXPECT_EQ(found, faults);
    }
}

}  // namespace
}  // namespace skald::tests
