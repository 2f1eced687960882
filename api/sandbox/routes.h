// The routes of the sandbox provider: sagas/providers/wire.h, and for people GET /v1/ledger (all
// entries), GET /v1/orders/{order} (what was done for one order) and GET /health. Thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "api/http/route.h"
#include "api/http/workers.h"
#include "api/sandbox/delayed_answers.h"
#include "sagas/providers/sandbox.h"

namespace skald::sandbox {

// How long card-timeout keeps the line open; far longer than anyone waits for a payment.
inline constexpr std::chrono::seconds silence{120};

struct Services {
    sagas::Sandbox& sandbox;
    http::Workers& workers;  // that write the ledger
    DelayedAnswers& delayed;
    std::string secret;  // of the signatures; empty: none is asked for
};

// `services` must outlive the routes.
std::vector<http::Route> routes(const Services& services);

}  // namespace skald::sandbox
