#!/usr/bin/env bash
# Runs MemoryAspire on this machine, or asks about the stack that runs. ./run.sh --help says how.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source eng/install.sh

usage() {
  cat <<'TEXT'
./run.sh                              run the stack until Ctrl-C
./run.sh --detach                     run it in the background; returns when the API is healthy
./run.sh --status [--json]            list the resources of the running stack
./run.sh --connection postgres|redis  print a URI for psql, or for redis-cli -u
./run.sh --stop                       stop the running stack

MEMORY_API_PORT (5180), MEMORY_DATA_DIR (./.data) and MEMORY_API_KEY (generated and kept) change the defaults.
TEXT
}

configuration=Release
host="MemoryAspire.AppHost/bin/$configuration/net10.0/MemoryAspire.AppHost.dll"

# The commands that ask need no build: without one, nothing of this clone runs.
ask() {
  find_dotnet
  [[ -f $host ]] || build_host
  exec dotnet exec "$host" "$@"
}

build_host() {
  dotnet build MemoryAspire.AppHost -c "$configuration" -v quiet -nologo --tl:off -clp:ErrorsOnly 1>&2
}

# Processes started in the background ignore SIGINT, so whatever signal this script gets, the host gets SIGTERM.
host_of() {
  local pid
  for pid in $(pgrep -P "$1" 2>/dev/null || ps -A -o pid=,ppid= | awk -v parent="$1" '$2 == parent { print $1 }'); do echo "$pid"; done
}

stop_run() {
  local child
  for child in $(host_of "$1"); do kill -s TERM "$child" 2>/dev/null || true; done
  # Before the host exists there is only dotnet run itself.
  [[ -n ${child:-} ]] || kill -s TERM "$1" 2>/dev/null || true
}

run_foreground() {
  local run status=0 stopping=
  dotnet run --project MemoryAspire.AppHost -c "$configuration" --no-build </dev/null &
  run=$!
  trap 'stopping=yes; stop_run "$run"' INT TERM HUP
  while kill -0 "$run" 2>/dev/null; do
    # An interrupted wait returns at once; the host may still be stopping.
    wait "$run" && status=0 || status=$?
  done
  [[ -n $stopping ]] && exit 0
  exit "$status"
}

run_detached() {
  local data log run
  dotnet exec "$host" --vacant || return 1
  data=$(dotnet exec "$host" --data-directory)
  log="$data/logs/stack.log"
  # What a stack says at its start includes the key.
  mkdir -p "$data/logs" && chmod 700 "$data/logs"
  # In a session of its own, so that what ends this terminal or this script does not end the stack.
  setsid_or_nohup dotnet run --project MemoryAspire.AppHost -c "$configuration" --no-build </dev/null >"$log" 2>&1 &
  run=$!
  disown
  if dotnet exec "$host" --wait "$run"; then return 0; fi
  echo "The log says ($log):" >&2
  tail -n 30 "$log" >&2
  if kill -0 "$run" 2>/dev/null; then dotnet exec "$host" --stop >&2; fi
  return 1
}

setsid_or_nohup() {
  if command -v setsid >/dev/null; then exec setsid "$@"; else exec nohup "$@"; fi
}

case "${1:-}" in
  --status | --stop | --connection) ask "$@" ;;
  --help | -h) usage ;;
  '' | --detach)
    install_for_run
    build_host
    if [[ ${1:-} == --detach ]]; then run_detached; else run_foreground; fi
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
