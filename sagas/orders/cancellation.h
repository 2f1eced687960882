// An order that its customer wants cancelled. A checkout under way is waited for: before its pivot
// it undoes itself, and there is nothing left to do. Behind it the promise of money is given up, or
// the money back, and the goods are free again, whatever of this there is. Until then an operator
// can have the order put back. Subject: the order's id, and `<order id>.<version>` of a request
// behind a refused one.
#pragma once

#include <memory>

#include "sagas/engine/registry.h"
#include "sagas/providers/payment_provider.h"

namespace skald::sagas {

std::shared_ptr<const Process> cancellation();
// A request to cancel starts one; the end of a checkout that a cancellation waits for goes to it.
std::vector<Hearing> cancellation_ears(const eventstore::StoredEvent& event);
PaymentCall cancellation_call(const saga::State& saga, std::string_view step, bool undo);

}  // namespace skald::sagas
