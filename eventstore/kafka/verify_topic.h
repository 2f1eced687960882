// Compares the topic with the log, record by record: does Kafka hold exactly what the log holds, in
// the log's order? Reads with a consumer of its own that belongs to no group and moves no offsets.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "eventstore/log.h"

namespace skald::eventstore {

struct TopicComparison {
    std::int64_t records = 0;
    std::int64_t missing = 0;    // in the log, not in Kafka
    std::int64_t phantom = 0;    // in Kafka, and the log has nothing or something else there
    std::int64_t duplicate = 0;  // a position again, with other bytes than at first
    std::int64_t reordered = 0;  // a position's first record behind one of a higher position
    std::int64_t repeats = 0;    // a position again, byte for byte: allowed, consumers drop it
    std::string first;           // the first difference, or empty

    bool same() const { return missing + phantom + duplicate + reordered == 0; }
};

struct TopicToVerify {
    std::string brokers;
    std::string topic;
    // How long a partition may bring nothing new before what it lacks counts as missing: the relay
    // may be about to publish it.
    std::chrono::milliseconds patience{10'000};
    // How long the brokers may take to answer at all.
    std::chrono::milliseconds answer{10'000};
};

// The records of all partitions against the events of `log`; those up to `upto` must be there.
// Throws Unavailable when Kafka cannot be read.
TopicComparison verify_topic(const TopicToVerify& what, Log& log, const Heads& upto);

}  // namespace skald::eventstore
