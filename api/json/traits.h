// How the bridge between structs and JSON tells kinds of types apart, and what a type is called.
#pragma once

#include <boost/describe.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "api/json/patch.h"
#include "api/json/rules.h"
#include "domain/kernel/invariant.h"
#include "domain/kernel/named_type.h"

namespace skald::json {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_patch = false;
template <class T>
inline constexpr bool is_patch<Patch<T>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;

// Strong types (domain/kernel/named_type.h) are written as what they hold.
template <class T>
inline constexpr bool is_named = requires(const T& t) {
    []<class V, class G>(const kernel::Named<V, G>&) {}(t);
};
template <class T>
inline constexpr bool is_choice =
    std::is_enum_v<T>&& boost::describe::has_describe_enumerators<T>::value;
template <class T>
inline constexpr bool is_record = boost::describe::has_describe_members<T>::value;

template <class T>
using MembersOf = boost::describe::describe_members<T, boost::describe::mod_public |
                                                           boost::describe::mod_inherited>;

// The names of a described enumeration, in order.
template <class E>
std::vector<std::string> choices_of() {
    std::vector<std::string> names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
        [&](auto enumerator) { names.emplace_back(enumerator.name); });
    return names;
}

// The rules beside T (see rules.h), none where there are none. A rule for a field that T does not
// have is a bug.
template <class T>
const Rules& rules_of() {
    static const Rules rules = [] {
        Rules made;
        if constexpr (requires { rules_for(Tag<T>{}); }) made = rules_for(Tag<T>{});
        for ([[maybe_unused]] const auto& rule : made) {
            bool known = false;
            boost::mp11::mp_for_each<MembersOf<T>>(
                [&](auto member) { known = known || rule.first == member.name; });
            INVARIANT(known);
        }
        return made;
    }();
    return rules;
}

inline const Rule& rule_for(const Rules& rules, std::string_view field) {
    static const Rule none;
    for (const auto& [name, rule] : rules) {
        if (name == field) return rule;
    }
    return none;
}

// "CreateProduct" for skald::products::CreateProduct, "PageOfProduct" for Page<Product>.
template <class T>
std::string type_name();

namespace detail {
std::string short_name(std::string_view pretty_function);

template <class T>
std::string_view pretty() {
    return __PRETTY_FUNCTION__;
}
template <class T>
struct NameOf {
    static std::string get() { return short_name(pretty<T>()); }
};
template <template <class> class Outer, class Inner>
struct NameOf<Outer<Inner>> {
    static std::string get() {
        return short_name(pretty<Outer<Inner>>()) + "Of" + type_name<Inner>();
    }
};
}  // namespace detail

template <class T>
std::string type_name() {
    return detail::NameOf<T>::get();
}

}  // namespace skald::json
