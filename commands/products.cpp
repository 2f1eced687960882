#include "commands/products.h"

#include "commands/aggregate.h"
#include "commands/bindings.h"

namespace skald::commands {
namespace {

eventstore::Command command(const CommandContext& context, const kernel::Sku& sku,
                            product::Command wanted) {
    auto command = command_of(context);
    command.streams = {product_stream(sku)};
    command.decide = [context, sku, wanted = std::move(wanted)](const eventstore::States& states) {
        return decided<ProductBinding>(
            product::decide(states.get<product::State>(0), wanted), context,
            [&](product::Refusal refusal) { return explain(refusal, sku); });
    };
    return command;
}

}  // namespace

eventstore::StreamName product_stream(const kernel::Sku& sku) {
    return eventstore::StreamName::of("product", sku.value());
}

eventstore::Command create_product(const CommandContext& context, product::Create create) {
    const auto sku = create.sku;
    return command(context, sku, std::move(create));
}

eventstore::Command change_product(const CommandContext& context, const kernel::Sku& sku,
                                   product::Change change) {
    return command(context, sku, std::move(change));
}

eventstore::Command archive_product(const CommandContext& context, const kernel::Sku& sku) {
    return command(context, sku, product::Archive{});
}

eventstore::Refusal explain(product::Refusal refusal, const kernel::Sku& sku) {
    using product::Refusal;
    const auto& name = sku.value();
    switch (refusal) {
        case Refusal::already_exists:
            return {"product_already_exists",
                    "There is a product " + name +
                        " already. Change it with PATCH, or choose "
                        "another sku.",
                    "/sku"};
        case Refusal::not_found:
            return {"product_not_found", "There is no product " + name + ". Create it first.", ""};
        case Refusal::archived:
            return {"product_archived",
                    "The product " + name +
                        " is archived and cannot be changed any more. Create "
                        "one with another sku.",
                    ""};
        case Refusal::sku_invalid:
            return {"product_sku_invalid", "A sku is 1 to 64 of A-Z a-z 0-9 _ -.", "/sku"};
        case Refusal::title_empty:
            return {"product_title_empty", "A product needs a title.", "/title"};
        case Refusal::title_too_long:
            return {"product_title_too_long", "The title is too long. Shorten it.", "/title"};
        case Refusal::label_empty:
            return {"product_label_empty",
                    "A department, category or brand is not empty. Leave it out instead.", ""};
        case Refusal::label_too_long:
            return {"product_label_too_long",
                    "The department, category or brand is too long. Shorten it.", ""};
        case Refusal::text_invalid:
            return {"product_text_invalid",
                    "Texts are UTF-8 without control characters. Remove what is not.", ""};
        case Refusal::price_not_positive:
            return {"product_price_not_positive", "A price is at least one minor unit.",
                    "/price/amount"};
        case Refusal::currency_mismatch:
            return {"product_currency_mismatch",
                    "The price of " + name +
                        " is in another currency, and stays in it. Create "
                        "another product to sell it in this one.",
                    "/price/currency"};
    }
    INVARIANT(false);
}

}  // namespace skald::commands
