#include "commands/stock.h"

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/products.h"

namespace skald::commands {
namespace {

eventstore::Command command(const CommandContext& context, const kernel::Sku& sku,
                            stock::Command wanted) {
    auto command = command_of(context);
    command.streams = {stock_stream(sku), product_stream(sku)};
    command.decide = [context, sku, wanted = std::move(wanted)](
                         const eventstore::States& states) -> eventstore::Decided {
        if (!states.get<product::State>(1).exists) {
            return explain(product::Refusal::not_found, sku);
        }
        return decided<StockBinding>(stock::decide(states.get<stock::State>(0), wanted), context,
                                     [&](stock::Refusal refusal) { return explain(refusal, sku); });
    };
    return command;
}

}  // namespace

eventstore::StreamName stock_stream(const kernel::Sku& sku) {
    return eventstore::StreamName::of("stock", sku.value());
}

eventstore::Command receive_stock(const CommandContext& context, const kernel::Sku& sku,
                                  stock::Receive receive) {
    return command(context, sku, std::move(receive));
}

eventstore::Command adjust_stock(const CommandContext& context, const kernel::Sku& sku,
                                 stock::Adjust adjust) {
    return command(context, sku, std::move(adjust));
}

eventstore::Refusal explain(stock::Refusal refusal, const kernel::Sku& sku) {
    using stock::Refusal;
    const auto of_sku = " of " + sku.value();
    switch (refusal) {
        case Refusal::quantity_not_positive:
            return {"stock_quantity_not_positive", "A quantity is at least 1.", "/quantity"};
        case Refusal::delta_zero:
            return {"stock_delta_zero", "An adjustment changes something: delta is not 0.",
                    "/delta"};
        case Refusal::too_much:
            return {"stock_too_much",
                    "So many units" + of_sku + " are beyond all bounds. Check the number.", ""};
        case Refusal::reason_empty:
            return {"stock_reason_empty", "Say why.", "/reason"};
        case Refusal::text_too_long:
            return {"stock_text_too_long", "The text is too long. Shorten it.", ""};
        case Refusal::text_invalid:
            return {"stock_text_invalid",
                    "Texts are UTF-8 without control characters. Remove what is not.", ""};
        case Refusal::id_invalid:
            return {"stock_id_invalid", "An id is 1 to 64 of A-Z a-z 0-9 _ -.", ""};
        case Refusal::not_found:
            return {"stock_never_received",
                    "Nothing was ever received" + of_sku + ". Post a receipt first.", ""};
        case Refusal::hold_differs:
            return {"stock_hold_differs", "There is a hold of this name with another quantity.",
                    "/quantity"};
        case Refusal::hold_not_held:
            return {"stock_hold_not_held", "There is no such hold" + of_sku + ".", ""};
        case Refusal::quantity_not_the_holds:
            return {"stock_quantity_not_the_holds", "A hold is allocated as a whole.", "/quantity"};
        case Refusal::not_enough_stock:
            return {"stock_not_enough",
                    "There are not that many units" + of_sku + " available. GET /v1/stock/" +
                        sku.value() + " tells how many there are.",
                    "/delta"};
        case Refusal::more_than_allocated:
            return {"stock_more_than_allocated",
                    "Not that many units" + of_sku + " are allocated to the order.", "/quantity"};
        case Refusal::more_than_shipped:
            return {"stock_more_than_shipped",
                    "Not that many units" + of_sku + " are out with customers.", "/quantity"};
    }
    INVARIANT(false);
}

}  // namespace skald::commands
