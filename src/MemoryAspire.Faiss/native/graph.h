// Vectors in our own storage, linked as a faiss::HNSW.
//
// Each vector is there twice: as it was sent, for exact results, and as an eight-bit code, by which links are made and walked.
//
// A vector that is added can be found at once; its links come later, in the order of addition, by whoever has the time.
// Until then searches compare it itself. Adding and linking have a lock each, so that adding never waits for links.
//
// A search may run beside the one writer and the one who links: every array has its final address from the start, the memory
// behind it is touched as it fills, and a node counts only when its vector, level and links are complete. Lists of links are
// rewritten in place: a search takes what it reads for a hint, and checks that such a node exists.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <faiss/impl/HNSW.h>

#include "codes.h"
#include "linker.h"
#include "arrays.h"

namespace ma {

class Graph {
public:
    struct Entry {
        int32_t node;  // -1: empty
        int32_t level; // 0: the lowest layer
    };

    Graph(int32_t dimension, int32_t capacity, int32_t m, int32_t ef, int64_t seed);
    ~Graph();
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;

    int32_t dimension() const { return dimension_; }
    size_t stride() const { return stride_; }
    int32_t capacity() const { return capacity_; }
    // Nodes that have a vector.
    int32_t count() const { return count_.load(std::memory_order_acquire); }
    // Nodes that have links: the first of them.
    int32_t linked() const { return linked_.load(std::memory_order_acquire); }

    int32_t add(const float* vector);
    // Links so many nodes at most.
    void link(int32_t most);

    // The vector, padded with zeros to stride() floats.
    const float* vector(int32_t node) const { return chunks_[node >> chunk_bits_] + (node & chunk_mask_) * stride_; }
    // 1 / length, so that any vector gives a cosine.
    float inverse(int32_t node) const { return inverses_[node]; }

    // The vector's code, padded with zeros to code_stride(); times both scales, inner products are cosines, nearly.
    const int8_t* code(int32_t node) const { return code_chunks_[node >> code_bits_] + (node & code_mask_) * code_stride_; }
    size_t code_stride() const { return code_stride_; }
    float scale(int32_t node) const { return scales_[node]; }
    // Read before linked(), which then includes it.
    Entry entry() const { return entry_.load(std::memory_order_acquire); }

    bool has(int32_t node, int32_t level) const { return levels_[node] > level; }

    // The neighbours of a linked node on a level that it has: below 0 is the end, linked() and beyond is to be passed over.
    const int32_t* links(int32_t node, int32_t level, size_t* length) const {
        const size_t start = offsets_[node] + starts_[level];
        *length = starts_[level + 1] - starts_[level];
        return links_ + start;
    }

    int32_t slots(int32_t level) const;
    void read_levels(int32_t first, int32_t count, uint8_t* levels);
    void read_links(int32_t first, int32_t count, int32_t limit, int32_t* target, int64_t length);
    void restore(const uint8_t* levels, int32_t linked, int32_t count);
    void restore_vectors(int32_t first, int32_t count, const float* vectors, int64_t length);
    void restore_links(int32_t first, int32_t count, const int32_t* links, int64_t length);
    void restore_finish();

    std::unique_ptr<Visited> borrow() const;
    void give_back(std::unique_ptr<Visited> visited) const;

private:
    size_t chunk_count() const { return (static_cast<size_t>(capacity_) >> chunk_bits_) + 1; }
    size_t code_chunk_count() const { return (static_cast<size_t>(capacity_) >> code_bits_) + 1; }
    void store(int32_t node, const float* vector);
    void link_next();
    void publish(int32_t node);
    int32_t draw_level();
    void check_range(int32_t first, int32_t count) const;
    int64_t link_total(int32_t first, int32_t count) const;

    const int32_t dimension_;
    const size_t stride_;
    const int32_t capacity_;
    const int chunk_bits_;
    const int32_t chunk_mask_;
    const size_t code_stride_;
    const int code_bits_;
    const int32_t code_mask_;

    std::mutex adding_;
    std::mutex linking_;
    faiss::HNSW hnsw_;
    Linker linker_;
    std::atomic<bool> broken_{false};
    int32_t restoring_ = -1; // nodes to come
    int32_t restoring_linked_ = 0;

    Array<float*> chunks_;
    Array<float> inverses_;
    Array<int8_t*> code_chunks_;
    Array<float> scales_;
    const int* levels_ = nullptr;
    const size_t* offsets_ = nullptr;
    const int32_t* links_ = nullptr;
    std::vector<size_t> starts_;
    std::atomic<int32_t> count_{0};
    std::atomic<int32_t> linked_{0};
    std::atomic<Entry> entry_{Entry{-1, 0}};

    mutable std::mutex pool_lock_;
    mutable std::vector<std::unique_ptr<Visited>> pool_;
};

} // namespace ma
