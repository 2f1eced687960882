#include "bench/program/cold_start.h"

#include "api/serve/api_role.h"
#include "commands/aggregate.h"

namespace skald::bench {
namespace {

using namespace eventstore;

// Folds as another does, and keeps no snapshots.
class EventsAlone : public Fold {
  public:
    explicit EventsAlone(std::shared_ptr<const Fold> fold) : fold_(std::move(fold)) {}
    std::any initial() const override { return fold_->initial(); }
    void apply(std::any& state, const StoredEvent& event) const override {
        fold_->apply(state, event);
    }
    std::size_t bytes(const std::any& state) const override { return fold_->bytes(state); }

  private:
    std::shared_ptr<const Fold> fold_;
};

Command look_at_stock(int product) {
    return {.id = fresh_command_id(),
            .streams = {StreamName::of("stock", sku_of(product).value())},
            .decide = [](const States&) -> Decided {
                return Refusal{"bench", "only looks", ""};
            },
            .deadline = Clock::now() + std::chrono::minutes(1)};
}

}  // namespace

Sample cold_start(ServerCpu& server, const serve::Core& core, int product, bool snapshots,
                  Seconds time) {
    auto folds = commands::folds();
    if (!snapshots) {
        for (auto& [category, fold] : folds) fold = std::make_shared<EventsAlone>(fold);
    }
    return measured(server, [&](Sample& of) {
        const auto end = Clock::now() + time;
        do {
            Executor executor(core.writing_logs("cold"), folds,
                              serve::executor_limits(core.config));
            const auto begun = Clock::now();
            const auto answer = executor.run(look_at_stock(product));
            if (answer.kind != AnswerKind::refused)
                throw std::runtime_error("a command that only looks was not refused");
            of.latency.record(Clock::now() - begun);
            ++of.operations;
        } while (Clock::now() < end);
    });
}

}  // namespace skald::bench
