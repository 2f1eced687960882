#include "api/serve/stop_signal.h"

#include <signal.h>
#include <unistd.h>

#include <thread>

#include "domain/kernel/invariant.h"

namespace skald::serve {
namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

int wait_for_one() {
    const auto set = stop_signals();
    int number = 0;
    INVARIANT(sigwait(&set, &number) == 0);
    return number;
}

}  // namespace

StopSignal::StopSignal() {
    const auto set = stop_signals();
    INVARIANT(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
    signal(SIGPIPE, SIG_IGN);
}

int StopSignal::wait() {
    const int first = wait_for_one();
    // It uses nothing that could end before the process does.
    std::thread([] { _exit(128 + wait_for_one()); }).detach();
    return first;
}

}  // namespace skald::serve
