// Commands whose streams are known only when they are decided: which number an order's next
// shipment has, what is in a cart, what an account's address was. Such a command is sent with the
// streams it believes in; where the decision finds that it needs others, it notes them, has no
// effect, and is sent again. As every decision states the versions it saw, a race ends the same
// way.
#pragma once

#include <memory>
#include <optional>

#include "commands/context.h"

namespace skald::commands {

// One such command. Once it is sent only the executor's thread touches it.
class Seeking {
  public:
    explicit Seeking(CommandContext context) : context_(std::move(context)) {}
    virtual ~Seeking() = default;
    Seeking(const Seeking&) = delete;

    // The command with the streams it believes in now; its decision may refer to this object, and
    // notes what next() is to believe, as it may run again after a conflict.
    virtual eventstore::Command next() = 0;

  protected:
    const CommandContext& context() const { return context_; }
    // Where If-Match is about another stream than the command's own: the command without it, and
    // without streams and decision; the decision then asks mismatch().
    eventstore::Command blank() const;
    // What the decision answers where If-Match does not hold for the stream it is about.
    std::optional<eventstore::Refusal> mismatch(eventstore::Version present);
    // What it answers so that the command is sent again.
    static eventstore::Refusal needs_others();

  private:
    friend void send(eventstore::Executor& executor, const std::shared_ptr<Seeking>& seeking,
                     eventstore::Reply reply);

    CommandContext context_;
    eventstore::Version present_{};
};

// The reply comes on the executor's thread, once; `executor` must outlive it.
void send(eventstore::Executor& executor, const std::shared_ptr<Seeking>& seeking,
          eventstore::Reply reply);

}  // namespace skald::commands
