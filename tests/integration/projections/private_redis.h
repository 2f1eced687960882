// A Redis server of a test's own, which may be wiped, frozen, killed and started again.
#pragma once

#include <sys/types.h>

#include <string>

namespace skald::tests {

class PrivateRedis {
  public:
    PrivateRedis();   // starts it, and waits until it answers
    ~PrivateRedis();  // kills it
    PrivateRedis(const PrivateRedis&) = delete;

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    void kill();   // as by kill -9: nothing is kept
    void start();  // again, empty, at the same address
    void freeze();
    void thaw();

  private:
    int port_ = 0;
    pid_t pid_ = 0;
};

}  // namespace skald::tests
