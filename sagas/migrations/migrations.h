// The tables of the saga runner.
#pragma once

#include <span>

#include "eventstore/postgres/migrate.h"

namespace skald::sagas {

std::span<const eventstore::Migration> migrations();

}  // namespace skald::sagas
