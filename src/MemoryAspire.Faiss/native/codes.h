// Vectors as eight-bit codes: a quarter of the memory to walk through, and integers to multiply.
//
// A code is the vector divided by a step of its own and rounded, -127..127; the step is the greatest part's 127th. Inner
// products of codes are exact, so that every kernel gives the same number; times both scales they are cosines, nearly.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ma {

// Any length: tails are handled, nothing is read beyond it. Parts are -127..127.
using CodeDot = int32_t (*)(const int8_t* left, const int8_t* right, size_t length);

// One code with many of the same length.
using CodeDots = void (*)(const int8_t* query, const int8_t* const* codes, size_t count, size_t length, int32_t* dots);

struct CodeKernel {
    const char* name;
    CodeDot dot;
    CodeDots dots;
};

// The kernels this processor can run, best first; plain C++ is the last and always there.
const CodeKernel* code_kernels(int* count);

// The best one.
inline const CodeKernel& best_codes() { return code_kernels(nullptr)[0]; }

inline void prefetch_code(const int8_t* code, size_t length) {
    for (size_t i = 0; i < length; i += 64) __builtin_prefetch(code + i);
}

// Writes the codes of a vector that has a length; returns their scale: step / length of the vector.
float encode(const float* vector, size_t dimension, double length, int8_t* codes);

} // namespace ma
