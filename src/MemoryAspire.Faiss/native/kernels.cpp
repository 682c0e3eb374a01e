#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace ma {
namespace {

float dot_plain(const float* left, const float* right, size_t length) {
    // Sixteen sums, so that the compiler may use whatever vector unit is the baseline.
    float sums[16] = {};
    size_t i = 0;
    for (; i + 16 <= length; i += 16)
        for (size_t lane = 0; lane < 16; lane++) sums[lane] += left[i + lane] * right[i + lane];
    for (size_t lane = 0; i < length; i++, lane++) sums[lane] += left[i] * right[i];
    for (size_t half = 8; half > 0; half /= 2)
        for (size_t lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
    return sums[0];
}

#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) inline float sum(__m256 value) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(value), _mm256_extractf128_ps(value, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_shuffle_ps(four, four, 1)));
}

__attribute__((target("avx2,fma"))) float dot_avx2(const float* left, const float* right, size_t length) {
    __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
    size_t i = 0;
    for (; i + 32 <= length; i += 32) {
        a = _mm256_fmadd_ps(_mm256_loadu_ps(left + i), _mm256_loadu_ps(right + i), a);
        b = _mm256_fmadd_ps(_mm256_loadu_ps(left + i + 8), _mm256_loadu_ps(right + i + 8), b);
        c = _mm256_fmadd_ps(_mm256_loadu_ps(left + i + 16), _mm256_loadu_ps(right + i + 16), c);
        d = _mm256_fmadd_ps(_mm256_loadu_ps(left + i + 24), _mm256_loadu_ps(right + i + 24), d);
    }
    for (; i + 8 <= length; i += 8)
        a = _mm256_fmadd_ps(_mm256_loadu_ps(left + i), _mm256_loadu_ps(right + i), a);
    if (i < length) {
        const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(length - i)), lanes);
        b = _mm256_fmadd_ps(_mm256_maskload_ps(left + i, mask), _mm256_maskload_ps(right + i, mask), b);
    }
    return sum(_mm256_add_ps(_mm256_add_ps(a, b), _mm256_add_ps(c, d)));
}

__attribute__((target("avx512f,avx2,fma"))) float dot_avx512(const float* left, const float* right, size_t length) {
    __m512 a = _mm512_setzero_ps(), b = a, c = a, d = a;
    size_t i = 0;
    for (; i + 64 <= length; i += 64) {
        a = _mm512_fmadd_ps(_mm512_loadu_ps(left + i), _mm512_loadu_ps(right + i), a);
        b = _mm512_fmadd_ps(_mm512_loadu_ps(left + i + 16), _mm512_loadu_ps(right + i + 16), b);
        c = _mm512_fmadd_ps(_mm512_loadu_ps(left + i + 32), _mm512_loadu_ps(right + i + 32), c);
        d = _mm512_fmadd_ps(_mm512_loadu_ps(left + i + 48), _mm512_loadu_ps(right + i + 48), d);
    }
    for (; i + 16 <= length; i += 16)
        a = _mm512_fmadd_ps(_mm512_loadu_ps(left + i), _mm512_loadu_ps(right + i), a);
    if (i < length) {
        const __mmask16 mask = static_cast<__mmask16>((1u << (length - i)) - 1);
        b = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, left + i), _mm512_maskz_loadu_ps(mask, right + i), b);
    }
    alignas(64) float sums[16];
    _mm512_store_ps(sums, _mm512_add_ps(_mm512_add_ps(a, b), _mm512_add_ps(c, d)));
    return sum(_mm256_add_ps(_mm256_load_ps(sums), _mm256_load_ps(sums + 8)));
}

#elif defined(__aarch64__)

float dot_neon(const float* left, const float* right, size_t length) {
    float32x4_t a = vdupq_n_f32(0), b = a, c = a, d = a;
    size_t i = 0;
    for (; i + 16 <= length; i += 16) {
        a = vfmaq_f32(a, vld1q_f32(left + i), vld1q_f32(right + i));
        b = vfmaq_f32(b, vld1q_f32(left + i + 4), vld1q_f32(right + i + 4));
        c = vfmaq_f32(c, vld1q_f32(left + i + 8), vld1q_f32(right + i + 8));
        d = vfmaq_f32(d, vld1q_f32(left + i + 12), vld1q_f32(right + i + 12));
    }
    float total = vaddvq_f32(vaddq_f32(vaddq_f32(a, b), vaddq_f32(c, d)));
    for (; i < length; i++) total += left[i] * right[i];
    return total;
}

#endif

struct Table {
    Kernel items[4];
    int count = 0;

    Table() {
#if defined(__x86_64__)
        __builtin_cpu_init();
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) items[count++] = {"avx512", dot_avx512};
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) items[count++] = {"avx2", dot_avx2};
#elif defined(__aarch64__)
        items[count++] = {"neon", dot_neon};
#endif
        items[count++] = {"plain", dot_plain};
    }
};

} // namespace

const Kernel* kernels(int* count) {
    static const Table table;
    if (count != nullptr) *count = table.count;
    return table.items;
}

} // namespace ma
