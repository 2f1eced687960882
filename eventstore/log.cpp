#include "eventstore/log.h"

#include "domain/kernel/invariant.h"

namespace skald::eventstore {

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::appended:
            return "appended";
        case Verdict::nothing_to_do:
            return "nothing_to_do";
        case Verdict::refused:
            return "refused";
        case Verdict::cancelled:
            return "cancelled";
    }
    INVARIANT(false);
}

Receipt receipt_of(const AppendCommand& command) {
    Receipt receipt{
        .id = command.id, .fingerprint = command.fingerprint, .verdict = command.verdict};
    if (command.uses.empty()) return receipt;
    const auto& own = command.uses.front();
    receipt.stream = own.stream;
    receipt.first_version = own.expected + 1;
    receipt.count = static_cast<std::int32_t>(own.events.size());
    return receipt;
}

AppendCommand cancelling(const CommandId& id) {
    return AppendCommand{.id = id,
                         .fingerprint = {},
                         .verdict = Verdict::cancelled,
                         .leaves_receipt = true,
                         .uses = {}};
}

}  // namespace skald::eventstore
