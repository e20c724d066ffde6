#!/bin/bash
# Turns what kinds.sh and bulk.sh made into something else, as happens between two passes. usage: turn.sh VOLUME
set -euo pipefail
cd "$1/kinds/turns"

rm to-folder && mkdir to-folder && echo now >to-folder/now
rm -r to-file && echo now >to-file
rm to-pipe && mkfifo to-pipe
rmdir to-link && ln -s folder to-link
rm link-to-folder && mkdir link-to-folder && echo now >link-to-folder/now
rm link-to-file && echo now >link-to-file
ln -sfn elsewhere link-elsewhere
truncate -s 3 to-shorter && echo more >>to-longer && : >to-zero
mv folder folder-renamed
ln -f joins-1 joins-2

# Neither content nor time changes.
chmod 4711 only-mode && chown 70001:80001 only-owner
setfattr -n user.changes -v after only-list && setfattr -x user.goes only-list && setfattr -n user.comes -v after only-list
setfacl -b only-list && setfacl -m u:34:r only-list

# A hole is filled and data become a hole.
dd if=/dev/urandom of="$1/sparse" bs=1M count=1 seek=300000000 oflag=seek_bytes conv=notrunc status=none
fallocate --punch-hole --offset 500000000 --length 2000000 "$1/sparse"

# Two names of a large file part, and what one changes in its middle is not the other's.
cp -p "$1/large-2" "$1/large.new" && mv "$1/large.new" "$1/large-2"
dd if=/dev/urandom of="$1/large-2" bs=1M count=1 seek=7 conv=notrunc status=none
