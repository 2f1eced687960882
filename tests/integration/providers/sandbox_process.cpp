#include "tests/integration/providers/sandbox_process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

namespace skald::tests {
namespace {

std::string program() {
    const char* path = std::getenv("SKALD_TEST_BIN");
    if (path == nullptr) throw std::runtime_error("set SKALD_TEST_BIN to the program skald");
    return path;
}

std::string first_line(int from) {
    std::string line;
    char c = 0;
    while (::read(from, &c, 1) == 1 && c != '\n') line += c;
    return line;
}

}  // namespace

SandboxProcess::SandboxProcess() {
    std::string made = std::filesystem::temp_directory_path().string() + "/sandbox-XXXXXX";
    if (::mkdtemp(made.data()) == nullptr) throw std::runtime_error("no folder");
    folder_ = made;
}

SandboxProcess::~SandboxProcess() {
    kill();
    std::filesystem::remove_all(folder_);
}

void SandboxProcess::start(const std::string& crash_at) {
    const auto binary = program();
    const auto books = ledger();
    const auto log = folder_ + "/log";
    std::array<int, 2> out{};
    if (::pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    std::vector<std::string> environment{"SKALD_PAYMENT_SECRET=" + secret()};
    if (!crash_at.empty()) environment.push_back("SKALD_CRASH_AT=" + crash_at);
    std::vector<char*> variables;
    for (auto& one : environment) variables.push_back(one.data());
    variables.push_back(nullptr);
    process_ = ::fork();
    if (process_ == 0) {
        ::dup2(out[1], STDOUT_FILENO);
        const int to_log = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(to_log, STDERR_FILENO);
        ::execle(binary.c_str(), "skald", "sandbox-provider", "--listen", listen_.c_str(),
                 "--ledger", books.c_str(), nullptr, variables.data());
        ::_exit(127);
    }
    ::close(out[1]);
    const auto line = first_line(out[0]);
    ::close(out[0]);
    const auto at = line.find("http://");
    if (at == std::string::npos) throw std::runtime_error("it did not start; see " + log);
    listen_ = line.substr(at + 7);
}

void SandboxProcess::kill() {
    if (process_ > 0) ::kill(process_, SIGKILL);
    wait_for_end();
}

void SandboxProcess::wait_for_end() {
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
    process_ = 0;
}

int SandboxProcess::stop() {
    ::kill(process_, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    int status = 0;
    while (::waitpid(process_, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > deadline) {
            kill();
            return -1;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));  // waitpid has no timeout
    }
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

SandboxProcess::Ended SandboxProcess::run(const std::string& arguments) {
    const auto command = "env -i '" + program() + "' " + arguments + " 2>&1";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run it");
    Ended ended{};
    std::array<char, 4096> bytes{};
    while (const auto n = std::fread(bytes.data(), 1, bytes.size(), pipe)) {
        ended.said.append(bytes.data(), n);
    }
    const int status = ::pclose(pipe);
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ended;
}

}  // namespace skald::tests
