// Which matrix products of libtorch the addon computes itself.

#pragma once

namespace binding {

// Puts products of float32 on the CPU in the place of the linked BLAS, once for the process.
void take_over_products();

}  // namespace binding
