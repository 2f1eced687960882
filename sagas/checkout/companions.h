// The order and its payment, as a checkout changes them together with itself.
#pragma once

#include "sagas/shop/shop_companions.h"

namespace skald::sagas {

// What a checkout notes at its end where its customer wants it cancelled: the cancellation waits.
inline constexpr const char* noted_cancelling = "cancelling";

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
