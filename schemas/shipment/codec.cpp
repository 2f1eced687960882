#include "schemas/shipment/codec.h"

#include "schemas/shipment/v1/shipment.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::shipment {
namespace {

namespace v1 = skald::shipment::v1;
using skald::shipment::Created;
using skald::shipment::Delivered;
using skald::shipment::Event;
using skald::shipment::Failed;
using skald::shipment::Shipped;
using wire::Reader;

Encoded write(const Created& e) {
    v1::Created m;
    m.set_order(e.order.value());
    wire::write(e.lines, *m.mutable_lines());
    if (e.tracking) m.set_tracking(*e.tracking);
    return wire::pack(m);
}

Encoded write(const Shipped& e) {
    v1::Shipped m;
    m.set_tracking(e.tracking);
    wire::write(e.shipped_at, *m.mutable_shipped_at());
    return wire::pack(m);
}

Encoded write(const Delivered&) { return wire::pack(v1::Delivered()); }

Encoded write(const Failed& e) {
    v1::Failed m;
    m.set_reason(e.reason);
    return wire::pack(m);
}

Event created_v1(const v1::Created& m, Reader& r) {
    return Created{r.id<kernel::OrderId>("order", m.order()), r.portions("lines", m.lines()),
                   OPTIONAL_WORDS(m, tracking)};
}

Event shipped_v1(const v1::Shipped& m, Reader& r) {
    return Shipped{r.words("tracking", m.tracking()), PRESENT_TIME(m, shipped_at)};
}

Event delivered_v1(const v1::Delivered&, Reader&) { return Delivered{}; }

Event failed_v1(const v1::Failed& m, Reader& r) { return Failed{r.words("reason", m.reason())}; }

constexpr auto forms = wire::forms<&created_v1, &shipped_v1, &delivered_v1, &failed_v1>;

}  // namespace

Encoded encode(const Event& event) {
    return std::visit([](const auto& e) { return write(e); }, event);
}

Result<Event, DecodeError> decode(std::string_view type, int schema_version,
                                  std::string_view data) {
    return wire::decode<Event>(forms, type, schema_version, data);
}

std::vector<wire::Shape> shapes() { return wire::shapes_of<Event>(forms); }

}  // namespace skald::schemas::shipment
