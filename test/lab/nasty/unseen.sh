#!/bin/bash
# Changes files of kinds.sh in ways that are easily overlooked. usage: unseen.sh VOLUME
set -euo pipefail
cd "$1/kinds/turns"

# One name of three gets a file of its own, as `sed -i` or a package upgrade do it.
cp -p parts-2 parts-2.new && mv parts-2.new parts-2 && echo 'on its own, and longer' >parts-2

# Neither size nor time tells these.
mv swapped-1 swapped-3 && mv swapped-2 swapped-1 && mv swapped-3 swapped-2
echo 'rewritten is as long' >rewritten && touch -d '2021-01-01 01:01:01.111111111' rewritten

# Changed in its middle since the last pass, as long as it was.
dd if=/dev/urandom of="$1/large-1" bs=1M count=1 seek=3 conv=notrunc status=none
