// The program that measures: `skald_bench NAME`. ./dev bench prepares what it needs, runs it and
// gathers what it prints.
#include <CLI/CLI.hpp>
#include <iostream>

#include "bench/program/benches.h"
#include "bench/program/worker.h"
#include "diagnostics/logger.h"

int main(int argc, char** argv) {
    using namespace skald;
    CLI::App app("Measures Skald. Run it through ./dev bench.", "skald_bench");
    app.require_subcommand(1);
    app.fallthrough();
    bench::Options options;
    double seconds = options.seconds.count();
    app.add_option("--seconds", seconds, "How long each thing is measured")
        ->check(CLI::Range(0.01, 600.0));
    app.add_option("--rounds", options.rounds, "Into so many stretches, in turns")
        ->check(CLI::Range(1, 100));
    app.add_option("--folder", options.folder, "A folder on the disk that is measured")
        ->check(CLI::ExistingDirectory);
    app.add_option("--only", options.only, "One case alone");
    app.add_option("--server", options.server, "address:port of a running skald serve");
    app.add_option("--events", options.events, "Of size: so many in the store");
    app.add_option("--pid", options.server_pid, "Its process");
    std::function<void(const bench::Options&)> chosen;
    const auto add = [&](const std::string& name, const std::string& what, auto run) {
        app.add_subcommand(name, what)->callback([&chosen, run] { chosen = run; });
    };
    add("executor", "Commands through the executor, inserts and copies", bench::bench_executor);
    add("processes", "Several processes that append to one store", bench::bench_processes);
    add("size", "Commands in a small store and in a large one", bench::bench_size);
    add("worker", "One of them", [](const bench::Options&) { bench::run_worker(); });
    add("relay", "From the log to Kafka", bench::bench_relay);
    add("projections", "From Kafka and the log to read models", bench::bench_projections);
    add("pure", "Deciding, folding, bytes, JSON, cursors", bench::bench_pure);
    add("reads", "Queries over REST", bench::bench_rest_reads);
    add("commands", "Commands over REST", bench::bench_rest_commands);
    CLI11_PARSE(app, argc, argv);
    diagnostics::set_level(diagnostics::Level::warning);
    options.seconds = bench::Seconds(seconds);
    try {
        chosen(options);
    } catch (const std::exception& error) {
        std::cerr << "skald_bench: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
