// Finds the route of a method and path. Immutable once built, so shared by threads.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/http/route.h"

namespace skald::http {

struct Match {
    const Route* route;
    std::size_t index;  // of the route in routes()
    Pairs parameters;   // percent-decoded
};
struct NoSuchPath {};
struct NoSuchMethod {
    std::string allow;  // "GET, HEAD, POST"
};
// A path whose percent-encoding is broken, or that holds a NUL or what is not UTF-8.
struct BadPath {
    std::string why;
};

class Router {
  public:
    Router();
    ~Router();
    // Two routes of one method and template are a bug, and so is a malformed template.
    void add(Route route);
    void add(std::vector<Route> routes);
    // `path` as sent, without the query. HEAD goes to the route of GET. A literal segment goes
    // before a parameter.
    std::variant<Match, NoSuchPath, NoSuchMethod, BadPath> match(std::string_view method,
                                                                 std::string_view path) const;
    const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

  private:
    struct Node;
    std::unique_ptr<Node> root_;
    std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace skald::http
