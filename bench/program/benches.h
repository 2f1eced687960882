// The benchmarks by name. Each runs as long as it is told and prints its figures; what it needs it
// reads from the environment, as `skald` does.
#pragma once

#include <string>

#include "bench/program/sample.h"

namespace skald::bench {

struct Options {
    Seconds seconds{3};  // how long each thing is measured, in all rounds together
    int rounds = 3;      // into so many stretches, all things in turns
    std::string folder;  // on the same disk as PostgreSQL's data
    std::string only;    // this one case alone, for a profile
    std::string server;  // of REST: the address:port of a `skald serve`, and its process
    int server_pid = 0;
    std::int64_t events = 0;  // of size: so many in the store
};

// Commands of the real domain through the executor and the log, beside what PostgreSQL does with
// plain rows.
void bench_executor(const Options& options);
// Several processes that append to one store.
void bench_processes(const Options& options);
// The same commands in a small store and in a large one.
void bench_size(const Options& options);
// From a commit to a reader of Kafka, and how fast a backlog is published.
void bench_relay(const Options& options);
// A backlog through all projectors, and a rebuild, beside a COPY out.
void bench_projections(const Options& options);
// What needs no server: deciding, folding, bytes, JSON, cursors. Once a process.
void bench_pure(const Options& options);
// REST, beside an empty handler of the same server. The commands need its role api, the reads its
// projectors too.
void bench_rest_reads(const Options& options);
void bench_rest_commands(const Options& options);

}  // namespace skald::bench
