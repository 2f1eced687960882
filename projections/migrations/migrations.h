// The migrations of the projections' registry. Numbers from 101.
#pragma once

#include <span>

#include "eventstore/postgres/migrate.h"

namespace skald::projections {

std::span<const eventstore::Migration> migrations();

}  // namespace skald::projections
