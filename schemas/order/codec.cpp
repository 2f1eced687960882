#include "schemas/order/codec.h"

#include <set>

#include "schemas/order/v1/order.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::order {
namespace {

namespace v1 = skald::order::v1;
using skald::order::Event;
using skald::order::Line;
using skald::order::Placed;
using wire::Reader;

constexpr std::string_view placed_type = "order.placed";

void write(const Line& line, v1::Line& m) {
    m.set_sku(line.sku.value());
    m.set_title(line.title);
    if (line.department) m.set_department(*line.department);
    m.set_quantity(line.quantity.value());
    wire::write(line.unit_price, *m.mutable_unit_price());
    wire::write(line.total, *m.mutable_total());
}

Encoded write(const Placed& e) {
    v1::Placed m;
    m.set_account(e.account.value());
    for (const Line& line : e.lines) write(line, *m.add_lines());
    wire::write(e.total, *m.mutable_total());
    m.set_payment_method(e.payment_method);
    wire::write(e.placed_at, *m.mutable_placed_at());
    return wire::pack(placed_type, 1, m);
}

Line line_of(const v1::Line& m, Reader& r) {
    Line line{r.id<kernel::Sku>("sku", m.sku()),
              r.words("title", m.title()),
              OPTIONAL_WORDS(m, department),
              r.quantity("quantity", m.quantity(), 1, skald::order::quantity_max),
              r.price("unit_price", m.unit_price()),
              r.price("total", m.total())};
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
    r.require(m.has_placed_at(), "placed_at is absent");
    placed.placed_at = r.time("placed_at", m.placed_at());
    add_up(placed, r);
    return placed;
}

const wire::Form<Event> forms[] = {wire::form<&placed_v1>(placed_type, 1)};

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
