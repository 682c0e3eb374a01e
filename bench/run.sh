#!/usr/bin/env bash
# Measures MemoryAspire against bare PostgreSQL on this machine, both in the same run. bench/run.sh --help says how.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source eng/install.sh
install_for_run
dotnet build bench/MemoryAspire.Bench -c Release -v quiet -nologo --tl:off -clp:ErrorsOnly 1>&2
exec dotnet exec bench/MemoryAspire.Bench/bin/Release/net10.0/MemoryAspire.Bench.dll "$@"
