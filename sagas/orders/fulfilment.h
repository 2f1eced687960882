// A shipment of an order: its money is taken first, then the goods leave the stock and the house;
// with the first one also what needs no carrying.
// Subject: the shipment's id, `<order id>.<n>`. Shipments of one order go one after the other, and
// none before the checkout is over. The last one notes at its end that a cancelling of the rest
// waits for it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sagas/engine/registry.h"
#include "sagas/providers/payment_provider.h"

namespace skald::sagas {

std::shared_ptr<const Process> fulfilment();
// A shipment created starts one; its end lets the next one go on.
std::vector<Hearing> fulfilment_ears(const eventstore::StoredEvent& event);
// The sagas of an order's shipments, from the first one to that with the subject.
std::vector<eventstore::StreamName> shipments_up_to(std::string_view subject);
PaymentCall fulfilment_call(const saga::State& saga, std::string_view step, bool undo);

}  // namespace skald::sagas
