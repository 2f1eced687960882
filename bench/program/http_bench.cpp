// REST against a running `skald serve`: reads, and commands as fast as answers come and at a fixed
// rate, in turns with an empty handler of the same server.
#include <map>

#include "api/serve/connections.h"
#include "bench/program/benches.h"
#include "bench/program/cpu.h"
#include "bench/program/figures.h"
#include "bench/program/rest_shop.h"
#include "bench/program/shop.h"

namespace skald::bench {
namespace {

constexpr int http_connections = 64;
constexpr double open_rate = 5'000;
constexpr double open_p99_ms_max = 15;

class HttpBench {
  public:
    HttpBench(const Options& options, std::string name)
        : options_(options),
          name_(std::move(name)),
          load_(options.server, http_connections),
          postgres_(serve::owner_settings(settings_of_environment())),
          shop(load_) {
        tell(name_ + ": filling the shop");
        shop.fill();
    }

    // Takes part in the rounds from now on.
    void add(const std::string& name, const std::function<HttpRequest()>& make,
             std::optional<double> rate = {}) {
        if (!options_.only.empty() && options_.only != name) return;
        cases_.emplace_back(name, [this, make, rate](Seconds time) {
            const double server_before = cpu_s_of(options_.server_pid);
            const double postgres_before = postgres_.seconds();
            auto sample = load_.run_for(time, make, rate);
            sample.client_cpu_s = cpu_s_of(options_.server_pid) - server_before;
            sample.server_cpu_s = postgres_.seconds() - postgres_before;
            return sample;
        });
    }

    void run() {
        const auto stretch = options_.seconds / options_.rounds;
        for (int round = 1; round <= options_.rounds; ++round) {
            tell(name_ + ": round " + std::to_string(round) + " of " +
                 std::to_string(options_.rounds));
            for (const auto& [name, measure] : cases_) samples_[name].add(measure(stretch));
        }
    }

    void print_all(const std::string& name, const std::string& control, std::vector<Target> targets,
                   TimeTargets times = {}) const {
        if (!samples_.contains(name)) return;
        const Named subject{name, samples_.at(name)};
        // A case that is measured alone stands beside itself.
        const auto beside =
            samples_.contains(control) ? Named{control, samples_.at(control)} : subject;
        print_rate(name_, subject, beside, std::move(targets));
        print_times(name_, subject, beside, times);
        print_cpu(name_, subject, beside, "skald");
    }

  private:
    const Options options_;
    const std::string name_;
    HttpLoad load_;
    ServerCpu postgres_;
    std::vector<std::pair<std::string, std::function<Sample(Seconds)>>> cases_;
    std::map<std::string, Samples> samples_;

  public:
    RestShop shop;
};

}  // namespace

void bench_rest_reads(const Options& options) {
    HttpBench bench(options, "reads");
    auto& shop = bench.shop;
    shop.wait_for_read_models();
    const std::string control = "GET /health/live";
    bench.add(control, [&] { return shop.empty(); });
    bench.add("GET a product", [&] { return shop.product(); });
    bench.add("GET an order", [&] { return shop.order(); });
    bench.add("GET a page of products", [&] { return shop.product_page(); });
    bench.add("GET a page of orders", [&] { return shop.order_page(); });
    bench.run();
    bench.print_all("GET a product", control, {ratio_at_least(0.5)});
    bench.print_all("GET an order", control, {ratio_at_least(0.5)});
    bench.print_all("GET a page of products", control, {ratio_at_least(0.3)});
    bench.print_all("GET a page of orders", control, {ratio_at_least(0.3)});
}

void bench_rest_commands(const Options& options) {
    HttpBench bench(options, "commands");
    auto& shop = bench.shop;
    const std::string control = "GET /health/live";
    const std::string at_rate = " at 5 000/s";
    bench.add(control, [&] { return shop.empty(); });
    bench.add("POST a receipt", [&] { return shop.receipt(); });
    bench.add("POST an order", [&] { return shop.place_order(); });
    bench.add(
        control + at_rate, [&] { return shop.empty(); }, open_rate);
    bench.add(
        "POST a receipt" + at_rate, [&] { return shop.receipt(); }, open_rate);
    bench.run();
    bench.print_all("POST a receipt", control, {at_least(10'000), ratio_at_least(0.35)});
    bench.print_all("POST an order", control, {at_least(10'000), ratio_at_least(0.35)});
    bench.print_all("POST a receipt" + at_rate, control + at_rate, {},
                    {.p99_ms_max = open_p99_ms_max});
}

}  // namespace skald::bench
