// openapi.json (3.1), made from the same table that routes.
#pragma once

#include <string>

#include "api/http/router.h"

namespace skald::http {

struct ApiInfo {
    std::string title = "Skald";
    std::string version = "1";
    std::string description = {};
};

// JSON text, indented.
std::string openapi(const Router& router, const ApiInfo& info);

}  // namespace skald::http
