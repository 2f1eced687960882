#include "diagnostics/crash_point.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace skald::diagnostics {
namespace {

struct Target {
    std::string name;
    std::atomic<long> passages_left{0};

    Target() {
        const char* setting = std::getenv("SKALD_CRASH_AT");
        if (setting == nullptr) return;
        const std::string text = setting;
        const auto colon = text.rfind(':');
        name = text.substr(0, colon);
        passages_left = colon == std::string::npos ? 1 : std::atol(text.c_str() + colon + 1);
    }
};

}  // namespace

void crash_point(const char* name) {
    static Target target;
    if (target.name.empty() || target.name != name) return;
    if (target.passages_left.fetch_sub(1) == 1) std::raise(SIGKILL);
}

}  // namespace skald::diagnostics
