#include "api/json/traits.h"

namespace skald::json::detail {

// From "std::string_view ...::pretty() [with T = a::b::Name<c::D>; ...]" to "Name".
std::string short_name(std::string_view pretty_function) {
    const auto start = pretty_function.find("T = ");
    INVARIANT(start != std::string_view::npos);
    auto name = pretty_function.substr(start + 4);
    name = name.substr(0, name.find_first_of(";]<"));
    const auto colon = name.rfind(':');
    if (colon != std::string_view::npos) name.remove_prefix(colon + 1);
    return std::string(name);
}

}  // namespace skald::json::detail
