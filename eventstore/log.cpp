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

AppendCommand cancelling(const CommandId& id) {
    return AppendCommand{.id = id,
                         .fingerprint = {},
                         .verdict = Verdict::cancelled,
                         .leaves_receipt = true,
                         .uses = {}};
}

}  // namespace skald::eventstore
