#include "api/routes/carts.h"

#include <algorithm>
#include <map>

#include "api/json/time.h"
#include "api/routes/checks.h"
#include "api/routes/command_route.h"
#include "api/routes/order_bodies.h"
#include "api/routes/order_outcome.h"
#include "api/routes/query_route.h"
#include "commands/carts.h"
#include "domain/order/order.h"
#include "projections/carts/queries.h"
#include "projections/products/queries.h"

namespace skald::routes {
namespace read_model = projections::carts;

struct CreateCart {
    std::optional<std::string> account_id;
};
BOOST_DESCRIBE_STRUCT(CreateCart, (), (account_id))

struct SetCartItem {
    std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(SetCartItem, (), (quantity))

struct CheckOutCart {
    std::optional<std::string> account_id;
    Payment payment;
    std::optional<json::Money> total;
};
BOOST_DESCRIBE_STRUCT(CheckOutCart, (), (account_id, payment, total))

struct CartLine {
    std::string sku;
    std::optional<std::string> title;
    std::int64_t quantity = 0;
    std::optional<json::Money> unit_price;
    std::optional<json::Money> total;
};
BOOST_DESCRIBE_STRUCT(CartLine, (), (sku, title, quantity, unit_price, total))

struct Cart {
    std::string id;
    std::optional<std::string> account_id;
    std::vector<CartLine> lines;
    std::optional<json::Money> total;
    std::optional<std::string> order_id;
    std::int64_t version = 0;
    std::string created_at;
    std::string updated_at;
};
BOOST_DESCRIBE_STRUCT(Cart, (),
                      (id, account_id, lines, total, order_id, version, created_at, updated_at))

json::Rules rules_for(json::Tag<CreateCart>) {
    return {{"account_id", account_id_rule().about("absent: a guest's")}};
}
json::Rules rules_for(json::Tag<SetCartItem>) {
    return {{"quantity", json::integer(1, cart::quantity_max.value())}};
}
json::Rules rules_for(json::Tag<CheckOutCart>) {
    return {{"account_id", account_id_rule().about("whose order a guest's cart becomes")},
            {"total", json::money(1, order::total_max).about("what the order must come to")}};
}

namespace {

using kernel::CartId;
using projections::products::Product;
using Products = std::map<kernel::Sku, Product>;

std::optional<kernel::AccountId> account_of(std::optional<std::string>&& id) {
    if (!id) return std::nullopt;
    return kernel::AccountId(*std::move(id));
}

// The sum of both; nothing where one is missing, or there is no such sum.
std::optional<kernel::Money> sum(const std::optional<kernel::Money>& a,
                                 const std::optional<kernel::Money>& b) {
    if (!a || !b) return std::nullopt;
    const auto both = kernel::add(*a, *b);
    return both ? std::optional(*both) : std::nullopt;
}

std::optional<json::Money> shown_if_any(const std::optional<kernel::Money>& money) {
    return money ? std::optional(shown(*money)) : std::nullopt;
}

// With the title and price that each product has now, as far as it is known and sold.
Cart shown(const read_model::Cart& row, const Products& products) {
    Cart cart{.id = row.id.value(),
              .account_id = std::nullopt,
              .lines = {},
              .total = std::nullopt,
              .order_id = std::nullopt,
              .version = row.version.value(),
              .created_at = json::format_time_us(row.created_at.value()),
              .updated_at = json::format_time_us(row.updated_at.value())};
    if (row.account) cart.account_id = row.account->value();
    if (row.order) cart.order_id = row.order->value();
    std::optional<kernel::Money> total;
    for (const auto& [sku, quantity] : row.items) {
        CartLine line{.sku = sku.value(),
                      .title = std::nullopt,
                      .quantity = quantity.value(),
                      .unit_price = std::nullopt,
                      .total = std::nullopt};
        std::optional<kernel::Money> cost;
        if (const auto found = products.find(sku); found != products.end()) {
            const auto& product = found->second;
            line.title = product.title;
            if (!product.archived) {
                line.unit_price = routes::shown(product.price);
                if (const auto all = kernel::multiply(product.price, quantity.value())) cost = *all;
            }
        }
        line.total = shown_if_any(cost);
        total = cart.lines.empty() ? cost : sum(total, cost);
        cart.lines.push_back(std::move(line));
    }
    cart.total = shown_if_any(total);
    return cart;
}

Result<http::Response, http::Problem> get(const http::Request& request, const Services& services) {
    auto found = found_by(read_model::find, request, services, "cart");
    if (!found) return unexpected(std::move(found.error()));
    auto& [asked, answer] = *found;
    const auto& cart = found->row();
    // What it cost once it was ordered is told by the order.
    if (cart.order || cart.items.empty()) {
        return thing(request, services, asked, answer, cart.version,
                     json::to_text(shown(cart, {})));
    }
    std::vector<kernel::Sku> skus;
    for (const auto& item : cart.items) skus.push_back(item.sku);
    const auto priced = projections::products::find_all(*services.reading, skus, asked.request);
    if (!priced) return unexpected(lagging(priced.error()));
    Products products;
    for (const auto& product : priced->value) products.emplace(product.sku, product);
    for (std::size_t p = 0; p < answer.heads.size(); ++p) {
        answer.heads[p] = std::max(answer.heads[p], priced->heads[p]);
    }
    answer.parked_keys = priced->parked_keys;
    auto body = json::to_text(shown(cart, products));
    auto etag = http::etag(cart.version, body);
    return thing(request, services, asked, answer, std::move(etag), std::move(body));
}

http::Route creation(const Services& services) {
    const CommandSpec created{.status = 201, .location = "/v1/carts/"};
    return {.method = "POST",
            .path = "/v1/carts",
            .handler = command_with_body<CreateCart>(
                services, created,
                [&services](const auto&, CreateCart&& body, const auto& context, auto reply) {
                    services.executor->submit(
                        commands::create_cart(context, account_of(std::move(body.account_id))),
                        std::move(reply));
                }),
            .doc = http::command_doc({.tag = "carts",
                                      .summary = "Begins a cart, of an account or a guest",
                                      .body = json::shape<CreateCart>(),
                                      .answers = {done_doc(created, "created")}})};
}

http::Route reading(const Services& services) {
    return {
        .method = "GET",
        .path = "/v1/carts/{id}",
        .handler = guarded([&services](const auto& request) { return get(request, services); }),
        .doc = http::thing_doc(
            {.tag = "carts",
             .summary = "One cart, its lines in the order of their skus",
             .description =
                 "Titles and prices are those the products have now: what an order would freeze. "
                 "A line has no unit_price while its product is archived, or not known here yet, "
                 "and a cart has a total where all of its lines have one in one currency. Of a "
                 "cart that was checked out order_id is told, and what it cost by the order. "
                 "The ETag of an open cart with lines goes by what is told of their products too. "
                 "As If-Match of what changes the cart it stands for the cart's version alone, "
                 "for prices are none of it: who will pay no other total than the one shown sends "
                 "it with the checkout. Skald-Parked-Keys counts products of the cart whose "
                 "latest events are held back.",
             .answers = {{200, "it", json::shape<Cart>()}}})};
}

// PUT and DELETE of what is in it.
std::vector<http::Route> item_routes(const Services& services) {
    const CommandSpec done{.target = "cart", .part = "product", .digest_in_etag = true};
    const std::string path = "/v1/carts/{id}/items/{sku}";
    const auto cart_of = [](const http::Request& request) {
        return CartId(request.parameter("id"));
    };
    const auto sku_of = [](const http::Request& request) {
        return kernel::Sku(request.parameter("sku"));
    };
    return {
        {.method = "PUT",
         .path = path,
         .handler = command_with_body<SetCartItem>(
             services, done,
             [&services, cart_of, sku_of](const auto& request, SetCartItem&& body,
                                          const auto& context, auto reply) {
                 services.executor->submit(
                     commands::set_cart_item(context, cart_of(request), sku_of(request),
                                             kernel::Quantity::of(body.quantity)),
                     std::move(reply));
             }),
         .doc = http::command_doc({.tag = "carts",
                                   .summary = "So many of a product are in the cart from now on",
                                   .description = "At most 1000 lines. A product that is not sold "
                                                  "is 409 at /path/sku.",
                                   .body = json::shape<SetCartItem>(),
                                   .answers = {done_doc(done, "they are")}})},
        {.method = "DELETE",
         .path = path,
         .handler = command_without_body(
             services, done,
             [&services, cart_of, sku_of](const auto& request, const auto& context, auto reply) {
                 services.executor->submit(
                     commands::remove_cart_item(context, cart_of(request), sku_of(request)),
                     std::move(reply));
             }),
         .doc = http::command_doc({.tag = "carts",
                                   .summary = "None of a product is in the cart any more",
                                   .answers = {done_doc(done, "none is")}})}};
}

http::Route checkout(const Services& services) {
    auto placed = placing_spec(services, "cart");
    placed.digest_in_etag = true;
    return {
        .method = "POST",
        .path = "/v1/carts/{id}/checkout",
        .handler = command_with_body<CheckOutCart>(
            services, placed,
            [&services](const auto& request, CheckOutCart&& body, const auto& context, auto reply) {
                commands::CheckoutRequest wanted{.account = account_of(std::move(body.account_id)),
                                                 .payment_method = std::move(body.payment.method)};
                if (body.total) wanted.total = money_of(*body.total);
                commands::check_out_cart(*services.executor, context,
                                         CartId(request.parameter("id")), std::move(wanted),
                                         std::move(reply));
            }),
        .doc = placing_doc(
            placed,
            {.tag = "carts",
             .summary = "Places an order of what is in the cart, which ends it",
             .description = "Answered as POST /v1/orders is, about the order. If-Match is the "
                            "cart's ETag. With total it is 409 cart_total_differs where the order "
                            "would come to another one, since prices have changed. A pointer such "
                            "as /lines/0/sku is into the cart as GET shows it.",
             .body = json::shape<CheckOutCart>()})};
}

}  // namespace

std::vector<http::Route> cart_routes(const Services& services) {
    std::vector<http::Route> routes{creation(services), reading(services), checkout(services)};
    for (auto& route : item_routes(services)) routes.push_back(std::move(route));
    return routes;
}

}  // namespace skald::routes
