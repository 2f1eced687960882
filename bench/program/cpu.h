// CPU time of this process and of PostgreSQL's, and one stretch of work with both beside it.
#pragma once

#include <functional>
#include <map>

#include "bench/program/sample.h"
#include "eventstore/postgres/pq.h"

namespace skald::bench {

// User and system time of this process, of the calling thread, of any process; in seconds.
double process_cpu_s();
double thread_cpu_s();
double cpu_s_of(int pid);

// All processes of a PostgreSQL server that is on this machine. What ends between two looks takes
// along what it used since the first of them.
class ServerCpu {
  public:
    explicit ServerCpu(const pq::Settings& settings) : connection_(settings) {}
    // Rises from look to look.
    double seconds();

  private:
    pq::Connection connection_;
    std::map<int, double> last_;  // by pid
    double sum_ = 0;
};

// Runs `work`, which counts its operations and takes their times, and gives what it cost.
Sample measured(ServerCpu& server, const std::function<void(Sample&)>& work);

}  // namespace skald::bench
