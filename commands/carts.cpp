#include "commands/carts.h"

#include <algorithm>

#include "commands/accounts.h"
#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/placing.h"
#include "commands/products.h"
#include "commands/seeking.h"
#include "domain/kernel/enum_name.h"

namespace skald::commands {
namespace {

using eventstore::Accepted;
using eventstore::Decided;
using eventstore::Refusal;
using eventstore::States;

// The command on a cart; `fault(states)` is what the other streams have against it.
template <class Fault>
eventstore::Command cart_command(const CommandContext& context, const kernel::CartId& id,
                                 std::optional<eventstore::StreamName> other, cart::Command wanted,
                                 Fault fault) {
    auto command = command_of(context);
    command.streams = {cart_stream(id)};
    if (other) command.streams.push_back(*std::move(other));
    command.decide = [context, wanted = std::move(wanted),
                      fault = std::move(fault)](const States& states) -> Decided {
        const auto& cart = states.get<cart::State>(0);
        const auto decision = cart::decide(cart, wanted);
        if (!decision) return explain(decision.error(), cart);
        if (std::optional<Refusal> refusal = fault(states)) return *std::move(refusal);
        return Accepted{.events = {encoded<CartBinding>(*decision, context)}};
    };
    return command;
}

constexpr auto no_fault = [](const States&) { return std::optional<Refusal>(); };

// Of the checkout's streams: the order's, the cart's, its products', and then its account's.
constexpr std::size_t cart_at = 1;
constexpr std::size_t products_at = 2;

// Whose order it becomes and of what is known when it is decided: nothing is believed at first.
class CartCheckout : public Seeking {
  public:
    CartCheckout(const CommandContext& context, kernel::CartId cart, CheckoutRequest request)
        : Seeking(context), cart_(std::move(cart)), request_(std::move(request)) {}

    eventstore::Command next() override {
        auto command = blank();
        command.streams = {order_stream(placed_by(context())), cart_stream(cart_)};
        for (const auto& sku : others_.skus) command.streams.push_back(product_stream(sku));
        if (others_.account) command.streams.push_back(account_stream(*others_.account));
        command.decide = [this, believed = others_](const States& states) {
            return decide(believed, states);
        };
        return command;
    }

  private:
    // What is looked up beside the cart. How many of a sku are wanted needs no other look.
    struct Others {
        std::optional<kernel::AccountId> account;
        std::vector<kernel::Sku> skus;
        bool operator==(const Others&) const = default;
    };

    Decided decide(const Others& believed, const States& states) {
        const auto& cart = states.get<cart::State>(cart_at);
        if (auto refusal = mismatch(states.version(cart_at))) return *std::move(refusal);
        const auto checked_out = cart::decide(cart, cart::CheckOut{placed_by(context())});
        const bool empty = !checked_out && checked_out.error() == cart::Refusal::empty;
        if (!checked_out && !empty) return explain(checked_out.error(), cart);
        others_ = others_of(cart);
        if (believed != others_) return needs_others();

        std::vector<Refusal> against;
        if (empty) against.push_back(explain(cart::Refusal::empty, cart));
        if (auto fault = fault_of_account(cart, states)) against.push_back(*std::move(fault));
        auto placed = place(context(), order_of(cart), states, products_at, std::move(against));
        if (!placed) return std::move(placed.error());
        if (auto refusal = fault_of_total(placed->total)) return *std::move(refusal);
        return Accepted{
            .events = {std::move(placed->events), encoded<CartBinding>(*checked_out, context())}};
    }

    Others others_of(const cart::State& cart) const {
        Others others{.account = cart.account ? cart.account : request_.account, .skus = {}};
        for (const auto& [sku, quantity] : cart.items) others.skus.push_back(sku);
        return others;
    }

    std::optional<Refusal> fault_of_account(const cart::State& cart, const States& states) const {
        if (!others_.account) {
            return Refusal{"cart_account_missing",
                           "The cart is nobody's yet. Say whose order it becomes.", "/account_id"};
        }
        if (cart.account && request_.account && cart.account != request_.account) {
            return Refusal{"cart_account_differs",
                           "The cart is another account's. Leave account_id out.", "/account_id"};
        }
        const auto account_at = products_at + others_.skus.size();
        return fault_of(states.get<account::State>(account_at), *others_.account);
    }

