#!/bin/bash
# Makes what is nasty by its amount, in an existing directory. usage: bulk.sh DIRECTORY
set -euo pipefail
cd "$1"
mkdir -p many
(cd many && mkdir $(seq 0 99))
seq 20000 | awk '{ file = "many/" $1 % 100 "/file-" $1; print $1, $1 * $1 >file; close(file) }'
# Ten megabytes in five gigabytes, at places that are no multiple of any block.
truncate -s 5G sparse
for part in 0 1 2 3 4 5 6 7 8 9; do
  dd if=/dev/urandom of=sparse bs=1M count=1 seek=$((part * 500000123 + 4097)) oflag=seek_bytes conv=notrunc status=none
done
# Large enough to be sent in place; one file, for now.
head -c 20M /dev/urandom >large-1
ln large-1 large-2
