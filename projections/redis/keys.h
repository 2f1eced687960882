// The names of what read models keep in Redis. Pure.
//
//   <space>:<projection>                          the generation that is live
//   <space>:<projection>:<generation>:<partition> a hash: "=cursor" (revision and position it
//                                                 reflects), "=parked", and a field per row
//   <space>:best_sellers                          a hash: a field per number of days
#pragma once

#include <string>

#include "eventstore/log.h"

namespace skald::projections::redis {

// The part of Redis that belongs to this store in this era: what another store, or this one before
// it was restored, left behind is never met.
std::string space_of(const std::string& prefix, const eventstore::StoreInfo& store);

std::string live_key(const std::string& space, const std::string& projection);
std::string partition_suffix(eventstore::Partition partition);
std::string partition_key(const std::string& space, const std::string& projection,
                          const std::string& generation, eventstore::Partition partition);
std::string best_sellers_key(const std::string& space);

inline constexpr auto row_field_prefix = "v:";

}  // namespace skald::projections::redis
