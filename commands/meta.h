// What is stored beside each event of a command.
#pragma once

#include <string>

#include "commands/context.h"

namespace skald::commands {

// The command's principal and trace; a command from outside begins a correlation of its own.
std::string meta_of(const CommandContext& context);

}  // namespace skald::commands
