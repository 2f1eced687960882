// The printed form of a described enum (BOOST_DEFINE_ENUM_CLASS): its own name for the value. Pure.
#pragma once

#include <boost/describe/enum_to_string.hpp>
#include <string_view>

namespace skald::kernel {

// "not_enough_stock" for Refusal::not_enough_stock; "?" for a number that is no value of E.
template <class E>
std::string_view name_of(E value) {
    return boost::describe::enum_to_string(value, "?");
}

}  // namespace skald::kernel
