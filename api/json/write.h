// Structs described with Boost.Describe to JSON text, fields in the order they are declared. An
// empty std::optional is null, an absent json::Patch is left out. Bytes that are not UTF-8 become
// U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/json/time.h"
#include "api/json/traits.h"
#include "api/json/value.h"

namespace skald::json {

// Appends `text` as a JSON string, in quotes.
void write_text(std::string& out, std::string_view text);
void write_integer(std::string& out, std::int64_t number);
void write_value(std::string& out, const Value& value);

template <class T>
void write(std::string& out, const T& it) {
    if constexpr (std::is_same_v<T, Value>) {
        write_value(out, it);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        write_text(out, it);
    } else if constexpr (std::is_same_v<T, Time>) {
        out += '"';
        append_time_us(out, it.us);
        out += '"';
    } else if constexpr (std::is_same_v<T, bool>) {
        out += it ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
        write_integer(out, static_cast<std::int64_t>(it));
    } else if constexpr (is_choice<T>) {
        write_text(out, boost::describe::enum_to_string(it, "unknown"));
    } else if constexpr (is_named<T>) {
        write(out, it.value());
    } else if constexpr (is_optional<T> || is_patch<T>) {
        if (it.has_value()) {
            write(out, it.value());
        } else {
            out += "null";
        }
    } else if constexpr (is_list<T>) {
        out += '[';
        for (std::size_t i = 0; i < it.size(); ++i) {
            if (i > 0) out += ',';
            write(out, it[i]);
        }
        out += ']';
    } else if constexpr (is_map<T>) {
        out += '{';
        bool first = true;
        for (const auto& [key, value] : it) {
            if (!std::exchange(first, false)) out += ',';
            write_text(out, key);
            out += ':';
            write(out, value);
        }
        out += '}';
    } else {
        static_assert(is_record<T>, "describe the struct with BOOST_DESCRIBE_STRUCT");
        out += '{';
        bool first = true;
        boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
            const auto& field = it.*member.pointer;
            if constexpr (is_patch<std::remove_cvref_t<decltype(field)>>) {
                if (field.is_absent()) return;
            }
            if (!std::exchange(first, false)) out += ',';
            out += '"';
            out += member.name;
            out += "\":";
            write(out, field);
        });
        out += '}';
    }
}

template <class T>
std::string to_text(const T& it) {
    std::string out;
    write(out, it);
    return out;
}

}  // namespace skald::json
