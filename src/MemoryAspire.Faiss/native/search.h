// The two ways to the nearest rows: an exact scan of listed ones, and a walk along the graph.
#pragma once

#include "graph.h"
#include "memoryaspire_faiss.h"
#include "rows.h"

namespace ma {

// Returns the number of hits; matched is the number of rows that passed.
int32_t scan(const Graph& graph, const Rows& rows, const int32_t* list, int64_t length, const float* query,
    const ma_filter& filter, int32_t k, ma_hit* hits, int64_t* matched);

// Returns the number of hits; complete is false when the budget of distances ran out.
int32_t walk(const Graph& graph, const Rows& rows, const float* query, const ma_filter& filter, int32_t k,
    int32_t ef, int64_t budget, ma_hit* hits, bool* complete);

int64_t count(const Rows& rows, const int32_t* list, int64_t length, const ma_filter& filter);

} // namespace ma
