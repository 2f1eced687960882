#include "bench/program/cpu.h"

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <sstream>

#include "bench/program/sql.h"

namespace skald::bench {
namespace {

double clock_s(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

double process_cpu_s() { return clock_s(CLOCK_PROCESS_CPUTIME_ID); }
double thread_cpu_s() { return clock_s(CLOCK_THREAD_CPUTIME_ID); }

// Fields 14 and 15 of /proc/PID/stat, proc(5); the name in field 2 may hold blanks, but ends with
// the last ')'.
double cpu_s_of(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double ServerCpu::seconds() {
    const auto rows = connection_.prepared(sql::server_processes);
    std::map<int, double> now;
    for (int i = 0; i < rows.size(); ++i) {
        const int pid = rows.int4(i, 0);
        now[pid] = cpu_s_of(pid);
        const auto before = last_.find(pid);
        sum_ += std::max(now[pid] - (before == last_.end() ? 0 : before->second), 0.0);
    }
    last_ = std::move(now);
    return sum_;
}

Sample measured(ServerCpu& server, const std::function<void(Sample&)>& work) {
    Sample sample;
    const double server_before = server.seconds();
    const double client_before = process_cpu_s();
    const auto begun = Clock::now();
    work(sample);
    sample.seconds = Seconds(Clock::now() - begun).count();
    sample.client_cpu_s += process_cpu_s() - client_before;
    sample.server_cpu_s += server.seconds() - server_before;
    return sample;
}

}  // namespace skald::bench
