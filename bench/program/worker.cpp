#include "bench/program/worker.h"

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <system_error>

#include "api/serve/connections.h"
#include "bench/program/shop.h"
#include "eventstore/executor_metrics.h"

namespace skald::bench {
namespace {

constexpr int lines_of_order = 9;  // of real baskets: 9.4 on average

void require_started(int error) {
    if (error != 0) throw std::system_error(error, std::generic_category(), "no process");
}

nlohmann::json told(const Work& work) {
    return {{"orders", work.orders},       {"first_product", work.first_product},
            {"products", work.products},   {"people", work.people},
            {"in_flight", work.in_flight}, {"seconds", work.time.count()}};
}

Work work_of(const nlohmann::json& line) {
    return {.orders = line.at("orders"),
            .first_product = line.at("first_product"),
            .products = line.at("products"),
            .people = line.at("people"),
            .in_flight = line.at("in_flight"),
            .time = Seconds(line.at("seconds").get<double>())};
}

nlohmann::json told(const Worked& worked) {
    const auto latency = worked.sample.latency.parts();
    return {{"seconds", worked.sample.seconds},
            {"operations", worked.sample.operations},
            {"cpu_s", worked.sample.client_cpu_s},
            {"buckets", latency.buckets},
            {"max_ns", latency.max_ns},
            {"conflicts", worked.conflicts},
            {"appends", worked.appends}};
}

Worked worked_of(const nlohmann::json& line) {
    Worked worked;
    worked.sample.seconds = line.at("seconds");
    worked.sample.operations = line.at("operations");
    worked.sample.client_cpu_s = line.at("cpu_s");
    worked.sample.latency = Histogram::of({line.at("buckets"), line.at("max_ns")});
    worked.conflicts = line.at("conflicts");
    worked.appends = line.at("appends");
    return worked;
}

std::uint64_t count_of(const prometheus::Counter& counter) {
    return static_cast<std::uint64_t>(counter.Value());
}

class WorkerShop {
  public:
    WorkerShop()
        : config_(settings_of_environment()),
          server_(serve::owner_settings(config_)),
          shop_(config_) {}

    Worked run(const Work& work) {
        const auto conflicts = count_of(metrics_.conflicts);
        const auto appends = count_of(metrics_.batches);
        Worked worked;
        worked.sample = shop_.drive_for(server_, {.in_flight = work.in_flight}, work.time,
                                        [&] { return work.orders ? order(work) : receipt(work); });
        worked.conflicts = count_of(metrics_.conflicts) - conflicts;
        worked.appends = count_of(metrics_.batches) - appends;
        return worked;
    }

  private:
    int any(int first, int count) {
        return std::uniform_int_distribution(first, first + count - 1)(random_);
    }
    eventstore::Command receipt(const Work& work) {
        return shop_.receipt(any(work.first_product, work.products), false);
    }
    eventstore::Command order(const Work& work) {
        std::vector<int> products;
        while (static_cast<int>(products.size()) < std::min(lines_of_order, work.products)) {
            const int one = any(work.first_product, work.products);
            if (std::ranges::find(products, one) == products.end()) products.push_back(one);
        }
        return shop_.order(any(0, work.people), products);
    }

    const config::Config config_;
    ServerCpu server_;
    Shop shop_;
    eventstore::ExecutorMetrics metrics_;
    std::mt19937 random_{std::random_device{}()};
};

}  // namespace

Worker::Worker() {
    int ends[2];
    require_started(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : errno);
    socket_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string program = "skald_bench";
    std::string name = "worker";
    char* const arguments[] = {program.data(), name.data(), nullptr};
    const int error = posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error != 0) close(socket_);
    require_started(error);
}

Worker::~Worker() {
    close(socket_);
    waitpid(pid_, nullptr, 0);
}

void Worker::begin(const Work& work) {
    const auto line = told(work).dump() + "\n";
    // One that has ended is told of by end().
    (void)!send(socket_, line.data(), line.size(), MSG_NOSIGNAL);
}

Worked Worker::end() {
    std::string line;
    char some[16 * 1024];
    while (!line.ends_with('\n')) {
        const auto bytes = recv(socket_, some, sizeof some, 0);
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes <= 0) throw std::runtime_error("a process that appends has ended");
        line.append(some, static_cast<std::size_t>(bytes));
    }
    return worked_of(nlohmann::json::parse(line));
}

void run_worker() {
    WorkerShop shop;
    for (std::string line; std::getline(std::cin, line);)
        std::cout << told(shop.run(work_of(nlohmann::json::parse(line)))).dump() << std::endl;
}

}  // namespace skald::bench
