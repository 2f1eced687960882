// The history of a saga in words. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sagas/operator/sight.h"

namespace skald::sagas {

struct TimelineEntry {
    eventstore::Version version;
    kernel::Timestamp at;
    std::string text;
};

// `show_time` writes a time for people.
using ShowTime = std::function<std::string(kernel::Timestamp)>;

std::vector<TimelineEntry> timeline(std::span<const Recorded> history, const ShowTime& show_time);

// "send command 2 of reserve".
std::string words_of(const Effect& effect);

}  // namespace skald::sagas
