#include "schemas/payment/codec.h"

#include <gtest/gtest.h>

#include "schemas/payment/v1/payment.pb.h"
#include "schemas/testing/arbitrary.h"
#include "schemas/testing/golden.h"
#include "schemas/testing/rejects.h"

namespace skald::schemas::payment {
namespace {

using kernel::OrderId;
using kernel::RefundId;
using kernel::Timestamp;
using skald::payment::Authorised;
using skald::payment::Captured;
using skald::payment::CaptureRequested;
using skald::payment::Declined;
using skald::payment::Event;
using skald::payment::Found;
using skald::payment::Initiated;
using skald::payment::Operation;
using skald::payment::OutcomeUnknown;
using skald::payment::Reconciled;
using skald::payment::Refunded;
using skald::payment::RefundFailed;
using skald::payment::RefundRequested;
using skald::payment::Voided;
using skald::payment::VoidRequested;
using testing::Golden;

constexpr kernel::Currency eur{"EUR"}, jpy{"JPY"};

TEST(PaymentCodec, ReadsWhatWasEverWritten) {
    const std::vector<Golden<Event>> rows = {
        {"payment.initiated.v1.plain", Initiated{OrderId("o-1"), {2398, eur}, "card-ok"}},
        {"payment.authorised.v1.plain",
         Authorised{"auth/\xC3\xA4 7", Timestamp(1'700'000'000'123'456), {2398, eur}}},
        {"payment.declined.v1.plain", Declined{"insufficient_funds"}},
        {"payment.outcome_unknown.v1.authorise", OutcomeUnknown{Operation::authorise, "o-1.1"}},
        {"payment.outcome_unknown.v1.capture", OutcomeUnknown{Operation::capture, "o-1.1/1"}},
        {"payment.outcome_unknown.v1.void", OutcomeUnknown{Operation::void_, "o-1.1"}},
        {"payment.outcome_unknown.v1.refund", OutcomeUnknown{Operation::refund, "r-1"}},
        {"payment.capture_requested.v1.plain", CaptureRequested{{1199, eur}}},
        {"payment.captured.v1.plain", Captured{{1199, eur}, "cap-1"}},
        {"payment.captured.v1.most", Captured{{INT64_MAX, jpy}, "cap-2"}},
        {"payment.void_requested.v1.plain", VoidRequested{}},
        {"payment.voided.v1.plain", Voided{}},
        {"payment.refund_requested.v1.plain",
         RefundRequested{RefundId("r-1"), {799, eur}, "it came back"}},
        {"payment.refunded.v1.plain", Refunded{RefundId("r-1"), {799, eur}}},
        {"payment.refund_failed.v1.plain", RefundFailed{RefundId("r-1"), "account_closed"}},
        {"payment.reconciled.v1.done", Reconciled{Operation::capture, "o-1.1/1", Found::done}},
        {"payment.reconciled.v1.refused", Reconciled{Operation::refund, "r-1", Found::refused}},
        {"payment.reconciled.v1.absent", Reconciled{Operation::authorise, "o-1.1", Found::absent}},
    };
    testing::check_golden("payment", rows, &encode, &decode);
}

template <class Message>
Message with(auto change) {
    Message m;
    if constexpr (requires { m.set_order("o"); }) m.set_order("o");
    if constexpr (requires { m.set_method("m"); }) m.set_method("m");
    if constexpr (requires { m.set_provider_ref("p"); }) m.set_provider_ref("p");
    if constexpr (requires { m.set_refund_id("r"); }) m.set_refund_id("r");
    if constexpr (requires { m.set_reason("r"); }) m.set_reason("r");
    if constexpr (requires { m.set_code("c"); }) m.set_code("c");
    if constexpr (requires { m.set_ref("k"); }) m.set_ref("k");
    if constexpr (requires { m.mutable_expires_at(); }) m.mutable_expires_at()->set_seconds(1);
    if constexpr (requires { m.set_operation(skald::payment::v1::OPERATION_VOID); })
        m.set_operation(skald::payment::v1::OPERATION_VOID);
    if constexpr (requires { m.set_found(skald::payment::v1::FOUND_DONE); })
        m.set_found(skald::payment::v1::FOUND_DONE);
    if constexpr (requires { m.mutable_amount(); }) {
        m.mutable_amount()->set_amount(5);
        m.mutable_amount()->set_currency("EUR");
    }
    change(m);
    return m;
}

TEST(PaymentCodec, RejectsWhatTheDomainNeverLetsHappen) {
    namespace v1 = skald::payment::v1;
    const auto impossible = DecodeErrorKind::impossible;
    const auto none = [](auto& m) { m.mutable_amount()->set_amount(0); };
    const auto free = [](auto& m) { m.mutable_amount()->clear_currency(); };
    const auto same = [](auto&) {};
    const std::string zero = "amount is not positive", currency = "amount has no currency";
    for (const auto& [type, data] : std::map<std::string, std::string>{
             {"payment.initiated", with<v1::Initiated>(same).SerializeAsString()},
             {"payment.authorised", with<v1::Authorised>(same).SerializeAsString()},
             {"payment.captured", with<v1::Captured>(same).SerializeAsString()},
             {"payment.outcome_unknown", with<v1::OutcomeUnknown>(same).SerializeAsString()},
             {"payment.reconciled", with<v1::Reconciled>(same).SerializeAsString()},
             {"payment.refund_requested", with<v1::RefundRequested>(same).SerializeAsString()}})
        EXPECT_TRUE(decode(type, 1, data)) << type;
    testing::expect_rejected<Event>(
        &decode,
        {
            {"no order", "payment.initiated", 1,
             with<v1::Initiated>([](auto& m) { m.set_order("o.1"); }), impossible,
             "order is no id"},
            {"for nothing", "payment.initiated", 1, with<v1::Initiated>(none), impossible, zero},
            {"no currency", "payment.initiated", 1, with<v1::Initiated>(free), impossible,
             currency},
            {"no method", "payment.initiated", 1,
             with<v1::Initiated>([](auto& m) { m.clear_method(); }), impossible, "method is empty"},
            {"nameless", "payment.authorised", 1,
             with<v1::Authorised>([](auto& m) { m.clear_provider_ref(); }), impossible,
             "provider_ref is empty"},
            {"for ever", "payment.authorised", 1,
             with<v1::Authorised>([](auto& m) { m.clear_expires_at(); }), impossible,
             "expires_at is absent"},
            {"a nanosecond", "payment.authorised", 1,
             with<v1::Authorised>([](auto& m) { m.mutable_expires_at()->set_nanos(1); }),
             impossible, "expires_at is no time in whole microseconds"},
            {"nothing promised", "payment.authorised", 1, with<v1::Authorised>(none), impossible,
             zero},
            {"no code", "payment.declined", 1, v1::Declined(), impossible, "code is empty"},
            {"no operation", "payment.outcome_unknown", 1,
             with<v1::OutcomeUnknown>([](auto& m) { m.clear_operation(); }), impossible,
             "operation is none that is known"},
            {"an operation to come", "payment.outcome_unknown", 1,
             with<v1::OutcomeUnknown>(
                 [](auto& m) { m.set_operation(static_cast<v1::Operation>(9)); }),
             impossible, "operation is none that is known"},
            {"a bell as reference", "payment.outcome_unknown", 1,
             with<v1::OutcomeUnknown>([](auto& m) { m.set_ref("\a"); }), impossible,
             "ref holds control characters"},
            {"none asked for", "payment.capture_requested", 1, with<v1::CaptureRequested>(none),
             impossible, zero},
            {"none taken", "payment.captured", 1, with<v1::Captured>(none), impossible, zero},
            {"taken nameless", "payment.captured", 1,
             with<v1::Captured>([](auto& m) { m.clear_provider_ref(); }), impossible,
             "provider_ref is empty"},
            {"no refund", "payment.refund_requested", 1,
             with<v1::RefundRequested>([](auto& m) { m.clear_refund_id(); }), impossible,
             "refund_id is no id"},
            {"none to go back", "payment.refund_requested", 1, with<v1::RefundRequested>(none),
             impossible, zero},
            {"no reason", "payment.refund_requested", 1,
             with<v1::RefundRequested>([](auto& m) { m.clear_reason(); }), impossible,
             "reason is empty"},
            {"none given back", "payment.refunded", 1, with<v1::Refunded>(none), impossible, zero},
            {"a failure without code", "payment.refund_failed", 1,
             with<v1::RefundFailed>([](auto& m) { m.clear_code(); }), impossible, "code is empty"},
            {"nothing found", "payment.reconciled", 1,
             with<v1::Reconciled>([](auto& m) { m.clear_found(); }), impossible,
             "found is nothing that is known"},
            {"no reference", "payment.reconciled", 1,
             with<v1::Reconciled>([](auto& m) { m.clear_ref(); }), impossible, "ref is empty"},
        });
    testing::expect_unknown<Event>(&decode, "payment.initiated");
}

RC_GTEST_PROP(PaymentCodecProperty, ReadsWhatItWrites, ()) {
    using testing::price, testing::words;
    const Operation operations[] = {Operation::authorise, Operation::capture, Operation::void_,
                                    Operation::refund};
    const auto operation = [&] { return operations[testing::pick(4)]; };
    const Found founds[] = {Found::done, Found::refused, Found::absent};
    const Event events[] = {
        Initiated{testing::id<OrderId>(), price(), words()},
        Authorised{words(), testing::time(), price()},
        Declined{words()},
        OutcomeUnknown{operation(), words()},
        CaptureRequested{price()},
        Captured{price(), words()},
        VoidRequested{},
        Voided{},
        RefundRequested{testing::id<RefundId>(), price(), words()},
        Refunded{testing::id<RefundId>(), price()},
        RefundFailed{testing::id<RefundId>(), words()},
        Reconciled{operation(), words(), founds[testing::pick(3)]},
    };
    for (const Event& event : events) testing::assert_round_trip<Event>(event, &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::payment
