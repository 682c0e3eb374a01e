// How long distances take on this machine.
#pragma once

#include <cstdint>

namespace ma {

void kernel_times(int32_t dimension, double* vectors, double* codes);

} // namespace ma
