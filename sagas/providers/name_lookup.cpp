#include "sagas/providers/name_lookup.h"

#include <netdb.h>
#include <sys/socket.h>

namespace skald::sagas {
namespace {

NameLookup::Addresses look_up(const std::string& host, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (failed != 0) return unexpected(std::string(::gai_strerror(failed)));
    std::vector<std::string> texts;
    for (const auto* one = found; one != nullptr; one = one->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0,
                          NI_NUMERICHOST) == 0) {
            texts.emplace_back(text);
        }
    }
    ::freeaddrinfo(found);
    if (texts.empty()) return unexpected(std::string("no address"));
    return texts;
}

}  // namespace

NameLookup::NameLookup() : thread_([this] { work(); }) {}

NameLookup::~NameLookup() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    asked_.notify_one();
    thread_.join();
}

NameLookup::Addresses NameLookup::find(const std::string& host,
                                       std::chrono::steady_clock::time_point deadline) {
    if (auto itself = look_up(host, AI_NUMERICHOST)) return itself;
    const auto question = std::make_shared<Question>(Question{host, deadline, {}});
    auto answer = question->answer.get_future();
    {
        const std::lock_guard lock(mutex_);
        questions_.push_back(question);
    }
    asked_.notify_one();
    if (answer.wait_until(deadline) == std::future_status::ready) return answer.get();
    return unexpected(std::string("the name was not found in time"));
}

void NameLookup::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        asked_.wait(lock, [&] { return ending_ || !questions_.empty(); });
        if (ending_) return;
        const auto question = std::move(questions_.front());
        questions_.pop_front();
        if (std::chrono::steady_clock::now() >= question->deadline) continue;  // nobody waits
        lock.unlock();
        question->answer.set_value(look_up(question->host, 0));
        lock.lock();
    }
}

}  // namespace skald::sagas
