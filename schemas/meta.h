// What is stored beside every event: who caused it, and in what context. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/encoded.h"

namespace skald::schemas {

// Empty where not known. Nothing personal: a principal is an id or a role.
struct Meta {
    std::string principal;
    std::string correlation_id;  // of all that follows from one request from outside
    std::string causation_id;    // the command or event that this one follows from
    std::string traceparent;     // W3C Trace Context
    bool operator==(const Meta&) const = default;
};

std::string encode_meta(const Meta& meta);
// Malformed is the only error.
Result<Meta, DecodeError> decode_meta(std::string_view bytes);
// On one line, as catalogue.h's to_json does it.
Result<std::string, DecodeError> meta_to_json(std::string_view bytes);

// The headers of a Kafka record that come from the meta: ce_correlationid, ce_causationid and
// traceparent, where known. None of a meta that cannot be read.
std::vector<std::pair<std::string_view, std::string>> meta_headers(const std::string& bytes);

}  // namespace skald::schemas
