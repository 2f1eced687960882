// The order and its payment, as a checkout changes them together with itself.
#pragma once

#include "sagas/shop/shop_companions.h"

namespace skald::sagas {

class CheckoutCompanions : public ShopCompanions {
  public:
    using ShopCompanions::ShopCompanions;

    Taken take(const saga::State& saga, const Happening& what) override;

  private:
    Taken accept(const saga::State& saga);
    Taken turn_down(const saga::State& saga);
    Taken finish(const std::optional<order::Command>& last);
};

}  // namespace skald::sagas
