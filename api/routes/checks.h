// Rules that requests of several kinds share, where they depend on the domain's own limits.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "api/json/money.h"
#include "api/json/read.h"
#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/time.h"

namespace skald::routes {

inline json::Rule account_id_rule() { return json::text(1, kernel::id_bytes_max, json::Form::sku); }

inline constexpr std::int64_t price_max = 1'000'000'000'000;  // minor units

// The domain bounds texts by bytes, the rules by characters.
inline void check_bytes(std::string_view pointer, const std::string& text, std::size_t bytes_max,
                        json::Findings& findings) {
    if (text.size() <= bytes_max) return;
    findings.add(pointer, "too_long",
                 "must have at most " + std::to_string(bytes_max) + " bytes in UTF-8");
}
template <class Text>
void check_bytes(std::string_view pointer, const std::optional<Text>& text, std::size_t bytes_max,
                 json::Findings& findings) {
    if (text) check_bytes(pointer, *text, bytes_max, findings);
}

inline kernel::Money money_of(const json::Money& money) {
    // The rule of json::Money has seen to it that the code is one.
    return {money.amount, kernel::Currency::make(money.currency).value()};
}
inline json::Money shown(const kernel::Money& money) {
    return {money.amount, std::string(money.currency.code())};
}
// Microseconds since the Unix epoch.
inline std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace skald::routes
