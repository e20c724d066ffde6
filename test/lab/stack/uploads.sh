#!/bin/bash
# Fills the volume of the blog's uploads with what real ones hold, and with what copying tools get wrong.
set -euo pipefail
cd "$1"

# The same bytes every time: a stream cipher's key stream, under a fixed key.
noise() { openssl enc -aes-128-ctr -K "$(printf '%032x' "$1")" -iv 0 -in /dev/zero 2>/dev/null | head -c "$2" || true; }

for number in $(seq 1 185); do
  noise "$number" $((20000 + number * 900)) >"photo-$(printf %03d "$number").jpg"
done
noise 1000 3000000 >'big video.mp4'
noise 1001 5000 >'with spaces and (brackets) & ampersand.txt'
noise 1002 5000 >'ünïcödé – 日本語.txt'
noise 1003 5000 >$'new\nline.txt'
noise 1004 5000 >'-starts-with-a-dash'
noise 1005 5000 >'quote"and'\''apostrophe$HOME`x`'
noise 1006 5000 >'*.txt'
: >empty
chown -R 1000:1000 .

ln photo-001.jpg hard-link-a.jpg
ln photo-001.jpg hard-link-b.jpg
ln -s photo-002.jpg latest.jpg
ln -s /nowhere/at-all dangling
truncate -s 64M sparse.img
printf tail | dd of=sparse.img bs=1 seek=$((64 * 1024 * 1024 - 4)) conv=notrunc status=none
setfattr -n user.origin -v 'the camera' photo-003.jpg
setfacl -m u:33:rw,g:4:r photo-004.jpg
chown 33:33 photo-005.jpg
chown 0:0 photo-006.jpg
chown 12345:54321 photo-007.jpg
chmod 0640 photo-007.jpg
mkdir -p thumbs/deep/er
noise 1007 900 >thumbs/deep/er/small.png
chmod 2775 thumbs
chown -R 33:1000 thumbs
touch -d '2019-02-03 04:05:06.789' photo-00[1-9].jpg
