// What the domain accepts as human text and as an e-mail address. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skald::kernel {

inline constexpr std::size_t title_bytes_max = 500;
inline constexpr std::size_t label_bytes_max = 200;
inline constexpr std::size_t email_bytes_max =
    254;  // RFC 5321, 4.5.3.1.3: a path holds 256, two are brackets

// Well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong) without control characters, so
// without NUL, which PostgreSQL's text cannot hold. The empty string is text.
bool is_text(std::string_view bytes);

// local@domain in printable ASCII, one '@', dots only between other characters, at most
// email_bytes_max. Deliberately narrower than RFC 5322 (no quoting, no comments): who owns an
// address is shown by mail arriving there, not by grammar.
bool is_email_address(std::string_view text);

// The form in which two addresses are the same one: ASCII letters in lower case.
std::string fold_case(std::string_view ascii);

}  // namespace skald::kernel
