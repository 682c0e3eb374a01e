#include "codes.h"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace ma {
namespace {

int32_t dot_plain(const int8_t* left, const int8_t* right, size_t length) {
    int32_t sum = 0;
    for (size_t i = 0; i < length; i++) sum += static_cast<int32_t>(left[i]) * right[i];
    return sum;
}

void dots_plain(const int8_t* query, const int8_t* const* codes, size_t count, size_t length, int32_t* dots) {
    for (size_t i = 0; i < count; i++) dots[i] = dot_plain(query, codes[i], length);
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) inline int32_t sum(__m256i value) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1)));
}

// Products of pairs in 16 bits could overflow as unsigned times signed; widened first, they are exact.
__attribute__((target("avx2"))) inline __m256i step(__m256i total, const int8_t* left, const int8_t* right) {
    const __m256i a = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(left)));
    const __m256i b = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(right)));
    return _mm256_add_epi32(total, _mm256_madd_epi16(a, b));
}

__attribute__((target("avx2"))) int32_t dot_avx2(const int8_t* left, const int8_t* right, size_t length) {
    __m256i a = _mm256_setzero_si256(), b = a;
    size_t i = 0;
    for (; i + 32 <= length; i += 32) {
        a = step(a, left + i, right + i);
        b = step(b, left + i + 16, right + i + 16);
    }
    for (; i + 16 <= length; i += 16) a = step(a, left + i, right + i);
    return sum(_mm256_add_epi32(a, b)) + dot_plain(left + i, right + i, length - i);
}

__attribute__((target("avx2"))) void dots_avx2(const int8_t* query, const int8_t* const* codes, size_t count, size_t length, int32_t* dots) {
    for (size_t i = 0; i < count; i++) dots[i] = dot_avx2(query, codes[i], length);
}

#define MA_VNNI __attribute__((target("avx512f,avx512bw,avx512vnni,avx2")))

MA_VNNI inline __m128i quarter_sums(__m512i value) {
    alignas(64) int32_t lanes[16];
    _mm512_store_si512(lanes, value);
    const auto* four = reinterpret_cast<const __m128i*>(lanes);
    return _mm_add_epi32(_mm_add_epi32(four[0], four[1]), _mm_add_epi32(four[2], four[3]));
}

MA_VNNI inline int32_t sum(__m512i value) {
    __m128i four = quarter_sums(value);
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1)));
}

MA_VNNI inline __m512i load(const int8_t* codes, size_t at, size_t length) {
    if (at + 64 <= length) return _mm512_loadu_si512(codes + at);
    return _mm512_maskz_loadu_epi8((1ull << (length - at)) - 1, codes + at);
}

// VNNI multiplies unsigned with signed: 128 is added to one side, and 128 times the sum of the other taken off again.
MA_VNNI inline __m512i product(__m512i total, __m512i biased, __m512i other) {
    return _mm512_dpbusd_epi32(total, _mm512_xor_si512(biased, _mm512_set1_epi8(-128)), other);
}

MA_VNNI inline int32_t shift(const int8_t* codes, size_t length) {
    __m512i total = _mm512_setzero_si512();
    for (size_t i = 0; i < length; i += 64) total = _mm512_dpbusd_epi32(total, _mm512_set1_epi8(-128), load(codes, i, length));
    return sum(total);
}

MA_VNNI int32_t dot_avx512vnni(const int8_t* left, const int8_t* right, size_t length) {
    __m512i even = _mm512_setzero_si512(), odd = even, even_shift = even, odd_shift = even;
    const __m512i bias = _mm512_set1_epi8(-128);
    size_t i = 0;
    for (; i + 128 <= length; i += 128) {
        const __m512i first = _mm512_loadu_si512(right + i), second = _mm512_loadu_si512(right + i + 64);
        even = product(even, _mm512_loadu_si512(left + i), first);
        odd = product(odd, _mm512_loadu_si512(left + i + 64), second);
        even_shift = _mm512_dpbusd_epi32(even_shift, bias, first);
        odd_shift = _mm512_dpbusd_epi32(odd_shift, bias, second);
    }
    for (; i < length; i += 64) {
        const __m512i first = load(right, i, length);
        even = product(even, load(left, i, length), first);
        even_shift = _mm512_dpbusd_epi32(even_shift, bias, first);
    }
    return sum(_mm512_sub_epi32(_mm512_add_epi32(even, odd), _mm512_add_epi32(even_shift, odd_shift)));
}

