// What each input comes to in each state of a checkout: checkout_matrix.txt, to be read through.
#include "sagas/engine/search/matrix.h"

#include <cstdlib>

#include "sagas/checkout/checkout.h"
#include "sagas/checkout/input.h"
#include "sagas/checkout/shop.h"

namespace skald::sagas {
namespace {

TEST(CheckoutMatrix, IsAsItWasReviewed) {
    const auto process = checkout();
    const auto placed = testing::placed(1, false);
    testing::Matrix matrix(*process, testing::shop_of(placed));
    matrix.search({.attempts_max = 1, .repairs_max = 1}, encode(input_of(placed)));
    matrix.compare("sagas/checkout/checkout_matrix.txt", std::getenv("SKALD_RECORD") != nullptr);
}

}  // namespace
}  // namespace skald::sagas
