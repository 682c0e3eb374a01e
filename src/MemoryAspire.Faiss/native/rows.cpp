#include "rows.h"

#include <cstdlib>
#include <cstring>

#include "errors.h"

namespace ma {

Rows::Rows(int32_t node_capacity, int32_t row_capacity)
    : node_capacity_(node_capacity),
      row_capacity_(row_capacity),
      chunks_(reserve<Chunk*>((static_cast<size_t>(row_capacity) >> ChunkBits) + 1)),
      heads_(reserve<int32_t>(node_capacity)) {}

Rows::~Rows() {
    for (size_t i = 0; i <= static_cast<size_t>(row_capacity_) >> ChunkBits; i++) free(chunks_[i]);
}

int32_t Rows::add(const ma_row& row) {
    require(row.node >= 0 && row.node < node_capacity_, "There is no such node.");
    require(row.tenant != 0, "A row belongs to a tenant.");
    require(row.kind < 64, "There are 64 kinds at most.");
    std::lock_guard<std::mutex> guard(writer_);
    const int32_t number = count();
    if (number >= row_capacity_) throw Full("The rows' capacity is used up.");
    Chunk*& chunk = chunks_[number >> ChunkBits];
    if (chunk == nullptr) {
        chunk = static_cast<Chunk*>(aligned_alloc(64, sizeof(Chunk)));
        if (chunk == nullptr) throw std::bad_alloc();
    }
    Row& target = chunk->rows[number & ChunkMask];
    target = Row{row.node, heads_[row.node], row.tenant, row.user, row.agent, row.session, row.kind, 0,
        row.expires, row.born, UINT64_MAX, row.version};
    Rest& rest = chunk->rests[number & ChunkMask];
    rest.created = row.created;
    rest.updated = row.updated;
    memcpy(rest.id, row.id, sizeof row.id);
    count_.store(number + 1, std::memory_order_release);
    __atomic_store_n(&heads_[row.node], number + 1, __ATOMIC_RELEASE);
    return number;
}

void Rows::end(int32_t number, uint64_t died) {
    std::lock_guard<std::mutex> guard(writer_);
    require(number >= 0 && number < count(), "There is no such row.");
    Row& row = chunks_[number >> ChunkBits]->rows[number & ChunkMask];
    require(row.died == UINT64_MAX, "The row has ended already.");
    __atomic_store_n(&row.died, died, __ATOMIC_RELEASE);
}

void Rows::fill(int32_t number, float similarity, ma_hit* hit) const {
    memcpy(hit->id, rest(number).id, sizeof hit->id);
    hit->version = row(number).version;
    hit->similarity = similarity;
    hit->row = number;
}

} // namespace ma
