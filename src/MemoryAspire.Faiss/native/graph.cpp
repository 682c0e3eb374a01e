#include "graph.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <sys/mman.h>

#include "errors.h"
#include "kernels.h"

namespace ma {
namespace {

constexpr int32_t LevelMax = 15;
constexpr size_t Line = 64; // bytes the processor fetches at once
constexpr size_t HugePage = 2 << 20;
constexpr size_t ChunkSizeMin = 4 << 20;

size_t padded(size_t bytes) { return (bytes + Line - 1) / Line * Line; }

// Items of so many bytes in a chunk, as a power of two.
int chunk_bits(size_t bytes) {
    int bits = 6;
    while (bytes << bits < ChunkSizeMin) bits++;
    return bits;
}

template <class T>
T* new_chunk(size_t number, size_t size) {
    void* memory = nullptr;
    if (posix_memalign(&memory, HugePage, size) != 0) throw std::bad_alloc();
    // Searches jump from vector to vector: large pages save most of the walks through page tables. A graph that
    // fits one chunk is too small to gain. It is a wish; what comes of it does not matter.
    if (number > 0) (void)madvise(memory, size, MADV_HUGEPAGE);
    return static_cast<T*>(memory);
}

} // namespace

void Visited::next() {
    if (++mark_ != 0) return;
    memset(marks_.get(), 0, capacity_ * sizeof(uint16_t));
    mark_ = 1;
}

Graph::Graph(int32_t dimension, int32_t capacity, int32_t m, int32_t ef, int64_t seed)
    : dimension_(dimension),
      stride_(padded(dimension * sizeof(float)) / sizeof(float)),
      capacity_(capacity),
      chunk_bits_(chunk_bits(stride_ * sizeof(float))),
      chunk_mask_((1 << chunk_bits_) - 1),
      code_stride_(padded(dimension)),
      code_bits_(chunk_bits(code_stride_)),
      code_mask_((1 << code_bits_) - 1),
      hnsw_(m),
      linker_(*this, hnsw_, ef),
      chunks_(reserve<float*>(chunk_count())),
      inverses_(reserve<float>(capacity)),
      code_chunks_(reserve<int8_t*>(code_chunk_count())),
      scales_(reserve<float>(capacity)) {
    hnsw_.rng = faiss::RandomGenerator(seed);
    // Reserved once, so that nothing a search reads ever moves. Layers above the lowest hold a 1/m part of the
    // nodes in expectation; a level that would not fit is lowered in draw_level.
    const size_t n = capacity;
    hnsw_.levels.reserve(n);
    hnsw_.offsets.reserve(n + 1);
    hnsw_.neighbors.reserve(n * 2 * m + n / 4 * m + 16 * m);
    levels_ = hnsw_.levels.data();
    offsets_ = hnsw_.offsets.data();
    links_ = hnsw_.neighbors.data();
    for (int32_t level = 0; level <= LevelMax + 1; level++)
        starts_.push_back(static_cast<size_t>(2 * m) * (level > 0) + static_cast<size_t>(m) * (level > 1 ? level - 1 : 0));
    for (int32_t level = 0; level < static_cast<int32_t>(hnsw_.cum_nneighbor_per_level.size()) && level <= LevelMax + 1; level++)
        require(starts_[level] == static_cast<size_t>(hnsw_.cum_nb_neighbors(level)), "FAISS lays its links out differently.");
}

Graph::~Graph() {
    for (size_t i = 0; i < chunk_count(); i++) free(chunks_[i]);
    for (size_t i = 0; i < code_chunk_count(); i++) free(code_chunks_[i]);
}

int32_t Graph::draw_level() {
    int32_t level = std::min(hnsw_.random_level(), LevelMax);
    level = std::min(level, static_cast<int32_t>(hnsw_.cum_nneighbor_per_level.size()) - 2);
    while (level > 0 && hnsw_.offsets.back() + slots(level) + (capacity_ - linked() - 1) * static_cast<size_t>(slots(0)) > hnsw_.neighbors.capacity())
        level--;
    return level;
}

void Graph::store(int32_t node, const float* vector) {
    float*& chunk = chunks_[node >> chunk_bits_];
    if (chunk == nullptr) chunk = new_chunk<float>(node >> chunk_bits_, stride_ * sizeof(float) << chunk_bits_);
    int8_t*& code_chunk = code_chunks_[node >> code_bits_];
    if (code_chunk == nullptr) code_chunk = new_chunk<int8_t>(node >> code_bits_, code_stride_ << code_bits_);
    float* target = chunk + (node & chunk_mask_) * stride_;
    memcpy(target, vector, dimension_ * sizeof(float));
    memset(target + dimension_, 0, (stride_ - dimension_) * sizeof(float));
    double squares = 0;
    for (int32_t i = 0; i < dimension_; i++) squares += static_cast<double>(vector[i]) * vector[i];
    require(std::isfinite(squares), "A vector has a part that is not a finite number.");
    const auto inverse = static_cast<float>(1 / std::sqrt(squares));
    require(squares > 0 && std::isfinite(inverse) && inverse > 0, "A vector has no length.");
    int8_t* code = code_chunk + (node & code_mask_) * code_stride_;
    scales_[node] = encode(vector, dimension_, std::sqrt(squares), code);
    memset(code + dimension_, 0, code_stride_ - dimension_);
    inverses_[node] = inverse;
}

int32_t Graph::add(const float* vector) {
    std::lock_guard<std::mutex> guard(adding_);
    require(restoring_ < 0, "The graph is being restored.");
    if (broken_) throw std::runtime_error("Linking failed half way before; the graph takes no more.");
    const int32_t node = count();
    if (node >= capacity_) throw Full("The graph's capacity is used up.");
    store(node, vector);
    count_.store(node + 1, std::memory_order_release);
    return node;
}

void Graph::link(int32_t most) {
    for (; most > 0; most--) {
        // Let go after each node: who wants to read links waits for one at the most.
        std::lock_guard<std::mutex> guard(linking_);
        if (linked() == count()) return;
        link_next();
    }
}

void Graph::link_next() {
    require(restoring_ < 0, "The graph is being restored.");
    if (broken_) throw std::runtime_error("Linking failed half way before; the graph takes no more.");
    const int32_t node = linked();
    try {
        const int32_t level = draw_level();
        hnsw_.levels.push_back(level + 1);
        hnsw_.prepare_level_tab(1, true);
        linker_.link(node, level);
    } catch (...) {
        broken_ = true;
        throw;
    }
    publish(node);
}

void Graph::publish(int32_t node) {
    linked_.store(node + 1, std::memory_order_release);
    entry_.store(Entry{hnsw_.entry_point, hnsw_.max_level}, std::memory_order_release);
}

int32_t Graph::slots(int32_t level) const {
    require(level >= 0 && level <= LevelMax, "There is no such level.");
    return static_cast<int32_t>(starts_[level + 1]);
}

void Graph::check_range(int32_t first, int32_t count) const {
    require(first >= 0 && count >= 0 && first <= linked() - count, "There are no such nodes with links.");
}

int64_t Graph::link_total(int32_t first, int32_t count) const {
    return static_cast<int64_t>(hnsw_.offsets[first + count] - hnsw_.offsets[first]);
}

void Graph::read_levels(int32_t first, int32_t count, uint8_t* levels) {
    std::lock_guard<std::mutex> guard(linking_);
    check_range(first, count);
    for (int32_t i = 0; i < count; i++) levels[i] = static_cast<uint8_t>(hnsw_.levels[first + i] - 1);
}

void Graph::read_links(int32_t first, int32_t count, int32_t limit, int32_t* target, int64_t length) {
    std::lock_guard<std::mutex> guard(linking_);
    check_range(first, count);
    require(link_total(first, count) == length, "The links of these nodes have another length.");
    for (int32_t node = first; node < first + count; node++) {
        for (int32_t level = 0; level < hnsw_.levels[node]; level++) {
            size_t slots, kept = 0;
            const int32_t* list = links(node, level, &slots);
            for (size_t i = 0; i < slots && list[i] >= 0; i++)
                if (list[i] < limit) target[kept++] = list[i];
            std::fill(target + kept, target + slots, -1);
            target += slots;
        }
    }
}

void Graph::restore(const uint8_t* levels, int32_t linked, int32_t count) {
    std::scoped_lock guard(adding_, linking_);
    require(this->count() == 0 && restoring_ < 0 && !broken_, "Only an empty graph can be restored.");
    if (count > capacity_) throw Full("The graph's capacity is smaller than what is to be restored.");
    require(linked >= 0 && linked <= count, "More nodes have links than there are.");
    size_t total = static_cast<size_t>(count - linked) * slots(0);
    for (int32_t i = 0; i < linked; i++) {
        require(levels[i] <= LevelMax && levels[i] + 2u <= hnsw_.cum_nneighbor_per_level.size(), "A node's level is out of range.");
        total += slots(levels[i]);
    }
    if (total > hnsw_.neighbors.capacity()) throw Full("The graph's links do not fit its capacity.");
    broken_ = true; // until it is finished
    for (int32_t i = 0; i < linked; i++) hnsw_.levels.push_back(levels[i] + 1);
    hnsw_.prepare_level_tab(linked, true);
    restoring_ = count;
    restoring_linked_ = linked;
}

void Graph::restore_vectors(int32_t first, int32_t count, const float* vectors, int64_t length) {
    std::scoped_lock guard(adding_, linking_);
    require(restoring_ >= 0 && first >= 0 && count >= 0 && first <= restoring_ - count, "There are no such nodes to restore.");
    require(length == static_cast<int64_t>(count) * dimension_, "The vectors have another length.");
    for (int32_t i = 0; i < count; i++) store(first + i, vectors + static_cast<size_t>(i) * dimension_);
}

void Graph::restore_links(int32_t first, int32_t count, const int32_t* links, int64_t length) {
    std::scoped_lock guard(adding_, linking_);
    require(restoring_ >= 0 && first >= 0 && count >= 0 && first <= restoring_linked_ - count, "There are no such nodes to restore.");
    require(link_total(first, count) == length, "The links of these nodes have another length.");
    memcpy(hnsw_.neighbors.data() + hnsw_.offsets[first], links, length * sizeof(int32_t));
}

void Graph::restore_finish() {
    std::scoped_lock guard(adding_, linking_);
    require(restoring_ >= 0, "The graph is not being restored.");
    int32_t entry = -1, top = -1;
    for (int32_t node = 0; node < restoring_; node++) require(inverses_[node] > 0, "A vector is missing.");
    for (int32_t node = 0; node < restoring_linked_; node++) {
        const int32_t level = hnsw_.levels[node] - 1;
        if (level > top) top = level, entry = node; // as FAISS does: the first node of the highest layer
        for (int32_t layer = 0; layer <= level; layer++) {
            size_t length;
            const int32_t* list = links(node, layer, &length);
            for (size_t i = 0; i < length; i++)
                require(list[i] >= -1 && list[i] < restoring_linked_ && (list[i] < 0 || hnsw_.levels[list[i]] > layer), "A link points at nothing.");
        }
    }
    hnsw_.entry_point = entry;
    hnsw_.max_level = top;
    count_.store(restoring_, std::memory_order_release);
    if (restoring_linked_ > 0) publish(restoring_linked_ - 1);
    restoring_ = -1;
    broken_ = false;
}

std::unique_ptr<Visited> Graph::borrow() const {
    {
        std::lock_guard<std::mutex> guard(pool_lock_);
        if (!pool_.empty()) {
            auto visited = std::move(pool_.back());
            pool_.pop_back();
            return visited;
        }
    }
    return std::make_unique<Visited>(capacity_);
}

void Graph::give_back(std::unique_ptr<Visited> visited) const {
    std::lock_guard<std::mutex> guard(pool_lock_);
    pool_.push_back(std::move(visited));
}

} // namespace ma
