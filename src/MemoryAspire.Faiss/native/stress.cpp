// Searches beside one writer, for the thread sanitizer:
//
//   cmake -S src/MemoryAspire.Faiss/native -B /tmp/stress -DSTRESS=ON && cmake --build /tmp/stress --target stress
//   TSAN_OPTIONS=history_size=7 /tmp/stress/stress
//
// FAISS itself comes from an archive that the sanitizer does not see into: what it checks is our part.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

#include "memoryaspire_faiss.h"

namespace {

constexpr int Dimension = 24, Count = 8000, Searchers = 3, K = 10;

void check(int32_t status, const char* call) {
    if (status == MA_OK) return;
    std::fprintf(stderr, "%s: %s\n", call, ma_error());
    std::abort();
}

std::vector<float> vector(std::mt19937& random) {
    std::normal_distribution<float> normal;
    std::vector<float> values(Dimension);
    for (auto& value : values) value = normal(random);
    return values;
}

struct Shared {
    ma_graph* graph;
    ma_rows* rows;
    std::atomic<uint64_t> snapshot{0};
    std::atomic<int32_t> added{0};
    std::atomic<bool> done{false};
};

// Every row lives for the snapshots [i, i + Count / 2): at most so many are ever seen at once.
void write(Shared& shared) {
    std::mt19937 random(1);
    for (int32_t i = 0; i < Count; i++) {
        int32_t node, number;
        check(ma_graph_add(shared.graph, vector(random).data(), Dimension, &node), "add");
        ma_row row{node, 1, 0, 0, 0, 0, INT64_MAX, static_cast<uint64_t>(i), 1, 0, 0, {}};
        check(ma_rows_add(shared.rows, &row, &number), "row");
        if (i >= Count / 2) check(ma_rows_end(shared.rows, i - Count / 2, i), "end");
        shared.added.store(i + 1, std::memory_order_release);
        shared.snapshot.store(i, std::memory_order_release);
        if (i % 500 == 0) {
            int32_t unlinked;
            check(ma_graph_link(shared.graph, Count, &unlinked), "link");
            if (unlinked != 0) std::abort();
            std::vector<uint8_t> levels(i + 1);
            check(ma_graph_levels(shared.graph, 0, i + 1, levels.data()), "levels");
        }
    }
    shared.done = true;
}

// Beside the writer, as the index does it.
void link(Shared& shared) {
    int32_t unlinked;
    while (!shared.done) check(ma_graph_link(shared.graph, 8, &unlinked), "link");
}

void search(Shared& shared, unsigned seed, long& searches) {
    std::mt19937 random(seed);
    std::vector<int32_t> list(Count);
    for (int32_t i = 0; i < Count; i++) list[i] = i;
    ma_hit hits[K];
    while (!shared.done) {
        const auto query = vector(random);
        const uint64_t snapshot = shared.snapshot.load(std::memory_order_acquire);
        const int32_t added = shared.added.load(std::memory_order_acquire);
        const ma_filter filter{1, 0, 0, 0, ~0ull, 0, snapshot, 0, 0, 0, 0, 0, -2};
        int32_t count, complete;
        int64_t matched;
        if (searches++ % 4 == 0) {
            check(ma_scan(shared.graph, shared.rows, list.data(), added, query.data(), Dimension, &filter, K, nullptr, hits, &count, &matched), "scan");
            const auto expected = std::min<int64_t>(snapshot + 1, Count / 2);
            if (added > 0 && matched != expected) std::fprintf(stderr, "%ld rows seen, not %ld\n", (long)matched, (long)expected), std::abort();
        } else {
            check(ma_walk(shared.graph, shared.rows, query.data(), Dimension, &filter, K, 32, INT64_MAX, nullptr, hits, &count, &complete), "walk");
        }
        for (int32_t i = 1; i < count; i++)
            if (hits[i].similarity > hits[i - 1].similarity) std::abort();
    }
}

} // namespace

int main() {
    Shared shared;
    check(ma_graph_create(Dimension, Count, 8, 40, 1, &shared.graph), "graph");
    check(ma_rows_create(Count, Count, &shared.rows), "rows");
    std::vector<std::thread> threads;
    std::vector<long> searches(Searchers);
    for (int i = 0; i < Searchers; i++) threads.emplace_back(search, std::ref(shared), i + 2, std::ref(searches[i]));
    threads.emplace_back(link, std::ref(shared));
    write(shared);
    for (auto& thread : threads) thread.join();
    long total = 0;
    for (long each : searches) total += each;
    std::printf("%d additions, %ld searches\n", Count, total);
    ma_rows_destroy(shared.rows);
    ma_graph_destroy(shared.graph);
}
