// The saga's mind, searched: every order of answers, losses, deadlines, aborts and repairs.
#include "sagas/engine/react.h"

#include <gtest/gtest.h>

#include "sagas/engine/search/search.h"
#include "sagas/engine/search/trip.h"

namespace skald::sagas {
namespace {

using testing::Search;
using testing::Trip;

TEST(Search, everyWayOfATripEndsWhole) {
    for (const char* seats : {"1", "2"}) {
        const Trip trip;
        const auto report = Search(trip, {}).run(seats);
        for (const auto& fault : report.faults) ADD_FAILURE() << fault;
        std::printf("trip with %s seats: %zu places, %zu ways between them\n", seats, report.places,
                    report.steps);
        EXPECT_GT(report.places, 1000u);
        EXPECT_GT(report.ends.at(saga::Phase::completed), 0u);
        EXPECT_GT(report.ends.at(saga::Phase::undone), 0u);
        EXPECT_GT(report.ends.at(saga::Phase::abandoned), 0u);
    }
}

}  // namespace
}  // namespace skald::sagas
