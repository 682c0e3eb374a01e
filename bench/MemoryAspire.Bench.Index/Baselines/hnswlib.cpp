// hnswlib on the same vectors: builds, then searches at each breadth, by one thread. Prints what it took in processor time and
// writes the numbers of what it found. Arguments: vectors, queries, dimension, M, efConstruction, k, output, breadths ...
#include <ctime>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "hnswlib.h"

static double cpu() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static std::vector<float> read(const char* path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    std::vector<float> values(static_cast<size_t>(file.tellg()) / sizeof(float));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(float));
    return values;
}

int main(int count, char** arguments) {
    const auto vectors = read(arguments[1]), queries = read(arguments[2]);
    const int dimension = atoi(arguments[3]), m = atoi(arguments[4]), construction = atoi(arguments[5]), k = atoi(arguments[6]);
    const size_t n = vectors.size() / dimension, q = queries.size() / dimension;
    hnswlib::InnerProductSpace space(dimension);
    hnswlib::HierarchicalNSW<float> index(&space, n, m, construction);
    double begun = cpu();
    for (size_t i = 0; i < n; i++) index.addPoint(&vectors[i * dimension], i);
    std::printf("build %.6f\n", cpu() - begun);
    for (int argument = 8; argument < count; argument++) {
        index.setEf(atoi(arguments[argument]));
        std::vector<int32_t> found(q * k, -1);
        begun = cpu();
        for (size_t i = 0; i < q; i++) {
            auto hits = index.searchKnn(&queries[i * dimension], k);
            for (int at = static_cast<int>(hits.size()) - 1; at >= 0; at--) {
                found[i * k + at] = static_cast<int32_t>(hits.top().second);
                hits.pop();
            }
        }
        std::printf("search %s %.6f\n", arguments[argument], cpu() - begun);
        std::ofstream(std::string(arguments[7]) + "." + arguments[argument], std::ios::binary)
            .write(reinterpret_cast<const char*>(found.data()), found.size() * sizeof(int32_t));
    }
}
