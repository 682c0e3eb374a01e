#include "linker.h"

#include <algorithm>

#include "graph.h"

namespace ma {
namespace {

// Searches read beside it.
void set(int32_t* link, int32_t node) { __atomic_store_n(link, node, __ATOMIC_RELAXED); }

template <class T, class U>
bool nearer(const T& left, const U& right) {
    return left.similarity != right.similarity ? left.similarity > right.similarity : left.node < right.node;
}

} // namespace

Linker::Linker(const Graph& graph, faiss::HNSW& hnsw, int32_t ef)
    : graph_(graph), hnsw_(hnsw), ef_(ef), visited_(graph.capacity()) {
    pool_.reserve(ef_ + 1);
}

void Linker::link(int32_t node, int32_t level) {
    if (hnsw_.entry_point < 0) {
        hnsw_.entry_point = node;
        hnsw_.max_level = level;
        return;
    }
    const auto entry = static_cast<int32_t>(hnsw_.entry_point);
    float similarity;
    compare(node, &entry, 1, &similarity);
    Near nearest{similarity, entry};
    int32_t layer = hnsw_.max_level;
    for (; layer > level; layer--) nearest = descend(node, nearest, layer);
    const auto most = static_cast<size_t>(hnsw_.nb_neighbors(1));
    for (; layer >= 0; layer--) {
        search(node, nearest, layer);
        nearest = pool_.front();
        near_.assign(pool_.begin(), pool_.end());
        choose(most);
        write(list(node, layer));
        const auto chosen = chosen_;
        for (const auto& other : chosen) connect(other.node, node, layer);
    }
    if (level > hnsw_.max_level) {
        hnsw_.max_level = level;
        hnsw_.entry_point = node;
    }
}

Linker::List Linker::list(int32_t node, int32_t level) {
    size_t begin, end;
    hnsw_.neighbor_range(node, level, &begin, &end);
    return {hnsw_.neighbors.data() + begin, end - begin};
}

void Linker::compare(int32_t node, const int32_t* others, size_t count, float* similarities) {
    const size_t length = graph_.code_stride();
    codes_.resize(count);
    dots_.resize(count);
    for (size_t i = 0; i < count; i++) {
        codes_[i] = graph_.code(others[i]);
        prefetch_code(codes_[i], length);
    }
    kernel_.dots(graph_.code(node), codes_.data(), count, length, dots_.data());
    const float scale = graph_.scale(node);
    for (size_t i = 0; i < count; i++) similarities[i] = static_cast<float>(dots_[i]) * scale * graph_.scale(others[i]);
}

Linker::Near Linker::descend(int32_t node, Near nearest, int32_t level) {
    for (bool moved = true; moved;) {
        moved = false;
        const List links = list(nearest.node, level);
        fresh_.clear();
        for (size_t i = 0; i < links.length && links.links[i] >= 0; i++) fresh_.push_back(links.links[i]);
        similarities_.resize(fresh_.size());
        compare(node, fresh_.data(), fresh_.size(), similarities_.data());
        for (size_t i = 0; i < fresh_.size(); i++)
            if (similarities_[i] > nearest.similarity) nearest = {similarities_[i], fresh_[i]}, moved = true;
    }
    return nearest;
}

// The ef nearest that a walk along the layer meets.
void Linker::search(int32_t node, Near nearest, int32_t level) {
    visited_.next();
    visited_.first(nearest.node);
    pool_.assign(1, Candidate{nearest, false});
    for (size_t at = 0; at < pool_.size();) {
        if (pool_[at].expanded) {
            at++;
            continue;
        }
        pool_[at].expanded = true;
        const List links = list(pool_[at].node, level);
        fresh_.clear();
        for (size_t i = 0; i < links.length && links.links[i] >= 0; i++)
            if (visited_.first(links.links[i])) fresh_.push_back(links.links[i]);
        similarities_.resize(fresh_.size());
        compare(node, fresh_.data(), fresh_.size(), similarities_.data());
        changed_ = at + 1;
        for (size_t i = 0; i < fresh_.size(); i++) offer({similarities_[i], fresh_[i]});
        at = changed_;
    }
}

void Linker::offer(Near near) {
    const bool full = pool_.size() == ef_;
    if (full && near.similarity <= pool_.back().similarity) return;
    const auto place = std::upper_bound(pool_.begin(), pool_.end(), near, nearer<Near, Candidate>) - pool_.begin();
    if (full) pool_.pop_back();
    pool_.insert(pool_.begin() + place, Candidate{near, false});
    changed_ = std::min(changed_, static_cast<size_t>(place));
}

// Of near_ into chosen_: those that are nearer to the node than to any chosen before, so that links lead into all directions.
void Linker::choose(size_t most) {
    std::sort(near_.begin(), near_.end(), nearer<Near, Near>);
    chosen_.clear();
    const bool all = near_.size() < most;
    for (const auto& candidate : near_) {
        if (chosen_.size() == most) return;
        if (all || is_apart(candidate)) chosen_.push_back(candidate);
    }
}

bool Linker::is_apart(const Near& candidate) {
    constexpr size_t Together = 8;
    int32_t others[Together];
    float similarities[Together];
    for (size_t at = 0; at < chosen_.size(); at += Together) {
        const size_t count = std::min(Together, chosen_.size() - at);
        for (size_t i = 0; i < count; i++) others[i] = chosen_[at + i].node;
        compare(candidate.node, others, count, similarities);
        for (size_t i = 0; i < count; i++)
            if (similarities[i] > candidate.similarity) return false;
    }
    return true;
}

// Adds a link to a node; a full list keeps those that lead farthest apart.
void Linker::connect(int32_t node, int32_t to, int32_t level) {
    const List links = list(node, level);
    if (links.links[links.length - 1] < 0) {
        size_t end = links.length;
        while (end > 0 && links.links[end - 1] < 0) end--;
        set(&links.links[end], to);
        return;
    }
    fresh_.assign(links.links, links.links + links.length);
    fresh_.push_back(to);
    similarities_.resize(fresh_.size());
    compare(node, fresh_.data(), fresh_.size(), similarities_.data());
    near_.clear();
    for (size_t i = 0; i < fresh_.size(); i++) near_.push_back({similarities_[i], fresh_[i]});
    choose(links.length);
    write(links);
}

void Linker::write(const List& list) {
    for (size_t i = 0; i < list.length; i++) set(&list.links[i], i < chosen_.size() ? chosen_[i].node : -1);
}

} // namespace ma
