#include "eventstore/memory/memory_log.h"

#include "tests/contract/log_contract.h"

namespace skald::tests {
namespace {

class MemoryUnderTest : public LogUnderTest {
  public:
    explicit MemoryUnderTest(std::int32_t partitions)
        : store_(std::make_shared<eventstore::MemoryStore>(partitions)) {}
    std::unique_ptr<eventstore::Log> open() override {
        return std::make_unique<eventstore::MemoryLog>(store_);
    }

  private:
    std::shared_ptr<eventstore::MemoryStore> store_;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, LogContract,
                         testing::Values(Implementation{
                             "memory",
                             [](std::int32_t n) { return std::make_unique<MemoryUnderTest>(n); }}));

}  // namespace skald::tests
