#include "tests/integration/sagas/saga_rig.h"

namespace skald::tests {

using namespace std::chrono_literals;
using eventstore::PgLog;

SagaRig::SagaRig(const std::string& conninfo, const std::string& ledger)
    : writer_{.conninfo = conninfo, .role = "skald_writer"},
      sandbox_({.ledger = ledger,
                .slow = 300ms,
                .now = [this] { return sagas::system_time() + provider_ahead_us_; }}),
      registry_(sagas::known_sagas(&desk_)),
      executor_(logs(), sagas::folds_with(registry_), {}, {.committed = [this](const auto& commit) {
                    heads_.announce(commit.result.heads);
                }}) {}

SagaRig::~SagaRig() {
    if (follower_) follower_->stop();
}

eventstore::LogFactory SagaRig::logs() {
    return [settings = writer_] { return std::make_unique<PgLog>(settings); };
}

void SagaRig::start() {
    poller_ = std::make_unique<eventstore::HeadPoller>(
        heads_, [log = std::make_shared<PgLog>(writer_)] { return log->heads(); }, 20ms);
    driver_ = std::make_unique<sagas::Driver>(registry_, executor_, logs(), clock_);
    step_ = std::make_unique<sagas::SagaStep>(*driver_, writer_);
    leases_ = std::make_unique<eventstore::PgLeases>(
        writer_, eventstore::LeaseOptions{.name = "sagas", .duration = 500ms}, saga_partitions);
    follower_ = std::make_unique<eventstore::Follower>(
        eventstore::FollowerOptions{.name = "sagas", .poll_wait = 20ms}, *leases_,
        [this] { return std::make_unique<eventstore::LogSource>(logs()(), heads_); }, *step_,
        heads_, eventstore::log_fork_check(logs()));
    follower_->start();
}

void SagaRig::stock_up(const std::map<std::string, std::int64_t>& units,
                       const std::set<std::string>& downloads) {
    const auto append = [&](const std::string& stream, const schemas::Encoded& event) {
        eventstore::Command command = commands::command_of(context());
        command.streams = {*eventstore::StreamName::parse(stream)};
        command.decide = [event](const eventstore::States&) -> eventstore::Decided {
            return eventstore::Accepted{{{{event.type, event.schema_version, event.data, ""}}}};
        };
        if (executor_.run(std::move(command)).kind != eventstore::AnswerKind::done)
            throw std::runtime_error("nothing could be stored in " + stream);
    };
    append("account-ann", schemas::account::encode(account::Registered{
                              kernel::EmailAddress("ann@example.org"), kernel::PersonName("Ann")}));
    for (const auto& [sku, quantity] : units) {
        append("product-" + sku,
               schemas::product::encode(product::Created{kernel::Sku(sku),
                                                         "Title",
                                                         {},
                                                         {},
                                                         {},
                                                         {250, kernel::Currency("EUR")},
                                                         !downloads.contains(sku)}));
        append("stock-" + sku,
               schemas::stock::encode(stock::Received{kernel::Quantity::of(quantity), {}}));
    }
}

commands::CommandContext SagaRig::context() {
    commands::CommandContext context;
    context.id = eventstore::fresh_command_id();
    context.at = sagas::system_time();
    context.deadline = eventstore::Clock::now() + 20s;
    return context;
}

eventstore::CommandId SagaRig::place(const std::vector<std::pair<std::string, std::int64_t>>& lines,
                                     const std::string& method) {
    commands::OrderRequest request{kernel::AccountId("ann"), {}, method};
    for (const auto& [sku, units] : lines)
        request.lines.push_back({kernel::Sku(sku), kernel::Quantity::of(units)});
    const auto context = SagaRig::context();
    const auto answer = executor_.run(commands::place_order(context, std::move(request)));
    if (answer.kind != eventstore::AnswerKind::done)
        throw std::runtime_error("the order was not placed: " + answer.refusal.code);
    return context.id;
}

eventstore::Answer SagaRig::cancel(const std::string& order) {
    return executor_.run(
        commands::request_cancellation(context(), kernel::OrderId(order), "changed my mind"));
}

}  // namespace skald::tests
