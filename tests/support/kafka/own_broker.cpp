#include "tests/support/kafka/own_broker.h"

#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace skald::tests {

OwnBroker::OwnBroker() {
    char folder[] = "/tmp/skald_broker_XXXXXX";
    if (mkdtemp(folder) == nullptr) throw std::runtime_error("no folder for a broker");
    home_ = folder;
    start();
    std::ifstream env(home_ + "/var/env");
    const std::string name = "export SKALD_KAFKA='";
    for (std::string line; std::getline(env, line);) {
        if (line.rfind(name, 0) == 0) {
            address_ = line.substr(name.size(), line.size() - name.size() - 1);
        }
    }
}

OwnBroker::~OwnBroker() {
    thaw();
    try {
        dev("reset");
    } catch (const std::exception&) {
        // Its log is kept then.
        return;
    }
    std::filesystem::remove_all(home_);
}

void OwnBroker::freeze() { kill(pid(), SIGSTOP); }

void OwnBroker::thaw() { kill(pid(), SIGCONT); }

void OwnBroker::stop() { dev("down kafka"); }

void OwnBroker::start() { dev("up kafka"); }

void OwnBroker::dev(const std::string& arguments) {
    const auto command =
        "SKALD_VAR=" + home_ + "/var ./dev " + arguments + " >>" + home_ + "/dev.log 2>&1";
    if (std::system(command.c_str()) != 0) {
        throw std::runtime_error("./dev " + arguments + " failed, see " + home_ + "/dev.log");
    }
}

pid_t OwnBroker::pid() const {
    std::ifstream file(home_ + "/var/run/kafka.pid");
    pid_t pid = 0;
    if (!(file >> pid) || pid <= 1) throw std::runtime_error("the broker does not run");
    return pid;
}

}  // namespace skald::tests
