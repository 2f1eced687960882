// A batch of commands as the arrays that skald.append() takes, and its answer as outcomes. Pure: no
// connection here.
#pragma once

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "eventstore/log.h"
#include "eventstore/postgres/pq.h"

namespace skald::eventstore {

class AppendBatch {
  public:
    AppendBatch(std::span<const AppendCommand> commands, std::int32_t partitions);

    pq::Params params() const;

    // What the function's answer means. Duplicates lack their receipts still (their ids are in
    // `duplicates`).
    struct Answer {
        AppendResult result;
        std::vector<std::size_t> duplicates;
    };
    Answer answer(std::span<const std::int16_t> outcomes,
                  std::span<const std::int64_t> heads_before, RecordedAt recorded_at) const;

  private:
    void collect_partitions();
    void add_command(std::size_t index);
    void add_use(std::size_t command, const StreamUse& use, std::int32_t& seq);
    std::int32_t partition_index(const StreamName& stream) const;

    std::span<const AppendCommand> commands_;
    std::int32_t partitions_;
    bool clean_ = true;
    std::map<std::int32_t, bool> touched_;  // partition -> written
    std::unordered_map<std::int32_t, std::int32_t> index_of_partition_;
    std::unordered_map<std::string, std::int32_t> index_of_stream_;
    std::unordered_map<std::string, std::int32_t> command_of_id_;
    std::vector<std::int64_t> version_of_stream_;
    std::vector<std::int64_t> rank_in_partition_;

    struct {
        std::vector<std::int32_t> partition;
        std::vector<bool> writes;
    } p_;
    struct {
        std::vector<std::int32_t> partition;
        std::vector<std::string> name;
        std::vector<std::int64_t> expected;
    } s_;
    struct {
        std::vector<Uuid> id;
        std::vector<std::string> fingerprint;
        std::vector<std::int16_t> verdict;
        std::vector<bool> receipt;
        std::vector<std::int32_t> same_as, first_use, last_use, partition, count;
        std::vector<std::string> stream;
        std::vector<std::int64_t> first_version;
    } c_;
    struct {
        std::vector<std::int32_t> stream, events;
        std::vector<std::int64_t> expected;
    } u_;
    struct {
        std::vector<std::int32_t> command, p, partition, seq, schema_version;
        std::vector<std::int64_t> rank, version;
        std::vector<std::string> stream, type, meta, data;
    } e_;
};

}  // namespace skald::eventstore
