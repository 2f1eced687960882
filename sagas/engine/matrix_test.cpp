// What each input comes to in each state of a trip: trip_matrix.txt, to be read through.
#include "sagas/engine/search/matrix.h"

#include <cstdlib>

#include "sagas/engine/search/trip.h"

namespace skald::sagas {
namespace {

TEST(TripMatrix, IsAsItWasReviewed) {
    const testing::Trip trip;
    testing::Matrix matrix(trip);
    matrix.search({.attempts_max = 1, .repairs_max = 1}, "1");
    matrix.search({.attempts_max = 1, .repairs_max = 0, .undo_refusals_max = 0}, "2");
    matrix.compare("sagas/engine/trip_matrix.txt", std::getenv("SKALD_RECORD") != nullptr);
}

}  // namespace
}  // namespace skald::sagas
