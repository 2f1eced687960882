#include "api/routes/products.h"

#include "api/json/time.h"
#include "api/routes/checks.h"
#include "api/routes/command_route.h"
#include "api/routes/query_route.h"
#include "api/routes/together.h"
#include "commands/products.h"
#include "domain/kernel/text.h"
#include "projections/products/queries.h"

namespace skald::routes {
namespace read_model = projections::products;

struct CreateProduct {
    std::string sku;
    std::string title;
    std::optional<std::string> department;
    std::optional<std::string> category;
    std::optional<std::string> brand;
    json::Money price;
    std::optional<bool> ships;  // absent: it does
};
BOOST_DESCRIBE_STRUCT(CreateProduct, (), (sku, title, department, category, brand, price, ships))

struct ChangeProduct {
    std::optional<std::string> title;
    std::optional<std::string> department;
    std::optional<std::string> category;
    std::optional<std::string> brand;
    std::optional<json::Money> price;
    std::optional<bool> ships;
};
BOOST_DESCRIBE_STRUCT(ChangeProduct, (), (title, department, category, brand, price, ships))

// Its texts are those of the row it is made of.
struct Product {
    std::string_view sku;
    std::string_view title;
    std::optional<std::string_view> department;
    std::optional<std::string_view> category;
    std::optional<std::string_view> brand;
    json::Money price;
    bool ships = true;
    bool archived = false;
    std::int64_t version = 0;
    json::Time created_at;
    json::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Product, (),
                      (sku, title, department, category, brand, price, ships, archived, version,
                       created_at, updated_at))

namespace {

json::Rule label() { return json::text(1, kernel::label_bytes_max); }

json::Rules description_rules() {
    return {{"title", json::text(1, kernel::title_bytes_max)},
            {"department", label()},
            {"category", label()},
            {"brand", label()},
            {"price", json::money(1, price_max)}};
}

void check_description(const auto& it, json::Findings& findings) {
    check_bytes("/title", it.title, kernel::title_bytes_max, findings);
    check_bytes("/department", it.department, kernel::label_bytes_max, findings);
    check_bytes("/category", it.category, kernel::label_bytes_max, findings);
    check_bytes("/brand", it.brand, kernel::label_bytes_max, findings);
}

}  // namespace

json::Rules rules_for(json::Tag<CreateProduct>) {
    auto rules = description_rules();
    rules.emplace_back("sku", json::sku());
    return rules;
}
json::Rules rules_for(json::Tag<ChangeProduct>) { return description_rules(); }
void check(const CreateProduct& it, json::Findings& findings) { check_description(it, findings); }
void check(const ChangeProduct& it, json::Findings& findings) { check_description(it, findings); }

namespace {

Product shown(const read_model::Product&& row) = delete;
Product shown(const read_model::Product& row) {
    return {.sku = row.sku.value(),
            .title = row.title,
            .department = row.department,
            .category = row.category,
            .brand = row.brand,
            .price = routes::shown(row.price),
            .ships = row.ships,
            .archived = row.archived,
            .version = row.version.value(),
            .created_at = {row.created_at.value()},
            .updated_at = {row.updated_at.value()}};
}

void create(const Services& services, const CreateProduct& body,
            const commands::CommandContext& context, eventstore::Reply reply) {
    services.executor->submit(
        commands::create_product(context, {.sku = kernel::Sku(body.sku),
                                           .title = body.title,
                                           .department = body.department,
                                           .category = body.category,
                                           .brand = body.brand,
                                           .price = money_of(body.price),
                                           .ships = body.ships.value_or(true)}),
        std::move(reply));
}

void change(const Services& services, const http::Request& request, const ChangeProduct& body,
            const commands::CommandContext& context, eventstore::Reply reply) {
    product::Change change{.description = {.title = body.title,
                                           .department = body.department,
                                           .category = body.category,
                                           .brand = body.brand},
                           .price = std::nullopt,
                           .ships = body.ships};
    if (body.price) change.price = money_of(*body.price);
    services.executor->submit(
        commands::change_product(context, kernel::Sku(request.parameter("sku")), change),
        std::move(reply));
}

const http::ListOrder order{{"created_at", "sku", "price", "title"}, "-created_at"};

Result<PageAsked<read_model::Listing>, http::Problem> open_page(const http::Request& request,
                                                                const Services& services) {
    http::Parameters parameters(request);
    read_model::Listing listing;
    listing.filter.department = parameters.text("department", label());
    listing.filter.category = parameters.text("category", label());
    listing.filter.brand = parameters.text("brand", label());
    auto query = http::read_list(parameters, order, *services.cursors);
    if (!query) return unexpected(std::move(query.error()));
    using read_model::SortBy;
    listing.sort = query->sort_key == "sku"     ? SortBy::sku
                   : query->sort_key == "price" ? SortBy::price
                   : query->sort_key == "title" ? SortBy::title
                                                : SortBy::created_at;
    listing.descending = query->descending;
    listing.page = keyset_of(*query);
    return PageAsked<read_model::Listing>{std::move(listing), std::move(*query)};
}

http::RouteDoc list_doc() {
    http::RouteDoc doc{.tag = "products",
                       .summary = "The products that are sold, newest first",
                       .description = "Archived products are left out.",
                       .parameters = http::list_parameter_docs(order),
                       .answers = {{200, "a page", json::shape<http::Page<Product>>()}}};
    for (const char* name : {"department", "category", "brand"}) {
        doc.parameters.push_back({.name = name, .description = "exactly this one"});
    }
    return doc;
}

}  // namespace

std::vector<http::Route> product_routes(const Services& services) {
    const CommandSpec created{.status = 201, .location = "/v1/products/"};
    const CommandSpec changed{.target = "product"};
    const std::string one = "/v1/products/{sku}";
    const auto shown_product = [](const read_model::Product& row) { return shown(row); };
    std::vector<http::Route> routes;
    routes.push_back(
        {.method = "POST",
         .path = "/v1/products",
         .handler = command_with_body<CreateProduct>(
             services, created,
             [&services](const auto&, CreateProduct&& body, const auto& context, auto reply) {
                 create(services, body, context, std::move(reply));
             }),
         .doc = http::command_doc({.tag = "products",
                                   .summary = "Puts a product on sale",
                                   .description = "With ships false there is nothing to carry: a "
                                                  "download, a service. It ships by default.",
                                   .body = json::shape<CreateProduct>(),
                                   .answers = {done_doc(created, "created")}})});
    routes.push_back(
        {.method = "GET",
         .path = "/v1/products",
         .handler = one_page(services, open_page, read_model::list,
                             [](const read_model::Product& row) { return shown(row); }),
         .doc = http::query_doc(list_doc()),
         .together = {pages_together(services, open_page, read_model::list_together,
                                     [](const read_model::Product& row) { return shown(row); })}});
    routes.push_back(
        {.method = "GET",
         .path = one,
         .handler = one_thing(services, "product", read_model::find,
                              [](const read_model::Product& row) { return shown(row); }),
         .doc = http::thing_doc({.tag = "products",
                                 .summary = "One product, archived or not",
                                 .answers = {{200, "it", json::shape<Product>()}}}),
         .together = {together(services, "sku", read_model::find_cached, shown_product),
                      together(services, "sku", read_model::find_together, shown_product)}});
    routes.push_back(
        {.method = "PATCH",
         .path = one,
         .handler = command_with_body<ChangeProduct>(
             services, changed,
             [&services](const auto& request, ChangeProduct&& body, const auto& context,
                         auto reply) {
                 change(services, request, body, context, std::move(reply));
             }),
         .doc = http::command_doc({.tag = "products",
                                   .summary = "Changes what is given, leaves the rest",
                                   .description = "Orders that are placed keep what was frozen "
                                                  "in them, ships as well.",
                                   .body = json::shape<ChangeProduct>(),
                                   .answers = {done_doc(changed, "changed")}})});
    routes.push_back(
        {.method = "DELETE",
         .path = one,
         .handler = command_without_body(
             services, changed,
             [&services](const auto& request, const auto& context, auto reply) {
                 services.executor->submit(
                     commands::archive_product(context, kernel::Sku(request.parameter("sku"))),
                     std::move(reply));
             }),
         .doc = http::command_doc({.tag = "products",
                                   .summary = "Archives it: still readable, no longer sold",
                                   .answers = {done_doc(changed, "archived")}})});
    return routes;
}

}  // namespace skald::routes
