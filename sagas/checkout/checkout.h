// From an order placed to an order confirmed: stock is held for every line, money is authorised,
// the order is confirmed (the pivot), the holds become the order's goods, and where nothing has to
// be shipped the money is taken at once and the goods are the customer's. Until the pivot
// everything can be undone.
#pragma once

#include <memory>

#include "sagas/engine/registry.h"
#include "sagas/providers/payment_provider.h"

namespace skald::sagas {

// New ones go by version 2; those that began by version 1, which left in stock for ever what does
// not ship, go on by that.
inline constexpr int checkout_newest = 2;
// The saga `checkout` in this version; its subject is the order's id.
std::shared_ptr<const Process> checkout(int version = checkout_newest);

// Orders that are placed start one; a customer's cancelling ends it, as long as that can be.
std::vector<Hearing> checkout_ears(const eventstore::StoredEvent& event);

// The hold of an order's line, counted from 0.
kernel::HoldId checkout_hold(const kernel::OrderId& order, std::int32_t line);

// What a saga notes at its end where somebody waits for it: for a checkout a cancellation, or a
// shipment; for a shipment a cancelling of the rest.
inline constexpr const char* noted_awaited = "awaited";
// Whether the event ends a saga of this name that somebody may wait for.
bool is_awaited_end(const eventstore::StoredEvent& event, std::string_view saga = "checkout");

// What its calls ask of the payment provider.
PaymentCall checkout_call(const saga::State& saga, std::string_view step, bool undo);

}  // namespace skald::sagas
