#!/bin/bash
# Makes one of each thing a file system can hold and a copy can lose, in a new directory. usage: kinds.sh DIRECTORY
set -euo pipefail
umask 022
mkdir -p "$1"
cd "$1"
mkdir links names modes owners times lists special turns empty
mkdir -p empty/one/two

for group in a b; do
  echo twins >"links/$group"
  mkdir -p "links/$group-deep/er"
  ln "links/$group" "links/$group-deep/er/again"
done
touch -d '2020-02-20 20:20:20' links/a links/b
mkfifo links/pipe && ln links/pipe links/a-deep/pipe
ln -s /etc/hostname links/absolute
ln -s "$1/names" links/absolute-within
ln -s ../names links/to-directory
ln -s a links/relative && ln -P links/relative links/b-deep/relative
ln -s /nowhere/at/all links/dangling
ln -s circle links/circle
ln -s "$(printf 'x/%.0s' {1..2000})" links/long

cd names
long=$(printf 'n%.0s' {1..255})
wide=$(printf 'ü%.0s' {1..127})
for name in $'new\nline' '"double"' "'single'" 'back\slash' '-rf' ' leading and trailing ' '*' '?[a-z]' '$(id)' '`id`' \
  $'invalid \xff\xfe bytes' $'tab\there' $'bell\a' '#hash#' '%s%n' '~' 'ü' .rsync-filter .hidden 'lost+found' "$long" "$wide"; do
  printf '%s' "$name" >"./$name"
done
mkdir $'directory \xc3\x28\n' && echo inside >$'directory \xc3\x28\n/\xff'
deep=$(printf "level-of-thirty-letters-and-on/%.0s" {1..100})
mkdir -p "$deep" && echo bottom >"$deep/bottom"
cd ..

for mode in 000 111 444 644 777 4755 2755 6711 1644; do
  echo "$mode" >"modes/file-$mode" && chmod "$mode" "modes/file-$mode"
done
for mode in 000 555 700 1777 2775 3777; do
  mkdir "modes/directory-$mode" && echo "$mode" >"modes/directory-$mode/file" && chmod "$mode" "modes/directory-$mode"
done

for owner in 1000:1000 70000:80000 2000000000:3000000000 4294967294:4294967294; do
  echo "$owner" >"owners/file-$owner" && mkdir "owners/directory-$owner" && ln -s nowhere "owners/link-$owner"
  chown -h "$owner" owners/*-"$owner"
done

for access in file folder; do
  case $access in file) : >lists/file ;; *) mkdir lists/folder ;; esac
  setfacl -m u:33:rw,u:70000:r,g:4:r,m::rwx "lists/$access"
  setfattr -n user.origin -v 'the camera' "lists/$access"
  setfattr -n user.empty "lists/$access"
  setfattr -n user.bytes -v 0x00ff0a5c00 "lists/$access"
  setfattr -n trusted.note -v 'for root alone' "lists/$access"
done
setfattr -n user.long -v "$(printf 'long %.0s' {1..400})" lists/file
setfacl -d -m u:33:rwx,g:80000:rx,o::- lists/folder
mkdir lists/folder/inherits && echo inherits >lists/folder/inherits/file
mkdir lists/default-only && setfacl -d -m u:33:r lists/default-only
cp /bin/true lists/program && setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 lists/program
ln -s nowhere lists/link && setfattr -h -n trusted.note -v 'of a link' lists/link

mkfifo -m 620 special/pipe
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind("special/socket")'
mknod -m 640 special/null c 1 3
mknod -m 600 special/far c 511 1048575
mknod -m 660 special/disk b 7 200
chown 70000:6 special/*

mkdir turns/folder turns/to-file turns/to-link && echo in >turns/folder/in && echo in >turns/to-file/in
for name in to-folder to-pipe to-shorter to-longer to-zero rewritten swapped-1 swapped-2 parts-1 only-mode only-owner only-list; do
  echo "$name is so long" >"turns/$name"
done
ln turns/parts-1 turns/parts-2 && ln turns/parts-1 turns/parts-3
echo joins >turns/joins-1 && echo joins >turns/joins-2
ln -s nowhere turns/link-to-folder && ln -s nowhere turns/link-to-file && ln -s nowhere turns/link-elsewhere
setfattr -n user.changes -v before turns/only-list && setfattr -n user.goes -v before turns/only-list
setfacl -m u:33:rw turns/only-list
printf 'one same length' >turns/swapped-1 && printf 'two same length' >turns/swapped-2
touch -d '2021-01-01 01:01:01.111111111' turns/swapped-* turns/rewritten

for time in '1970-01-01 00:00:00' '1970-01-01 00:00:01.5' '1969-07-20 20:17:40.25' '1901-12-14 00:00:00' '2038-01-19 03:14:08' \
  '2200-02-02 02:02:02.222222222' '2019-02-03 04:05:06.000000001' '2019-02-03 04:05:06.999999999'; do
  echo "$time" >"times/file $time" && mkdir "times/directory $time" && ln -s nowhere "times/link $time"
  touch -h -d "$time UTC" times/*" $time"
done
touch -d '2001-02-03 04:05:06.789012345 UTC' empty/one names .
