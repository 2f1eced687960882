#include "sagas/shop/payment_world.h"

#include <algorithm>

namespace skald::sagas {
namespace {

CallResult result_of(const PaymentAnswer& answer) {
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

const saga::Attempts& attempts_of(const saga::State& saga, std::string_view step, bool undo) {
    const auto& record = *saga.find(step);
    return undo ? record.undo : record.forward;
}

class PaymentWorld : public World {
  public:
    PaymentWorld(PaymentDesk desk, PaymentCallOf call_of)
        : desk_(std::move(desk)), call_of_(std::move(call_of)) {}

    std::size_t room() const override { return desk_.provider.room(); }
    const void* partner() const override { return &desk_.provider; }

    CallResult call(const saga::State& saga, std::string_view step, bool undo,
                    const std::string& key, milliseconds timeout) override {
        auto call = call_of_(saga, step, undo);
        call.key = key;
        const auto answer = desk_.provider.call(call, timeout);
        // That the request was turned down settles the call only where no other was made under the
        // key: what they came to may be believed and still be wrong.
        const auto& attempts = attempts_of(saga, step, undo);
        const bool first = attempts.count <= std::max(attempts.series_first, 1);
        if (answer.outcome == CallOutcome::refused && answer.surely_not_done && !first)
            return {saga::Outcome::not_sent, answer.code, {}, {}};
        return result_of(answer);
    }

    CallResult ask(const saga::State& saga, std::string_view step, bool undo,
                   const std::string& key, milliseconds timeout) override {
        const auto answer = desk_.provider.find(key, timeout);
        // Who could not be asked has said nothing.
        if (answer && answer->outcome == CallOutcome::unknown)
            return {saga::Outcome::unknown, answer->code, {}, {}};
        if (answer) return result_of(*answer);
        const auto deadline = attempts_of(saga, step, undo).deadline;
        const bool over = desk_.now() - deadline > desk_.outwait.count() * 1000;
        return {over ? saga::Outcome::not_sent : saga::Outcome::unknown, not_there, {}, {}};
    }

  private:
    const PaymentDesk desk_;
    const PaymentCallOf call_of_;
};

}  // namespace

std::shared_ptr<World> payment_world(PaymentDesk desk, PaymentCallOf call_of) {
    return std::make_shared<PaymentWorld>(std::move(desk), std::move(call_of));
}

}  // namespace skald::sagas
