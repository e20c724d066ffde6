#!/bin/bash
# Lists all that can be told of a directory, one fact a line, whatever bytes are in a name. usage: describe.sh DIRECTORY
set -euo pipefail
export LC_ALL=C
cd "$1"
# Ends of lines, backslashes and what is no ASCII become escapes; NUL ends a line.
lines() { sed -zn 'l 0' | tr '\0' '\n'; }
# From `# file: NAME` and lines that belong to it to lines that carry the name.
named() { awk -v fact="$1" 'sub(/^# file: /, "") { name = $0; next } NF && !/^#/ { print fact, name, $0 }' | sed -n 'l 0'; }

find . -printf 'type %P %y\0mode %P %m\0owner %P %U:%G\0time %P %T@\0' | lines
find . ! -type d -printf 'names %P %n\0' | lines
find . -type f -printf 'size %P %s\0' | lines
find . -type l -printf 'leads-to %P %l\0' | lines
find . '(' -type b -o -type c ')' -exec stat --printf 'device %n %t:%T\0' {} + | lines
find . -type f -exec sha256sum --zero {} + | sed -zE 's/^([0-9a-f]{64})  (.*)$/content \2 \1/' | lines
# Names of one inode, each with the first of them.
find . ! -type d -links +1 -printf '%i %P\0' | lines | sort -k 2 |
  awk '{ inode = $1; sub(/^[0-9]+ /, ""); if (inode in first) print "same-file", first[inode], $0; else first[inode] = $0 }'
getfacl -RPnps . | named list
# The receiving side labels its files itself.
getfattr -RPh -d -m - -e hex . | { grep -v '^security\.selinux=' || true; } | named attribute
