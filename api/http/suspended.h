// A coroutine's wait for a call, without a timer. Of one thread.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace skald::http {

// The coroutine goes on inside wake(), which is called once.
struct Suspended {
    virtual ~Suspended() = default;
    virtual void wake() = 0;
};

template <class Handler>
struct SuspendedOf : Suspended {
    explicit SuspendedOf(Handler given) : handler(std::move(given)) {}
    void wake() override { std::move(handler)(); }
    Handler handler;
};

// To be awaited: puts what goes on into `place`.
inline auto suspend(std::unique_ptr<Suspended>& place) {
    auto initiate = [&place](auto handler) {
        place = std::make_unique<SuspendedOf<decltype(handler)>>(std::move(handler));
    };
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        initiate, boost::asio::use_awaitable);
}

}  // namespace skald::http
