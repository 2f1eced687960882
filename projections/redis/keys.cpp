#include "projections/redis/keys.h"

namespace skald::projections::redis {

std::string space_of(const std::string& prefix, const eventstore::StoreInfo& store) {
    return prefix + ":" + eventstore::to_text(store.id) + "." + std::to_string(store.era.value());
}

std::string live_key(const std::string& space, const std::string& projection,
                     std::int32_t definition) {
    return space + ":" + projection + ":" + std::to_string(definition) + "." +
           std::to_string(value_format);
}

std::string partition_suffix(eventstore::Partition partition) {
    return ":" + std::to_string(partition.value());
}

std::string partition_key(const std::string& live, const std::string& generation,
                          eventstore::Partition partition) {
    return live + ":" + generation + partition_suffix(partition);
}

std::string best_sellers_key(const std::string& space) {
    return space + ":best_sellers:" + std::to_string(value_format);
}

}  // namespace skald::projections::redis
