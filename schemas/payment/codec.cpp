#include "schemas/payment/codec.h"

#include "domain/kernel/invariant.h"
#include "schemas/payment/v1/payment.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::payment {
namespace {

namespace v1 = skald::payment::v1;
using kernel::OrderId;
using kernel::RefundId;
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
using wire::Reader;

struct OperationName {
    Operation operation;
    v1::Operation stored;
};
constexpr OperationName operations[] = {
    {Operation::authorise, v1::OPERATION_AUTHORISE},
    {Operation::capture, v1::OPERATION_CAPTURE},
    {Operation::void_, v1::OPERATION_VOID},
    {Operation::refund, v1::OPERATION_REFUND},
};

struct FoundName {
    Found found;
    v1::Found stored;
};
constexpr FoundName founds[] = {
    {Found::done, v1::FOUND_DONE},
    {Found::refused, v1::FOUND_REFUSED},
    {Found::absent, v1::FOUND_ABSENT},
};

v1::Operation stored(Operation operation) {
    for (const auto& name : operations)
        if (name.operation == operation) return name.stored;
    INVARIANT(false);
}

v1::Found stored(Found found) {
    for (const auto& name : founds)
        if (name.found == found) return name.stored;
    INVARIANT(false);
}

Operation operation_of(v1::Operation operation, Reader& r) {
    for (const auto& name : operations)
        if (name.stored == operation) return name.operation;
    r.require(false, "operation is none that is known");
    return {};
}

Found found_of(v1::Found found, Reader& r) {
    for (const auto& name : founds)
        if (name.stored == found) return name.found;
    r.require(false, "found is nothing that is known");
    return {};
}

Encoded write(const Initiated& e) {
    v1::Initiated m;
    m.set_order(e.order.value());
    wire::write(e.amount, *m.mutable_amount());
    m.set_method(e.method);
    return wire::pack(m);
}

Encoded write(const Authorised& e) {
    v1::Authorised m;
    m.set_provider_ref(e.provider_ref);
    wire::write(e.expires_at, *m.mutable_expires_at());
    wire::write(e.amount, *m.mutable_amount());
    return wire::pack(m);
}

Encoded write(const Declined& e) {
    v1::Declined m;
    m.set_code(e.code);
    return wire::pack(m);
}

Encoded write(const OutcomeUnknown& e) {
    v1::OutcomeUnknown m;
    m.set_operation(stored(e.operation));
    m.set_ref(e.ref);
    return wire::pack(m);
}

Encoded write(const CaptureRequested& e) {
    v1::CaptureRequested m;
    wire::write(e.amount, *m.mutable_amount());
    return wire::pack(m);
}

Encoded write(const Captured& e) {
    v1::Captured m;
    wire::write(e.amount, *m.mutable_amount());
    m.set_provider_ref(e.provider_ref);
    return wire::pack(m);
}

Encoded write(const VoidRequested&) { return wire::pack(v1::VoidRequested()); }

Encoded write(const Voided&) { return wire::pack(v1::Voided()); }

Encoded write(const RefundRequested& e) {
    v1::RefundRequested m;
    m.set_refund_id(e.refund_id.value());
    wire::write(e.amount, *m.mutable_amount());
    m.set_reason(e.reason);
    return wire::pack(m);
}

Encoded write(const Refunded& e) {
    v1::Refunded m;
    m.set_refund_id(e.refund_id.value());
    wire::write(e.amount, *m.mutable_amount());
    return wire::pack(m);
}

Encoded write(const RefundFailed& e) {
    v1::RefundFailed m;
    m.set_refund_id(e.refund_id.value());
    m.set_code(e.code);
    return wire::pack(m);
}

Encoded write(const Reconciled& e) {
    v1::Reconciled m;
    m.set_operation(stored(e.operation));
    m.set_ref(e.ref);
    m.set_found(stored(e.found));
    return wire::pack(m);
}

Event initiated_v1(const v1::Initiated& m, Reader& r) {
    return Initiated{r.id<OrderId>("order", m.order()), r.price("amount", m.amount()),
                     r.words("method", m.method())};
}

Event authorised_v1(const v1::Authorised& m, Reader& r) {
    return Authorised{r.words("provider_ref", m.provider_ref()), PRESENT_TIME(m, expires_at),
                      r.price("amount", m.amount())};
}

Event declined_v1(const v1::Declined& m, Reader& r) { return Declined{r.words("code", m.code())}; }

Event outcome_unknown_v1(const v1::OutcomeUnknown& m, Reader& r) {
    return OutcomeUnknown{operation_of(m.operation(), r), r.words("ref", m.ref())};
}

Event capture_requested_v1(const v1::CaptureRequested& m, Reader& r) {
    return CaptureRequested{r.price("amount", m.amount())};
}

Event captured_v1(const v1::Captured& m, Reader& r) {
    return Captured{r.price("amount", m.amount()), r.words("provider_ref", m.provider_ref())};
}

Event void_requested_v1(const v1::VoidRequested&, Reader&) { return VoidRequested{}; }

Event voided_v1(const v1::Voided&, Reader&) { return Voided{}; }

Event refund_requested_v1(const v1::RefundRequested& m, Reader& r) {
    return RefundRequested{r.id<RefundId>("refund_id", m.refund_id()),
                           r.price("amount", m.amount()), r.words("reason", m.reason())};
}

Event refunded_v1(const v1::Refunded& m, Reader& r) {
    return Refunded{r.id<RefundId>("refund_id", m.refund_id()), r.price("amount", m.amount())};
}

Event refund_failed_v1(const v1::RefundFailed& m, Reader& r) {
    return RefundFailed{r.id<RefundId>("refund_id", m.refund_id()), r.words("code", m.code())};
}

Event reconciled_v1(const v1::Reconciled& m, Reader& r) {
    return Reconciled{operation_of(m.operation(), r), r.words("ref", m.ref()),
                      found_of(m.found(), r)};
}

constexpr auto forms =
    wire::forms<&initiated_v1, &authorised_v1, &declined_v1, &outcome_unknown_v1,
                &capture_requested_v1, &captured_v1, &void_requested_v1, &voided_v1,
                &refund_requested_v1, &refunded_v1, &refund_failed_v1, &reconciled_v1>;

}  // namespace

Encoded encode(const Event& event) {
    return std::visit([](const auto& e) { return write(e); }, event);
}

Result<Event, DecodeError> decode(std::string_view type, int schema_version,
                                  std::string_view data) {
    return wire::decode<Event>(forms, type, schema_version, data);
}

std::vector<wire::Shape> shapes() { return wire::shapes_of<Event>(forms); }

}  // namespace skald::schemas::payment
