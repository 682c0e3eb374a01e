// The C face of the library: plain types, error codes, no exception crosses it.
//
// Every function returns a status; ma_error() explains the last failure of the calling thread. Adding to one
// graph or one row table is serialised inside, and so is linking; searching takes no lock and may run beside both.
#pragma once

#include <cstddef>
#include <cstdint>

#define MA_API extern "C" __attribute__((visibility("default")))

struct ma_graph; // vectors, one node each, linked as a faiss::HNSW
struct ma_rows;  // the memories that point at nodes, with what a search filters on

enum ma_status : int32_t {
    MA_OK = 0,
    MA_INVALID = 1,  // an argument is wrong; nothing has changed
    MA_FULL = 2,     // the capacity is used up; nothing has changed
    MA_MEMORY = 3,   // memory could not be had
    MA_INTERNAL = 4, // anything else
    MA_STOPPED = 5,  // a search was told to stop
};

// One memory's place: written once, then only its end changes.
struct ma_row {
    int32_t node;
    uint32_t tenant;  // never 0
    uint32_t user;    // 0: absent
    uint32_t agent;
    uint32_t session;
    uint32_t kind;    // 0..63
    int64_t expires;  // microseconds since 1970; INT64_MAX: never
    uint64_t born;    // the first snapshot that sees the row
    int64_t version;
    int64_t created;  // microseconds since 1970
    int64_t updated;
    uint8_t id[16];
};

// What a row must be. A row is seen by a snapshot when born <= snapshot < died.
struct ma_filter {
    uint32_t tenant;
    uint32_t user;     // 0: any
    uint32_t agent;    // 0: any
    uint32_t session;  // 0: any
    uint64_t kinds;    // bit per kind
    int64_t now;       // rows whose expires <= now are absent
    uint64_t snapshot;
    int64_t created_from; // from <= created < to, if timed is not 0
    int64_t created_to;
    int64_t updated_from;
    int64_t updated_to;
    uint32_t timed;
    float least;          // similarities below it do not count; below -1: all do
};

struct ma_hit {
    uint8_t id[16];
    int64_t version;
    float similarity; // cosine
    int32_t row;
};

MA_API const char* ma_error();

MA_API int32_t ma_graph_create(int32_t dimension, int32_t capacity, int32_t m, int32_t ef, int64_t seed, ma_graph** graph);
MA_API void ma_graph_destroy(ma_graph* graph);
MA_API int32_t ma_graph_count(const ma_graph* graph, int32_t* count);
// The first nodes, so many, have links.
MA_API int32_t ma_graph_linked(const ma_graph* graph, int32_t* linked);
// A vector that was added is found at once: by scans, and at the end of walks.
MA_API int32_t ma_graph_add(ma_graph* graph, const float* vector, int32_t dimension, int32_t* node);
// Links so many nodes at most, in the order of their addition; unlinked says how many are left.
MA_API int32_t ma_graph_link(ma_graph* graph, int32_t most, int32_t* unlinked);
MA_API int32_t ma_graph_vectors(const ma_graph* graph, int32_t first, int32_t count, float* vectors, int64_t length);

// A linked node of level n has slots(n) links: the layers from 0 up, each padded with -1.
MA_API int32_t ma_graph_slots(const ma_graph* graph, int32_t level, int32_t* slots);
MA_API int32_t ma_graph_levels(ma_graph* graph, int32_t first, int32_t count, uint8_t* levels);
// Links to nodes from limit on, which came while others were read, are left out.
MA_API int32_t ma_graph_links(ma_graph* graph, int32_t first, int32_t count, int32_t limit, int32_t* links, int64_t length);

// Fills an empty graph with nodes that were read from another: levels of the linked ones, which are the first, then vectors
// of all and links of these in order, then finish, which checks that everything has come and points at what exists. Not for use beside searches.
MA_API int32_t ma_graph_restore(ma_graph* graph, const uint8_t* levels, int32_t linked, int32_t count);
MA_API int32_t ma_graph_restore_vectors(ma_graph* graph, int32_t first, int32_t count, const float* vectors, int64_t length);
MA_API int32_t ma_graph_restore_links(ma_graph* graph, int32_t first, int32_t count, const int32_t* links, int64_t length);
MA_API int32_t ma_graph_restore_finish(ma_graph* graph);

MA_API int32_t ma_rows_create(int32_t node_capacity, int32_t row_capacity, ma_rows** rows);
MA_API void ma_rows_destroy(ma_rows* rows);
MA_API int32_t ma_rows_add(ma_rows* rows, const ma_row* row, int32_t* number);
MA_API int32_t ma_rows_end(ma_rows* rows, int32_t number, uint64_t died);

// The best of the listed rows that pass: exact. matched says how many passed and are similar enough. A search looks now and
// then whether stop, if it is there, has become other than 0, and then ends with MA_STOPPED.
MA_API int32_t ma_scan(const ma_graph* graph, const ma_rows* rows, const int32_t* list, int64_t length,
    const float* query, int32_t dimension, const ma_filter* filter, int32_t k,
    const int32_t* stop, ma_hit* hits, int32_t* count, int64_t* matched);

// The best rows that pass, found by walking the graph; complete is 0 when the budget (distances) ran out first, and 2 when it
// met rows that pass but are not similar enough: there are no more that are, nearly.
MA_API int32_t ma_walk(const ma_graph* graph, const ma_rows* rows,
    const float* query, int32_t dimension, const ma_filter* filter, int32_t k, int32_t ef, int64_t budget,
    const int32_t* stop, ma_hit* hits, int32_t* count, int32_t* complete);

// Makes the calling thread one that gives way to all others; it stays so.
MA_API int32_t ma_yield_to_others();

// How many of the listed rows pass.
MA_API int32_t ma_count(const ma_rows* rows, const int32_t* list, int64_t length, const ma_filter* filter, int64_t* matched);

// The distance kernels this machine has, best first; by number, so that they can be compared.
MA_API int32_t ma_kernels();
MA_API const char* ma_kernel_name(int32_t kernel);
MA_API int32_t ma_kernel_dot(int32_t kernel, const float* left, const float* right, int32_t length, float* dot);

// The same for eight-bit codes: many of one length after each other, and how a vector becomes one (scale: see codes.h).
MA_API int32_t ma_code_kernels();
MA_API const char* ma_code_kernel_name(int32_t kernel);
MA_API int32_t ma_code_kernel_dots(int32_t kernel, const int8_t* query, const int8_t* codes, int32_t count, int32_t length, int32_t* dots);
MA_API int32_t ma_encode(const float* vector, int32_t dimension, int8_t* codes, float* scale);

// Nanoseconds of a distance between vectors that come one after the other, and between codes at random places.
MA_API int32_t ma_kernel_times(int32_t dimension, double* vectors, double* codes);
