#include "projections/payments/projection.h"

#include "domain/kernel/enum_name.h"
#include "projections/decoded.h"
#include "projections/sql.h"
#include "schemas/payment/codec.h"

namespace skald::projections::payments {
namespace {

using eventstore::StoredEvent;
using payment::Operation;

const Table payments{.name = "payments",
                     .create = sql::payments_table,
                     .key_columns = 1,
                     .key_has_partition = false,
                     .columns = {{"id"},
                                 {"order_id"},
                                 {"method"},
                                 {"amount", ColumnType::int8},
                                 {"currency"},
                                 {"authorisation"},
                                 {"code"},
                                 {"capturing", ColumnType::int8},
                                 {"voiding", ColumnType::boolean},
                                 {"captured", ColumnType::int8, Merge::sum},
                                 {"refunded", ColumnType::int8, Merge::sum},
                                 {"version", ColumnType::int8},
                                 {"created_at", ColumnType::timestamp},
                                 {"updated_at", ColumnType::timestamp}}};

const Table promises{.name = "payment_promises",
                     .create = sql::payment_promises_table,
                     .key_columns = 1,
                     .key_has_partition = false,
                     .columns = {{"payment_id"},
                                 {"provider_ref"},
                                 {"amount", ColumnType::int8},
                                 {"expires_at", ColumnType::timestamp}}};

const Table refunds{.name = "payment_refunds",
                    .create = sql::payment_refunds_table,
                    .key_columns = 2,
                    .key_has_partition = false,
                    .columns = {{"payment_id"},
                                {"refund_id"},
                                {"version", ColumnType::int8},
                                {"amount", ColumnType::int8},
                                {"reason"},
                                {"status"},
                                {"code"},
                                {"requested_at", ColumnType::timestamp}}};

const Table doubts{
    .name = "payment_doubts",
    .create = sql::payment_doubts_table,
    .key_columns = 3,
    .key_has_partition = false,
    .columns = {{"payment_id"}, {"operation"}, {"refund_id"}, {"since", ColumnType::timestamp}}};

const Table movements{.name = "payment_movements",
                      .create = sql::payment_movements_table,
                      .key_columns = 2,
                      .key_has_partition = false,
                      .columns = {{"payment_id"},
                                  {"version", ColumnType::int8},
                                  {"type"},
                                  {"at", ColumnType::timestamp},
                                  {"amount", ColumnType::int8},
                                  {"refund_id"}}};

std::string id_of(const StoredEvent& event) { return std::string(event.stream.id()); }

// The payment is further since this event.
RowChange happened(const StoredEvent& event) {
    return update(payments, {{"id", id_of(event)},
                             {"version", event.version.value()},
                             {"updated_at", event.recorded_at.value()}});
}

RowChange set(const StoredEvent& event, std::string_view column, const Value& value) {
    return update(payments, {{"id", id_of(event)}, {column, value}});
}

RowChange movement(const StoredEvent& event, std::int64_t amount,
                   const Value& refund_id = std::monostate()) {
    return put(movements, {{"payment_id", id_of(event)},
                           {"version", event.version.value()},
                           {"type", event.type},
                           {"at", event.recorded_at.value()},
                           {"amount", amount},
                           {"refund_id", refund_id}});
}

// The operation as users read it: its name without what C++ has it wear.
std::string word_of(Operation operation) {
    return operation == Operation::void_ ? "void" : std::string(kernel::name_of(operation));
}

// Of a refund only its own doubt, of all else the only one there can be.
std::string refund_of(Operation operation, const std::string& ref) {
    return operation == Operation::refund ? ref : std::string();
}

constexpr std::int64_t none = 0;

Changes changes_of(const payment::Initiated& fact, const StoredEvent& event, Earlier) {
    return {put(payments, {{"id", id_of(event)},
                           {"order_id", fact.order.value()},
                           {"method", fact.method},
                           {"amount", fact.amount.amount},
                           {"currency", std::string(fact.amount.currency.code())},
                           {"authorisation", "pending"},
                           {"code", std::monostate()},
                           {"capturing", none},
                           {"voiding", false},
                           {"captured", none},
                           {"refunded", none},
                           {"version", event.version.value()},
                           {"created_at", event.recorded_at.value()},
                           {"updated_at", event.recorded_at.value()}})};
}

Changes changes_of(const payment::Authorised& fact, const StoredEvent& event, Earlier) {
    return {happened(event), set(event, "authorisation", "authorised"),
            put(promises, {{"payment_id", id_of(event)},
                           {"provider_ref", fact.provider_ref},
                           {"amount", fact.amount.amount},
                           {"expires_at", fact.expires_at.value()}}),
            movement(event, fact.amount.amount)};
}

Changes changes_of(const payment::Declined& fact, const StoredEvent& event, Earlier) {
    return {happened(event), set(event, "authorisation", "declined"),
            set(event, "code", fact.code)};
}

Changes changes_of(const payment::OutcomeUnknown& fact, const StoredEvent& event, Earlier) {
    return {happened(event), put(doubts, {{"payment_id", id_of(event)},
                                          {"operation", word_of(fact.operation)},
                                          {"refund_id", refund_of(fact.operation, fact.ref)},
                                          {"since", event.recorded_at.value()}})};
}

Changes changes_of(const payment::Reconciled& fact, const StoredEvent& event, Earlier) {
    Changes changes{happened(event),
                    remove(doubts, {{"payment_id", id_of(event)},
                                    {"operation", word_of(fact.operation)},
                                    {"refund_id", refund_of(fact.operation, fact.ref)}})};
    if (fact.found == payment::Found::done) return changes;  // which follows as a fact of its own
    if (fact.operation == Operation::capture) changes.push_back(set(event, "capturing", none));
    if (fact.operation == Operation::void_) changes.push_back(set(event, "voiding", false));
    return changes;
}

Changes changes_of(const payment::CaptureRequested& fact, const StoredEvent& event, Earlier) {
    return {happened(event), set(event, "capturing", fact.amount.amount)};
}

Changes changes_of(const payment::Captured& fact, const StoredEvent& event, Earlier) {
    return {happened(event), set(event, "capturing", none),
            set(event, "captured", fact.amount.amount), movement(event, fact.amount.amount)};
}

Changes changes_of(const payment::VoidRequested&, const StoredEvent& event, Earlier) {
    return {happened(event), set(event, "voiding", true)};
}

// What is let go of is what was promised and not taken.
Changes changes_of(const payment::Voided&, const StoredEvent& event, Earlier earlier) {
    const auto authorised = facts_in<payment::Authorised>(earlier, schemas::payment::decode);
    kernel::possible(authorised.size() == 1, "voided, but not authorised before");
    std::int64_t amount = authorised.front().amount.amount;
    for (const auto& captured : facts_in<payment::Captured>(earlier, schemas::payment::decode))
        amount -= captured.amount.amount;
    return {happened(event), set(event, "voiding", false), set(event, "authorisation", "voided"),
            movement(event, amount)};
}

Changes changes_of(const payment::RefundRequested& fact, const StoredEvent& event, Earlier) {
    return {happened(event), put(refunds, {{"payment_id", id_of(event)},
                                           {"refund_id", fact.refund_id.value()},
                                           {"version", event.version.value()},
                                           {"amount", fact.amount.amount},
                                           {"reason", fact.reason},
                                           {"status", "requested"},
                                           {"code", std::monostate()},
                                           {"requested_at", event.recorded_at.value()}})};
}

RowChange ended(const StoredEvent& event, const kernel::RefundId& refund, const char* status,
                const Value& code) {
    return update(refunds, {{"payment_id", id_of(event)},
                            {"refund_id", refund.value()},
                            {"status", status},
                            {"code", code}});
}

Changes changes_of(const payment::Refunded& fact, const StoredEvent& event, Earlier) {
    return {happened(event), set(event, "refunded", fact.amount.amount),
            ended(event, fact.refund_id, "refunded", std::monostate()),
            movement(event, fact.amount.amount, fact.refund_id.value())};
}

Changes changes_of(const payment::RefundFailed& fact, const StoredEvent& event, Earlier) {
    return {happened(event), ended(event, fact.refund_id, "failed", fact.code)};
}

}  // namespace

const Projection& projection() {
    static const Projection all{
        .name = "payments",
        .definition = 1,
        .event_types = {"payment.initiated", "payment.authorised", "payment.declined",
                        "payment.outcome_unknown", "payment.reconciled",
                        "payment.capture_requested", "payment.captured", "payment.void_requested",
                        "payment.voided", "payment.refund_requested", "payment.refunded",
                        "payment.refund_failed"},
        .tables = {&payments, &promises, &refunds, &doubts, &movements},
        .look_backs = {{"payment.voided", {"payment.authorised", "payment.captured"}}},
        .changes_of =
            [](const StoredEvent& event, Earlier earlier) {
                return decoded(event, schemas::payment::decode,
                               [&](const auto& fact, const StoredEvent& stored) {
                                   return changes_of(fact, stored, earlier);
                               });
            },
        .knows = in_catalogue};
    return all;
}

}  // namespace skald::projections::payments
