// Query parameters of queries, strictly: unknown, repeated and malformed ones are all named at
// once.
//
//   Parameters parameters(request);
//   const auto by = parameters.one_of("by", {"day", "sku"}, "day");
//   const auto from = parameters.time_us("from");
//   if (auto problem = parameters.problem()) return unexpected(*problem);
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/problem.h"
#include "api/json/rules.h"

namespace skald::http {

// Reads one request's parameters, each at most once. What is wrong is collected; the values given
// back then are defaults. `token` is always allowed.
class Parameters {
  public:
    explicit Parameters(const Request& request) : request_(request) {}

    std::optional<std::string> text(std::string_view name, const json::Rule& rule);
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::string one_of(std::string_view name, const std::vector<std::string>& choices,
                       std::string_view otherwise);
    // A date (its midnight UTC) or a time, as microseconds since the Unix epoch.
    std::optional<std::int64_t> time_us(std::string_view name);
    void add_issue(std::string_view name, std::string code, std::string message);

    // 400 with everything that was wrong, parameters nobody asked for included. Call it last.
    std::optional<Problem> problem();

    const Request& request() const { return request_; }

  private:
    std::optional<std::string_view> value(std::string_view name);

    const Request& request_;
    std::set<std::string, std::less<>> asked_{"token"};
    json::Issues issues_;
};

}  // namespace skald::http
