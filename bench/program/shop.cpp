#include "bench/program/shop.h"

#include <atomic>
#include <semaphore>
#include <thread>

#include "api/config/load.h"
#include "api/serve/api_role.h"
#include "api/serve/connections.h"
#include "commands/accounts.h"
#include "commands/aggregate.h"
#include "commands/orders.h"
#include "commands/products.h"
#include "commands/stock.h"
#include "eventstore/postgres/pg_log.h"

namespace skald::bench {
namespace {

const Shop::Pace pace_to_open{.in_flight = 256};

eventstore::CommandId registration_of(int person) {
    return eventstore::derived_command_id({"bench", "person", std::to_string(person)});
}

eventstore::StoreInfo store_of(const config::Config& config) {
    return eventstore::PgLog(serve::reader_settings(config, "bench")).store();
}

}  // namespace

kernel::Sku sku_of(int product) {
    auto number = std::to_string(product);
    return kernel::Sku("BENCH-" + std::string(5 - std::min<std::size_t>(number.size(), 5), '0') +
                       number);
}

config::Config settings_of_environment() {
    auto loaded =
        config::load({.environment = config::process_environment()}, [](const config::Config&) {
            return std::vector<std::string>{"pg", "pg_owner"};
        });
    if (loaded) return loaded->config;
    std::string all;
    for (const auto& problem : loaded.error()) all += problem.key + " " + problem.sentence + " ";
    throw std::runtime_error(all + "(./dev bench sets them.)");
}

Shop::Shop(const config::Config& config)
    : core_(config, store_of(config)),
      executor_(core_.writing_logs("executor"), commands::folds(), serve::executor_limits(config),
                core_.commits()) {}

commands::CommandContext Shop::context(bool keyed) const {
    commands::CommandContext context;
    context.id = eventstore::fresh_command_id();
    if (keyed) {
        const auto key = eventstore::to_text(context.id.value());
        context.id = eventstore::derived_command_id({"anonymous", "POST", "/v1/stock", key});
        context.id_from_outside = true;
    }
    context.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    context.at =
        kernel::Timestamp(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
    context.deadline = eventstore::Clock::now() + core_.config.request;
    return context;
}

eventstore::Command Shop::receipt(int product, bool keyed) const {
    return commands::receive_stock(
        context(keyed), sku_of(product),
        {.quantity = kernel::Quantity::of(1), .reference = std::nullopt});
}

eventstore::Command Shop::order(int person, const std::vector<int>& products) const {
    commands::OrderRequest request{
        .account = kernel::AccountId(eventstore::to_text(registration_of(person).value())),
        .lines = {},
        .payment_method = "card-ok"};
    for (const int product : products)
        request.lines.push_back({.sku = sku_of(product), .quantity = kernel::Quantity::of(1)});
    return commands::place_order(context(false), std::move(request));
}

void Shop::register_people(int people) {
    ServerCpu server(serve::owner_settings(core_.config));
    const commands::EmailKey key("of the bench's own");
    const auto done_before = done_;
    int registered = 0;
    drive(server, pace_to_open, [&]() -> std::optional<eventstore::Command> {
        if (registered == people) return std::nullopt;
        auto of_person = context(false);
        of_person.id = registration_of(registered);
        const auto name = "bench-" + std::to_string(registered++);
        return commands::register_account(
            of_person, key, kernel::EmailAddress(name + "@example.org"), kernel::PersonName(name));
    });
    done_ = done_before;
}

void Shop::open(int products) {
    ServerCpu server(serve::owner_settings(core_.config));
    int created = 0;
    drive(server, pace_to_open, [&]() -> std::optional<eventstore::Command> {
        if (created == products) return std::nullopt;
        return commands::create_product(context(false),
                                        {.sku = sku_of(created++),
                                         .title = "A thing to measure with",
                                         .department = "Bench",
                                         .category = std::nullopt,
                                         .brand = std::nullopt,
                                         .price = {399, kernel::Currency::make("EUR").value()}});
    });
    done_ = 0;
    int received = 0;
    drive(server, pace_to_open, [&]() -> std::optional<eventstore::Command> {
        if (received == products) return std::nullopt;
        return receipt(received++, false);
    });
}

Sample Shop::drive(ServerCpu& server, const Pace& pace, const Next& next,
                   const Answered& answered) {
    std::counting_semaphore<> free(pace.in_flight);
    std::atomic<int> failed{-1};
    Histogram latency;  // of the decider's thread, until all are answered
    const double driver_before = thread_cpu_s();
    auto sample = measured(server, [&](Sample& of) {
        const auto first = Clock::now();
        for (double number = 0; auto command = next(); ++number) {
            auto meant = first;
            if (pace.rate) {
                meant += std::chrono::duration_cast<Clock::duration>(Seconds(number / *pace.rate));
                std::this_thread::sleep_until(meant);  // sleep: each command has its time
            }
            free.acquire();
            if (!pace.rate) meant = Clock::now();
            executor_.submit(*std::move(command), [&, meant](const eventstore::Answer& answer) {
                latency.record(Clock::now() - meant);
                if (answer.kind != eventstore::AnswerKind::done)
                    failed = static_cast<int>(answer.kind);
                if (answered) answered(answer);
                free.release();
            });
        }
        for (std::ptrdiff_t i = 0; i < pace.in_flight; ++i) free.acquire();
        of.operations = latency.count();
    });
    if (failed >= 0) {
        throw std::runtime_error("a command was not done: answer kind " +
                                 std::to_string(failed.load()));
    }
    done_ += static_cast<std::int64_t>(sample.operations);
    sample.client_cpu_s -= thread_cpu_s() - driver_before;
    sample.latency = std::move(latency);
    return sample;
}

Sample Shop::drive_for(ServerCpu& server, const Pace& pace, Seconds time,
                       const std::function<eventstore::Command()>& make, const Answered& answered) {
    const auto end = Clock::now() + time;
    auto left = pace.rate ? static_cast<std::int64_t>(*pace.rate * time.count()) : 0;
    return drive(
        server, pace,
        [&]() -> std::optional<eventstore::Command> {
            if (pace.rate ? left-- <= 0 : Clock::now() >= end) return std::nullopt;
            return make();
        },
        answered);
}

}  // namespace skald::bench
