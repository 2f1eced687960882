#include "sagas/engine/process.h"

#include "domain/kernel/invariant.h"

namespace skald::sagas {

// A definition has a step of a kind that its process says nothing of: a bug.
Send Process::send(const saga::State&, std::string_view, std::int32_t, bool,
                   const std::string&) const {
    INVARIANT(false);
}
Process::Child Process::child(const saga::State&, std::string_view) const { INVARIANT(false); }

}  // namespace skald::sagas
