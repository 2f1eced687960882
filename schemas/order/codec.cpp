#include "schemas/order/codec.h"

#include <set>

#include "schemas/order/v1/order.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::order {
namespace {

namespace v1 = skald::order::v1;
using skald::order::Cancelled;
using skald::order::CancelRefused;
using skald::order::CancelRequested;
using skald::order::Completed;
using skald::order::Confirmed;
using skald::order::Event;
using skald::order::Line;
using skald::order::Placed;
using skald::order::Rejected;
using skald::order::RestCancelled;
using skald::order::ReturnRecorded;
using skald::order::Shipped;
using wire::Reader;

void write(const Line& line, v1::Line& m) {
    m.set_sku(line.sku.value());
    m.set_title(line.title);
    if (line.department) m.set_department(*line.department);
    m.set_quantity(line.quantity.value());
    wire::write(line.unit_price, *m.mutable_unit_price());
    wire::write(line.total, *m.mutable_total());
    if (!line.ships)
        m.set_ships(false);  // absent: true, as in all lines before there was the field
}

Encoded write(const Placed& e) {
    v1::Placed m;
    m.set_account(e.account.value());
    for (const Line& line : e.lines) write(line, *m.add_lines());
    wire::write(e.total, *m.mutable_total());
    m.set_payment_method(e.payment_method);
    wire::write(e.placed_at, *m.mutable_placed_at());
    return wire::pack(m);
}

Encoded write(const Confirmed& e) {
    v1::Confirmed m;
    m.set_payment_id(e.payment_id.value());
    return wire::pack(m);
}

Encoded write(const Rejected& e) {
    v1::Rejected m;
    m.set_reason(e.reason);
    if (e.sku) m.set_sku(e.sku->value());
    return wire::pack(m);
}

Encoded write(const CancelRequested& e) {
    v1::CancelRequested m;
    m.set_reason(e.reason);
    wire::write(e.requested_at, *m.mutable_requested_at());
    return wire::pack(m);
}

Encoded write(const CancelRefused& e) {
    v1::CancelRefused m;
    m.set_reason(e.reason);
    return wire::pack(m);
}

Encoded write(const Cancelled& e) {
    v1::Cancelled m;
    wire::write(e.refund_due, *m.mutable_refund_due());
    return wire::pack(m);
}

Encoded write(const Shipped& e) {
    v1::Shipped m;
    m.set_shipment_id(e.shipment_id.value());
    wire::write(e.lines, *m.mutable_lines());
    return wire::pack(m);
}

Encoded write(const RestCancelled& e) {
    v1::RestCancelled m;
    m.set_reason(e.reason);
    wire::write(e.requested_at, *m.mutable_requested_at());
    wire::write(e.lines, *m.mutable_lines());
    wire::write(e.total, *m.mutable_total());
    wire::write(e.refund_due, *m.mutable_refund_due());
    m.set_shipments(e.shipments);
    return wire::pack(m);
}

Encoded write(const ReturnRecorded& e) {
    v1::ReturnRecorded m;
    m.set_return_id(e.return_id.value());
    wire::write(e.lines, *m.mutable_lines());
    wire::write(e.refund, *m.mutable_refund());
    if (e.reason) m.set_reason(*e.reason);
    return wire::pack(m);
}

Encoded write(const Completed&) { return wire::pack(v1::Completed()); }

Line line_of(const v1::Line& m, Reader& r) {
    Line line{r.id<kernel::Sku>("sku", m.sku()),
              r.words("title", m.title()),
              OPTIONAL_WORDS(m, department),
              r.quantity("quantity", m.quantity(), 1, skald::order::quantity_max),
              r.price("unit_price", m.unit_price()),
              r.price("total", m.total()),
              m.has_ships() ? m.ships() : true};
    r.require(multiply(line.unit_price, line.quantity.value()) == line.total,
              "a line's total is not quantity x unit_price");
    return line;
}

// Invariant of every stored order: its total is the sum of its lines, each sku once.
void add_up(const Placed& placed, Reader& r) {
    r.require(!placed.lines.empty(), "no lines");
    std::set<kernel::Sku> skus;
    Result<kernel::Money, kernel::MoneyError> sum = kernel::Money{0, placed.total.currency};
    for (const Line& line : placed.lines) {
        r.require(skus.insert(line.sku).second, "a sku twice");
        if (sum) sum = add(*sum, line.total);
    }
    r.require(sum == placed.total, "total is not the sum of the lines");
}

Event placed_v1(const v1::Placed& m, Reader& r) {
    Placed placed;
    placed.account = r.id<kernel::AccountId>("account", m.account());
    placed.lines.reserve(static_cast<std::size_t>(m.lines_size()));
    for (const auto& line : m.lines()) placed.lines.push_back(line_of(line, r));
    placed.total = r.price("total", m.total());
    placed.payment_method = r.words("payment_method", m.payment_method());
    placed.placed_at = PRESENT_TIME(m, placed_at);
    add_up(placed, r);
    return placed;
}

Event confirmed_v1(const v1::Confirmed& m, Reader& r) {
    return Confirmed{r.id<kernel::PaymentId>("payment_id", m.payment_id())};
}

Event rejected_v1(const v1::Rejected& m, Reader& r) {
    std::optional<kernel::Sku> sku;
    if (m.has_sku()) sku = r.id<kernel::Sku>("sku", m.sku());
    return Rejected{r.words("reason", m.reason()), sku};
}

Event cancel_requested_v1(const v1::CancelRequested& m, Reader& r) {
    return CancelRequested{r.words("reason", m.reason()), PRESENT_TIME(m, requested_at)};
}

Event cancel_refused_v1(const v1::CancelRefused& m, Reader& r) {
    return CancelRefused{r.words("reason", m.reason())};
}

Event cancelled_v1(const v1::Cancelled& m, Reader& r) {
    return Cancelled{r.amount("refund_due", m.refund_due())};
}

Event shipped_v1(const v1::Shipped& m, Reader& r) {
    return Shipped{r.id<kernel::ShipmentId>("shipment_id", m.shipment_id()),
                   r.portions("lines", m.lines())};
}

Event rest_cancelled_v1(const v1::RestCancelled& m, Reader& r) {
    r.require(m.shipments() > 0, "no shipment before it");
    return RestCancelled{r.words("reason", m.reason()),          PRESENT_TIME(m, requested_at),
                         r.portions("lines", m.lines()),         r.price("total", m.total()),
                         r.amount("refund_due", m.refund_due()), m.shipments()};
}

Event return_recorded_v1(const v1::ReturnRecorded& m, Reader& r) {
    return ReturnRecorded{r.id<kernel::ReturnId>("return_id", m.return_id()),
                          r.portions("lines", m.lines()), r.amount("refund", m.refund()),
                          OPTIONAL_WORDS(m, reason)};
}

Event completed_v1(const v1::Completed&, Reader&) { return Completed{}; }

constexpr auto forms =
    wire::forms<&placed_v1, &confirmed_v1, &rejected_v1, &cancel_requested_v1, &cancel_refused_v1,
                &cancelled_v1, &shipped_v1, &rest_cancelled_v1, &return_recorded_v1, &completed_v1>;

}  // namespace

Encoded encode(const Event& event) {
    return std::visit([](const auto& e) { return write(e); }, event);
}

Result<Event, DecodeError> decode(std::string_view type, int schema_version,
                                  std::string_view data) {
    return wire::decode<Event>(forms, type, schema_version, data);
}

std::vector<wire::Shape> shapes() { return wire::shapes_of<Event>(forms); }

}  // namespace skald::schemas::order
