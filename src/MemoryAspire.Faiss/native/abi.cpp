// Where C++ ends: arguments are checked, exceptions become a status and a message.
#include "memoryaspire_faiss.h"

#include <sys/resource.h>
#include <cmath>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "codes.h"
#include "errors.h"
#include "graph.h"
#include "kernels.h"
#include "rows.h"
#include "search.h"
#include "times.h"

struct ma_graph {
    ma::Graph graph;
};

struct ma_rows {
    ma::Rows rows;
};

namespace {

constexpr int32_t DimensionMax = 16384;
constexpr int32_t HitsMax = 1 << 20;

// A fixed array: saying that memory is short must not need memory.
thread_local char message[256];

int32_t fail(int32_t status, const char* text) {
    strncpy(message, text, sizeof message - 1);
    return status;
}

template <class Body>
int32_t guarded(Body body) noexcept {
    try {
        body();
        return MA_OK;
    } catch (const ma::Invalid& failure) {
        return fail(MA_INVALID, failure.what());
    } catch (const ma::Full& failure) {
        return fail(MA_FULL, failure.what());
    } catch (const ma::Stopped& failure) {
        return fail(MA_STOPPED, failure.what());
    } catch (const std::bad_alloc&) {
        return fail(MA_MEMORY, "There is not enough memory.");
    } catch (const std::exception& failure) {
        return fail(MA_INTERNAL, failure.what());
    } catch (...) {
        return fail(MA_INTERNAL, "An unknown failure.");
    }
}

void require_vector(const float* vector, int32_t dimension, const ma_graph* graph) {
    ma::require(graph != nullptr && vector != nullptr, "A pointer is null.");
    ma::require(dimension == graph->graph.dimension(), "The vector has another dimension than the graph.");
    for (int32_t i = 0; i < dimension; i++)
        ma::require(std::isfinite(vector[i]), "A vector has a part that is not a finite number.");
}

void require_filter(const ma_filter* filter) {
    ma::require(filter != nullptr, "A pointer is null.");
    ma::require(filter->tenant != 0, "A search belongs to a tenant.");
}

} // namespace

const char* ma_error() { return message; }

int32_t ma_graph_create(int32_t dimension, int32_t capacity, int32_t m, int32_t ef, int64_t seed, ma_graph** graph) {
    return guarded([&] {
        ma::require(graph != nullptr, "A pointer is null.");
        ma::require(dimension >= 1 && dimension <= DimensionMax, "The dimension is out of range.");
        ma::require(capacity >= 1 && capacity <= INT32_MAX / 2, "The capacity is out of range.");
        ma::require(m >= 4 && m <= 64, "m is out of range.");
        ma::require(ef >= m && ef <= 4096, "ef is out of range.");
        *graph = new ma_graph{{dimension, capacity, m, ef, seed}};
    });
}

void ma_graph_destroy(ma_graph* graph) { delete graph; }

int32_t ma_graph_count(const ma_graph* graph, int32_t* count) {
    return guarded([&] {
        ma::require(graph != nullptr && count != nullptr, "A pointer is null.");
        *count = graph->graph.count();
    });
}

int32_t ma_graph_linked(const ma_graph* graph, int32_t* linked) {
    return guarded([&] {
        ma::require(graph != nullptr && linked != nullptr, "A pointer is null.");
        *linked = graph->graph.linked();
    });
}

int32_t ma_graph_add(ma_graph* graph, const float* vector, int32_t dimension, int32_t* node) {
    return guarded([&] {
        require_vector(vector, dimension, graph);
        ma::require(node != nullptr, "A pointer is null.");
        *node = graph->graph.add(vector);
    });
}

int32_t ma_graph_link(ma_graph* graph, int32_t most, int32_t* unlinked) {
    return guarded([&] {
        ma::require(graph != nullptr && unlinked != nullptr, "A pointer is null.");
        ma::require(most >= 0, "The number of nodes is below 0.");
        graph->graph.link(most);
        // In this order: a node that is added in between counts as unlinked.
        const int32_t linked = graph->graph.linked();
        *unlinked = graph->graph.count() - linked;
    });
}

int32_t ma_yield_to_others() {
    return guarded([] {
        constexpr int Niceness = 10;
        // On Linux the niceness is that of the thread. That it cannot be had only costs the others some time.
        (void)setpriority(PRIO_PROCESS, 0, Niceness);
    });
}

