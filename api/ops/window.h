// Pages over what is dense: positions of a partition, versions of a stream. As there are no holes,
// a page is found by arithmetic and reads forward only. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

namespace skald::ops {

// The numbers after + 1 .. after + count, to be shown in that order or reversed.
struct Window {
    std::int64_t after = 0;
    std::int64_t count = 0;
};

// What a page shows: `from` is the number the cursor stands at, or nothing at the list's beginning.
struct Wanted {
    std::int64_t floor = 0;  // only numbers above it are in the list
    std::int64_t head = 0;   // the last number there is
    std::int64_t limit = 1;
    bool upwards = true;  // the way from the cursor
    bool has_cursor = false;
    std::int64_t cursor = 0;
};

inline Window window_of(const Wanted& wanted) {
    const auto start = wanted.has_cursor ? wanted.cursor
                       : wanted.upwards  ? wanted.floor
                                         : wanted.head + 1;
    Window window;
    if (wanted.upwards) {
        window.after = std::max(start, wanted.floor);
        window.count = std::min(wanted.limit, wanted.head - window.after);
    } else {
        const auto last = std::min(start - 1, wanted.head);
        window.after = std::max(wanted.floor, last - wanted.limit);
        window.count = last - window.after;
    }
    window.count = std::max<std::int64_t>(window.count, 0);
    return window;
}

}  // namespace skald::ops