// Four at a time share the loads of the query, and their sums are added across at once.
MA_VNNI void dots_avx512vnni(const int8_t* query, const int8_t* const* codes, size_t count, size_t length, int32_t* dots) {
    const int32_t shifted = shift(query, length);
    size_t at = 0;
    for (; at + 4 <= count; at += 4) {
        const int8_t *c0 = codes[at], *c1 = codes[at + 1], *c2 = codes[at + 2], *c3 = codes[at + 3];
        __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
        size_t i = 0;
        for (; i + 64 <= length; i += 64) {
            const __m512i part = _mm512_loadu_si512(query + i);
            a = product(a, _mm512_loadu_si512(c0 + i), part);
            b = product(b, _mm512_loadu_si512(c1 + i), part);
            c = product(c, _mm512_loadu_si512(c2 + i), part);
            d = product(d, _mm512_loadu_si512(c3 + i), part);
        }
        if (i < length) {
            const __m512i part = load(query, i, length);
            a = product(a, load(c0, i, length), part);
            b = product(b, load(c1, i, length), part);
            c = product(c, load(c2, i, length), part);
            d = product(d, load(c3, i, length), part);
        }
        const __m128i sums = _mm_hadd_epi32(_mm_hadd_epi32(quarter_sums(a), quarter_sums(b)), _mm_hadd_epi32(quarter_sums(c), quarter_sums(d)));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(dots + at), _mm_sub_epi32(sums, _mm_set1_epi32(shifted)));
    }
    for (; at < count; at++) dots[at] = dot_avx512vnni(query, codes[at], length);
}

#elif defined(__aarch64__)

int32_t dot_neon(const int8_t* left, const int8_t* right, size_t length) {
    int32x4_t total = vdupq_n_s32(0);
    size_t i = 0;
    for (; i + 16 <= length; i += 16) {
        const int8x16_t a = vld1q_s8(left + i), b = vld1q_s8(right + i);
        // Two products of 127 * 127 at most fit 16 bits.
        total = vpadalq_s16(total, vmlal_s8(vmull_s8(vget_low_s8(a), vget_low_s8(b)), vget_high_s8(a), vget_high_s8(b)));
    }
    return vaddvq_s32(total) + dot_plain(left + i, right + i, length - i);
}

void dots_neon(const int8_t* query, const int8_t* const* codes, size_t count, size_t length, int32_t* dots) {
    for (size_t i = 0; i < count; i++) dots[i] = dot_neon(query, codes[i], length);
}

#endif

struct Table {
    CodeKernel items[4];
    int count = 0;

    Table() {
#if defined(__x86_64__)
        __builtin_cpu_init();
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni"))
            items[count++] = {"avx512vnni", dot_avx512vnni, dots_avx512vnni};
        if (__builtin_cpu_supports("avx2")) items[count++] = {"avx2", dot_avx2, dots_avx2};
#elif defined(__aarch64__)
        items[count++] = {"neon", dot_neon, dots_neon};
#endif
        items[count++] = {"plain", dot_plain, dots_plain};
    }
};

} // namespace

const CodeKernel* code_kernels(int* count) {
    static const Table table;
    if (count != nullptr) *count = table.count;
    return table.items;
}

float encode(const float* vector, size_t dimension, double length, int8_t* codes) {
    float greatest = 0;
    for (size_t i = 0; i < dimension; i++) greatest = std::max(greatest, std::fabs(vector[i]));
    const double step = greatest / 127.0;
    for (size_t i = 0; i < dimension; i++) codes[i] = static_cast<int8_t>(std::lrint(vector[i] / step));
    return static_cast<float>(step / length);
}

} // namespace ma
