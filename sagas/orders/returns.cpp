#include "sagas/orders/returns.h"

#include <set>

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/orders.h"
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

// Notes which lines, counted from 0, need no carrying, once all of the order is the customer's.
class ReturningCompanions : public Companions {
  public:
    explicit ReturningCompanions(const order::State& order) : order_(order) {}

    Taken take(const saga::State& saga, const Happening& what) override {
        if (what.step != "agreed" || order_.status != order::Status::completed) return {};
        std::set<std::size_t> uncarried;
        const auto lines = decode(saga.input).lines;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const auto line = order::find_line(order_, lines[i].sku);
            if (line && !order_.lines[*line].ships) uncarried.insert(i);
        }
        return uncarried.empty() ? "" : nlohmann::json(uncarried).dump();
    }
    std::vector<std::vector<eventstore::NewEvent>> events(const std::string&) const override {
        return {{}};  // the order is only read
    }

  private:
    const order::State& order_;
};

bool is_uncarried(const saga::State& saga, std::int32_t line) {
    const auto& noted = saga.find("agreed")->reference;
    if (noted.empty()) return false;
    return nlohmann::json::parse(noted).get<std::set<std::int32_t>>().contains(line);
}

class Returning : public Process {
  public:
    const Definition& definition() const override { return version_1; }
    std::vector<eventstore::StreamName> companion_streams(
        const std::string& subject) const override {
        return {commands::order_stream(order_of(subject))};
    }
    std::unique_ptr<Companions> companions(const eventstore::States& states,
                                           std::size_t first) const override {
        return std::make_unique<ReturningCompanions>(states.get<order::State>(first));
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
        const auto order = order_of(saga.subject);
        if (is_uncarried(saga, item))
            return to_stock(line.sku, stock::TakeBack{order, line.quantity}, meta);
        return to_stock(line.sku, stock::Return{order, line.quantity}, meta);
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
