// Every event type that this program knows. Built once, read by any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "schemas/encoded.h"

namespace skald::schemas {

struct EventType {
    std::string_view name;      // "stock.received"
    int schema_version = 0;     // the newest, the one that is written today
    std::string_view category;  // of the streams it stands in: "stock"
};

// By name.
std::span<const EventType> catalogue();

// The type of that name, or nullptr.
const EventType* find_type(std::string_view name);

// The stored message as JSON on one line (Protobuf's own mapping, field names as in the .proto
// file): as it was written, at its own schema version, even if the domain would call it impossible.
Result<std::string, DecodeError> to_json(std::string_view type, int schema_version,
                                         std::string_view data);

}  // namespace skald::schemas
