// Expected answers are values: a Result holds either what was asked for or the reason it was not to
// be had.
#pragma once

#include <tl/expected.hpp>

namespace skald {

template <class T, class E>
using Result = tl::expected<T, E>;

using tl::unexpected;

}  // namespace skald
