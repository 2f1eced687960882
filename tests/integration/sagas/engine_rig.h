// For tests: what runs sagas whose processes the test brings along, on a real PostgreSQL.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "eventstore/follower.h"
#include "eventstore/log_source.h"
#include "eventstore/postgres/pg_leases.h"
#include "sagas/engine/saga_command.h"
#include "sagas/engine/step.h"
#include "sagas/known/known.h"
#include "tests/support/eventually.h"

namespace skald::tests {

class EngineRig {
  public:
    static constexpr std::int32_t partitions = 4;

    // `writer` connects to a migrated database of so many partitions.
    EngineRig(pq::Settings writer, sagas::Registry registry)
        : writer_(std::move(writer)),
          registry_(std::move(registry)),
          executor_(
              logs(), sagas::folds_with(registry_), {},
              {.committed = [this](const auto& commit) { heads_.announce(commit.result.heads); }}) {
    }
    ~EngineRig() {
        executor_.stop();
        stop();
    }

    sagas::Driver& driver() { return *driver_; }
    void drive(const sagas::DriverSettings& settings,
               std::chrono::milliseconds lease = std::chrono::seconds(3)) {
        using std::chrono::milliseconds;
        driver_ = std::make_unique<sagas::Driver>(registry_, executor_, logs(), clock_, settings);
        step_ = std::make_unique<sagas::SagaStep>(*driver_, writer_);
        leases_ = std::make_unique<eventstore::PgLeases>(
            writer_, eventstore::LeaseOptions{.name = "sagas", .duration = lease}, partitions);
        poller_ = std::make_unique<eventstore::HeadPoller>(
            heads_, [log = std::make_shared<eventstore::PgLog>(writer_)] { return log->heads(); },
            milliseconds(20));
        follower_ = std::make_unique<eventstore::Follower>(
            eventstore::FollowerOptions{.name = "sagas", .poll_wait = milliseconds(20)}, *leases_,
            [this] { return std::make_unique<eventstore::LogSource>(logs()(), heads_); }, *step_,
            heads_, eventstore::log_fork_check(logs()));
        follower_->start();
    }
    void stop() {
        if (follower_) follower_->stop();
        follower_.reset();
        poller_.reset();
        step_.reset();
        driver_.reset();
    }
    // Begins sagas with the subjects first, first + 1, ...; returns when all have begun.
    void begin(const char* saga, int first, int count) {
        for (int i = first; i < first + count; ++i) {
            const auto subject = std::to_string(i);
            auto command = sagas::tell(registry_, sagas::saga_stream(saga, subject),
                                       sagas::Start{subject, "", ""}, clock_->now(), "start", {},
                                       std::make_shared<sagas::Told>());
            command.deadline = eventstore::Clock::now() + std::chrono::seconds(30);
            while (on_their_way_ > 2000) std::this_thread::yield();
            ++on_their_way_;
            executor_.submit(std::move(command), [this](const eventstore::Answer& answer) {
                if (answer.kind != eventstore::AnswerKind::done) ++failed_;
                --on_their_way_;
            });
        }
        ASSERT_TRUE(eventually([&] { return on_their_way_ == 0; }));
        ASSERT_EQ(failed_, 0);
    }

  private:
    eventstore::LogFactory logs() {
        return [writer = writer_] { return std::make_unique<eventstore::PgLog>(writer); };
    }

    const pq::Settings writer_;
    const std::shared_ptr<sagas::DatabaseClock> clock_ = std::make_shared<sagas::DatabaseClock>();
    const sagas::Registry registry_;
    eventstore::HeadWatch heads_{partitions};
    eventstore::Executor executor_;
    std::unique_ptr<sagas::Driver> driver_;
    std::unique_ptr<sagas::SagaStep> step_;
    std::unique_ptr<eventstore::PgLeases> leases_;
    std::unique_ptr<eventstore::HeadPoller> poller_;
    std::unique_ptr<eventstore::Follower> follower_;
    std::atomic<int> on_their_way_{0}, failed_{0};
};

// A saga that changes nothing beside itself.
template <const sagas::Definition& of>
class Alone : public sagas::Process {
  public:
    const sagas::Definition& definition() const override { return of; }
    std::vector<eventstore::StreamName> companion_streams(const std::string&) const override {
        return {};
    }
    std::unique_ptr<sagas::Companions> companions(const eventstore::States&,
                                                  std::size_t) const override {
        return std::make_unique<sagas::NoCompanions>();
    }
};

}  // namespace skald::tests
