// A Kafka broker of a test's own, for tests that freeze, stop or kill it. Started by ./dev in a
// folder under /tmp, so the test must run in the source folder.
#pragma once

#include <sys/types.h>

#include <string>

namespace skald::tests {

class OwnBroker {
  public:
    OwnBroker();
    ~OwnBroker();  // ends it and removes its data
    OwnBroker(const OwnBroker&) = delete;

    const std::string& address() const { return address_; }  // the same after a restart
    void freeze();                                           // SIGSTOP
    void thaw();                                             // SIGCONT
    void stop();
    void start();

  private:
    void dev(const std::string& arguments);
    pid_t pid() const;

    std::string home_;
    std::string address_;
};

}  // namespace skald::tests
