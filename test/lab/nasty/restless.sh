#!/bin/sh
# Run in the container: grows, rewrites, renames and removes files and directories without an end. usage: restless.sh DIRECTORY
cd "$1" || exit
round=0
while :; do
  round=$((round + 1))
  for slot in 0 1 2 3 4 5 6 7 8 9; do
    mkdir -p "folder-$slot"
    for file in 0 1 2 3 4 5 6 7 8 9; do
      echo "$round" >"folder-$slot/file-$file-$((round % 3))"
      rm -f "folder-$slot/file-$file-$(((round + 1) % 3))"
    done
    ln -f "folder-$slot/file-1-$((round % 3))" "folder-$slot/again"
    ln -sfn "file-$((round % 10))" "folder-$slot/link"
    echo "$round $slot" >>log
  done
  mv "folder-$((round % 10))" "moved-$round"
  # Some hundred changes a second are enough; thousands make rsync 3.5.0 wait for itself at every other pass.
  sleep 0.2
  rm -rf "moved-$((round - 20))"
  [ $((round % 50)) -ne 0 ] || { mv log "log-$round"; rm -f "log-$((round - 100))"; }
done
