#!/usr/bin/env bash
# Measures the index against FAISS's own HNSW and hnswlib on this machine, all in the same run. bench/index.sh --help says how.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source eng/install.sh
install_for_run

# The baselines are installed for this run's sake; the product needs neither.
hnswlib_version=3.0.0
baselines="$(cache_directory)/bench"
mkdir -p "$baselines"
if ! /usr/bin/python3 -c 'import faiss' 2>/dev/null; then
  echo "Installing python3-faiss ..." >&2
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-faiss; } >&2
fi
headers="$baselines/hnswlib-node-$hnswlib_version"
if [[ ! -d $headers ]]; then
  echo "Fetching hnswlib's headers ..." >&2
  (cd "$baselines" && npm pack --silent "hnswlib-node@$hnswlib_version" >/dev/null)
  mkdir "$headers.new"
  tar xzf "$baselines/hnswlib-node-$hnswlib_version.tgz" -C "$headers.new" --strip-components=3 package/src/hnswlib
  mv "$headers.new" "$headers"
fi
g++ -std=c++17 -O3 -march=native -ffast-math -w -I "$headers" bench/MemoryAspire.Bench.Index/Baselines/hnswlib.cpp -o "$baselines/hnswlib" -lpthread

dotnet build bench/MemoryAspire.Bench.Index -c Release -v quiet -nologo --tl:off -clp:ErrorsOnly 1>&2
export BENCH_HNSWLIB="$baselines/hnswlib" BENCH_PYTHON=/usr/bin/python3
exec dotnet exec bench/MemoryAspire.Bench.Index/bin/Release/net10.0/MemoryAspire.Bench.Index.dll "$@"
