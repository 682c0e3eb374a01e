#include "search.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "codes.h"
#include "errors.h"
#include "kernels.h"

namespace ma {
namespace {

struct Scored {
    float similarity;
    int32_t number; // a row or a node
};

// Nearer first; among equals the older, so that an answer does not depend on the path to it.
bool nearer(const Scored& left, const Scored& right) {
    return left.similarity != right.similarity ? left.similarity > right.similarity : left.number < right.number;
}

bool farther(const Scored& left, const Scored& right) { return nearer(right, left); }

// The k nearest so far; the farthest of them on top.
class Best {
public:
    explicit Best(size_t k) : k_(k) { items_.reserve(std::min<size_t>(k, 1024)); }

    bool full() const { return items_.size() >= k_; }
    float worst() const { return items_.front().similarity; }
    bool admits(float similarity) const { return !full() || similarity >= worst(); }

    void offer(Scored item) {
        if (full()) {
            if (!nearer(item, items_.front())) return;
            std::pop_heap(items_.begin(), items_.end(), nearer);
            items_.back() = item;
        } else {
            items_.push_back(item);
        }
        std::push_heap(items_.begin(), items_.end(), nearer);
    }

    // In no order.
    std::vector<Scored>& all() { return items_; }

    std::vector<Scored>& sorted() {
        std::sort(items_.begin(), items_.end(), nearer);
        return items_;
    }

private:
    const size_t k_;
    std::vector<Scored> items_;
};

// The query, of unit length and padded like the stored vectors.
class Query {
public:
    Query(const float* query, const Graph& graph) : padded_(graph.stride() + 16) {
        double squares = 0;
        for (int32_t i = 0; i < graph.dimension(); i++) squares += static_cast<double>(query[i]) * query[i];
        require(std::isfinite(squares), "The query has a part that is not a finite number.");
        require(squares > 0, "The query has no length.");
        const auto address = reinterpret_cast<uintptr_t>(padded_.data());
        start_ = padded_.data() + ((64 - address % 64) % 64) / sizeof(float);
        const double inverse = 1 / std::sqrt(squares);
        for (int32_t i = 0; i < graph.dimension(); i++) start_[i] = static_cast<float>(query[i] * inverse);
    }

    const float* data() const { return start_; }

    // As an eight-bit code, padded likewise, and its scale.
    std::vector<int8_t> code(const Graph& graph, float* scale) const {
        std::vector<int8_t> code(graph.code_stride());
        *scale = encode(start_, graph.dimension(), 1, code.data());
        return code;
    }

private:
    std::vector<float> padded_;
    float* start_;
};

void prefetch(const float* vector, size_t stride) {
    for (size_t i = 0; i < stride; i += 16) __builtin_prefetch(vector + i);
}

// Called between blocks of distances: a search that nobody waits for costs no more than one of them.
void check(const int32_t* stop) {
    if (stop != nullptr && __atomic_load_n(stop, __ATOMIC_RELAXED) != 0) throw Stopped("The search was stopped.");
}

float cosine(float similarity) { return std::clamp(similarity, -1.0f, 1.0f); }

class Borrowed {
public:
    explicit Borrowed(const Graph& graph) : graph_(graph), visited_(graph.borrow()) { visited_->next(); }
    ~Borrowed() { graph_.give_back(std::move(visited_)); }
    Visited* operator->() const { return visited_.get(); }

private:
    const Graph& graph_;
    std::unique_ptr<Visited> visited_;
};

bool any_passes(const Rows& rows, int32_t node, const ma_filter& filter) {
    for (int32_t next = rows.head(node); next != 0;) {
        if (rows.passes(next - 1, filter)) return true;
        next = rows.row(next - 1).next;
    }
    return false;
}

class Walk {
public:
    Walk(const Graph& graph, const Rows& rows, const float* query, const ma_filter& filter, int32_t ef, int64_t budget, const int32_t* stop)
        : graph_(graph), rows_(rows), filter_(filter), query_(query, graph), code_(query_.code(graph, &scale_)), best_(ef), budget_(budget), stop_(stop), visited_(graph) {}

