// The two ways to the nearest rows: an exact scan of listed ones, and a walk along the graph.
#pragma once

#include "graph.h"
#include "memoryaspire_faiss.h"
#include "rows.h"

namespace ma {

// Returns the number of hits; matched is the number of rows that passed and are similar enough.
int32_t scan(const Graph& graph, const Rows& rows, const int32_t* list, int64_t length, const float* query,
    const ma_filter& filter, int32_t k, const int32_t* stop, ma_hit* hits, int64_t* matched);

// Returns the number of hits; what complete says is in memoryaspire_faiss.h.
int32_t walk(const Graph& graph, const Rows& rows, const float* query, const ma_filter& filter, int32_t k,
    int32_t ef, int64_t budget, const int32_t* stop, ma_hit* hits, int32_t* complete);

int64_t count(const Rows& rows, const int32_t* list, int64_t length, const ma_filter& filter);

} // namespace ma
