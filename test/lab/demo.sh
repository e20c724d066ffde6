#!/bin/bash
# A whole migration in the lab, from nothing: installs what is missing, builds, and hands over to demo.ts.
# usage: test/lab/demo.sh [--json] [--keep] [--yes]
set -euo pipefail
cd "$(dirname "$0")/../.."
yes=()
for word in "$@"; do
  case $word in
    --yes) yes=(--yes) ;;
    --json | --keep) ;;
    *) echo "demo: unknown option $word; there are --json, --keep, --yes" >&2; exit 1 ;;
  esac
done
bash test/setup.sh ${yes[@]+"${yes[@]}"}
npm run --silent build
exec node --import tsx test/lab/demo.ts "$@"
