// Makes the links of a faiss::HNSW as FAISS does (Malkov and Yashunin, 2016), by codes, several at a time.
//
// FAISS itself asks for one distance after the other, and for twice as many links per new node in the lowest layer, each of
// which makes a full neighbour choose anew: most of the time goes there, and searches find the same without.
#pragma once

#include <cstdint>
#include <vector>

#include <faiss/impl/HNSW.h>

#include "codes.h"
#include "arrays.h"

namespace ma {

class Graph;

// One at a time; searches may run beside it: links are written one by one, and read so.
class Linker {
public:
    Linker(const Graph& graph, faiss::HNSW& hnsw, int32_t ef);

    // Links the node, whose levels are known to the HNSW, with those that are linked.
    void link(int32_t node, int32_t level);

private:
    struct Near {
        float similarity;
        int32_t node;
    };

    struct Candidate : Near {
        bool expanded;
    };

    struct List {
        int32_t* links;
        size_t length;
    };

    List list(int32_t node, int32_t level);
    void compare(int32_t node, const int32_t* others, size_t count, float* similarities);
    Near descend(int32_t node, Near nearest, int32_t level);
    void search(int32_t node, Near nearest, int32_t level);
    void offer(Near near);
    void choose(size_t most);
    bool is_apart(const Near& candidate);
    void connect(int32_t node, int32_t to, int32_t level);
    void write(const List& list);

    const Graph& graph_;
    faiss::HNSW& hnsw_;
    const size_t ef_;
    const CodeKernel& kernel_ = best_codes();
    Visited visited_;
    std::vector<Candidate> pool_; // the nearest so far, best first
    size_t changed_ = 0;          // the first place in the pool that is new
    std::vector<Near> near_, chosen_;
    std::vector<int32_t> fresh_;
    std::vector<float> similarities_;
    std::vector<const int8_t*> codes_;
    std::vector<int32_t> dots_;
};

} // namespace ma
