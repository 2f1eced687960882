#include "api/http/list_query.h"

#include <algorithm>

namespace skald::http {
namespace {

std::vector<std::string> sort_choices(const ListOrder& order) {
    std::vector<std::string> choices;
    for (const auto& key : order.sort_keys) {
        choices.push_back(key);
        choices.push_back("-" + key);
    }
    return choices;
}

void add(std::string& text, const std::string& part) {
    text += std::to_string(part.size()) + ":" + part;
}

// The list, its order and its filters; each part with its length before it.
std::string scope_of(const Request& request, const std::string& sort) {
    Pairs parts = request.query;
    std::erase_if(parts, [](const auto& pair) {
        return pair.first == "cursor" || pair.first == "limit" || pair.first == "sort" ||
               pair.first == "token";
    });
    std::ranges::sort(parts);
    std::string scope;
    add(scope, request.path);
    add(scope, sort);
    for (const auto& [name, value] : parts) {
        add(scope, name);
        add(scope, value);
    }
    return scope;
}

}  // namespace

Result<ListQuery, Problem> read_list(Parameters& parameters, const ListOrder& order,
                                     const CursorCodec& cursors) {
    ListQuery query;
    query.limit = parameters.integer("limit", 1, page_limit_max).value_or(page_limit_default);
    const auto sort = parameters.one_of("sort", sort_choices(order), order.otherwise);
    const auto cursor = parameters.text("cursor", json::text(1, 8192));
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    query.descending = sort.starts_with('-');
    query.sort_key = query.descending ? sort.substr(1) : sort;
    query.scope = scope_of(parameters.request(), sort);
    if (cursor) {
        auto decoded = cursors.decode(*cursor, query.scope);
        if (!decoded) return unexpected(std::move(decoded.error()));
        query.cursor = std::move(*decoded);
    }
    return query;
}

std::string page_asked(const ListQuery& query) {
    std::string text;
    add(text, query.scope);
    add(text, std::to_string(query.limit));
    if (!query.cursor) return text;
    add(text, query.cursor->direction == Direction::forward ? "f" : "b");
    for (const auto& key : query.cursor->keys) add(text, key);
    return text;
}

Pagination paginate(const ListQuery& query, const PageEnds& ends, const CursorCodec& cursors) {
    Pagination pagination;
    pagination.limit = query.limit;
    if (ends.has_next) {
        pagination.next = cursors.encode({Direction::forward, ends.last}, query.scope);
    }
    if (ends.has_prev) {
        pagination.prev = cursors.encode({Direction::backward, ends.first}, query.scope);
    }
    return pagination;
}

std::vector<ParameterDoc> list_parameter_docs(const ListOrder& order) {
    auto limit = json::integer_schema(json::integer(1, page_limit_max));
    limit["default"] = page_limit_default;
    auto sort = json::choice_schema(sort_choices(order), {});
    sort["default"] = order.otherwise;
    return {{"limit", "query", "how many rows a page has at most", limit},
            {"sort", "query", "the key to sort by, - before it for descending", sort},
            {"cursor", "query", "pagination.next or .prev of a page of this list"}};
}

}  // namespace skald::http
