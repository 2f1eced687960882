#include "domain/order/life.h"

#include <algorithm>
#include <set>

#include "domain/kernel/text.h"

namespace skald::order {
namespace {

using kernel::accept;
using kernel::already_done;
using kernel::refuse;
using Fault = std::optional<Refusal>;

Fault fault_of_reason(const std::string& reason) {
    if (reason.empty()) return Refusal{RefusalCode::reason_empty};
    if (reason.size() > kernel::label_bytes_max) return Refusal{RefusalCode::reason_too_long};
    if (!kernel::is_text(reason)) return Refusal{RefusalCode::reason_invalid};
    return std::nullopt;
}

Fault fault_of_request(const std::string& reason, Timestamp requested_at) {
    if (auto fault = fault_of_reason(reason)) return fault;
    if (requested_at < time_min || requested_at > time_max)
        return Refusal{RefusalCode::requested_at_out_of_range};
    return std::nullopt;
}

Fault fault_of_refund(const State& s, const Money& refund) {
    if (refund.amount < 0) return Refusal{RefusalCode::refund_negative};
    if (refund.currency != s.total.currency) return Refusal{RefusalCode::refund_currency_differs};
    return std::nullopt;
}

// `limit` says of a line and a quantity what stands against it.
Fault fault_of_portions(const State& s, const std::vector<Portion>& portions, auto limit) {
    if (portions.empty()) return Refusal{RefusalCode::no_lines};
    std::set<Sku> skus;
    for (std::size_t i = 0; i < portions.size(); ++i) {
        const auto& [sku, quantity] = portions[i];
        if (quantity < 1) return Refusal{RefusalCode::quantity_out_of_range, i};
        const auto line = find_line(s, sku);
        if (!line) return Refusal{RefusalCode::sku_unknown, i};
        if (!skus.insert(sku).second) return Refusal{RefusalCode::duplicate_sku, i};
        if (const auto code = limit(*line, quantity)) return Refusal{*code, i};
    }
    return std::nullopt;
}

Refusal forbidden() { return {RefusalCode::status_forbids}; }

}  // namespace

Decision on(const State& s, const Confirm& c) {
    if (!s.exists) return refuse(Refusal{RefusalCode::not_found});
    if (!is_id(c.payment_id)) return refuse(Refusal{RefusalCode::id_invalid});
    if (s.payment == c.payment_id) return already_done();
    if (s.payment) return refuse(Refusal{RefusalCode::payment_differs});
    if (s.status != Status::pending) return refuse(forbidden());
    return accept(Confirmed{c.payment_id});
}

Decision on(const State& s, const Reject& c) {
    if (!s.exists) return refuse(Refusal{RefusalCode::not_found});
    if (const auto fault = fault_of_reason(c.reason)) return refuse(*fault);
    if (s.status == Status::rejected) return already_done();
    if (s.status != Status::pending) return refuse(forbidden());
    if (c.sku && !find_line(s, *c.sku)) return refuse(Refusal{RefusalCode::sku_unknown});
    return accept(Rejected{c.reason, c.sku});
}

Decision on(const State& s, const RequestCancel& c) {
    if (!s.exists) return refuse(Refusal{RefusalCode::not_found});
    if (const auto fault = fault_of_request(c.reason, c.requested_at)) return refuse(*fault);
    if (s.status == Status::cancelling || s.status == Status::cancelled) return already_done();
    if (!s.shipments.empty() || s.status == Status::completed)
        return refuse(Refusal{RefusalCode::cancel_too_late});
    if (s.status == Status::rejected) return refuse(forbidden());
    return accept(CancelRequested{c.reason, c.requested_at});
}

Decision on(const State& s, const RefuseCancel& c) {
    if (!s.exists) return refuse(Refusal{RefusalCode::not_found});
    if (const auto fault = fault_of_reason(c.reason)) return refuse(*fault);
    if (s.cancel_refused) return already_done();
    if (s.status != Status::cancelling) return refuse(forbidden());
    return accept(CancelRefused{c.reason});
}

Decision on(const State& s, const Cancel& c) {
    if (!s.exists) return refuse(Refusal{RefusalCode::not_found});
    if (const auto fault = fault_of_refund(s, c.refund_due)) return refuse(*fault);
    if (s.status == Status::cancelled) {
        if (s.refund_due == c.refund_due) return already_done();
        return refuse(Refusal{RefusalCode::refund_differs});
    }
    if (s.status != Status::cancelling) return refuse(forbidden());
    if (c.refund_due.amount > s.total.amount) return refuse(Refusal{RefusalCode::refund_too_much});
    return accept(Cancelled{c.refund_due});
}

Decision on(const State& s, const RecordShipment& c) {
    if (!s.exists) return refuse(Refusal{RefusalCode::not_found});
    if (!is_id(c.shipment_id)) return refuse(Refusal{RefusalCode::id_invalid});
    if (const auto known = s.shipments.find(c.shipment_id); known != s.shipments.end()) {
        if (known->second != c.lines) return refuse(Refusal{RefusalCode::shipment_differs});
        return already_done();
    }
    if (s.status != Status::confirmed) return refuse(forbidden());
    const auto limit = [&](std::size_t line, Quantity quantity) {
        if (!s.lines[line].ships) return std::optional(RefusalCode::does_not_ship);
        return quantity > s.progress[line].allocated
                   ? std::optional(RefusalCode::more_than_allocated)
                   : std::nullopt;
    };
    if (const auto fault = fault_of_portions(s, c.lines, limit)) return refuse(*fault);
    return accept(Shipped{c.shipment_id, c.lines});
}

Decision on(const State& s, const CancelRest& c) {
    if (!s.exists) return refuse(Refusal{RefusalCode::not_found});
    if (const auto fault = fault_of_request(c.reason, c.requested_at)) return refuse(*fault);
    if (const auto fault = fault_of_refund(s, c.refund_due)) return refuse(*fault);
    if (s.rest_cancelled) return already_done();
    if (s.status == Status::shipped || s.status == Status::completed)
        return refuse(Refusal{RefusalCode::cancel_too_late});
    if (s.status != Status::confirmed || s.shipments.empty()) return refuse(forbidden());
    const auto left = unshipped(s);
    const auto total = cost(s, left);
    if (c.refund_due.amount > total.amount) return refuse(Refusal{RefusalCode::refund_too_much});
    return accept(RestCancelled{c.reason, c.requested_at, left, total, c.refund_due,
                                static_cast<std::int32_t>(s.shipments.size())});
}

Decision on(const State& s, const RecordReturn& c) {
    if (!s.exists) return refuse(Refusal{RefusalCode::not_found});
    if (!is_id(c.return_id)) return refuse(Refusal{RefusalCode::id_invalid});
    if (c.reason) {
        if (const auto fault = fault_of_reason(*c.reason)) return refuse(*fault);
    }
    if (const auto fault = fault_of_refund(s, c.refund)) return refuse(*fault);
    if (const auto known = s.returns.find(c.return_id); known != s.returns.end()) {
        if (known->second != Return{c.lines, c.refund, c.reason})
            return refuse(Refusal{RefusalCode::return_differs});
        return already_done();
    }
    const auto out = [](const Progress& line) { return line.shipped > 0; };
    if (std::ranges::none_of(s.progress, out)) return refuse(forbidden());
    const auto limit = [&](std::size_t line, Quantity quantity) {
        return quantity > s.progress[line].shipped - s.progress[line].returned
                   ? std::optional(RefusalCode::more_than_shipped)
                   : std::nullopt;
    };
    if (const auto fault = fault_of_portions(s, c.lines, limit)) return refuse(*fault);
    if (c.refund.amount > owed(s).amount - s.refunded.amount)
        return refuse(Refusal{RefusalCode::refund_too_much});
    return accept(ReturnRecorded{c.return_id, c.lines, c.refund, c.reason});
}

Decision on(const State& s, const Complete&) {
    if (!s.exists) return refuse(Refusal{RefusalCode::not_found});
    if (s.status == Status::completed) return already_done();
    if (s.status != Status::confirmed && s.status != Status::shipped) return refuse(forbidden());
    if (has_unshipped(s)) return refuse(Refusal{RefusalCode::not_all_shipped});
    return accept(Completed{});
}

}  // namespace skald::order
