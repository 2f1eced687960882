#include "domain/order/order.h"

#include <set>

#include "domain/kernel/text.h"
#include "domain/order/life.h"

namespace skald::order {
namespace {

using kernel::accept;
using kernel::refuse;
using Code = std::optional<RefusalCode>;

Code fault_of(const LineRequest& line) {
    if (!is_id(line.sku)) return RefusalCode::sku_invalid;
    if (line.title.empty() || !kernel::is_text(line.title)) return RefusalCode::text_invalid;
    if (line.department && (line.department->empty() || !kernel::is_text(*line.department)))
        return RefusalCode::text_invalid;
    if (line.quantity < 1 || line.quantity > quantity_max)
        return RefusalCode::quantity_out_of_range;
    if (line.unit_price.amount < 1) return RefusalCode::price_not_positive;
    return std::nullopt;
}

// What is wrong with the order apart from its lines.
Code fault_of(const Place& c) {
    if (!is_id(c.account)) return RefusalCode::account_invalid;
    if (!kernel::is_id(std::string_view(c.payment_method)))
        return RefusalCode::payment_method_invalid;
    if (c.placed_at < time_min || c.placed_at > time_max)
        return RefusalCode::placed_at_out_of_range;
    if (c.lines.empty()) return RefusalCode::no_lines;
    if (c.lines.size() > lines_max) return RefusalCode::too_many_lines;
    return std::nullopt;
}

std::size_t bytes_of(const LineRequest& line) {
    return line.sku.value().size() + line.title.size() +
           (line.department ? line.department->size() : 0) + line_bytes_beside_texts;
}

RefusalCode code_of(kernel::MoneyError error) {
    return error == kernel::MoneyError::currencies_differ ? RefusalCode::mixed_currencies
                                                          : RefusalCode::total_overflow;
}

Decision on(const State& s, const Place& c) {
    if (s.exists) return refuse(Refusal{RefusalCode::already_placed});
    if (const auto fault = fault_of(c)) return refuse(Refusal{*fault});
    Placed placed{
        c.account, {}, {0, c.lines[0].unit_price.currency}, c.payment_method, c.placed_at};
    placed.lines.reserve(c.lines.size());
    std::set<Sku> skus;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < c.lines.size(); ++i) {
        const LineRequest& line = c.lines[i];
        if (const auto fault = fault_of(line)) return refuse(Refusal{*fault, i});
        if (!skus.insert(line.sku).second) return refuse(Refusal{RefusalCode::duplicate_sku, i});
        const auto line_total = multiply(line.unit_price, line.quantity.value());
        if (!line_total) return refuse(Refusal{code_of(line_total.error()), i});
        const auto total = add(placed.total, *line_total);
        if (!total) return refuse(Refusal{code_of(total.error()), i});
        if (total->amount > total_max) return refuse(Refusal{RefusalCode::total_overflow, i});
        bytes += bytes_of(line);
        if (bytes > lines_bytes_max) return refuse(Refusal{RefusalCode::too_large, i});
        placed.total = *total;
        placed.lines.push_back({line.sku, line.title, line.department, line.quantity,
                                line.unit_price, *line_total, line.ships});
    }
    return accept(std::move(placed));
}

}  // namespace

Decision decide(const State& state, const Command& command) {
    return std::visit([&](const auto& c) { return on(state, c); }, command);
}

}  // namespace skald::order
