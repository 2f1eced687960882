// The carts read model: what its tables hold and how events change it. Pure.
#pragma once

#include "projections/engine/projection.h"

namespace skald::projections::carts {

const Projection& projection();

}  // namespace skald::projections::carts
