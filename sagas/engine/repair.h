// What an operator does to a saga that is stuck. Pure; used by react() only.
#pragma once

#include "sagas/engine/mover.h"

namespace skald::sagas {

Reaction repair(const Process& process, const saga::State& state, const Repair& input,
                Mover& mover);

}  // namespace skald::sagas
