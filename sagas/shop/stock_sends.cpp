#include "sagas/shop/stock_sends.h"

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/stock.h"
#include "domain/kernel/enum_name.h"

namespace skald::sagas {

Send to_stock(const kernel::Sku& sku, stock::Command command, const std::string& meta) {
    Send send;
    send.command.streams = {commands::stock_stream(sku)};
    send.command.decide = [command = std::move(command),
                           meta](const eventstore::States& states) -> eventstore::Decided {
        const auto decision = stock::decide(states.get<stock::State>(0), command);
        if (!decision)
            return eventstore::Refusal{"stock_" + std::string(kernel::name_of(decision.error())),
                                       "", ""};
        return eventstore::Accepted{{commands::encoded<commands::StockBinding>(*decision, meta)}};
    };
    return send;
}

}  // namespace skald::sagas
