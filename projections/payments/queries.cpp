#include "projections/payments/queries.h"

#include "projections/payments/projection.h"
#include "projections/reading/snapshot.h"
#include "projections/sql.h"

namespace skald::projections::payments {
namespace {

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

void add_refund(Payment& payment, const pq::Rows& rows, int row) {
    Refund refund{.id = kernel::RefundId(rows.text(row, 0)),
                  .amount = {rows.int8(row, 1), payment.amount.currency},
                  .reason = rows.text(row, 2),
                  .status = rows.text(row, 3),
                  .code = rows.optional_text(row, 4),
                  .requested_at = kernel::Timestamp(rows.timestamp(row, 5))};
    if (refund.status == "requested") payment.refunding.amount += refund.amount.amount;
    payment.refunds.push_back(std::move(refund));
}

Movement movement_in(const pq::Rows& rows, int row, const kernel::Currency& currency) {
    Movement movement{.type = rows.text(row, 0),
                      .at = kernel::Timestamp(rows.timestamp(row, 1)),
                      .amount = {rows.int8(row, 2), currency},
                      .refund = std::nullopt};
    if (auto refund = rows.optional_text(row, 3))
        movement.refund = kernel::RefundId(*std::move(refund));
    return movement;
}

}  // namespace

ReadResult<std::optional<Payment>> find(Reading& reading, const kernel::PaymentId& id,
                                        const ReadRequest& request) {
    const auto partition_key = kernel::order_of(id).value();
    return read(reading, projection(), partition_key, request, [&](Snapshot& snapshot) {
        const auto key = pq::Params().text(id.value());
        const auto rows = snapshot.query(sql::find_payment, key);
        std::optional<Payment> payment;
        if (rows.empty()) return payment;
        payment = payment_in(rows);
        const auto refunds = snapshot.query(sql::find_payment_refunds, key);
        for (int i = 0; i < refunds.size(); ++i) add_refund(*payment, refunds, i);
        const auto movements = snapshot.query(sql::find_payment_movements, key);
        for (int i = 0; i < movements.size(); ++i)
            payment->movements.push_back(movement_in(movements, i, payment->amount.currency));
        return payment;
    });
}

}  // namespace skald::projections::payments
