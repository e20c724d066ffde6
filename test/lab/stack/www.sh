#!/bin/bash
# Files of the static site: a few hundred small ones and one of 10 MB.
set -euo pipefail
mkdir -p "$1/pages" "$1/downloads"
cd "$1"
echo '<!doctype html><title>static</title><h1>The static site</h1>' >index.html
for number in $(seq 1 300); do
  echo "<!doctype html><title>$number</title><p>Page number $number.</p>" >"pages/$number.html"
done
head -c 10000000 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null >downloads/ten-megabytes.bin
