#include "projections/payments/queries.h"

#include <nlohmann/json.hpp>

#include "projections/payments/projection.h"
#include "projections/reading/snapshot.h"
#include "projections/sql.h"

namespace skald::projections::payments {
namespace {

using nlohmann::json;

Payment payment_in(const pq::Rows& rows) {
    const auto currency = kernel::Currency::make(rows.text_view(0, 4)).value();
    Payment payment;
    payment.id = kernel::PaymentId(rows.text(0, 0));
    payment.order = kernel::OrderId(rows.text(0, 1));
    payment.method = rows.text(0, 2);
    payment.amount = {rows.int8(0, 3), currency};
    payment.authorisation = rows.text(0, 5);
    payment.code = rows.optional_text(0, 6);
    payment.capturing = {rows.int8(0, 7), currency};
    payment.voiding = rows.boolean(0, 8);
    payment.captured = {rows.int8(0, 9), currency};
    payment.refunding = {0, currency};
    payment.refunded = {rows.int8(0, 10), currency};
    payment.version = eventstore::Version(rows.int8(0, 11));
    payment.created_at = kernel::Timestamp(rows.timestamp(0, 12));
    payment.updated_at = kernel::Timestamp(rows.timestamp(0, 13));
    payment.authorised = {rows.int8(0, 14), currency};
    if (payment.authorisation == "authorised")
        payment.authorised_until = kernel::Timestamp(rows.timestamp(0, 15));
    payment.unknown = rows.boolean(0, 16);
    return payment;
}

std::optional<std::string> optional_text(const json& value) {
    return value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
}

void add_refund(Payment& payment, const json& row) {
    Refund refund{.id = kernel::RefundId(row.at(0).get<std::string>()),
                  .amount = {row.at(1), payment.amount.currency},
                  .reason = row.at(2),
                  .status = row.at(3),
                  .code = optional_text(row.at(4)),
                  .requested_at = kernel::Timestamp(row.at(5).get<std::int64_t>())};
    if (refund.status == "requested") payment.refunding.amount += refund.amount.amount;
    payment.refunds.push_back(std::move(refund));
}

Movement movement_in(const json& row, const kernel::Currency& currency) {
    Movement movement{.type = row.at(0),
                      .at = kernel::Timestamp(row.at(1).get<std::int64_t>()),
                      .amount = {row.at(2), currency},
                      .refund = std::nullopt};
    if (auto refund = optional_text(row.at(3)))
        movement.refund = kernel::RefundId(*std::move(refund));
    return movement;
}

}  // namespace

ReadResult<std::optional<Payment>> find(Reading& reading, const kernel::PaymentId& id,
                                        const ReadRequest& request) {
    const auto partition_key = kernel::order_of(id).value();
    return read_thing(
        reading, projection(), partition_key, request,
        {sql::find_payment, pq::Params().text(id.value())},
        [](const Found& found) -> std::optional<Payment> {
            if (found.size == 0) return std::nullopt;
            auto payment = payment_in(found.rows);
            for (const auto& row : json::parse(found.rows.text_view(0, 17)))
                add_refund(payment, row);
            for (const auto& row : json::parse(found.rows.text_view(0, 18)))
                payment.movements.push_back(movement_in(row, payment.amount.currency));
            return payment;
        });
}

}  // namespace skald::projections::payments