int32_t ma_graph_vectors(const ma_graph* graph, int32_t first, int32_t count, float* vectors, int64_t length) {
    return guarded([&] {
        ma::require(graph != nullptr && vectors != nullptr, "A pointer is null.");
        const auto& from = graph->graph;
        ma::require(first >= 0 && count >= 0 && first <= from.count() - count, "There are no such nodes.");
        ma::require(length == static_cast<int64_t>(count) * from.dimension(), "The vectors have another length.");
        for (int32_t i = 0; i < count; i++)
            memcpy(vectors + static_cast<size_t>(i) * from.dimension(), from.vector(first + i), from.dimension() * sizeof(float));
    });
}

int32_t ma_graph_slots(const ma_graph* graph, int32_t level, int32_t* slots) {
    return guarded([&] {
        ma::require(graph != nullptr && slots != nullptr, "A pointer is null.");
        *slots = graph->graph.slots(level);
    });
}

int32_t ma_graph_levels(ma_graph* graph, int32_t first, int32_t count, uint8_t* levels) {
    return guarded([&] {
        ma::require(graph != nullptr && levels != nullptr, "A pointer is null.");
        graph->graph.read_levels(first, count, levels);
    });
}

int32_t ma_graph_links(ma_graph* graph, int32_t first, int32_t count, int32_t limit, int32_t* links, int64_t length) {
    return guarded([&] {
        ma::require(graph != nullptr && links != nullptr, "A pointer is null.");
        graph->graph.read_links(first, count, limit, links, length);
    });
}

int32_t ma_graph_restore(ma_graph* graph, const uint8_t* levels, int32_t linked, int32_t count) {
    return guarded([&] {
        ma::require(graph != nullptr && levels != nullptr && count >= 0, "A pointer is null.");
        graph->graph.restore(levels, linked, count);
    });
}

int32_t ma_graph_restore_vectors(ma_graph* graph, int32_t first, int32_t count, const float* vectors, int64_t length) {
    return guarded([&] {
        ma::require(graph != nullptr && vectors != nullptr, "A pointer is null.");
        graph->graph.restore_vectors(first, count, vectors, length);
    });
}

int32_t ma_graph_restore_links(ma_graph* graph, int32_t first, int32_t count, const int32_t* links, int64_t length) {
    return guarded([&] {
        ma::require(graph != nullptr && links != nullptr, "A pointer is null.");
        graph->graph.restore_links(first, count, links, length);
    });
}

int32_t ma_graph_restore_finish(ma_graph* graph) {
    return guarded([&] {
        ma::require(graph != nullptr, "A pointer is null.");
        graph->graph.restore_finish();
    });
}

int32_t ma_rows_create(int32_t node_capacity, int32_t row_capacity, ma_rows** rows) {
    return guarded([&] {
        ma::require(rows != nullptr, "A pointer is null.");
        ma::require(node_capacity >= 1 && row_capacity >= 1 && row_capacity < INT32_MAX, "The capacity is out of range.");
        *rows = new ma_rows{{node_capacity, row_capacity}};
    });
}

void ma_rows_destroy(ma_rows* rows) { delete rows; }

int32_t ma_rows_add(ma_rows* rows, const ma_row* row, int32_t* number) {
    return guarded([&] {
        ma::require(rows != nullptr && row != nullptr && number != nullptr, "A pointer is null.");
        *number = rows->rows.add(*row);
    });
}

int32_t ma_rows_end(ma_rows* rows, int32_t number, uint64_t died) {
    return guarded([&] {
        ma::require(rows != nullptr, "A pointer is null.");
        rows->rows.end(number, died);
    });
}

int32_t ma_scan(const ma_graph* graph, const ma_rows* rows, const int32_t* list, int64_t length, const float* query,
    int32_t dimension, const ma_filter* filter, int32_t k, const int32_t* stop, ma_hit* hits, int32_t* count, int64_t* matched) {
    return guarded([&] {
        require_vector(query, dimension, graph);
        require_filter(filter);
        ma::require(rows != nullptr && hits != nullptr && count != nullptr && matched != nullptr, "A pointer is null.");
        ma::require(length >= 0 && (list != nullptr || length == 0), "The list of rows is not there.");
        ma::require(k >= 1 && k <= HitsMax, "k is out of range.");
        *count = ma::scan(graph->graph, rows->rows, list, length, query, *filter, k, stop, hits, matched);
    });
}