    bool run() {
        const auto entry = graph_.entry();
        linked_ = graph_.linked();
        bool complete = true;
        if (entry.node >= 0) {
            Scored nearest = compare_one(entry.node);
            for (int32_t level = entry.level; level > 0; level--) nearest = descend(nearest, level);
            complete = beam(nearest);
        }
        compare_unlinked();
        return complete;
    }

    // Codes chose them; the vectors as they were sent give the scores and the order.
    std::vector<Scored>& nodes() {
        constexpr size_t Ahead = 2;
        const Dot dot = best_dot();
        auto& nodes = best_.all();
        for (size_t i = 0; i < nodes.size(); i++) {
            if (i + Ahead < nodes.size()) prefetch(graph_.vector(nodes[i + Ahead].number), graph_.stride());
            nodes[i].similarity = dot(query_.data(), graph_.vector(nodes[i].number), graph_.stride()) * graph_.inverse(nodes[i].number);
        }
        std::sort(nodes.begin(), nodes.end(), nearer);
        return nodes;
    }

private:
    static constexpr size_t Block = 256; // more than a list of links is long

    // The similarities of block_'s first nodes to found_.
    void compare(size_t count) {
        const size_t length = graph_.code_stride();
        for (size_t i = 0; i < count; i++) {
            codes_[i] = graph_.code(block_[i]);
            prefetch_code(codes_[i], length);
        }
        kernel_.dots(code_.data(), codes_, count, length, dots_);
        for (size_t i = 0; i < count; i++) found_[i] = static_cast<float>(dots_[i]) * scale_ * graph_.scale(block_[i]);
        spent_ += static_cast<int64_t>(count);
    }

    Scored compare_one(int32_t node) {
        block_[0] = node;
        compare(1);
        return {found_[0], node};
    }

    Scored descend(Scored nearest, int32_t level) {
        for (bool moved = true; moved;) {
            moved = false;
            size_t length, count = 0;
            const int32_t* links = graph_.links(nearest.number, level, &length);
            for (size_t i = 0; i < length; i++) {
                const int32_t node = __atomic_load_n(&links[i], __ATOMIC_RELAXED);
                if (node < 0) break;
                if (node < linked_ && graph_.has(node, level)) block_[count++] = node;
            }
            compare(count);
            for (size_t i = 0; i < count; i++)
                if (found_[i] > nearest.similarity) nearest = {found_[i], block_[i]}, moved = true;
        }
        return nearest;
    }

    // The lowest layer: the most promising candidate first, until none can improve the best.
    bool beam(Scored start) {
        std::vector<Scored> candidates{start};
        visited_->first(start.number);
        consider(start);
        while (!candidates.empty()) {
            std::pop_heap(candidates.begin(), candidates.end(), farther);
            const Scored candidate = candidates.back();
            candidates.pop_back();
            if (best_.full() && candidate.similarity < best_.worst()) return true;
            if (spent_ > budget_) return false;
            check(stop_);
            const size_t count = gather(candidate.number);
            compare(count);
            for (size_t i = 0; i < count; i++) {
                if (!best_.admits(found_[i])) continue;
                const Scored next{found_[i], block_[i]};
                candidates.push_back(next);
                std::push_heap(candidates.begin(), candidates.end(), farther);
                consider(next);
            }
        }
        return true;
    }

    // What no link leads to yet.
    void compare_unlinked() {
        const int32_t total = graph_.count();
        for (int32_t at = linked_; at < total;) {
            size_t count = 0;
            check(stop_);
            while (count < Block && at < total) block_[count++] = at++;
            compare(count);
            for (size_t i = 0; i < count; i++)
                if (best_.admits(found_[i])) consider({found_[i], block_[i]});
        }
    }

