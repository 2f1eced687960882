// `skald sandbox-provider` as a process of its own on a ledger of its own, that can be killed and
// started again at the same address. One thread starts and ends it.
#pragma once

#include <sys/types.h>

#include <string>

namespace skald::tests {

class SandboxProcess {
  public:
    SandboxProcess();
    ~SandboxProcess();  // kills it and removes its ledger
    SandboxProcess(const SandboxProcess&) = delete;

    // Returns when it serves; throws if it ends before. `crash_at` as in SKALD_CRASH_AT.
    void start(const std::string& crash_at = "");
    void kill();
    // By SIGTERM; returns the exit code, -1 if it had to be killed after 10 s.
    int stop();
    // Waits until it has ended by itself.
    void wait_for_end();

    std::string url() const { return "http://" + listen_; }
    std::string ledger() const { return folder_ + "/ledger"; }
    static std::string secret() { return "between-us"; }

    // Runs the program with these arguments to its end: exit code and what it said.
    struct Ended {
        int code;
        std::string said;
    };
    static Ended run(const std::string& arguments);

  private:
    std::string folder_;
    std::string listen_ = "127.0.0.1:0";
    pid_t process_ = 0;
};

}  // namespace skald::tests
