#include "api/http/openapi.h"

#include <algorithm>

#include "api/http/problem.h"

namespace skald::http {
namespace {

using json::Schema;

Schema problem_schema() {
    const Schema text{{"type", "string"}};
    Schema issue{{"type", "object"},
                 {"properties", {{"pointer", text}, {"code", text}, {"message", text}}},
                 {"required", {"pointer", "code", "message"}}};
    Schema errors{{"type", "array"}, {"items", std::move(issue)}};
    return Schema{
        {"type", "object"},
        {"description", "RFC 9457"},
        {"properties",
         {{"type", text},
          {"title", text},
          {"status", {{"type", "integer"}}},
          {"detail", text},
          {"code", text},
          {"errors", std::move(errors)},
          {"trace_id", text},
          {"retryable", {{"type", "boolean"}}}}},
        {"required",
         {"type", "title", "status", "detail", "code", "errors", "trace_id", "retryable"}}};
}

Schema content(std::string_view type, Schema schema) {
    Schema media = Schema::object();
    media[std::string(type)] = Schema{{"schema", std::move(schema)}};
    return media;
}

// The parameters of a template: "sku" of "/v1/products/{sku}".
std::vector<std::string> names_in(std::string_view path) {
    std::vector<std::string> names;
    while (true) {
        const auto open = path.find('{');
        if (open == std::string_view::npos) return names;
        const auto close = path.find('}', open);
        names.emplace_back(path.substr(open + 1, close - open - 1));
        path.remove_prefix(close + 1);
    }
}

Schema parameters_of(const Route& route) {
    auto documented = route.doc.parameters;
    for (const auto& name : names_in(route.path)) {
        const bool known = std::ranges::any_of(
            documented, [&](const auto& it) { return it.in == "path" && it.name == name; });
        if (!known) documented.insert(documented.begin(), {name, "path", ""});
    }
    Schema list = Schema::array();
    for (const auto& it : documented) {
        Schema parameter{{"name", it.name}, {"in", it.in}};
        if (!it.description.empty()) parameter["description"] = it.description;
        if (it.required || it.in == "path") parameter["required"] = true;
        parameter["schema"] = it.schema;
        list.push_back(std::move(parameter));
    }
    return list;
}

// "get_v1_products_sku" for GET /v1/products/{sku}.
std::string operation_id(const Route& route) {
    std::string id = route.method + route.path;
    std::string clean;
    for (const char c : id) {
        if (c >= 'A' && c <= 'Z') {
            clean += static_cast<char>(c - 'A' + 'a');
        } else if (c == '/' || c == '.' || c == '-') {
            clean += '_';
        } else if (c != '{' && c != '}') {
            clean += c;
        }
    }
    return clean;
}

Schema answers_of(const Route& route, json::Definitions& definitions) {
    Schema answers = Schema::object();
    auto documented = route.doc.answers;
    std::ranges::sort(documented, {}, &AnswerDoc::status);
    for (const auto& it : documented) {
        Schema answer{{"description", it.description.empty() ? std::string(reason_of(it.status))
                                                             : it.description}};
        if (it.status >= 400) {
            answer["content"] =
                content("application/problem+json", {{"$ref", "#/components/schemas/Problem"}});
        } else if (it.body) {
            answer["content"] = content("application/json", it.body(definitions));
        }
        answers[std::to_string(it.status)] = std::move(answer);
    }
    answers["default"] = Schema{{"description", "anything else that went wrong"},
                                {"content", content("application/problem+json",
                                                    {{"$ref", "#/components/schemas/Problem"}})}};
    return answers;
}

Schema operation_of(const Route& route, json::Definitions& definitions) {
    Schema operation = Schema::object();
    if (!route.doc.tag.empty()) operation["tags"] = Schema::array({route.doc.tag});
    operation["operationId"] = operation_id(route);
    operation["summary"] = route.doc.summary;
    if (!route.doc.description.empty()) operation["description"] = route.doc.description;
    auto parameters = parameters_of(route);
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    if (route.doc.body) {
        operation["requestBody"] =
            Schema{{"required", true},
                   {"content", content("application/json", route.doc.body(definitions))}};
    }
    operation["responses"] = Schema::object();
    return operation;
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

}  // namespace

std::string openapi(const Router& router, const ApiInfo& info) {
    json::Definitions definitions;
    Schema paths = Schema::object();
    // Bodies first: a type that goes both ways is documented as it is read.
    for (const auto& route : router.routes()) {
        paths[route->path][lower(route->method)] = operation_of(*route, definitions);
    }
    definitions.direction = json::Direction::answer;
    for (const auto& route : router.routes()) {
        paths[route->path][lower(route->method)]["responses"] = answers_of(*route, definitions);
    }
    Schema schemas = Schema::object();
    for (const auto& [name, schema] : definitions.schemas()) schemas[name] = schema;
    schemas["Problem"] = problem_schema();
    Schema about{{"title", info.title}, {"version", info.version}};
    if (!info.description.empty()) about["description"] = info.description;
    const Schema document{{"openapi", "3.1.0"},
                          {"info", std::move(about)},
                          {"paths", std::move(paths)},
                          {"components", {{"schemas", std::move(schemas)}}}};
    return document.dump(2) + "\n";
}

}  // namespace skald::http
