// The rest of an order that has shipped in part and never will as a whole: its goods are free
// again, what was promised for it is given up, and what was taken for it, if anything was, is given
// back. What has shipped stays sold. Subject: `<order id>.<n>`, of the last shipment, which is
// waited for: a void would take its money away. An earlier one that is still open is for an
// operator to see to first. The order is complete at the end, if what shipped is paid.
#pragma once

#include <memory>

#include "sagas/engine/registry.h"
#include "sagas/providers/payment_provider.h"

namespace skald::sagas {

std::shared_ptr<const Process> rest_cancellation();
// The cancelling of the rest starts one; the end of the last shipment lets it go on.
std::vector<Hearing> rest_cancellation_ears(const eventstore::StoredEvent& event);
PaymentCall rest_cancellation_call(const saga::State& saga, std::string_view step, bool undo);

}  // namespace skald::sagas
