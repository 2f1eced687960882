// The names of what read models keep in Redis. Pure.
//
//   <model>                            the generation that is live, for as long as it is kept fresh
//   <model>:<generation>:<partition>   a hash: "=cursor" (revision and position it reflects),
//                                      "=parked", and a field per row; where not all rows are
//                                      kept, "=kept" and a field per place in their queue
//   <space>:best_sellers:<format>      a hash: a field per number of days
//
// where <model> is <space>:<projection>:<definition>.<format>. Everything expires: what no feed
// looks after any more, such as the values of another program's format, goes away by itself.
#pragma once

#include <string>

#include "eventstore/log.h"

namespace skald::projections::redis {

// Raised with every change of how a value is written: programs of another format neither read it
// nor write over it.
inline constexpr int value_format = 2;

// The part of Redis that belongs to this store in this era: what another store, or this one before
// it was restored, left behind is never met.
std::string space_of(const std::string& prefix, const eventstore::StoreInfo& store);

// `definition`: of the projection, see Projection.
std::string live_key(const std::string& space, const std::string& projection,
                     std::int32_t definition);
std::string partition_suffix(eventstore::Partition partition);
// `live`: the live_key.
std::string partition_key(const std::string& live, const std::string& generation,
                          eventstore::Partition partition);
std::string best_sellers_key(const std::string& space);

inline constexpr auto row_field_prefix = "v:";

}  // namespace skald::projections::redis
