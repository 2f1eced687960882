#include "schemas/stock/codec.h"

#include "schemas/stock/v1/stock.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::stock {
namespace {

namespace v1 = skald::stock::v1;
using kernel::HoldId;
using kernel::OrderId;
using kernel::Quantity;
using skald::stock::Adjusted;
using skald::stock::Allocated;
using skald::stock::Event;
using skald::stock::quantity_max;
using skald::stock::Received;
using skald::stock::Released;
using skald::stock::Reserved;
using skald::stock::Returned;
using skald::stock::Shipped;
using skald::stock::Unallocated;
using wire::Reader;

Encoded write(const Received& e) {
    v1::Received m;
    m.set_quantity(e.quantity.value());
    if (e.reference) m.set_reference(*e.reference);
    return wire::pack(m);
}

Encoded write(const Adjusted& e) {
    v1::Adjusted m;
    m.set_delta(e.delta.value());
    m.set_reason(e.reason);
    return wire::pack(m);
}

Encoded write(const Reserved& e) {
    v1::Reserved m;
    m.set_hold(e.hold.value());
    m.set_quantity(e.quantity.value());
    return wire::pack(m);
}

Encoded write(const Released& e) {
    v1::Released m;
    m.set_hold(e.hold.value());
    m.set_quantity(e.quantity.value());
    m.set_reason(e.reason);
    return wire::pack(m);
}

Encoded write(const Allocated& e) {
    v1::Allocated m;
    m.set_hold(e.hold.value());
    m.set_order(e.order.value());
    m.set_quantity(e.quantity.value());
    return wire::pack(m);
}

Encoded write(const Unallocated& e) {
    v1::Unallocated m;
    m.set_order(e.order.value());
    m.set_quantity(e.quantity.value());
    return wire::pack(m);
}

Encoded write(const Shipped& e) {
    v1::Shipped m;
    m.set_order(e.order.value());
    m.set_quantity(e.quantity.value());
    return wire::pack(m);
}

Encoded write(const Returned& e) {
    v1::Returned m;
    m.set_order(e.order.value());
    m.set_quantity(e.quantity.value());
    return wire::pack(m);
}

Quantity quantity_of(const auto& m, Reader& r) {
    return r.quantity("quantity", m.quantity(), 1, quantity_max);
}

Event received_v1(const v1::Received& m, Reader& r) {
    std::optional<std::string> reference;
    if (m.has_reference()) reference = r.text("reference", m.reference());
    return Received{quantity_of(m, r), reference};
}

Event adjusted_v1(const v1::Adjusted& m, Reader& r) {
    r.require(m.delta() != 0, "delta is 0");
    return Adjusted{r.quantity("delta", m.delta(), Quantity(0) - quantity_max, quantity_max),
                    r.words("reason", m.reason())};
}

Event reserved_v1(const v1::Reserved& m, Reader& r) {
    return Reserved{r.id<HoldId>("hold", m.hold()), quantity_of(m, r)};
}

Event released_v1(const v1::Released& m, Reader& r) {
    return Released{r.id<HoldId>("hold", m.hold()), quantity_of(m, r),
                    r.words("reason", m.reason())};
}

Event allocated_v1(const v1::Allocated& m, Reader& r) {
    return Allocated{r.id<HoldId>("hold", m.hold()), r.id<OrderId>("order", m.order()),
                     quantity_of(m, r)};
}

Event unallocated_v1(const v1::Unallocated& m, Reader& r) {
    return Unallocated{r.id<OrderId>("order", m.order()), quantity_of(m, r)};
}

Event shipped_v1(const v1::Shipped& m, Reader& r) {
    return Shipped{r.id<OrderId>("order", m.order()), quantity_of(m, r)};
}

Event returned_v1(const v1::Returned& m, Reader& r) {
    return Returned{r.id<OrderId>("order", m.order()), quantity_of(m, r)};
}

constexpr auto forms = wire::forms<&received_v1, &adjusted_v1, &reserved_v1, &released_v1,
                                   &allocated_v1, &unallocated_v1, &shipped_v1, &returned_v1>;

}  // namespace

Encoded encode(const Event& event) {
    return std::visit([](const auto& e) { return write(e); }, event);
}

Result<Event, DecodeError> decode(std::string_view type, int schema_version,
                                  std::string_view data) {
    return wire::decode<Event>(forms, type, schema_version, data);
}

std::vector<wire::Shape> shapes() { return wire::shapes_of<Event>(forms); }

}  // namespace skald::schemas::stock
