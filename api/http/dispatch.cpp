#include "api/http/dispatch.h"

#include <algorithm>
#include <boost/core/demangle.hpp>
#include <typeinfo>

#include "api/http/request_checks.h"
#include "diagnostics/logger.h"
#include "diagnostics/metrics.h"
#include "eventstore/log.h"

namespace skald::http {
namespace {

using diagnostics::Labels;

// Less and less often, so that those who wait take little from those who need not.
std::chrono::milliseconds pause_before(unsigned tries) {
    constexpr std::chrono::milliseconds first{10};  // doubled so often at most
    constexpr unsigned doublings = 4;
    return first * (1U << std::min(tries, doublings));
}

// The answer to an exception that a handler let go.
Problem problem_of(const std::exception_ptr& error, const Request& request) {
    std::string type = "unknown";
    std::string what;
    try {
        std::rethrow_exception(error);
    } catch (const eventstore::Unavailable& gone) {
        diagnostics::log_warning("store unavailable", {{"route", request.route},
                                                       {"trace_id", request.trace.trace_id},
                                                       {"error", gone.what()}});
        return unavailable("store_unavailable", "the store does not answer; try again");
    } catch (const std::exception& failure) {
        type = boost::core::demangle(typeid(failure).name());
        what = std::string(failure.what()).substr(0, 500);
    } catch (...) {
    }
    diagnostics::log_error("request failed", {{"route", request.route},
                                              {"trace_id", request.trace.trace_id},
                                              {"exception", type},
                                              {"error", what}});
    return internal_error();
}

void overload(Pending& pending) {
    pending.answer(to_response(unavailable("overloaded", "no worker was free in time"),
                               pending.request->trace));
}

}  // namespace

// One route's counters, made once: the registry is behind a lock.
struct Dispatcher::Meters {
    Meters(const std::string& server, const std::string& method, const std::string& route) {
        for (int status = 1; status <= 5; ++status) {
            counts.push_back(
                &diagnostics::counter("skald_http_requests_total", "Requests answered",
                                      Labels{{"server", server},
                                             {"method", method},
                                             {"route", route},
                                             {"status", std::to_string(status) + "xx"}}));
        }
        seconds = &diagnostics::duration_histogram(
            "skald_http_request_seconds", "From the last byte of a request to its answer",
            Labels{{"server", server}, {"method", method}, {"route", route}});
    }
    std::vector<prometheus::Counter*> counts;
    prometheus::Histogram* seconds;
};

Pending::Pending(std::shared_ptr<Dispatcher> dispatcher, Respond deliver)
    : dispatcher_(std::move(dispatcher)), deliver_(std::move(deliver)) {}

Pending::~Pending() {
    if (answered_) return;
    diagnostics::log_error("request dropped by its handler",
                           {{"route", request->route}, {"trace_id", request->trace.trace_id}});
    answer(to_response(internal_error(), request->trace));
}

bool Pending::answer(Response response) {
    if (answered_.exchange(true)) return false;
    if (auto* place = place_.exchange(nullptr)) place->give_back();
    dispatcher_->note(*this, response);
    const auto deliver = std::move(deliver_);
    deliver(std::move(response));
    return true;
}

bool Pending::move_to(Places& places) {
    if (!places.take()) return false;
    if (auto* before = place_.exchange(&places)) before->give_back();
    // Answered meanwhile, by another thread, which may have found the place it had before.
    if (answered_) {
        if (auto* place = place_.exchange(nullptr)) place->give_back();
    }
    return true;
}

void Pending::expire() {
    if (const auto settled = settled_.load()) {
        answer(*settled);
        return;
    }
    const bool harmless = request->method == "GET" || request->method == "HEAD";
    const auto headers = request->answer_headers ? request->answer_headers() : Pairs{};
    std::string_view command;
    for (const auto& [name, value] : headers) {
        if (name == command_header) command = value;
    }
    auto problem = harmless ? unavailable("timed_out", "there was no answer in time; try again")
                            : outcome_unknown(*request, command);
    problem.headers = headers;
    answer(to_response(problem, request->trace));
}

Dispatcher::Dispatcher(std::string server, std::size_t in_flight_max, std::size_t waiting_max,
                       const Router& router, Workers& workers)
    : server_(std::move(server)),
      router_(router),
      workers_(workers),
      in_flight_(in_flight_max,
                 diagnostics::gauge("skald_http_in_flight", "Requests being worked on",
                                    Labels{{"server", server_}})),
      waiting_(waiting_max,
               diagnostics::gauge("skald_http_waiting", "Answers that wait for a better one",
                                  Labels{{"server", server_}})) {
    for (const auto& route : router_.routes()) {
        meters_.push_back(std::make_unique<Meters>(server_, route->method, route->path));
        auto& steps = gatherings_.emplace_back();
        for (std::size_t step = 0; step < route->together.size(); ++step)
            steps.push_back(std::make_unique<Gathering>(step));
    }
    meters_.push_back(std::make_unique<Meters>(server_, "any", "none"));
}

Dispatcher::~Dispatcher() = default;

std::weak_ptr<Pending> Dispatcher::handle(RawRequest raw, Respond deliver) {
    auto pending = std::make_shared<Pending>(shared_from_this(), std::move(deliver));
    if (auto refusal = prepare(*pending, raw)) {
        pending->answer(std::move(*refusal));
        return pending;
    }
    run(pending);
    return pending;
}

Response Dispatcher::refuse(const Problem& problem) {
    const auto trace = continue_trace(std::nullopt);
    note(nullptr, meters_.size() - 1, problem.status, Clock::duration::zero(), trace);
    return to_response(problem, trace);
}

std::optional<Response> Dispatcher::prepare(Pending& pending, RawRequest& raw) {
    Request& request = *pending.request;
    pending.route_index = meters_.size() - 1;
    request.method = std::move(raw.method);
    request.headers = std::move(raw.headers);
    request.body = std::move(raw.body);
    request.body_room = std::move(raw.body_room);
    request.trace = continue_trace(request.header("traceparent"));
    const auto refuse = [&](const Problem& problem) { return to_response(problem, request.trace); };

    if (auto problem = take_target(request, raw.target)) return refuse(*problem);
    auto matched = router_.match(request.method, request.path);
    if (const auto* bad = std::get_if<BadPath>(&matched)) {
        return refuse(bad_request("malformed_path", bad->why));
    }
    if (std::holds_alternative<NoSuchPath>(matched)) {
        return refuse(not_found("there is nothing at this path"));
    }
    if (const auto* no_method = std::get_if<NoSuchMethod>(&matched)) {
        if (request.method == "OPTIONS") return Response{204, {{"Allow", no_method->allow}}, ""};
        return refuse({405,
                       "method_not_allowed",
                       "this path takes " + no_method->allow,
                       {},
                       false,
                       {},
                       {{"Allow", no_method->allow}}});
    }
    auto& match = std::get<Match>(matched);
    pending.route = match.route;
    pending.route_index = match.index;
    request.route = match.route->path;
    request.path_parameters = std::move(match.parameters);
    request.begun = pending.begun;
    request.deadline = pending.begun + match.route->time_max;
    if (auto problem = check_body(request, match.route->doc.body != nullptr)) {
        return refuse(*problem);
    }
    if (!match.route->counts) return std::nullopt;
    if (!pending.move_to(in_flight_)) {
        return refuse(unavailable("overloaded", "too many requests are being worked on"));
    }
    return std::nullopt;
}

void Dispatcher::run(const std::shared_ptr<Pending>& pending) {
    const auto& handler = pending->route->handler;
    if (const auto* blocking = std::get_if<BlockingHandler>(&handler)) {
        if (pending->route->together.empty()) return run_blocking(pending, *blocking);
        return run_together(pending, 0);
    }
    try {
        std::get<Handler>(handler)(pending->request, [this, pending](Response response) {
            if (response.awaited) return begin_to_await(pending, std::move(response));
            if (!pending->answer(std::move(response))) {
                diagnostics::log_debug("late answer dropped", {{"route", pending->request->route}});
            }
        });
    } catch (...) {
        const auto problem = problem_of(std::current_exception(), *pending->request);
        pending->answer(to_response(problem, pending->request->trace));
    }
}

void Dispatcher::run_blocking(const std::shared_ptr<Pending>& pending,
                              const BlockingHandler& handler) {
    auto job = job_of(pending, handler, 0);
    const auto overloaded = job.expire;
    if (!workers_.submit(std::move(job))) overloaded();
}

void Dispatcher::run_together(const std::shared_ptr<Pending>& pending, std::size_t step) {
    const auto& steps = gatherings_[pending->route_index];
    if (step == steps.size())
        return run_blocking(pending, std::get<BlockingHandler>(pending->route->handler));
    auto& gathering = *steps[step];
    if (!gathering.add(pending) || workers_.submit(hand_of(gathering))) return;
    for (const auto& one : gathering.leave())
        run_blocking(one, std::get<BlockingHandler>(one->route->handler));
}

// A hand has no deadline, for those it will find have theirs: it expires with the pool.
Workers::Job Dispatcher::hand_of(Gathering& gathering) {
    Workers::Job job;
    job.deadline = Clock::time_point::max();
    job.run = [self = shared_from_this(), &gathering] { self->answer_together(gathering); };
    job.expire = [self = shared_from_this(), &gathering] {
        for (const auto& one : gathering.leave()) overload(*one);
    };
    return job;
}

// Behind each batch others have their turn at the thread, however many come all the time; where
// nobody waits for one, going on costs less than waking another.
void Dispatcher::answer_together(Gathering& gathering) {
    do {
        auto batch = gathering.take();
        const auto now = Clock::now();
        std::erase_if(batch, [&](const auto& pending) {
            const bool late = now >= pending->request->deadline;
            if (late) overload(*pending);
            return late;
        });
        if (!batch.empty()) answer_batch(batch, gathering.step());
        if (!gathering.go_on()) return;
    } while (workers_.waiting() == 0 || !workers_.submit(hand_of(gathering)));
}

void Dispatcher::answer_batch(const Gathering::Pendings& batch, std::size_t step) {
    std::vector<const Request*> requests;
    for (const auto& pending : batch) requests.push_back(pending->request.get());
    Answers answers(batch.size());
    try {
        answers = batch.front()->route->together[step](requests);
    } catch (...) {  // at last one by one they fail with a reason, or do not
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto& pending = batch[i];
        if (!answers[i]) {
            run_together(pending, step + 1);
            continue;
        }
        auto& result = *answers[i];
        pending->answer(result ? std::move(*result)
                               : to_response(result.error(), pending->request->trace));
    }
}

Workers::Job Dispatcher::job_of(const std::shared_ptr<Pending>& pending,
                                const BlockingHandler& handler, unsigned tries) {
    Workers::Job job;
    job.deadline = pending->request->deadline;
    job.expire = [pending] { overload(*pending); };
    job.run = [self = shared_from_this(), pending, &handler, tries] {
        if (pending->is_answered()) return;
        const Request& request = *pending->request;
        try {
            auto result = handler(request);
            if (!result && result.error().again_until && !pending->is_abandoned() &&
                self->try_again(pending, handler, *result.error().again_until, tries)) {
                return;
            }
            pending->answer(result ? std::move(*result)
                                   : to_response(result.error(), request.trace));
        } catch (...) {
            const auto problem = problem_of(std::current_exception(), request);
            pending->answer(to_response(problem, request.trace));
        }
    };
    return job;
}

bool Dispatcher::try_again(const std::shared_ptr<Pending>& pending, const BlockingHandler& handler,
                           Clock::time_point until, unsigned tries) {
    const auto when = std::min(Clock::now() + pause_before(tries), until);
    return workers_.submit_at(when, job_of(pending, handler, tries + 1));
}

void Dispatcher::begin_to_await(const std::shared_ptr<Pending>& pending, Response otherwise) {
    if (!pending->move_to(waiting_)) {
        pending->answer(std::move(otherwise));
        return;
    }
    const auto settled = std::make_shared<const Response>(std::move(otherwise));
    pending->settle_for(settled);
    await(pending, settled, 0);
}

void Dispatcher::await(const std::shared_ptr<Pending>& pending,
                       const std::shared_ptr<const Response>& otherwise, unsigned tries) {
    Workers::Job job;
    job.deadline = pending->request->deadline;
    job.minor = true;
    job.expire = [pending, otherwise] { pending->answer(*otherwise); };
    job.run = [self = shared_from_this(), pending, otherwise, tries] {
        self->ask(pending, otherwise, tries);
    };
    const auto expire = job.expire;
    const auto when = std::min(Clock::now() + pause_before(tries), otherwise->awaited->until);
    if (!workers_.submit_at(when, std::move(job))) expire();
}

void Dispatcher::ask(const std::shared_ptr<Pending>& pending,
                     const std::shared_ptr<const Response>& otherwise, unsigned tries) {
    if (pending->is_answered()) return;
    const auto& awaited = *otherwise->awaited;
    try {
        auto better = awaited.ask(*pending->request);
        const bool again = !pending->is_abandoned() && Clock::now() < awaited.until;
        if (!better && better.error() == NotYet::ask_again && again) {
            return await(pending, otherwise, tries + 1);
        }
        pending->answer(better ? std::move(*better) : *otherwise);
    } catch (...) {
        problem_of(std::current_exception(), *pending->request);  // which logs it
        pending->answer(*otherwise);
    }
}

void Dispatcher::note(const Pending& pending, const Response& response) {
    note(pending.route, pending.route_index, response.status, Clock::now() - pending.begun,
         pending.request->trace);
}

void Dispatcher::note(const Route* route, std::size_t index, int status, Clock::duration took,
                      const TraceContext& trace) {
    const double seconds = std::chrono::duration<double>(took).count();
    meters_[index]->counts[static_cast<std::size_t>(status / 100 - 1)]->Increment();
    meters_[index]->seconds->Observe(seconds);
    const auto level = status < 300 ? diagnostics::Level::debug : diagnostics::Level::info;
    if (!diagnostics::logs(level)) return;
    diagnostics::log(level, "request",
                     {{"server", server_},
                      {"method", route != nullptr ? route->method : "any"},
                      {"route", route != nullptr ? route->path : "none"},
                      {"status", status},
                      {"ms", static_cast<double>(static_cast<std::int64_t>(seconds * 1e6)) / 1e3},
                      {"trace_id", trace.trace_id}});
}

}  // namespace skald::http
