// The head of an answer as bytes of HTTP/1.1.
#pragma once

#include <string>

#include "api/http/message.h"

namespace skald::http {

struct Framing {
    bool keep_alive = true;
    bool http_1_0 = false;  // the request's version: keeping alive must be said then
};

// Status line and headers with the blank line behind them. Names and values cannot break out of
// their line, whatever they hold.
std::string head_of(const Response& response, const Framing& framing);
// Whether an answer of this status may have a body.
bool may_have_body(int status);

}  // namespace skald::http
