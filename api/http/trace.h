// W3C Trace Context: which request a piece of work belongs to, across processes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skald::http {

// `trace_id`: 32 lower-case hex digits, shared by all work of one request. `span_id`: 16 digits,
// this process's part of it.
struct TraceContext {
    std::string trace_id;
    std::string span_id;
    std::uint8_t flags = 0;

    // The header to hand on: "00-<trace_id>-<span_id>-<flags>".
    std::string traceparent() const;
};

// The caller's trace with a span of our own; a new trace where the header is absent or malformed
// (as the specification demands).
TraceContext continue_trace(std::optional<std::string_view> traceparent);

}  // namespace skald::http
