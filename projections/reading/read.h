// What every query of a read model takes and gives: how new the answer has to be, how new it is,
// and pages that are found by key. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/kernel/result.h"
#include "eventstore/types.h"

namespace skald::projections {

using eventstore::Heads;
using eventstore::Partition;
using eventstore::Position;

// How new an answer must be: `wanted` is the position per partition that it has to reflect (empty:
// any). A query waits for it until `deadline`.
struct ReadRequest {
    Heads wanted;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now();
};

// The read model did not reach what was wanted in time; `partition` is the one furthest behind.
struct Lagging {
    std::string read_model;
    Partition partition;
    Position wanted;
    Position have;
    // It has not waited, for lack of a place to wait in: asking again is worth while until then.
    std::optional<std::chrono::steady_clock::time_point> again_until = std::nullopt;
    friend bool operator==(const Lagging&, const Lagging&) = default;
};

// The thing asked for is held back since an event of its partition key could not be applied; the
// answer shows it as it was before that event. `reason` is a stable word, `detail` for people.
struct ParkedNote {
    std::string reason;
    std::string detail;
    friend bool operator==(const ParkedNote&, const ParkedNote&) = default;
};

// A value and what it reflects: `heads` is as long as there are partitions; those that have no part
// in a single thing stand at 0. `parked` speaks of the single thing asked for, `parked_keys` counts
// the keys held back in all that a list was made from, up to 1000.
template <class T>
struct Answer {
    T value;
    Heads heads;
    std::optional<ParkedNote> parked;
    std::int64_t parked_keys = 0;
};

template <class T>
using ReadResult = Result<Answer<T>, Lagging>;

// The values of a row's sort keys as text, in the order of the sort. What one page returned is what
// the next one takes; the texts are opaque to everybody else.
using KeyValues = std::vector<std::string>;

enum class PageDirection { forward, backward };

// Forward: the rows behind `after` in the list's order. Backward: the rows just before it, still in
// the list's order. Without `after`, or with an empty one, from the list's beginning (or end).
struct KeysetPage {
    std::int32_t limit = 20;
    PageDirection direction = PageDirection::forward;
    std::optional<KeyValues> after;
};

// `first` and `last` are the keys of the first and last row, to ask for the page before and the
// page behind. Of an empty page they are empty: what was left behind is the list's end (or
// beginning).
template <class Row>
struct Page {
    std::vector<Row> rows;
    bool has_next = false;
    bool has_prev = false;
    KeyValues first;
    KeyValues last;
};

}  // namespace skald::projections
