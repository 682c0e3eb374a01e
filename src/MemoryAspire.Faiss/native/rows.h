// The memories behind the nodes: what a search filters on and gives back.
//
// Rows are appended and never reused, so that a search needs no lock: it sees the rows of its snapshot. An
// update ends one row and begins another in the same snapshot. Several memories with one vector share a node:
// they form a chain, newest first.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "graph.h"
#include "memoryaspire_faiss.h"

namespace ma {

class Rows {
public:
    // One cache line: all that decides whether a row is seen.
    struct alignas(64) Row {
        int32_t node;
        int32_t next; // row + 1; 0: the chain's end
        uint32_t tenant, user, agent, session, kind;
        uint32_t unused;
        int64_t expires;
        uint64_t born;
        uint64_t died;
        int64_t version;

        bool passes(const ma_filter& filter) const {
            return tenant == filter.tenant
                && (filter.user == 0 || user == filter.user)
                && (filter.agent == 0 || agent == filter.agent)
                && (filter.session == 0 || session == filter.session)
                && (filter.kinds >> kind & 1) != 0
                && expires > filter.now
                && born <= filter.snapshot
                && filter.snapshot < __atomic_load_n(&died, __ATOMIC_ACQUIRE);
        }
    };

    Rows(int32_t node_capacity, int32_t row_capacity);
    ~Rows();
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    int32_t add(const ma_row& row);
    void end(int32_t number, uint64_t died);

    int32_t node_capacity() const { return node_capacity_; }
    int32_t count() const { return count_.load(std::memory_order_acquire); }
    // Whether a search sees the row.
    bool passes(int32_t number, const ma_filter& filter) const { return row(number).passes(filter) && (filter.timed == 0 || rest(number).passes(filter)); }
    const Row& row(int32_t number) const { return chunks_[number >> ChunkBits]->rows[number & ChunkMask]; }
    // The first row of a node's chain, plus one; 0 when there is none.
    int32_t head(int32_t node) const { return __atomic_load_n(&heads_[node], __ATOMIC_ACQUIRE); }
    void fill(int32_t number, float similarity, ma_hit* hit) const;

private:
    static constexpr int ChunkBits = 11;
    static constexpr int32_t ChunkMask = (1 << ChunkBits) - 1;

    // What few searches look at before a row is a hit.
    struct Rest {
        int64_t created;
        int64_t updated;
        uint8_t id[16];

        bool passes(const ma_filter& filter) const {
            return filter.created_from <= created && created < filter.created_to && filter.updated_from <= updated && updated < filter.updated_to;
        }
    };

    struct Chunk {
        Row rows[1 << ChunkBits];
        Rest rests[1 << ChunkBits];
    };

    const Rest& rest(int32_t number) const { return chunks_[number >> ChunkBits]->rests[number & ChunkMask]; }

    const int32_t node_capacity_;
    const int32_t row_capacity_;
    std::mutex writer_;
    Array<Chunk*> chunks_;
    Array<int32_t> heads_;
    std::atomic<int32_t> count_{0};
};

} // namespace ma
