"""Passes on what rsync says, a line for each MB of progress: rsync has one at every file. usage: thin.py PREFIX"""
import os
import re
import sys

prefix = os.fsencode(sys.argv[1])
progress = re.compile(rb" *([0-9.,]+) +[0-9]+% ")
last = 0
rest = b""
while True:
    piece = os.read(0, 65536)
    *lines, rest = re.split(b"[\r\n]", rest + piece + (b"" if piece else b"\n"))
    for line in lines:
        found = progress.match(line)
        if found:
            sent = int(re.sub(b"[.,]", b"", found.group(1)))
            if last <= sent < last + 1000000:
                continue
            last = sent
        if line.strip():
            os.write(1, prefix + line + b"\n")
    if not piece:
        break
