// A shop behind REST, filled by keyed requests, so that filling it again only asks what was done;
// and the requests that are measured. One thread.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "bench/program/http_load.h"

namespace skald::bench {

class RestShop {
  public:
    explicit RestShop(HttpLoad& load) : load_(load) {}

    // Products with stock, accounts, and orders.
    void fill();
    // Waits until the read models show all of it.
    void wait_for_read_models();

    HttpRequest empty() const { return {.target = "/health/live"}; }
    HttpRequest receipt();
    HttpRequest place_order();
    HttpRequest product() { return {.target = "/v1/products/" + any_sku()}; }
    HttpRequest order() { return {.target = any_of(orders_)}; }
    HttpRequest product_page();
    HttpRequest order_page();

  private:
    std::string any_sku();
    const std::string& any_of(const std::vector<std::string>& things);

    HttpLoad& load_;
    std::vector<std::string> accounts_;  // their ids
    std::vector<std::string> orders_;    // their places
    std::string token_;                  // of the last answer
    std::mt19937 random_{1};
};

}  // namespace skald::bench
