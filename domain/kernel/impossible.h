// What apply() throws when a stored event does not fit the state before it: the stream is corrupt
// (the world is broken, not the command), which is handled at the edge. A state that threw is to be
// thrown away.
#pragma once

#include <stdexcept>

namespace skald::kernel {

class ImpossibleEvent : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

inline void possible(bool holds, const char* otherwise) {
    if (!holds) throw ImpossibleEvent(otherwise);
}

}  // namespace skald::kernel
