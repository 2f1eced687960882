#include "sagas/known/known.h"

#include <gtest/gtest.h>

namespace skald::sagas {
namespace {

TEST(KnownSagas, FoldBesideTheStreamsThatTheyChange) {
    const auto registry = known_sagas();
    const auto folds = folds_with(registry);
    EXPECT_FALSE(registry.names().empty());
    for (const auto& saga : registry.names()) {
        EXPECT_TRUE(folds.contains(saga));
        const auto& process = *registry.newest(saga).process;
        EXPECT_EQ(process.definition().saga, saga);
        for (const auto& stream : process.companion_streams("a"))
            EXPECT_TRUE(folds.contains(stream.category())) << saga << ": " << stream.text();
    }
}

}  // namespace
}  // namespace skald::sagas
