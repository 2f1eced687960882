#include "commands/meta.h"

#include "schemas/meta.h"

namespace skald::commands {

std::string meta_of(const CommandContext& context) {
    const auto id = eventstore::to_text(context.id.value());
    return schemas::encode_meta({.principal = context.principal,
                                 .correlation_id = id,
                                 .causation_id = id,
                                 .traceparent = context.traceparent});
}

}  // namespace skald::commands
