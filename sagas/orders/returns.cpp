#include "sagas/orders/returns.h"

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "sagas/orders/refund.h"
#include "sagas/shop/parts.h"
#include "sagas/shop/stock_sends.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

constexpr Step steps[] = {
    // What was agreed with the customer is not taken back.
    {.name = "agreed", .kind = StepKind::local, .then = "refund", .pivot = true},
    {.name = "refund",
     .kind = StepKind::child,
     .then = "restock",
     .otherwise = Otherwise::stick,
     .skippable = true,
     .deadline = 10 * 24h,
     .signal = "refund"},
    {.name = "restock",
     .kind = StepKind::commands,
     .last = true,
     .otherwise = Otherwise::stick,
     .deadline = 24h},
};
constexpr Definition version_1 = verified<steps>("return", 1, 30 * 24h);

struct Input {
    kernel::ReturnId id;
    std::vector<kernel::Portion> lines;
    kernel::Money refund;
};

std::string encode(const Input& input) {
    nlohmann::ordered_json json;
    json["return"] = input.id.value();
    json["lines"] = to_json(input.lines);
    put(json, input.refund);
    return json.dump();
}

Input decode(const std::string& text) {
    const auto json = nlohmann::json::parse(text);
    return {kernel::ReturnId(json.at("return").get<std::string>()), portions_of(json.at("lines")),
            money_of(json)};
}

class Returning : public Process {
  public:
    const Definition& definition() const override { return version_1; }
    std::vector<eventstore::StreamName> companion_streams(const std::string&) const override {
        return {};
    }
    std::unique_ptr<Companions> companions(const eventstore::States&, std::size_t) const override {
        return std::make_unique<NoCompanions>();
    }
    bool skips(const saga::State& saga, std::string_view) const override {
        return decode(saga.input).refund.amount == 0;
    }
    std::int32_t items(const saga::State& saga, std::string_view) const override {
        return static_cast<std::int32_t>(decode(saga.input).lines.size());
    }
    Child child(const saga::State& saga, std::string_view) const override {
        const auto input = decode(saga.input);
        return refund_child(
            {order_of(saga.subject), kernel::RefundId(input.id.value()), input.refund, "returned"});
    }
    Send send(const saga::State& saga, std::string_view, std::int32_t item, bool,
              const std::string& meta) const override {
        const auto line = decode(saga.input).lines.at(static_cast<std::size_t>(item));
        return to_stock(line.sku, stock::Return{order_of(saga.subject), line.quantity}, meta);
    }
};

}  // namespace

std::shared_ptr<const Process> returning() { return std::make_shared<Returning>(); }

std::vector<Hearing> returning_ears(const eventstore::StoredEvent& event) {
    if (event.type != "order.return_recorded") return {};
    const auto read = commands::event_of<commands::OrderBinding>(event);
    const auto& recorded = std::get<order::ReturnRecorded>(read);
    const auto subject = std::string(event.stream.id()) + "." + recorded.return_id.value();
    return {{"return", subject,
             Start{subject, encode({recorded.return_id, recorded.lines, recorded.refund}), {}}}};
}

}  // namespace skald::sagas
