// All projections of the shop, and what of them is kept in Redis too.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "projections/engine/projection.h"
#include "projections/reading/reading.h"
#include "projections/redis/feed.h"
#include "projections/redis/mirror.h"

namespace skald::projections {

// In the order of their names. They live as long as the program.
const std::vector<const Projection*>& all_projections();
// Nullptr if there is none of that name.
const Projection* find_projection(const std::string& name);
std::vector<std::string> projection_names();

// The tables that Redis has, whole or in part.
std::vector<redis::Mirrored> mirrored_tables();

// What keeps Redis up to date: to be given to one redis::Feeder. `reader` may read, `space` is that
// of redis::space_of(). `reading` outlives the feeds.
std::vector<std::unique_ptr<redis::Feed>> redis_feeds(Reading& reading, const pq::Settings& reader,
                                                      const std::string& space);

}  // namespace skald::projections
