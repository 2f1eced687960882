#include "bench/program/rest_shop.h"

#include <nlohmann/json.hpp>

#include "eventstore/types.h"

namespace skald::bench {
namespace {

constexpr int rest_products = 2'000;
constexpr int rest_departments = 20;
constexpr int rest_accounts = 100;
constexpr int rest_orders = 2'000;
constexpr int plenty = 100'000'000;

std::string key_header(const std::string& key) { return "Idempotency-Key: " + key + "\r\n"; }

std::string fresh_key_header() {
    return key_header(eventstore::to_text(eventstore::fresh_command_id().value()));
}

std::string rest_sku(int number) { return "REST-" + std::to_string(10'000 + number); }

HttpRequest posted(std::string target, const nlohmann::json& body, std::string headers) {
    return {.method = "POST",
            .target = std::move(target),
            .body = body.dump(),
            .headers = std::move(headers)};
}

HttpRequest new_product(int number, const std::string& key) {
    return posted("/v1/products",
                  {{"sku", rest_sku(number)},
                   {"title", "Thing number " + std::to_string(number)},
                   {"department", "Department " + std::to_string(number % rest_departments)},
                   {"price", {{"amount", 100 + number}, {"currency", "EUR"}}}},
                  key_header(key));
}

nlohmann::json order_body(const std::string& account, const std::string& one,
                          const std::string& other) {
    auto lines = nlohmann::json::array();
    lines.push_back({{"sku", one}, {"quantity", 1}});
    if (one != other) lines.push_back({{"sku", other}, {"quantity", 2}});
    return {{"account_id", account}, {"lines", lines}, {"payment", {{"method", "card-ok"}}}};
}

}  // namespace

void RestShop::fill() {
    const auto all = [this](const std::string& what, int count, const auto& make,
                            const HttpLoad::Answered& also = {}) {
        int number = 0;
        load_.run(
            [&]() -> std::optional<HttpRequest> {
                if (number == count) return std::nullopt;
                const auto key = "fill-" + what + "-" + std::to_string(number);
                return make(number++, key);
            },
            {},
            [&](const HttpAnswer& answer) {
                token_ = answer.header("Skald-Token");
                if (also) also(answer);
            });
    };
    all("product", rest_products, new_product);
    all("stock", rest_products, [](int number, const std::string& key) {
        return posted("/v1/stock/" + rest_sku(number) + "/receipts", {{"quantity", plenty}},
                      key_header(key));
    });
    all(
        "account", rest_accounts,
        [](int number, const std::string& key) {
            return posted(
                "/v1/accounts",
                {{"email", "bench-" + std::to_string(number) + "@example.org"}, {"name", "Bench"}},
                key_header(key));
        },
        [this](const HttpAnswer& answer) {
            const std::string place(answer.header("Location"));
            accounts_.push_back(place.substr(place.rfind('/') + 1));
        });
    std::ranges::sort(accounts_);  // answers come in any order, and orders are keyed
    all(
        "order", rest_orders,
        [this](int number, const std::string& key) {
            return posted("/v1/orders",
                          order_body(accounts_[static_cast<std::size_t>(number % rest_accounts)],
                                     rest_sku(number % rest_products),
                                     rest_sku((number * 7 + 1) % rest_products)),
                          key_header(key));
        },
        [this](const HttpAnswer& answer) { orders_.emplace_back(answer.header("Location")); });
}

void RestShop::wait_for_read_models() {
    std::vector<std::string> lists{"/v1/products?limit=1", "/v1/orders?limit=1",
                                   "/v1/accounts?limit=1"};
    load_.run([&]() -> std::optional<HttpRequest> {
        if (lists.empty()) return std::nullopt;
        HttpRequest request{.target = lists.back(),
                            .headers = "Skald-Token: " + token_ + "\r\nSkald-Wait: 8000\r\n"};
        lists.pop_back();
        return request;
    });
}

std::string RestShop::any_sku() {
    return rest_sku(std::uniform_int_distribution(0, rest_products - 1)(random_));
}

const std::string& RestShop::any_of(const std::vector<std::string>& things) {
    return things[std::uniform_int_distribution<std::size_t>(0, things.size() - 1)(random_)];
}

HttpRequest RestShop::receipt() {
    return posted("/v1/stock/" + any_sku() + "/receipts", {{"quantity", 1}}, fresh_key_header());
}

HttpRequest RestShop::place_order() {
    return posted("/v1/orders", order_body(any_of(accounts_), any_sku(), any_sku()),
                  fresh_key_header());
}

HttpRequest RestShop::product_page() {
    const auto department = std::uniform_int_distribution(0, rest_departments - 1)(random_);
    return {.target = "/v1/products?department=Department%20" + std::to_string(department)};
}

HttpRequest RestShop::order_page() {
    return {.target = "/v1/orders?account_id=" + any_of(accounts_)};
}

}  // namespace skald::bench