int32_t ma_walk(const ma_graph* graph, const ma_rows* rows, const float* query, int32_t dimension,
    const ma_filter* filter, int32_t k, int32_t ef, int64_t budget, const int32_t* stop, ma_hit* hits, int32_t* count, int32_t* complete) {
    return guarded([&] {
        require_vector(query, dimension, graph);
        require_filter(filter);
        ma::require(rows != nullptr && hits != nullptr && count != nullptr && complete != nullptr, "A pointer is null.");
        ma::require(k >= 1 && k <= HitsMax && ef >= 1 && ef <= HitsMax && budget >= 0, "k, ef or the budget is out of range.");
        *count = ma::walk(graph->graph, rows->rows, query, *filter, k, ef, budget, stop, hits, complete);
    });
}

int32_t ma_count(const ma_rows* rows, const int32_t* list, int64_t length, const ma_filter* filter, int64_t* matched) {
    return guarded([&] {
        require_filter(filter);
        ma::require(rows != nullptr && matched != nullptr, "A pointer is null.");
        ma::require(length >= 0 && (list != nullptr || length == 0), "The list of rows is not there.");
        *matched = ma::count(rows->rows, list, length, *filter);
    });
}

int32_t ma_kernels() {
    int count;
    ma::kernels(&count);
    return count;
}

const char* ma_kernel_name(int32_t kernel) {
    int count;
    const auto* table = ma::kernels(&count);
    return kernel >= 0 && kernel < count ? table[kernel].name : nullptr;
}

int32_t ma_kernel_dot(int32_t kernel, const float* left, const float* right, int32_t length, float* dot) {
    return guarded([&] {
        int count;
        const auto* table = ma::kernels(&count);
        ma::require(kernel >= 0 && kernel < count, "This machine has no such kernel.");
        ma::require(left != nullptr && right != nullptr && dot != nullptr && length >= 0, "A pointer is null.");
        *dot = table[kernel].dot(left, right, length);
    });
}

int32_t ma_code_kernels() {
    int count;
    ma::code_kernels(&count);
    return count;
}

const char* ma_code_kernel_name(int32_t kernel) {
    int count;
    const auto* table = ma::code_kernels(&count);
    return kernel >= 0 && kernel < count ? table[kernel].name : nullptr;
}

int32_t ma_code_kernel_dots(int32_t kernel, const int8_t* query, const int8_t* codes, int32_t count, int32_t length, int32_t* dots) {
    return guarded([&] {
        int kernels;
        const auto* table = ma::code_kernels(&kernels);
        ma::require(kernel >= 0 && kernel < kernels, "This machine has no such kernel.");
        ma::require(query != nullptr && codes != nullptr && dots != nullptr && count >= 1 && length >= 0, "A pointer is null.");
        std::vector<const int8_t*> each(count);
        for (int32_t i = 0; i < count; i++) each[i] = codes + static_cast<size_t>(i) * length;
        table[kernel].dots(query, each.data(), count, length, dots);
        for (int32_t i = 0; i < count; i++)
            if (table[kernel].dot(query, each[i], length) != dots[i]) throw std::logic_error("A kernel differs from itself.");
    });
}

int32_t ma_encode(const float* vector, int32_t dimension, int8_t* codes, float* scale) {
    return guarded([&] {
        ma::require(vector != nullptr && codes != nullptr && scale != nullptr && dimension >= 1, "A pointer is null.");
        double squares = 0;
        for (int32_t i = 0; i < dimension; i++) squares += static_cast<double>(vector[i]) * vector[i];
        ma::require(std::isfinite(squares) && squares > 0, "A vector has no length.");
        *scale = ma::encode(vector, dimension, std::sqrt(squares), codes);
    });
}

int32_t ma_kernel_times(int32_t dimension, double* vectors, double* codes) {
    return guarded([&] {
        ma::require(dimension >= 1 && dimension <= DimensionMax, "The dimension is out of range.");
        ma::require(vectors != nullptr && codes != nullptr, "A pointer is null.");
        ma::kernel_times(dimension, vectors, codes);
    });
}
