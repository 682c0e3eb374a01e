#include "times.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "codes.h"
#include "kernels.h"

namespace ma {
namespace {

constexpr size_t Bytes = 32 << 20; // more than is near a processor
constexpr size_t DistancesMax = 8192;
constexpr int Rounds = 3; // the best counts: others use the machine too

template <class Body>
double nanoseconds(size_t distances, Body body) {
    double best = 1e18;
    for (int round = 0; round < Rounds; round++) {
        const auto begun = std::chrono::steady_clock::now();
        body();
        const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begun;
        best = std::min(best, took.count() / static_cast<double>(distances));
    }
    return std::max(best, 0.1);
}

} // namespace

void kernel_times(int32_t dimension, double* vectors, double* codes) {
    // What is measured is memory first: the values do not matter.
    const std::vector<float> memory(Bytes / sizeof(float), 0.5f);
    const auto* floats = memory.data();
    const auto* bytes = reinterpret_cast<const int8_t*>(floats);
    volatile float sink = 0;
    const Dot dot = best_dot();
    const size_t rows = std::min(DistancesMax, Bytes / (dimension * sizeof(float)));
    *vectors = nanoseconds(rows, [&] {
        for (size_t i = 0; i < rows; i++) sink = dot(floats, floats + i * dimension, dimension);
    });

    constexpr size_t Together = 16; // as many as a walk compares at once
    const auto& kernel = best_codes();
    const size_t places = Bytes / dimension, blocks = std::min(DistancesMax, places) / Together;
    *codes = nanoseconds(std::max<size_t>(blocks, 1) * Together, [&] {
        const int8_t* block[Together];
        int32_t dots[Together];
        uint32_t random = 1;
        for (size_t at = 0; at < std::max<size_t>(blocks, 1); at++) {
            for (auto& code : block) {
                random = random * 1664525 + 1013904223;
                code = bytes + static_cast<size_t>(random) % places * dimension;
                prefetch_code(code, dimension);
            }
            kernel.dots(bytes, block, Together, dimension, dots);
            sink = static_cast<float>(dots[0]);
        }
    });
}

} // namespace ma
