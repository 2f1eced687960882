// What a relay waits for ends before its leases do; a lease set short used to leave it waiting for
// answers as somebody whose partitions were somebody else's by then.
#include <gtest/gtest.h>

#include "eventstore/kafka/relay.h"

namespace skald::eventstore {
namespace {

using namespace std::chrono_literals;

struct Times {
    std::chrono::milliseconds lease, ack, request, ack_then, request_then;
};

TEST(RelayOptions, no_timeout_outlasts_the_lease) {
    const Times rows[] = {
        {3000ms, 2000ms, 2000ms, 2000ms, 2000ms}, {30000ms, 2000ms, 2000ms, 2000ms, 2000ms},
        {600ms, 2000ms, 2000ms, 400ms, 400ms},    {3000ms, 5000ms, 1000ms, 2000ms, 1000ms},
        {3000ms, 1000ms, 5000ms, 1000ms, 2000ms},
    };
    for (const auto& row : rows) {
        RelayOptions options;
        options.lease = row.lease;
        options.ack_timeout = row.ack;
        options.kafka.timeout = row.request;
        const auto lowered = within_lease(options);
        EXPECT_EQ(lowered.ack_timeout, row.ack_then) << row.lease.count();
        EXPECT_EQ(lowered.kafka.timeout, row.request_then) << row.lease.count();
    }
}

}  // namespace
}  // namespace skald::eventstore
