#include "api/http/router.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/http/openapi.h"
#include "api/json/money.h"

namespace skald::http {

struct CreateThing {
    std::string sku;
    std::optional<std::string> note;
    json::Money price;
};
BOOST_DESCRIBE_STRUCT(CreateThing, (), (sku, note, price))
inline json::Rules rules_for(json::Tag<CreateThing>) { return {{"sku", json::sku()}}; }
struct Thing {
    std::string sku;
    std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (sku, note))

namespace {

const Handler no_handler = [](auto, const auto&) {};

void fill(Router& router) {
    for (const auto* path : {"/v1/things", "/v1/things/{id}", "/v1/things/{id}/parts/{part}",
                             "/v1/things/search", "/"}) {
        router.add({"GET", path, no_handler, {}});
    }
    router.add({"POST", "/v1/things", no_handler, {}});
    router.add({"PATCH", "/v1/things/{id}", no_handler, {}});
    router.add({"DELETE", "/v1/things/{id}", no_handler, {}});
}

std::string outcome(const Router& router, std::string_view method, std::string_view path) {
    const auto matched = router.match(method, path);
    if (const auto* match = std::get_if<Match>(&matched)) {
        std::string text = match->route->method + " " + match->route->path;
        for (const auto& [name, value] : match->parameters) text += " " + name + "=" + value;
        EXPECT_EQ(router.routes()[match->index].get(), match->route);
        return text;
    }
    if (const auto* no_method = std::get_if<NoSuchMethod>(&matched))
        return "405 " + no_method->allow;
    return std::holds_alternative<BadPath>(matched) ? "400" : "404";
}

struct RouteCase {
    std::string method;
    std::string path;
    std::string expected;
};
std::ostream& operator<<(std::ostream& out, const RouteCase& row) {
    return out << row.method << ' ' << row.path;
}
class Routing : public testing::TestWithParam<RouteCase> {};
TEST_P(Routing, finds_the_route_or_says_what_is_missing) {
    Router router;
    fill(router);
    EXPECT_EQ(outcome(router, GetParam().method, GetParam().path), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    rows, Routing,
    testing::Values(
        RouteCase{"GET", "/", "GET /"}, RouteCase{"GET", "/v1/things", "GET /v1/things"},
        RouteCase{"POST", "/v1/things", "POST /v1/things"},
        RouteCase{"HEAD", "/v1/things", "GET /v1/things"},
        RouteCase{"GET", "/v1/things/7", "GET /v1/things/{id} id=7"},
        RouteCase{"GET", "/v1/%74hings/7", "GET /v1/things/{id} id=7"},
        RouteCase{"GET", "/v1/things/a%2Fb", "GET /v1/things/{id} id=a/b"},
        RouteCase{"GET", "/v1/things/a%20b+c", "GET /v1/things/{id} id=a b+c"},
        RouteCase{"GET", "/v1/things/%C3%A9", "GET /v1/things/{id} id=\xC3\xA9"},
        RouteCase{"GET", "/v1/things/7/parts/x", "GET /v1/things/{id}/parts/{part} id=7 part=x"},
        RouteCase{"GET", "/v1/things/search", "GET /v1/things/search"},
        RouteCase{"PATCH", "/v1/things/search", "PATCH /v1/things/{id} id=search"},
        RouteCase{"GET", "/v1/things/search/parts/x",
                  "GET /v1/things/{id}/parts/{part} id=search part=x"},
        RouteCase{"DELETE", "/v1/things", "405 GET, HEAD, POST"},
        RouteCase{"POST", "/v1/things/7", "405 DELETE, GET, HEAD, PATCH"},
        RouteCase{"POST", "/v1/things/search", "405 DELETE, GET, HEAD, PATCH"},
        RouteCase{"get", "/v1/things", "405 GET, HEAD, POST"}, RouteCase{"GET", "/v1", "404"},
        RouteCase{"GET", "/v2/things", "404"}, RouteCase{"GET", "/v1/things/", "404"},
        RouteCase{"GET", "/v1/things//parts/x", "404"}, RouteCase{"GET", "//v1/things", "404"},
        RouteCase{"GET", "/v1/things/7/parts", "404"},
        RouteCase{"GET", "/v1/things/7/parts/x/y", "404"}, RouteCase{"GET", "/V1/things", "404"},
        RouteCase{"GET", "/v1/things/{id}", "GET /v1/things/{id} id={id}"},
        RouteCase{"GET", "", "400"}, RouteCase{"GET", "v1", "400"},
        RouteCase{"GET", "/v1/things/%00", "400"}, RouteCase{"GET", "/v1/things/%ff", "400"},
        RouteCase{"GET", "/nowhere/%zz", "400"}));

TEST(Routing, refuses_the_same_route_twice) {
    Router router;
    router.add({"GET", "/a/{x}", no_handler, {}});
    EXPECT_DEATH(router.add({"GET", "/a/{y}", no_handler, {}}), "invariant");
}

nlohmann::ordered_json document() {
    Router router;
    RouteDoc create{"things", "make a thing"};
    create.body = json::shape<CreateThing>();
    create.answers = {{201, "made", json::shape<Thing>()}};
    router.add({"POST", "/v1/things", no_handler, command_doc(create)});
    RouteDoc read{"things", "read a thing"};
    read.answers = {{200, "", json::shape<Thing>()}};
    router.add({"GET", "/v1/things/{sku}", no_handler, thing_doc(read)});
    router.add({"GET", "/v1/things", no_handler, query_doc({"things", "list them"})});
    return nlohmann::ordered_json::parse(openapi(router, {}));
}

TEST(OpenApi, lists_every_route_with_its_parameters) {
    const auto doc = document();
    EXPECT_EQ(doc["openapi"], "3.1.0");
    const auto& get = doc["paths"]["/v1/things/{sku}"]["get"];
    EXPECT_EQ(get["operationId"], "get_v1_things_sku");
    EXPECT_EQ(get["parameters"][0],
              nlohmann::ordered_json::parse(
                  R"({"name":"sku","in":"path","required":true,"schema":{"type":"string"}})"));
    EXPECT_EQ(get["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
              "#/components/schemas/Thing");
}

TEST(OpenApi, describes_bodies_strictly_and_answers_openly) {
    const auto doc = document();
    const auto& schemas = doc["components"]["schemas"];
    EXPECT_EQ(schemas["CreateThing"]["additionalProperties"], false);
    EXPECT_EQ(schemas["CreateThing"]["required"],
              nlohmann::ordered_json::parse(R"(["sku","price"])"));
    EXPECT_FALSE(schemas["Thing"].contains("additionalProperties"));
    EXPECT_EQ(schemas["Thing"]["required"], nlohmann::ordered_json::parse(R"(["sku","note"])"));
    EXPECT_TRUE(schemas.contains("Problem"));
}

TEST(OpenApi, resolves_every_reference) {
    const auto doc = document();
    const std::function<void(const nlohmann::ordered_json&)> walk = [&](const auto& node) {
        if (node.is_object() && node.contains("$ref")) {
            const auto target = node["$ref"].template get<std::string>().substr(1);
            EXPECT_TRUE(doc.contains(nlohmann::ordered_json::json_pointer(target))) << target;
        }
        if (node.is_structured()) {
            for (const auto& child : node) walk(child);
        }
    };
    walk(doc);
}

TEST(OpenApi, says_that_one_thing_need_not_be_told_again) {
    const auto doc = document();
    const auto is_conditional = [&](const char* path) {
        const auto& get = doc["paths"][path]["get"];
        const bool asks = std::ranges::any_of(get["parameters"], [](const auto& parameter) {
            return parameter["name"] == "If-None-Match" && parameter["in"] == "header";
        });
        EXPECT_EQ(get["responses"].contains("304"), asks) << path;
        return asks;
    };
    EXPECT_TRUE(is_conditional("/v1/things/{sku}"));
    EXPECT_FALSE(is_conditional("/v1/things"));
    EXPECT_FALSE(doc["paths"]["/v1/things/{sku}"]["get"]["responses"]["304"].contains("content"));
}

TEST(OpenApi, names_the_problems_that_every_command_may_give) {
    const auto doc = document();
    const auto& responses = doc["paths"]["/v1/things"]["post"]["responses"];
    for (const auto* status : {"400", "409", "412", "413", "415", "422", "503"}) {
        EXPECT_TRUE(responses[status]["content"].contains("application/problem+json")) << status;
    }
}

}  // namespace
}  // namespace skald::http
