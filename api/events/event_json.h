// Stored events as people see them: Protobuf shown as JSON. Pure functions.
#pragma once

#include <nlohmann/json.hpp>

#include "eventstore/types.h"

namespace skald::events {

// {partition, position, stream, version, type, schema_version, event_id, command_id, recorded_at,
// meta, data}. What cannot be decoded is shown as {"undecodable": why, "hex": bytes}.
nlohmann::ordered_json event_as_json(const eventstore::StoredEvent& event);
// Its data alone.
nlohmann::ordered_json data_as_json(const eventstore::StoredEvent& event);

}  // namespace skald::events
