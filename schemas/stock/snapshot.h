// A stock's state as bytes and back, for snapshots. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/stock/stock.h"

namespace skald::schemas::stock {

// Counted up with every change after which the same events come to another state, or a state to
// other bytes. schemas/stock/snapshot_test.cpp notices both for one life with every kind of event;
// not a change of how stored bytes are read as events.
inline constexpr std::int32_t snapshot_revision = 1;

// Of a stock that exists. Equal states have equal bytes.
std::string to_bytes(const skald::stock::State& state);
// Nothing when the bytes are no state that the domain lets happen.
std::optional<skald::stock::State> from_bytes(std::string_view bytes);

}  // namespace skald::schemas::stock
