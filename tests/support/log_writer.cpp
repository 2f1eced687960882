#include "tests/support/log_writer.h"

#include "domain/kernel/invariant.h"

namespace skald::tests {

using namespace eventstore;

LogWriter::LogWriter(std::int32_t partitions)
    : store(std::make_shared<MemoryStore>(partitions)), heads(partitions) {}

const StreamName& LogWriter::stream_of(Partition partition) {
    const auto partitions = std::int32_t(store->partitions.size());
    for (int i = 0; !streams_.contains(partition); ++i) {
        const auto name = StreamName::of("thing", std::to_string(i));
        if (partition_of(name.partition_key(), partitions) == partition) {
            streams_.emplace(partition, name);
        }
    }
    return streams_.at(partition);
}

void LogWriter::grow(Partition partition, int count, std::size_t bytes) {
    auto& version = versions_[partition];
    AppendCommand command{.id = fresh_command_id()};
    command.uses = {{stream_of(partition), version, {}}};
    for (int i = 0; i < count; ++i) {
        const auto text = std::to_string(version.value() + i + 1);
        command.uses.front().events.push_back(
            {.type = "thing.done", .data = text + std::string(bytes - text.size(), '.')});
    }
    const auto result = MemoryLog(store).append(std::span(&command, 1));
    INVARIANT(result.outcomes.front().kind == OutcomeKind::accepted);
    version = version + count;
    heads.announce(result.heads);
}

void LogWriter::grow_all(int count, std::size_t bytes) {
    for (std::size_t i = 0; i < store->partitions.size(); ++i) {
        grow(Partition(std::int32_t(i)), count, bytes);
    }
}

}  // namespace skald::tests
