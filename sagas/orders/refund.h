// A refund: one call to the payment provider, made until it is known how it came out. Subject:
// `<payment id>.<refund id>`. Started by whoever needs one as a child, or by the request for one.
#pragma once

#include <memory>
#include <string>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "sagas/engine/registry.h"
#include "sagas/providers/payment_provider.h"

namespace skald::sagas {

struct RefundInput {
    kernel::OrderId order;
    kernel::RefundId id;
    kernel::Money amount;
    std::string reason;
};

std::string refund_subject(const kernel::OrderId& order, const kernel::RefundId& id);
// The saga that gives this back, as another saga starts it and waits for it.
Process::Child refund_child(const RefundInput& input);

std::shared_ptr<const Process> refund();
std::vector<Hearing> refund_ears(const eventstore::StoredEvent& event);
PaymentCall refund_call(const saga::State& saga, std::string_view step, bool undo);

}  // namespace skald::sagas