    std::optional<Refusal> fault_of_total(const kernel::Money& total) const {
        if (!request_.total || *request_.total == total) return std::nullopt;
        return Refusal{"cart_total_differs",
                       "The cart comes to " + text_of(total) + " now, not to " +
                           text_of(*request_.total) +
                           " (in minor units). Read it again, and send the total it has.",
                       "/total"};
    }

    static std::string text_of(const kernel::Money& money) {
        return std::to_string(money.amount) + " " + std::string(money.currency.code());
    }

    OrderRequest order_of(const cart::State& cart) const {
        OrderRequest order{.account = others_.account.value_or(kernel::AccountId()),
                           .lines = {},
                           .payment_method = request_.payment_method};
        for (const auto& [sku, quantity] : cart.items) order.lines.push_back({sku, quantity});
        return order;
    }

    kernel::CartId cart_;
    CheckoutRequest request_;
    Others others_;  // as the last decision saw the cart
};

struct CartWords {
    cart::Refusal refusal;
    const char* detail;
    const char* pointer;
};
constexpr CartWords cart_words[] = {
    {cart::Refusal::already_exists, "This cart was created for another account.", ""},
    {cart::Refusal::not_found, "There is no such cart.", ""},
    {cart::Refusal::account_invalid, "An account's id is 1 to 64 of A-Z a-z 0-9 _ -.",
     "/account_id"},
    {cart::Refusal::sku_invalid, "A sku is 1 to 64 of A-Z a-z 0-9 _ -.", "/path/sku"},
    {cart::Refusal::quantity_out_of_range, "A quantity is 1 to 100000.", "/quantity"},
    {cart::Refusal::order_invalid, "An order's id is 1 to 64 of A-Z a-z 0-9 _ -.", ""},
    {cart::Refusal::too_many_items,
     "A cart has at most 1000 lines. Check this one out, and go on with another.", ""},
    {cart::Refusal::empty, "There is nothing in the cart. Put something in first.", ""},
};

}  // namespace

eventstore::StreamName cart_stream(const kernel::CartId& id) {
    return eventstore::StreamName::of("cart", id.value());
}

eventstore::Command create_cart(const CommandContext& context,
                                std::optional<kernel::AccountId> account) {
    const kernel::CartId id(eventstore::to_text(context.id.value()));
    if (!account) return cart_command(context, id, std::nullopt, cart::Create{}, no_fault);
    return cart_command(context, id, account_stream(*account), cart::Create{account},
                        [account = *account](const States& states) {
                            return fault_of(states.get<account::State>(1), account);
                        });
}

eventstore::Command set_cart_item(const CommandContext& context, const kernel::CartId& cart,
                                  const kernel::Sku& sku, kernel::Quantity quantity) {
    return cart_command(context, cart, product_stream(sku), cart::SetItem{sku, quantity},
                        [sku](const States& states) {
                            return fault_of(states.get<product::State>(1), sku, "/path/sku",
                                            "Choose another.");
                        });
}

eventstore::Command remove_cart_item(const CommandContext& context, const kernel::CartId& cart,
                                     const kernel::Sku& sku) {
    return cart_command(context, cart, std::nullopt, cart::RemoveItem{sku}, no_fault);
}

void check_out_cart(eventstore::Executor& executor, const CommandContext& context,
                    const kernel::CartId& cart, CheckoutRequest request, eventstore::Reply reply) {
    send(executor, std::make_shared<CartCheckout>(context, cart, std::move(request)),
         std::move(reply));
}

Refusal explain(cart::Refusal refusal, const cart::State& cart) {
    if (refusal == cart::Refusal::checked_out) {
        return {"cart_checked_out",
                "The cart became order " + cart.order.value_or(kernel::OrderId()).value() +
                    " and does not change any more. Create another.",
                ""};
    }
    const auto* found = std::ranges::find(cart_words, refusal, &CartWords::refusal);
    INVARIANT(found != std::end(cart_words));
    return {"cart_" + std::string(kernel::name_of(refusal)), found->detail, found->pointer};
}

}  // namespace skald::commands
