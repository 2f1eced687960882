// The order and its payment, as a checkout changes them together with itself.
#pragma once

#include "domain/order/order.h"
#include "domain/payment/payment.h"
#include "sagas/engine/process.h"

namespace skald::sagas {

class CheckoutCompanions : public Companions {
  public:
    CheckoutCompanions(order::State order_now, payment::State payment_now)
        : order(std::move(order_now)), payment(std::move(payment_now)) {}

    Result<void, std::string> take(const saga::State& saga, const Happening& what) override;
    std::vector<std::vector<eventstore::NewEvent>> events(const std::string& meta) const override;

    order::State order;
    payment::State payment;

  private:
    using Taken = Result<void, std::string>;
    Taken accept(const saga::State& saga);
    Taken turn_down(const saga::State& saga);
    Taken authorise(const saga::State& saga, const Happening& what);
    Taken void_it(const Happening& what);
    Taken capture(const Happening& what);
    Taken tell(const order::Command& command);
    Taken tell(const payment::Command& command);

    std::vector<order::Event> order_events_;
    std::vector<payment::Event> payment_events_;
};

}  // namespace skald::sagas
