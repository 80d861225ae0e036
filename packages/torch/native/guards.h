// Arguments that would end the process inside libtorch, refused before it sees them.
#pragma once

#include <ATen/core/stack.h>

#include <string>

namespace binding {

// Throws Misuse when the operator can't survive its arguments.
using Guard = void (*)(const c10::Stack& arguments);

// Null for the operators that check their arguments themselves: nearly all.
Guard guard_of(const std::string& operator_name);

}  // namespace binding
