#include "sagas/checkout/checkout.h"

#include <algorithm>

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/orders.h"
#include "commands/payments.h"
#include "domain/kernel/invariant.h"
#include "sagas/checkout/companions.h"
#include "sagas/checkout/input.h"
#include "sagas/engine/saga_command.h"
#include "sagas/shop/stock_sends.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

enum CheckoutResource : Resources { held_stock = 1, promised_money = 2 };

constexpr Step accept{
    .name = "accept", .kind = StepKind::local, .then = "reserve", .undo = Undo::by_itself};
constexpr Step reserve{
    .name = "reserve",
    .kind = StepKind::commands,
    .then = "authorise",
    .undo = Undo::by_itself,
    .deadline = 30s,
    .undo_deadline = 1h,  // nobody gains by giving up on what only needs to be sent again
    .acquires = held_stock};
constexpr Step authorise{
    .name = "authorise",
    .kind = StepKind::call,
    .then = "confirm",
    .undo = Undo::by_itself,
    .deadline = 60s,
    .undo_deadline = 15min,  // longer than a request may be on its way to the provider
    .attempt = 5s,
    .acquires = promised_money};
constexpr Step confirm{
    .name = "confirm", .kind = StepKind::local, .then = "allocate", .pivot = true};
constexpr Step allocate{.name = "allocate",
                        .kind = StepKind::commands,
                        .then = "capture",
                        .or_then = "hand_over",
                        .otherwise = Otherwise::stick,
                        .deadline = 24h,
                        .settles = held_stock};
constexpr Step capture_then(std::string_view next) {
    return {.name = "capture",
            .kind = StepKind::call,
            .then = next,
            .otherwise = Otherwise::stick,
            .deadline = 24h,
            .attempt = 5s,
            .settles = promised_money};
}
// Version 2. What is paid for and need not be carried is the customer's: it is in stock no more.
constexpr Step take_out{.name = "take_out",
                        .kind = StepKind::commands,
                        .then = "complete",
                        .otherwise = Otherwise::stick,
                        .deadline = 24h};
constexpr Step complete{
    .name = "complete", .kind = StepKind::local, .last = true, .otherwise = Otherwise::stick};
// The promise stays with the payment: it is taken when the goods are shipped.
constexpr Step hand_over{.name = "hand_over",
                         .kind = StepKind::local,
                         .last = true,
                         .otherwise = Otherwise::stick,
                         .settles = promised_money};

constexpr Step steps_1[] = {
    accept, reserve, authorise, confirm, allocate, capture_then("complete"), complete, hand_over};
constexpr Definition version_1 = verified<steps_1>("checkout", 1, 5min);
constexpr Step steps_2[] = {accept,   reserve,  authorise,
                            confirm,  allocate, capture_then("take_out"),
                            take_out, complete, hand_over};
constexpr Definition version_2 = verified<steps_2>("checkout", 2, 5min);

class Checkout : public Process {
  public:
    explicit Checkout(const Definition& definition) : definition_(definition) {}

    const Definition& definition() const override { return definition_; }

    std::vector<eventstore::StreamName> companion_streams(
        const std::string& subject) const override {
        return {commands::order_stream(kernel::OrderId(subject)),
                commands::payment_stream(commands::payment_of(kernel::OrderId(subject)))};
    }
    std::unique_ptr<Companions> companions(const eventstore::States& states,
                                           std::size_t first) const override {
        return std::make_unique<CheckoutCompanions>(states.get<order::State>(first),
                                                    states.get<payment::State>(first + 1));
    }
    std::int32_t items(const saga::State& saga, std::string_view) const override {
        return static_cast<std::int32_t>(decode_checkout_input(saga.input).lines.size());
    }
    std::size_t next(const saga::State& saga, std::string_view step) const override {
        return step == "allocate" && decode_checkout_input(saga.input).ships ? 1 : 0;
    }
    Send send(const saga::State& saga, std::string_view step, std::int32_t item, bool undo,
              const std::string& meta) const override {
        const auto line =
            decode_checkout_input(saga.input).lines.at(static_cast<std::size_t>(item));
        const auto hold = checkout_hold(kernel::OrderId(saga.subject), item);
        if (step == "allocate")
            return to_stock(line.sku,
                            stock::Allocate{hold, kernel::OrderId(saga.subject), line.quantity},
                            meta);
        if (step == "take_out")
            return to_stock(line.sku, stock::Ship{kernel::OrderId(saga.subject), line.quantity},
                            meta);
        INVARIANT(step == "reserve");
        if (!undo) return to_stock(line.sku, stock::Reserve{hold, line.quantity}, meta);
        auto release = to_stock(line.sku, stock::Release{hold, "checkout_undone"}, meta);
        release.fine = {"stock_hold_not_held"};
        return release;
    }

  private:
    const Definition& definition_;
};

}  // namespace

std::shared_ptr<const Process> checkout(int version) {
    INVARIANT(version == 1 || version == checkout_newest);
    return std::make_shared<Checkout>(version == 1 ? version_1 : version_2);
}

kernel::HoldId checkout_hold(const kernel::OrderId& order, std::int32_t line) {
    return kernel::HoldId(order.value() + "-" + std::to_string(line));
}

std::vector<Hearing> checkout_ears(const eventstore::StoredEvent& event) {
    if (event.type != "order.placed" && event.type != "order.cancel_requested") return {};
    const std::string order(event.stream.id());
    if (event.type == "order.cancel_requested") return {{"checkout", order, Abort{"cancelled"}}};
    const auto placed = commands::event_of<commands::OrderBinding>(event);
    return {
        {"checkout", order, Start{order, encode(input_of(std::get<order::Placed>(placed))), {}}}};
}

bool is_awaited_end(const eventstore::StoredEvent& event, std::string_view saga) {
    if (event.stream.category() != saga) return false;
    const auto read = decoded(event);
    const auto* move = saga::move_of(read);
    if (move == nullptr || !saga::ended(move->phase)) return false;
    // Behind an operator's doing the note may be missing.
    return std::holds_alternative<saga::Repaired>(read) ||
           std::ranges::any_of(move->ended, [](const saga::StepEnd& end) {
               return end.reference == noted_awaited;
           });
}

PaymentCall checkout_call(const saga::State& saga, std::string_view step, bool undo) {
    const auto input = decode_checkout_input(saga.input);
    PaymentCall call{.operation = PaymentOperation::authorise,
                     .key = {},
                     .order = kernel::OrderId(saga.subject),
                     .amount = input.amount,
                     .method = input.method,
                     .authorisation = {}};
    if (step == "capture") call.operation = PaymentOperation::capture;
    if (undo) call.operation = PaymentOperation::void_authorisation;
    if (call.operation != PaymentOperation::authorise) {
        call.method.clear();
        call.authorisation = saga.find("authorise")->reference;
    }
    return call;
}

}  // namespace skald::sagas
