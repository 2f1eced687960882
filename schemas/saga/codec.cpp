#include "schemas/saga/codec.h"

#include "schemas/saga/v1/saga.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::saga {
namespace {

namespace v1 = skald::saga::v1;
namespace domain = skald::saga;
using domain::Event;
using wire::Reader;

// The wire's numbers are the domain's, from 1: 0 is what an absent field reads as.
template <class Proto, class Value>
Proto to_wire(Value value) {
    return static_cast<Proto>(static_cast<int>(value) + 1);
}
template <class Value, class Proto>
Value from_wire(std::string_view field, Proto value, Value most, Reader& r) {
    const int number = static_cast<int>(value) - 1;
    r.require(number >= 0 && number <= static_cast<int>(most),
              std::string(field) + " is no value of its kind");
    return static_cast<Value>(number);
}
domain::Outcome outcome_of(v1::Outcome value, Reader& r) {
    return from_wire("outcome", value, domain::Outcome::skipped, r);
}

void write(const domain::Begun& e, v1::Begun& m) {
    m.set_step(e.step);
    m.set_undo(e.undo);
    m.set_items(e.items);
    m.set_round(e.round);
    wire::write(e.deadline, *m.mutable_deadline());
}

domain::Begun begun_of(const v1::Begun& m, Reader& r) {
    r.require(m.items() >= 0 && m.round() >= 1, "a step with a negative count");
    return {r.words("step", m.step()), m.undo(), m.items(), m.round(),
            r.time("deadline", m.deadline())};
}

void write(const domain::Moved& e, v1::Moved& m) {
    wire::write(e.at, *m.mutable_at());
    for (const auto& reply : e.replies) {
        auto& one = *m.add_replies();
        one.set_item(reply.item);
        one.set_outcome(to_wire<v1::Outcome>(reply.outcome));
        one.set_code(reply.code);
    }
    if (e.attempt_ended) {
        auto& one = *m.mutable_attempt_ended();
        one.set_step(e.attempt_ended->step);
        one.set_undo(e.attempt_ended->undo);
        one.set_outcome(to_wire<v1::Outcome>(e.attempt_ended->outcome));
        if (e.attempt_ended->outcome == domain::Outcome::refused)
            one.set_inferred(e.attempt_ended->inferred);
    }
    m.set_signal(e.signal);
    m.set_signal_code(e.signal_code);
    for (const auto& ended : e.ended) {
        auto& one = *m.add_ended();
        one.set_step(ended.step);
        one.set_outcome(to_wire<v1::Outcome>(ended.outcome));
        one.set_code(ended.code);
        one.set_reference(ended.reference);
    }
    if (e.begun) write(*e.begun, *m.mutable_begun());
    m.set_phase(to_wire<v1::Phase>(e.phase));
    m.set_code(e.code);
}

domain::Moved move_of(const v1::Moved& m, Reader& r) {
    domain::Moved e;
    r.require(m.has_at(), "at is absent");
    e.at = r.time("at", m.at());
    for (const auto& one : m.replies())
        e.replies.push_back({one.item(), outcome_of(one.outcome(), r), r.text("code", one.code())});
    if (m.has_attempt_ended()) {
        const auto& one = m.attempt_ended();
        const auto outcome = outcome_of(one.outcome(), r);
        // Of a refusal it was not always stored who had said so: what may have been concluded is
        // not taken for the world's word, behind which a call is made under another key.
        const bool unsaid = outcome == domain::Outcome::refused && !one.has_inferred();
        e.attempt_ended = domain::AttemptEnd{r.words("step", one.step()), one.undo(), outcome,
                                             unsaid || one.inferred()};
    }
    e.signal = r.text("signal", m.signal());
    e.signal_code = r.text("signal_code", m.signal_code());
    for (const auto& one : m.ended()) {
        e.ended.push_back({r.words("step", one.step()), outcome_of(one.outcome(), r),
                           r.text("code", one.code()), r.text("reference", one.reference())});
    }
    if (m.has_begun()) e.begun = begun_of(m.begun(), r);
    e.phase = from_wire("phase", m.phase(), domain::Phase::abandoned, r);
    e.code = r.text("code", m.code());
    return e;
}

Encoded write(const domain::Started& e) {
    v1::Started m;
    m.set_saga(e.saga);
    m.set_definition(e.definition);
    m.set_subject(e.subject);
    m.set_input(e.input);
    m.set_parent(e.parent);
    wire::write(e.deadline, *m.mutable_deadline());
    write(e.move, *m.mutable_move());
    return wire::pack(m);
}

Encoded write(const domain::AttemptStarted& e) {
    v1::AttemptStarted m;
    m.set_step(e.step);
    m.set_undo(e.undo);
    m.set_attempt(e.attempt);
    wire::write(e.at, *m.mutable_at());
    wire::write(e.deadline, *m.mutable_deadline());
    if (e.series > 0) m.set_series(e.series);
    return wire::pack(m);
}

Encoded write(const domain::Moved& e) {
    v1::Moved m;
    write(e, m);
    return wire::pack(m);
}

Encoded write(const domain::Repaired& e) {
    v1::Repaired m;
    m.set_action(e.action);
    m.set_step(e.step);
    m.set_actor(e.actor);
    m.set_reason(e.reason);
    m.set_residue(e.residue);
    write(e.move, *m.mutable_move());
    return wire::pack(m);
}

Event started_v1(const v1::Started& m, Reader& r) {
    r.require(m.definition() >= 1, "definition is below 1");
    r.require(m.has_move(), "move is absent");
    return domain::Started{r.words("saga", m.saga()),
                           m.definition(),
                           r.words("subject", m.subject()),
                           m.input(),
                           r.text("parent", m.parent()),
                           r.time("deadline", m.deadline()),
                           move_of(m.move(), r)};
}

Event attempt_started_v1(const v1::AttemptStarted& m, Reader& r) {
    r.require(m.attempt() >= 1, "attempt is below 1");
    r.require(m.series() >= 0, "series is below 0");
    return domain::AttemptStarted{
        r.words("step", m.step()),        m.undo(),  m.attempt(), r.time("at", m.at()),
        r.time("deadline", m.deadline()), m.series()};
}

Event moved_v1(const v1::Moved& m, Reader& r) { return move_of(m, r); }

Event repaired_v1(const v1::Repaired& m, Reader& r) {
    r.require(m.has_move(), "move is absent");
    return domain::Repaired{r.words("action", m.action()),  r.words("step", m.step()),
                            r.words("actor", m.actor()),    r.text("reason", m.reason()),
                            r.text("residue", m.residue()), move_of(m.move(), r)};
}

constexpr auto forms = wire::forms<&started_v1, &attempt_started_v1, &moved_v1, &repaired_v1>;

}  // namespace

Encoded encode(const Event& event) {
    return std::visit([](const auto& e) { return write(e); }, event);
}

Result<Event, DecodeError> decode(std::string_view type, int schema_version,
                                  std::string_view data) {
    return wire::decode<Event>(forms, type, schema_version, data);
}

std::vector<wire::Shape> shapes() { return wire::shapes_of<Event>(forms); }

}  // namespace skald::schemas::saga
