#include "eventstore/memory_leases.h"

#include <gtest/gtest.h>

namespace skald::eventstore {
namespace {

TEST(FairShare, adds_up_and_differs_by_at_most_one) {
    for (std::int32_t partitions = 1; partitions <= 17; ++partitions) {
        for (std::int32_t owners = 1; owners <= 20; ++owners) {
            std::int32_t sum = 0;
            for (std::int32_t rank = 0; rank < owners; ++rank) {
                const auto share = fair_share(partitions, owners, rank);
                EXPECT_LE(share - fair_share(partitions, owners, owners - 1), 1);
                sum += share;
            }
            EXPECT_EQ(sum, partitions) << owners;
        }
    }
}

}  // namespace
}  // namespace skald::eventstore
