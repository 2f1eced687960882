// The rules that every log keeps (eventstore/log.h), as one suite: it runs on the memory log and on
// PostgreSQL, and what it says is what the rest of the program may rely on.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "eventstore/log.h"

namespace skald::tests {

// A store of `partitions` partitions; open() gives one more log on it, as another connection would
// be.
class LogUnderTest {
  public:
    virtual ~LogUnderTest() = default;
    virtual std::unique_ptr<eventstore::Log> open() = 0;
};

struct Implementation {
    const char* name;
    std::function<std::unique_ptr<LogUnderTest>(std::int32_t partitions)> make;
};

class LogContract : public testing::TestWithParam<Implementation> {
  protected:
    void SetUp() override { start(4); }
    void start(std::int32_t partitions) {
        log_.reset();
        store_ = GetParam().make(partitions);
        log_ = store_->open();
    }
    eventstore::Log& log() { return *log_; }
    std::unique_ptr<LogUnderTest> store_;
    std::unique_ptr<eventstore::Log> log_;
};

// Short ways to say what is appended.
eventstore::CommandId id(int n);
eventstore::StreamName stream(const std::string& text);
eventstore::NewEvent event(const std::string& data);
eventstore::StreamUse uses(const std::string& stream, std::int64_t expected,
                           std::vector<std::string> data);
eventstore::AppendCommand command(int n, std::vector<eventstore::StreamUse> uses);
eventstore::AppendCommand verdict(int n, eventstore::Verdict verdict, bool receipt,
                                  std::vector<eventstore::StreamUse> uses);
// The kinds of the outcomes, as a text such as "accepted conflict behind".
std::string kinds(const eventstore::AppendResult& result);
// The data of a stream's events, as a text such as "a b c".
std::string content(eventstore::Log& log, const std::string& stream);

}  // namespace skald::tests
