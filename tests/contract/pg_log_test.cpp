#include "tests/contract/log_contract.h"
#include "tests/support/database.h"

namespace skald::tests {
namespace {

class PgUnderTest : public LogUnderTest {
  public:
    explicit PgUnderTest(std::int32_t partitions) : database_(partitions) {}
    std::unique_ptr<eventstore::Log> open() override { return database_.log(); }

  private:
    Database database_;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Postgres, LogContract,
                         testing::Values(Implementation{"postgres", [](std::int32_t n) {
                                                            return std::make_unique<PgUnderTest>(n);
                                                        }}));

}  // namespace skald::tests
