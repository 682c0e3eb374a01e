// Inner products, chosen once for the processor at hand.
#pragma once

#include <cstddef>

namespace ma {

// Any length: tails are handled, nothing is read beyond it.
using Dot = float (*)(const float* left, const float* right, size_t length);

struct Kernel {
    const char* name;
    Dot dot;
};

// The kernels this processor can run, best first; plain C++ is the last and always there.
const Kernel* kernels(int* count);

// The best one.
inline Dot best_dot() {
    static const Dot dot = kernels(nullptr)[0].dot;
    return dot;
}

} // namespace ma
