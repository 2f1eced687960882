// All routes of the public listener.
#pragma once

#include <memory>
#include <string>

#include "api/http/router.h"
#include "api/routes/services.h"

namespace skald::routes {

// `services` must outlive the router.
std::unique_ptr<http::Router> public_router(const Services& services);

// What GET /openapi.json answers, without anything running: `skald openapi`.
std::string openapi_text();

}  // namespace skald::routes
