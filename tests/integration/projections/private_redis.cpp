#include "tests/integration/projections/private_redis.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "projections/redis/client.h"

namespace skald::tests {
namespace {

using projections::redis::Client;

int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket, any, size) != 0 || getsockname(socket, any, &size) != 0)
        throw std::runtime_error("no free port");
    close(socket);
    return ntohs(address.sin_port);
}

}  // namespace

PrivateRedis::PrivateRedis() : port_(free_port()) { start(); }

PrivateRedis::~PrivateRedis() { kill(); }

void PrivateRedis::start() {
    const auto port = std::to_string(port_);
    pid_ = fork();
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execlp("redis-server", "redis-server", "--port", port.c_str(), "--bind", "127.0.0.1",
               "--save", "", "--appendonly", "no", "--logfile", "/dev/null", nullptr);
        _exit(127);
    }
    for (int i = 0; i < 500; ++i) {
        try {
            Client client({.address = address()});
            client.command({"PING"});
            return;
        } catch (const projections::redis::RedisAway&) {
            // sleep: it says nowhere that it is ready
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    throw std::runtime_error("redis-server does not come up");
}

void PrivateRedis::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

void PrivateRedis::freeze() { ::kill(pid_, SIGSTOP); }

void PrivateRedis::thaw() { ::kill(pid_, SIGCONT); }

}  // namespace skald::tests
