#!/usr/bin/env bash
# Sets up what is missing, builds the solution and runs all its tests. Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source eng/install.sh
install_for_run

report=$(mktemp)
trap 'rm -f "$report"' EXIT
dotnet build MemoryAspire.sln -v quiet -nologo

passed=0
failed=0
broken=()
tests=()
# One project after the other: each may run servers of its own.
while IFS= read -r project; do
  echo "== $(basename "$project" .csproj)"
  status=0
  timeout --kill-after=10s 12m dotnet test --project "$project" --no-build --no-progress </dev/null 2>&1 | tee "$report" || status=$?
  succeeded=$(sed -n 's/^ *succeeded: \([0-9]*\)$/\1/p' "$report" | tail -1)
  unsuccessful=$(sed -n 's/^ *failed: \([0-9]*\)$/\1/p' "$report" | tail -1)
  passed=$((passed + ${succeeded:-0}))
  failed=$((failed + ${unsuccessful:-0}))
  while IFS= read -r test; do tests+=("$test"); done < <(sed -n 's/^failed \(.*\) ([0-9ms .]*)$/\1/p' "$report")
  if ((status != 0 || ${succeeded:-0} == 0)); then
    broken+=("$project")
    # A project that broke before it could report counts as one failure.
    ((${unsuccessful:-0} > 0)) || failed=$((failed + 1))
  fi
done < <(dotnet sln MemoryAspire.sln list | tr -d '\r' | grep 'Tests\.csproj$' | sort)

for name in "${broken[@]}" "${tests[@]}"; do echo "Failed: $name"; done
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
