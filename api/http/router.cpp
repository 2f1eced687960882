#include "api/http/router.h"

#include <algorithm>

#include "api/http/encoding.h"
#include "domain/kernel/invariant.h"

namespace skald::http {
namespace {

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    path.remove_prefix(1);
    while (true) {
        const auto slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return segments;
        path.remove_prefix(slash + 1);
    }
}

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

// A place in the tree of segments; what ends here is in `methods`.
struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> any;
    std::map<std::string, std::size_t, std::less<>> methods;

    // All nodes that the segments lead to, literal ones first.
    void find(const std::vector<std::string>& segments, std::size_t at,
              std::vector<const Node*>& found) const {
        if (at == segments.size()) {
            if (!methods.empty()) found.push_back(this);
            return;
        }
        const auto literal = literals.find(segments[at]);
        if (literal != literals.end()) literal->second->find(segments, at + 1, found);
        if (any && !segments[at].empty()) any->find(segments, at + 1, found);
    }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(Route route) {
    INVARIANT(!route.path.empty() && route.path.front() == '/');
    Node* node = root_.get();
    for (const auto segment : split(route.path)) {
        auto& next = is_parameter(segment) ? node->any : node->literals[std::string(segment)];
        if (!next) next = std::make_unique<Node>();
        node = next.get();
    }
    const bool fresh = node->methods.emplace(route.method, routes_.size()).second;
    INVARIANT(fresh);
    routes_.push_back(std::make_unique<Route>(std::move(route)));
}

void Router::add(std::vector<Route> routes) {
    for (auto& route : routes) add(std::move(route));
}

std::variant<Match, NoSuchPath, NoSuchMethod, BadPath> Router::match(std::string_view method,
                                                                     std::string_view path) const {
    if (path.empty() || path.front() != '/') return BadPath{"the path must begin with /"};
    std::vector<std::string> segments;
    for (const auto segment : split(path)) {
        auto decoded = percent_decode(segment, false);
        if (!decoded) return BadPath{"the path " + decoded.error()};
        segments.push_back(std::move(*decoded));
    }
    std::vector<const Node*> found;
    root_->find(segments, 0, found);
    if (found.empty()) return NoSuchPath{};

    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    for (const Node* node : found) {
        auto entry = node->methods.find(method);
        if (entry == node->methods.end()) entry = node->methods.find(wanted);
        if (entry == node->methods.end()) continue;
        const Route& route = *routes_[entry->second];
        Match match{&route, entry->second, {}};
        const auto names = split(route.path);
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (!is_parameter(names[i])) continue;
            match.parameters.emplace_back(names[i].substr(1, names[i].size() - 2), segments[i]);
        }
        return match;
    }
    std::vector<std::string> allowed;
    for (const Node* node : found) {
        for (const auto& [name, index] : node->methods) {
            allowed.push_back(name);
            if (name == "GET") allowed.emplace_back("HEAD");
        }
    }
    std::ranges::sort(allowed);
    const auto repeats = std::ranges::unique(allowed);
    allowed.erase(repeats.begin(), repeats.end());
    NoSuchMethod answer;
    for (const auto& name : allowed) answer.allow += (answer.allow.empty() ? "" : ", ") + name;
    return answer;
}

}  // namespace skald::http