    size_t gather(int32_t node) {
        size_t length, count = 0;
        const int32_t* links = graph_.links(node, 0, &length);
        for (size_t i = 0; i < length; i++) {
            const int32_t next = __atomic_load_n(&links[i], __ATOMIC_RELAXED);
            if (next < 0) break;
            if (next < linked_ && visited_->first(next)) block_[count++] = next;
        }
        return count;
    }

    void consider(Scored node) {
        if (any_passes(rows_, node.number, filter_)) best_.offer(node);
    }

    const Graph& graph_;
    const Rows& rows_;
    const ma_filter& filter_;
    const Query query_;
    float scale_ = 0; // before the code, which sets it
    const std::vector<int8_t> code_;
    const CodeKernel& kernel_ = best_codes();
    Best best_;
    const int64_t budget_;
    const int32_t* stop_;
    int64_t spent_ = 0;
    int32_t linked_ = 0; // nodes that are linked later are not walked to
    Borrowed visited_;
    int32_t block_[Block];
    const int8_t* codes_[Block];
    int32_t dots_[Block];
    float found_[Block];
};

} // namespace

int32_t scan(const Graph& graph, const Rows& rows, const int32_t* list, int64_t length, const float* query,
    const ma_filter& filter, int32_t k, const int32_t* stop, ma_hit* hits, int64_t* matched) {
    constexpr int64_t Block = 64, Ahead = 4;
    const Query unit(query, graph);
    const Dot dot = best_dot();
    const size_t stride = graph.stride();
    const int32_t row_count = rows.count(), node_count = graph.count();
    Best best(k);
    int64_t passed = 0;
    int32_t block[Block];
    for (int64_t at = 0; at < length; at += Block) {
        int64_t count = 0;
        check(stop);
        for (int64_t i = at; i < std::min(at + Block, length); i++) {
            require(list[i] >= 0 && list[i] < row_count, "There is no such row.");
            if (rows.passes(list[i], filter)) block[count++] = list[i];
        }
        for (int64_t i = 0; i < count; i++) {
            if (i + Ahead < count) prefetch(graph.vector(rows.row(block[i + Ahead]).node), stride);
            const int32_t node = rows.row(block[i]).node;
            require(node < node_count, "A row points at a node that is not there.");
            const float similarity = dot(unit.data(), graph.vector(node), stride) * graph.inverse(node);
            if (cosine(similarity) < filter.least) continue;
            passed++;
            if (best.admits(similarity)) best.offer({similarity, block[i]});
        }
    }
    int32_t count = 0;
    for (const auto& item : best.sorted()) rows.fill(item.number, cosine(item.similarity), &hits[count++]);
    *matched = passed;
    return count;
}

int32_t walk(const Graph& graph, const Rows& rows, const float* query, const ma_filter& filter, int32_t k,
    int32_t ef, int64_t budget, const int32_t* stop, ma_hit* hits, int32_t* complete) {
    require(rows.node_capacity() >= graph.count(), "The rows belong to another graph.");
    Walk walk(graph, rows, query, filter, std::max(ef, k), budget, stop);
    *complete = walk.run();
    int32_t count = 0;
    for (const auto& node : walk.nodes()) {
        if (cosine(node.similarity) < filter.least) {
            if (*complete != 0) *complete = 2;
            break;
        }
        for (int32_t next = rows.head(node.number); next != 0 && count < k;) {
            if (rows.passes(next - 1, filter)) rows.fill(next - 1, cosine(node.similarity), &hits[count++]);
            next = rows.row(next - 1).next;
        }
        if (count == k) break;
    }
    return count;
}

int64_t count(const Rows& rows, const int32_t* list, int64_t length, const ma_filter& filter) {
    int64_t passed = 0;
    const int32_t row_count = rows.count();
    for (int64_t i = 0; i < length; i++) {
        require(list[i] >= 0 && list[i] < row_count, "There is no such row.");
        passed += rows.passes(list[i], filter);
    }
    return passed;
}

} // namespace ma
