// Inside domain/order only: the decisions about an order once it is placed. Pure functions.
#pragma once

#include "domain/order/order.h"

namespace skald::order {

Decision on(const State& state, const Confirm& command);
Decision on(const State& state, const Reject& command);
Decision on(const State& state, const RequestCancel& command);
Decision on(const State& state, const RefuseCancel& command);
Decision on(const State& state, const Cancel& command);
Decision on(const State& state, const RecordShipment& command);
Decision on(const State& state, const CancelRest& command);
Decision on(const State& state, const RecordReturn& command);
Decision on(const State& state, const Complete& command);

}  // namespace skald::order
