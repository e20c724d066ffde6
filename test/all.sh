#!/bin/bash
# Everything a change must pass, from nothing: sets the machine up, then lint, types, dead code, and all tests.
set -euo pipefail
cd "$(dirname "$0")/.."
bash test/setup.sh
npm run --silent lint
npm run --silent types
npm run --silent unused
npm run --silent build
exec npx vitest run --config test/vitest.config.ts "$@"
