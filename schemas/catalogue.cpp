#include "schemas/catalogue.h"

#include <algorithm>

#include "schemas/wire.h"

namespace skald::schemas {
namespace {

const std::vector<EventType>& types() {
    static const std::vector<EventType> built = [] {
        std::vector<EventType> all;
        for (const auto& shape : wire::all_shapes()) {
            const auto& [type, schema_version] = shape.name();
            const auto known = std::ranges::find(all, type, &EventType::name);
            if (known == all.end()) {
                const std::string_view name = type;
                all.push_back({name, schema_version, name.substr(0, name.find('.'))});
            } else {
                known->schema_version = std::max(known->schema_version, schema_version);
            }
        }
        std::ranges::sort(all, {}, &EventType::name);
        return all;
    }();
    return built;
}

}  // namespace

std::span<const EventType> catalogue() { return types(); }

const EventType* find_type(std::string_view name) {
    const auto found = std::ranges::lower_bound(types(), name, {}, &EventType::name);
    return found != types().end() && found->name == name ? &*found : nullptr;
}

Result<std::string, DecodeError> to_json(std::string_view type, int schema_version,
                                         std::string_view data) {
    const wire::Name wanted{std::string(type), schema_version};
    for (const auto& shape : wire::all_shapes())
        if (shape.name() == wanted) return wire::to_json(shape.prototype(), data);
    using Kind = DecodeError::Kind;
    return wire::fail(find_type(type) ? Kind::unknown_schema_version : Kind::unknown_type,
                      std::string(type) + " at schema version " + std::to_string(schema_version));
}

}  // namespace skald::schemas
