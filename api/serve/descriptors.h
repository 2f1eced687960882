// File descriptors: each connection takes one, and where they run out the program can neither
// accept clients nor reach its own services. Called once, at start.
#pragma once

#include <cstddef>

#include "api/config/config.h"

namespace skald::serve {

// How many client connections each listener may hold, beside those it turns away.
struct Connections {
    std::size_t api = 0;
    std::size_t ops = 0;
};

// `descriptors`: how many the process may have. What it needs itself is set aside first; the
// settings are the most that is given. Throws Unfit where hardly any would be left for clients.
Connections share_descriptors(const config::Config& config, std::size_t descriptors);

// Raises the limit of this process as far as it may be raised; returns what it is then.
std::size_t raise_descriptor_limit();

}  // namespace skald::serve
