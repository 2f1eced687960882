#include "eventstore/known_heads.h"

#include <utility>

namespace skald::eventstore {

bool KnownHeads::hear(const AppendResult& result) {
    const bool same = std::exchange(connection_, result.connection) == result.connection;
    if (!same) heads_.clear();
    foreign_.clear();
    heads_.resize(static_cast<std::size_t>(result.partitions));
    for (const auto& part : result.parts) {
        for (std::size_t i = 0; i < part.heads.size(); ++i) {
            const auto& [partition, now] = part.heads[i];
            auto& head = heads_.at(static_cast<std::size_t>(partition.value()));
            const auto before = part.heads_before.at(i);
            if (head.at && *head.at < before) foreign_.push_back({partition, *head.at, before});
            if (head.at != before) head.others = before;
            head.at = now;
        }
    }
    return same;
}

const KnownHeads::Head* KnownHeads::head_of(const StreamName& stream) const {
    if (heads_.empty()) return nullptr;
    const auto partition =
        partition_of(stream.partition_key(), static_cast<std::int32_t>(heads_.size()));
    return &heads_[static_cast<std::size_t>(partition.value())];
}

std::optional<Position> KnownHeads::seen_at(const StreamName& stream,
                                            std::optional<Position> complete_at) const {
    const auto* head = complete_at ? head_of(stream) : nullptr;
    return head != nullptr && *complete_at >= head->others ? head->at : std::nullopt;
}

std::optional<Position> KnownHeads::at(const StreamName& stream) const {
    const auto* head = head_of(stream);
    return head == nullptr ? std::nullopt : head->at;
}

std::optional<Position> KnownHeads::behind(const AppendResult& result,
                                           const StreamName& stream) const {
    return result.parts.size() == 1 ? at(stream) : std::nullopt;
}

}  // namespace skald::eventstore
