// From a whole request to its answer, without the wire: routing, checks that every route shares,
// limits on requests in flight, deadlines, failures, one log line and the metrics. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "api/http/gathering.h"
#include "api/http/places.h"
#include "api/http/router.h"
#include "api/http/workers.h"

namespace skald::http {

// A request as it came over the wire.
struct RawRequest {
    std::string method;
    std::string target;
    Pairs headers;
    std::string body;
    std::shared_ptr<const void> body_room = {};
};

class Dispatcher;

// A request being worked on. It is answered exactly once, whatever its handler does: by it, by
// expire(), or with 500 when the last reference goes without an answer.
class Pending {
  public:
    Pending(std::shared_ptr<Dispatcher> dispatcher, Respond deliver);
    ~Pending();
    Pending(const Pending&) = delete;

    // False when there was an answer already; this one is dropped then.
    bool answer(Response response);
    bool is_answered() const { return answered_; }
    // What it is answered with when the time is up before there is anything better.
    void settle_for(std::shared_ptr<const Response> answer) { settled_ = std::move(answer); }
    // The time is up: 503, or what was settled for.
    void expire();
    // The client waits no longer: what would be asked for again is answered with what there is.
    void abandon() { abandoned_ = true; }
    bool is_abandoned() const { return abandoned_; }
    // Takes a place there until it is answered, and gives the one it had back. False when there is
    // none: then it keeps that.
    bool move_to(Places& places);

    std::shared_ptr<Request> request = std::make_shared<Request>();
    const Route* route = nullptr;  // none: no route matched
    std::size_t route_index = 0;
    Clock::time_point begun = Clock::now();

  private:
    std::shared_ptr<Dispatcher> dispatcher_;
    Respond deliver_;
    std::atomic<bool> answered_ = false;
    std::atomic<bool> abandoned_ = false;
    std::atomic<Places*> place_ = nullptr;
    std::atomic<std::shared_ptr<const Response>> settled_;
};

class Dispatcher : public std::enable_shared_from_this<Dispatcher> {
  public:
    // `server` names the listener in logs and metrics. `waiting_max`: answers that wait for a
    // better one, beside those in flight. `router` and `workers` must outlive every answer.
    Dispatcher(std::string server, std::size_t in_flight_max, std::size_t waiting_max,
               const Router& router, Workers& workers);
    ~Dispatcher();

    // Hands the request to its route. `deliver` is called once, from any thread, maybe before this
    // returns. What is returned is to be expire()d at `request->deadline`; gone means answered.
    std::weak_ptr<Pending> handle(RawRequest raw, Respond deliver);
    // The answer to what never became a whole request.
    Response refuse(const Problem& problem);

  private:
    friend class Pending;
    struct Meters;

    std::optional<Response> prepare(Pending& pending, RawRequest& raw);
    void run(const std::shared_ptr<Pending>& pending);
    void run_blocking(const std::shared_ptr<Pending>& pending, const BlockingHandler& handler);
    void run_together(const std::shared_ptr<Pending>& pending, std::size_t step);
    Workers::Job hand_of(Gathering& gathering);
    void answer_together(Gathering& gathering);
    void answer_batch(const Gathering::Pendings& batch, std::size_t step);
    Workers::Job job_of(const std::shared_ptr<Pending>& pending, const BlockingHandler& handler,
                        unsigned tries);
    bool try_again(const std::shared_ptr<Pending>& pending, const BlockingHandler& handler,
                   Clock::time_point until, unsigned tries);
    // Answers with what `otherwise` waits for, or in the end with itself.
    void begin_to_await(const std::shared_ptr<Pending>& pending, Response otherwise);
    void await(const std::shared_ptr<Pending>& pending,
               const std::shared_ptr<const Response>& otherwise, unsigned tries);
    void ask(const std::shared_ptr<Pending>& pending,
             const std::shared_ptr<const Response>& otherwise, unsigned tries);
    void note(const Pending& pending, const Response& response);
    void note(const Route* route, std::size_t index, int status, Clock::duration took,
              const TraceContext& trace);

    std::string server_;
    const Router& router_;
    Workers& workers_;
    std::vector<std::unique_ptr<Meters>> meters_;  // per route, and one more for no route
    std::vector<std::vector<std::unique_ptr<Gathering>>> gatherings_;  // per route and step
    Places in_flight_;
    Places waiting_;
};

}  // namespace skald::http
