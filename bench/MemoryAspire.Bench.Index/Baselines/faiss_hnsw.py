"""FAISS's own HNSW on the same vectors, as Debian packages it: arguments and output are those of hnswlib.cpp."""
import sys
import time

import faiss
import numpy

vectors_path, queries_path, dimension, links, construction, k, output, *breadths = sys.argv[1:]
dimension, k = int(dimension), int(k)
faiss.omp_set_num_threads(1)
vectors = numpy.fromfile(vectors_path, dtype="float32").reshape(-1, dimension)
queries = numpy.fromfile(queries_path, dtype="float32").reshape(-1, dimension)
index = faiss.IndexHNSWFlat(dimension, int(links), faiss.METRIC_INNER_PRODUCT)
index.hnsw.efConstruction = int(construction)
begun = time.thread_time()
index.add(vectors)
print(f"build {time.thread_time() - begun:.6f}", flush=True)
for breadth in breadths:
    index.hnsw.efSearch = int(breadth)
    begun = time.thread_time()
    found = [index.search(queries[i : i + 1], k)[1][0] for i in range(len(queries))]
    print(f"search {breadth} {time.thread_time() - begun:.6f}", flush=True)
    numpy.array(found, dtype="int32").tofile(f"{output}.{breadth}")
