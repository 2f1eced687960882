#include "sagas/checkout/checkout.h"

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/orders.h"
#include "commands/stock.h"
#include "domain/kernel/enum_name.h"
#include "domain/kernel/invariant.h"
#include "sagas/checkout/companions.h"
#include "sagas/checkout/input.h"
#include "schemas/order/codec.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

enum CheckoutResource : Resources { held_stock = 1, promised_money = 2 };

constexpr Step steps[] = {
    {.name = "accept", .kind = StepKind::local, .then = "reserve", .undo = Undo::by_itself},
    {.name = "reserve",
     .kind = StepKind::commands,
     .then = "authorise",
     .undo = Undo::by_itself,
     .deadline = 30s,
     .acquires = held_stock},
    {.name = "authorise",
     .kind = StepKind::call,
     .then = "confirm",
     .undo = Undo::by_itself,
     .deadline = 60s,
     .undo_deadline = 15min,  // longer than a request may be on its way to the provider
     .attempt = 5s,
     .acquires = promised_money},
    {.name = "confirm", .kind = StepKind::local, .then = "allocate", .pivot = true},
    {.name = "allocate",
     .kind = StepKind::commands,
     .then = "capture",
     .or_then = "hand_over",
     .otherwise = Otherwise::stick,
     .deadline = 10min,
     .settles = held_stock},
    {.name = "capture",
     .kind = StepKind::call,
     .then = "complete",
     .otherwise = Otherwise::stick,
     .deadline = 10min,
     .attempt = 5s,
     .settles = promised_money},
    {.name = "complete", .kind = StepKind::local, .last = true, .otherwise = Otherwise::stick},
    // The promise stays with the payment: it is taken when the goods are shipped.
    {.name = "hand_over",
     .kind = StepKind::local,
     .last = true,
     .otherwise = Otherwise::stick,
     .settles = promised_money},
};
constexpr Definition version_1 = verified<steps>("checkout", 1, 5min);

kernel::HoldId hold_of(const saga::State& saga, std::int32_t item) {
    return kernel::HoldId(saga.subject + "-" + std::to_string(item));
}

class Checkout : public Process {
  public:
    const Definition& definition() const override { return version_1; }

    std::vector<eventstore::StreamName> companion_streams(
        const std::string& subject) const override {
        return {commands::order_stream(kernel::OrderId(subject)),
                eventstore::StreamName::of("payment", subject + ".1")};
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
        const auto hold = hold_of(saga, item);
        if (step == "allocate")
            return to_stock(line.sku,
                            stock::Allocate{hold, kernel::OrderId(saga.subject), line.quantity},
                            meta);
        INVARIANT(step == "reserve");
        if (!undo) return to_stock(line.sku, stock::Reserve{hold, line.quantity}, meta);
        auto release = to_stock(line.sku, stock::Release{hold, "checkout_undone"}, meta);
        release.fine = {"stock_hold_not_held"};
        return release;
    }

  private:
    static Send to_stock(const kernel::Sku& sku, stock::Command command, const std::string& meta) {
        Send send;
        send.command.streams = {commands::stock_stream(sku)};
        send.command.decide = [command = std::move(command),
                               meta](const eventstore::States& states) -> eventstore::Decided {
            const auto decision = stock::decide(states.get<stock::State>(0), command);
            if (!decision)
                return eventstore::Refusal{
                    "stock_" + std::string(kernel::name_of(decision.error())), "", ""};
            return eventstore::Accepted{
                {commands::encoded<commands::StockBinding>(*decision, meta)}};
        };
        return send;
    }
};

class PaymentWorld : public World {
  public:
    PaymentWorld(PaymentProvider& provider, milliseconds outwait,
                 std::function<kernel::Timestamp()> now)
        : provider_(provider), outwait_(outwait), now_(std::move(now)) {}

    CallResult call(const saga::State& saga, std::string_view step, bool undo,
                    const std::string& key, milliseconds timeout) override {
        const auto input = decode_checkout_input(saga.input);
        PaymentCall call{.operation = PaymentOperation::authorise,
                         .key = key,
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
        return result_of(provider_.call(call, timeout));
    }

    CallResult ask(const saga::State& saga, std::string_view step, bool undo,
                   const std::string& key, milliseconds timeout) override {
        const auto answer = provider_.find(key, timeout);
        // Who could not be asked has said nothing.
        if (answer && answer->outcome == CallOutcome::unknown)
            return {saga::Outcome::unknown, answer->code, {}, {}};
        // Who could not be asked has said nothing.
        if (answer && answer->outcome == CallOutcome::unknown)
            return {saga::Outcome::unknown, answer->code, {}, {}};
        if (answer) return result_of(*answer);
        const auto& record = *saga.find(step);
        const auto& attempts = undo ? record.undo : record.forward;
        const bool over = now_() - attempts.deadline > outwait_.count() * 1000;
        return {over ? saga::Outcome::not_sent : saga::Outcome::unknown, not_there, {}, {}};
    }

  private:
    static CallResult result_of(const PaymentAnswer& answer) {
        switch (answer.outcome) {
            case CallOutcome::succeeded:
                return {saga::Outcome::done,
                        {},
                        answer.reference,
                        answer.expires_at ? std::to_string(answer.expires_at->value()) : ""};
            case CallOutcome::refused:
                return {saga::Outcome::refused, answer.code, {}, {}};
            case CallOutcome::unknown:
                break;
        }
        return {answer.surely_not_done ? saga::Outcome::not_sent : saga::Outcome::unknown,
                answer.code,
                {},
                {}};
    }

    PaymentProvider& provider_;
    const milliseconds outwait_;
    const std::function<kernel::Timestamp()> now_;
};

}  // namespace

std::shared_ptr<const Process> checkout() { return std::make_shared<Checkout>(); }

std::vector<Hearing> checkout_ears(const eventstore::StoredEvent& event) {
    if (event.type != "order.placed" && event.type != "order.cancel_requested") return {};
    const std::string order(event.stream.id());
    if (event.type == "order.cancel_requested") return {{"checkout", order, Abort{"cancelled"}}};
    const auto decoded = schemas::order::decode(event.type, event.schema_version, event.data);
    if (!decoded)
        throw eventstore::CorruptStream(event.stream.text() + ": " + decoded.error().detail);
    return {
        {"checkout", order, Start{order, encode(input_of(std::get<order::Placed>(*decoded))), {}}}};
}

std::shared_ptr<World> payment_world(PaymentProvider& provider, milliseconds outwait,
                                     std::function<kernel::Timestamp()> now) {
    return std::make_shared<PaymentWorld>(provider, outwait, std::move(now));
}

}  // namespace skald::sagas
