// An order and its payment, as a saga about them changes them together with itself.
#pragma once

#include "domain/order/order.h"
#include "domain/payment/payment.h"
#include "sagas/engine/process.h"

namespace skald::sagas {

class ShopCompanions : public Companions {
  public:
    ShopCompanions(order::State order_now, payment::State payment_now)
        : order(std::move(order_now)), payment(std::move(payment_now)) {}

    // Of the order, then of the payment.
    std::vector<std::vector<eventstore::NewEvent>> events(const std::string& meta) const override;

    order::State order;
    payment::State payment;

  protected:
    Taken tell(const order::Command& command);
    Taken tell(const payment::Command& command);

    // What the moments of a call mean to the payment.
    Taken authorise(const Happening& what);
    Taken capture(const Happening& what, const kernel::Money& amount);
    Taken give_up(const Happening& what);  // what is authorised and was not captured
    Taken refund(const Happening& what, const kernel::RefundId& id, const kernel::Money& amount,
                 const std::string& reason);

    // It is no longer asked for, where it was.
    Taken withdraw(payment::Operation operation, const std::string& ref);
    Taken forgo(const kernel::RefundId& id, const kernel::Money& amount, const std::string& reason,
                const std::string& code);

    // Of a payment that is authorised; the error is a stable code.
    Result<std::string, std::string> authorisation() const;
    // Of one that something was taken of, too, though the rest of it may have been given up since.
    Result<std::string, std::string> authorisation_taken() const;

    // Nothing of the order is left to ship, and all that is owed for it was taken: it is complete.
    Taken complete_if_over();

  private:
    std::vector<order::Event> order_events_;
    std::vector<payment::Event> payment_events_;
};

}  // namespace skald::sagas
