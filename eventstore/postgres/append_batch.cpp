#include "eventstore/postgres/append_batch.h"

#include <utility>

#include "domain/kernel/invariant.h"

namespace skald::eventstore {
namespace {

enum OutcomeCode : std::int16_t {
    code_accepted = 0,
    code_duplicate = 1,
    code_conflict = 2,
    code_behind = 3
};

std::string bytes_of(const Uuid& id) {
    return {reinterpret_cast<const char*>(id.data), sizeof id.data};
}

}  // namespace

AppendBatch::AppendBatch(std::span<const AppendCommand> commands, std::int32_t partitions)
    : commands_(commands), partitions_(partitions) {
    collect_partitions();
    for (std::size_t i = 0; i < commands_.size(); ++i) add_command(i);
}

void AppendBatch::collect_partitions() {
    for (const auto& command : commands_) {
        for (const auto& use : command.uses) {
            touched_[partition_of(use.stream.partition_key(), partitions_).value()] |=
                !use.events.empty();
        }
    }
    for (const auto& [partition, writes] : touched_) {
        p_.partition.push_back(partition);
        p_.writes.push_back(writes);
        index_of_partition_[partition] = static_cast<std::int32_t>(p_.partition.size());
    }
    rank_in_partition_.resize(p_.partition.size());
}

std::int32_t AppendBatch::partition_index(const StreamName& stream) const {
    return index_of_partition_.at(partition_of(stream.partition_key(), partitions_).value());
}

void AppendBatch::add_command(std::size_t index) {
    const auto& command = commands_[index];
    INVARIANT(command.leaves_receipt ||
              (command.verdict != Verdict::appended && command.verdict != Verdict::cancelled));
    const auto receipt = receipt_of(command);
    c_.id.push_back(command.id.value());
    c_.fingerprint.emplace_back(command.fingerprint.begin(), command.fingerprint.end());
    c_.verdict.push_back(static_cast<std::int16_t>(command.verdict));
    c_.receipt.push_back(command.leaves_receipt);
    const auto [earlier, is_new] = command_of_id_.try_emplace(bytes_of(command.id.value()),
                                                              static_cast<std::int32_t>(index + 1));
    c_.same_as.push_back(
        is_new ? 0 : std::exchange(earlier->second, static_cast<std::int32_t>(index + 1)));
    clean_ &= is_new;

    c_.first_use.push_back(static_cast<std::int32_t>(u_.stream.size() + 1));
    std::int32_t seq = 0;
    for (const auto& use : command.uses) add_use(index, use, seq);
    c_.last_use.push_back(static_cast<std::int32_t>(u_.stream.size()));

    const bool has_stream = !command.uses.empty();
    c_.partition.push_back(
        has_stream ? partition_of(receipt.stream.partition_key(), partitions_).value() : -1);
    c_.stream.push_back(receipt.stream.text());
    c_.first_version.push_back(receipt.first_version.value());
    c_.count.push_back(receipt.count);
}

void AppendBatch::add_use(std::size_t command, const StreamUse& use, std::int32_t& seq) {
    const auto p = partition_index(use.stream);
    const auto partition = p_.partition[static_cast<std::size_t>(p - 1)];
    const auto [entry, is_new] = index_of_stream_.try_emplace(
        use.stream.text(), static_cast<std::int32_t>(s_.name.size() + 1));
    const auto stream = static_cast<std::size_t>(entry->second - 1);
    if (is_new) {
        s_.partition.push_back(partition);
        s_.name.push_back(use.stream.text());
        s_.expected.push_back(use.expected.value());
        version_of_stream_.push_back(use.expected.value());
    }
    clean_ &= version_of_stream_[stream] == use.expected.value();
    version_of_stream_[stream] =
        use.expected.value() + static_cast<std::int64_t>(use.events.size());

    u_.stream.push_back(entry->second);
    u_.expected.push_back(use.expected.value());
    u_.events.push_back(static_cast<std::int32_t>(use.events.size()));
    std::int64_t version = use.expected.value();
    for (const auto& event : use.events) {
        e_.command.push_back(static_cast<std::int32_t>(command + 1));
        e_.p.push_back(p);
        e_.rank.push_back(++rank_in_partition_[static_cast<std::size_t>(p - 1)]);
        e_.partition.push_back(partition);
        e_.stream.push_back(use.stream.text());
        e_.version.push_back(++version);
        e_.seq.push_back(++seq);
        e_.type.push_back(event.type);
        e_.schema_version.push_back(event.schema_version);
        e_.meta.push_back(event.meta);
        e_.data.push_back(event.data);
    }
}

pq::Params AppendBatch::params() const {
    pq::Params params;
    params.int4_array(p_.partition).bool_array(p_.writes);
    params.int4_array(s_.partition).text_array(s_.name).int8_array(s_.expected);
    params.uuid_array(c_.id)
        .bytea_array(c_.fingerprint)
        .int2_array(c_.verdict)
        .bool_array(c_.receipt);
    params.int4_array(c_.same_as).int4_array(c_.first_use).int4_array(c_.last_use);
    params.int4_array(c_.partition)
        .text_array(c_.stream)
        .int8_array(c_.first_version)
        .int4_array(c_.count);
    params.int4_array(u_.stream).int8_array(u_.expected).int4_array(u_.events);
    params.int4_array(e_.command).int4_array(e_.p).int8_array(e_.rank).int4_array(e_.partition);
    params.text_array(e_.stream).int8_array(e_.version).int4_array(e_.seq).text_array(e_.type);
    params.int4_array(e_.schema_version).bytea_array(e_.meta).bytea_array(e_.data);
    params.boolean(clean_);
    return params;
}

AppendBatch::Answer AppendBatch::answer(std::span<const std::int16_t> outcomes,
                                        std::span<const std::int64_t> heads_before,
                                        RecordedAt recorded_at) const {
    INVARIANT(outcomes.size() == commands_.size() && heads_before.size() == p_.partition.size());
    Answer answer;
    std::vector<std::int64_t> heads(heads_before.begin(), heads_before.end());
    for (std::size_t i = 0; i < commands_.size(); ++i) {
        Outcome outcome;
        outcome.receipt = receipt_of(commands_[i]);
        switch (outcomes[i]) {
            case code_accepted:
                outcome.kind = OutcomeKind::accepted;
                break;
            case code_duplicate:
                outcome.kind = OutcomeKind::duplicate;
                answer.duplicates.push_back(i);
                break;
            case code_conflict:
                outcome.kind = OutcomeKind::conflict;
                break;
            default:
                outcome.kind = OutcomeKind::behind;
                break;
        }
        answer.result.outcomes.push_back(std::move(outcome));
    }
    for (std::size_t i = 0; i < e_.command.size(); ++i) {
        const auto command = static_cast<std::size_t>(e_.command[i] - 1);
        if (outcomes[command] != code_accepted) continue;
        ++heads[static_cast<std::size_t>(e_.p[i] - 1)];
    }
    for (std::size_t p = 0; p < heads.size(); ++p) {
        answer.result.heads.emplace_back(Partition(p_.partition[p]), Position(heads[p]));
    }
    AppendPart part{commands_.size(), recorded_at, answer.result.heads, {}};
    for (const auto before : heads_before) part.heads_before.emplace_back(before);
    answer.result.parts.push_back(std::move(part));
    return answer;
}

}  // namespace skald::eventstore
