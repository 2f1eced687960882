// Goods that come back: the money is given back, and the goods are on the shelf again. Subject:
// `<order id>.<return id>`.
#pragma once

#include <memory>

#include "sagas/engine/registry.h"

namespace skald::sagas {

std::shared_ptr<const Process> returning();
std::vector<Hearing> returning_ears(const eventstore::StoredEvent& event);

}  // namespace skald::sagas
