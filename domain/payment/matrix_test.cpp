// Every command in every state of a payment, as one table; and stored events that no state allows.
#include <gtest/gtest.h>

#include <sstream>

#include "domain/kernel/enum_name.h"
#include "domain/kernel/impossible.h"
#include "domain/payment/examples.h"

namespace skald::payment {
namespace {

using namespace examples;

std::string answer_of(const State& state, const Command& command) {
    const auto decision = decide(state, command);
    if (!decision) return std::string(kernel::name_of(decision.error()));
    return decision->empty() ? "done" : "ok";
}

TEST(PaymentMatrix, EachCommandInEachState) {
    const std::pair<std::string, Command> commands[] = {
        {"initiate", Initiate{order, euros(50), "card-ok"}},
        {"authorised", RecordAuthorised{"auth-1", noon, euros(40)}},
        {"declined", RecordDeclined{"no_funds"}},
        {"capture", RequestCapture{euros(10)}},
        {"captured", RecordCaptured{euros(30), "cap-1"}},
        {"void", RequestVoid{}},
        {"voided", RecordVoided{}},
        {"refund", RequestRefund{r2, euros(10), "x"}},
        {"refunded", RecordRefunded{r1, euros(20)}},
        {"failed", RecordRefundFailed{r1, "closed"}},
    };
    struct Row {
        std::string_view what;
        State state;
        // What is not named is refused: with not_found, not_authorised, already_authorised,
        // not_in_flight, more_than_captured or refund_unknown, by the nature of the command.
        std::string answers;
    };
    const Row rows[] = {
        {"nothing", nothing, "initiate=ok"},
        {"pending", pending, "initiate=done authorised=ok declined=ok"},
        {"in doubt", pending_unknown, "initiate=done authorised=ok declined=ok"},
        {"declined", declined, "initiate=done authorised=declined declined=done"},
        {"authorised", authorised, "initiate=done authorised=done capture=ok void=ok"},
        {"capturing", capturing,
         "initiate=done authorised=done capture=in_flight captured=ok void=in_flight"},
        {"capture in doubt", capture_unknown,
         "initiate=done authorised=done capture=in_flight captured=ok void=in_flight"},
        {"captured", captured,
         "initiate=done authorised=done capture=ok captured=done void=ok refund=ok"},
        {"all captured", all_captured,
         "initiate=done authorised=done capture=more_than_authorised captured=done "
         "void=nothing_to_void refund=ok"},
        {"voiding", voiding, "initiate=done authorised=done capture=in_flight void=done voided=ok"},
        {"void in doubt", void_unknown,
         "initiate=done authorised=done capture=in_flight void=done voided=ok"},
        {"voided", voided, "initiate=done authorised=done void=done voided=done"},
        {"refunding", refunding,
         "initiate=done authorised=done capture=ok captured=done void=ok refund=ok refunded=ok "
         "failed=ok"},
        {"refund in doubt", refund_unknown,
         "initiate=done authorised=done capture=ok captured=done void=ok refund=ok refunded=ok "
         "failed=ok"},
        {"refunded", refunded,
         "initiate=done authorised=done capture=ok captured=done void=ok refund=ok refunded=done "
         "failed=refund_ended"},
        {"refund failed", refund_failed,
         "initiate=done authorised=done capture=ok captured=done void=ok refund=ok "
         "refunded=refund_ended failed=done"},
    };
    const std::map<std::string, std::string> otherwise = {
        {"capture", "not_authorised"},      {"void", "not_authorised"},
        {"declined", "already_authorised"}, {"captured", "not_in_flight"},
        {"voided", "not_in_flight"},        {"refund", "more_than_captured"},
        {"refunded", "refund_unknown"},     {"failed", "refund_unknown"},
    };
    for (const Row& row : rows) {
        std::map<std::string, std::string> expected;
        std::istringstream answers(row.answers);
        for (std::string pair; answers >> pair;)
            expected[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
        for (const auto& [name, command] : commands) {
            if (!expected.contains(name))
                expected[name] = row.state.exists ? otherwise.at(name) : "not_found";
            EXPECT_EQ(answer_of(row.state, command), expected[name]) << row.what << ", " << name;
        }
    }
}

TEST(PaymentMatrix, AStoredEventThatCannotBeIsThrownNotApplied) {
    struct Row {
        std::string_view what;
        State given;
        Event then;
    };
    const Row rows[] = {
        {"initiated twice", pending, initiated},
        {"authorised before it began", nothing, promised},
        {"authorised twice", authorised, promised},
        {"authorised after a no", declined, promised},
        {"authorised in doubt", pending_unknown, promised},
        {"authorised in dollars", pending, Authorised{"a", noon, {1, usd}}},
        {"authorised more", pending, Authorised{"a", noon, euros(51)}},
        {"declined in doubt", pending_unknown, Declined{"x"}},
        {"declined after a promise", authorised, Declined{"x"}},
        {"a doubt about nothing", authorised, OutcomeUnknown{Operation::capture, "k"}},
        {"a doubt twice", capture_unknown, OutcomeUnknown{Operation::capture, "k"}},
        {"a capture before a promise", pending, CaptureRequested{euros(1)}},
        {"two captures at once", capturing, CaptureRequested{euros(1)}},
        {"a capture while voiding", voiding, CaptureRequested{euros(1)}},
        {"a capture of too much", captured, CaptureRequested{euros(11)}},
        {"a capture in dollars", authorised, CaptureRequested{{1, usd}}},
        {"captured what nobody asked for", authorised, Captured{euros(1), "c"}},
        {"captured another amount", capturing, Captured{euros(29), "c"}},
        {"captured in doubt", capture_unknown, Captured{euros(30), "c"}},
        {"captured twice", after(captured, {CaptureRequested{euros(10)}}),
         Captured{euros(10), "cap-1"}},
        {"a void before a promise", pending, VoidRequested{}},
        {"a void while capturing", capturing, VoidRequested{}},
        {"voided what nobody asked for", authorised, Voided{}},
        {"voided in doubt", void_unknown, Voided{}},
        {"a refund of too much", captured, RefundRequested{r1, euros(31), "x"}},
        {"a refund in dollars", captured, RefundRequested{r1, {1, usd}, "x"}},
        {"a refund twice", refunded, RefundRequested{r1, euros(1), "x"}},
        {"refunded what nobody asked for", captured, Refunded{r1, euros(1)}},
        {"refunded another amount", refunding, Refunded{r1, euros(19)}},
        {"refunded twice", refunded, Refunded{r1, euros(20)}},
        {"refunded in doubt", refund_unknown, Refunded{r1, euros(20)}},
        {"failed after it was refunded", refunded, RefundFailed{r1, "x"}},
        {"reconciled what nobody asked for", authorised,
         Reconciled{Operation::capture, "k", Found::done}},
        {"reconciled under another name", capture_unknown,
         Reconciled{Operation::capture, "l", Found::done}},
    };
    for (const Row& row : rows)
        EXPECT_THROW(evolve(row.given, row.then), kernel::ImpossibleEvent) << row.what;
}

TEST(PaymentMatrix, WhatWasNotDoneCanBeAskedForAgain) {
    struct Row {
        std::string_view what;
        State given;
        Reconcile when;
        Command again;
    };
    const Row rows[] = {
        {"capture",
         capture_unknown,
         {Operation::capture, "k", Found::absent},
         RequestCapture{euros(30)}},
        {"capture, refused",
         capturing,
         {Operation::capture, "k", Found::refused},
         RequestCapture{euros(20)}},
        {"void", void_unknown, {Operation::void_, "k", Found::absent}, RequestVoid{}},
        {"void, so capture",
         void_unknown,
         {Operation::void_, "k", Found::refused},
         RequestCapture{euros(40)}},
        {"authorise",
         pending_unknown,
         {Operation::authorise, "k", Found::absent},
         RecordUnknown{Operation::authorise, "k"}},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_TRUE(decision) << row.what;
        EXPECT_EQ(answer_of(after(row.given, *decision), row.again), "ok") << row.what;
    }
}

}  // namespace
}  // namespace skald::payment
