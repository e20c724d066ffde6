"""Lists everything about a dataset, and prints one digest of the list.

usage: python3 manifest.py directory|file PATH STORE live|still

Run by root on both hosts, beside the data. STORE/manifest keeps the list; the next run reads again only what has changed
since. Needs no more than a minimal Python 3.5, and memory for no more than one directory's names.

`live`: containers run; what vanishes is left out. `still`: nothing may vanish or change while it is read.

Says once a second on standard error: `read BYTES`. Prints at the end: digest, entries, bytes of regular files, files read, bytes read.
"""

import collections
import fcntl
import hashlib
import os
import stat
import sys
import threading
import time

# The target's SELinux labels its own files.
NOT_CARRIED = {"security.selinux"}
KINDS = {
    stat.S_IFREG: b"f", stat.S_IFDIR: b"d", stat.S_IFLNK: b"l", stat.S_IFIFO: b"p",
    stat.S_IFSOCK: b"s", stat.S_IFBLK: b"b", stat.S_IFCHR: b"c",
}
THREADS = 4
# Entries that may wait for an earlier one that is still being read.
WINDOW = 512
# ext3 has whole seconds.
COARSEST_CLOCK_NS = 2 * 10**9
PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-@:+,")


def quoted(name):
    return b"".join(b"%c" % byte if byte in PLAIN else b"%%%02X" % byte for byte in name)


def order(name):
    """Depth first, the names of one directory by their bytes: the order of `walk`."""
    return name.split(b"/")


class Entry:
    """What a walk found under one name. `body` is told by the inode alone, so an unchanged inode has an unchanged body."""

    def __init__(self, name, path, status):
        self.name = name
        self.path = path
        self.status = status
        # The first name of the same inode: what is said and read there is not repeated.
        self.first = None
        self.body = None
        self.settled = True
        self.vanished = False
        self.error = None
        self.read_bytes = None
        self.done = None

    @property
    def identity(self):
        status = self.status
        return b"%d %d %d %d" % (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    @property
    def visible(self):
        """Everything that must be the same on both sides."""
        return self.body if self.first is None else b"same-file-as=" + quoted(self.first)


def walk(path, kind, live):
    if kind == "file":
        yield Entry(b"", path, os.stat(path))
        return
    yield Entry(b"", path, os.stat(path))
    pending = [below(path, b"", live)]
    while pending:
        name = next(pending[-1], None)
        if name is None:
            pending.pop()
            continue
        full = path + b"/" + name
        try:
            status = os.lstat(full)
        except FileNotFoundError:
            if live:
                continue
            raise
        yield Entry(name, full, status)
        if stat.S_ISDIR(status.st_mode):
            pending.append(below(path, name, live))


def below(path, name, live):
    try:
        names = os.listdir(path + b"/" + name)
    except (FileNotFoundError, NotADirectoryError):
        if live:
            return iter(())
        raise
    names.sort()
    return (name + b"/" + child if name else child for child in names)


def describe(entry):
    """The body of an entry; reads a regular file to its end."""
    status = entry.status
    kind = KINDS[stat.S_IFMT(status.st_mode)]
    parts = [kind]
    if kind != b"l":
        parts.append(b"mode=%o" % stat.S_IMODE(status.st_mode))
    parts.append(b"owner=%d:%d" % (status.st_uid, status.st_gid))
    parts.append(b"mtime=%d.%09d" % divmod(status.st_mtime_ns, 10**9))
    if kind == b"l":
        parts.append(b"to=" + quoted(os.readlink(entry.path)))
    if kind in (b"b", b"c"):
        parts.append(b"device=%d:%d" % (os.major(status.st_rdev), os.minor(status.st_rdev)))
    parts.extend(attributes(entry.path, follow=entry.name == b""))
    if kind == b"f":
        parts.append(b"size=%d" % status.st_size)
        parts.append(b"sha256=" + digest_of(entry))
    entry.body = b" ".join(parts)


def attributes(path, follow):
    """Access lists are among them: system.posix_acl_access and _default."""
    try:
        names = sorted(set(os.listxattr(path, follow_symlinks=follow)) - NOT_CARRIED)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        return  # a file system without extended attributes
    for name in names:
        value = hashlib.sha256(os.getxattr(path, name, follow_symlinks=follow)).hexdigest()[:16]
        yield b"xattr:" + quoted(os.fsencode(name)) + b"=" + value.encode()


def digest_of(entry):
    flags = os.O_RDONLY | (0 if entry.name == b"" else os.O_NOFOLLOW)
    file = os.open(entry.path, flags)
    try:
        content = hashlib.sha256()
        entry.read_bytes = 0
        while True:
            piece = os.read(file, 1 << 20)
            if not piece:
                break
            entry.read_bytes += len(piece)
            content.update(piece)
        after = os.fstat(file)
    finally:
        os.close(file)
    before = entry.status
    if (after.st_size, after.st_mtime_ns, after.st_ino) != (before.st_size, before.st_mtime_ns, before.st_ino):
        entry.settled = False
    return content.hexdigest().encode()


class Readers:
    """Threads that describe entries; hashing runs beside Python's own lock."""

    def __init__(self):
        self.waiting = collections.deque()
        self.ready = threading.Semaphore(0)
        for _ in range(THREADS):
            threading.Thread(target=self.work, daemon=True).start()

    def add(self, entry):
        entry.done = threading.Event()
        self.waiting.append(entry)
        self.ready.release()

    def work(self):
        while True:
            self.ready.acquire()
            entry = self.waiting.popleft()
            try:
                describe(entry)
            except FileNotFoundError as error:
                entry.vanished = True
                entry.error = error
            except OSError as error:
                entry.error = error
            entry.done.set()


def records(path):
    """The entries of an earlier manifest: name, visible part, identity."""
    try:
        file = open(path, "rb")
    except FileNotFoundError:
        return
    with file:
        rest = b""
        fields = []
        while True:
            piece = file.read(1 << 20)
            if not piece:
                return
            *whole, rest = (rest + piece).split(b"\0")
            fields.extend(whole)
            full = len(fields) // 3 * 3
            for index in range(0, full, 3):
                yield fields[index], fields[index + 1], fields[index + 2]
            fields = fields[full:]


class Earlier:
    """An earlier manifest, read beside the walk: both are in the same order."""

    def __init__(self, path):
        self.records = records(path)
        self.record = next(self.records, None)

    def body_of(self, entry):
        wanted = order(entry.name)
        while self.record is not None and self.record[0] != entry.name and order(self.record[0]) < wanted:
            self.record = next(self.records, None)
        if self.record is None or self.record[0] != entry.name or self.record[2] != entry.identity:
            return None
        return None if self.record[1].startswith(b"same-file-as=") else self.record[1]


class Manifest:
    """The new manifest as it is written."""

    def __init__(self, store, live, settled_before):
        self.live = live
        self.settled_before = settled_before
        self.out = open(store + b"/manifest.new", "wb")
        self.store = store
        self.digest = hashlib.sha256()
        self.entries = self.bytes = self.read_files = self.read_bytes = 0
        self.told = time.time()

    def write(self, entry):
        if entry.done is not None:
            entry.done.wait()
        if entry.vanished and self.live:
            return
        if entry.error is not None:
            raise entry.error
        if not entry.settled and not self.live:
            raise OSError("it changes while it is read", entry.path)
        if entry.read_bytes is not None:
            self.read_files += 1
            self.read_bytes += entry.read_bytes
            self.tell()
        settled = entry.settled and entry.status.st_ctime_ns < self.settled_before
        shown = entry.name + b"\0" + entry.visible + b"\0"
        self.digest.update(shown)
        self.out.write(shown + (entry.identity if settled else b"") + b"\0")
        self.entries += 1
        if stat.S_ISREG(entry.status.st_mode) and entry.first is None:
            self.bytes += entry.status.st_size

    def tell(self):
        if time.time() - self.told >= 1:
            self.told = time.time()
            sys.stderr.write("read %d\n" % self.read_bytes)
            sys.stderr.flush()

    def close(self):
        self.out.flush()
        os.fsync(self.out.fileno())
        self.out.close()
        os.rename(self.store + b"/manifest.new", self.store + b"/manifest")
        print(self.digest.hexdigest(), self.entries, self.bytes, self.read_files, self.read_bytes)


def main(kind, path, store, mode):
    path, store = os.fsencode(path), os.fsencode(store)
    live = mode == "live"
    os.makedirs(store, mode=0o700, exist_ok=True)
    # A reading that a run left behind when it died goes on: both at once would write into one list.
    fcntl.flock(os.open(store, os.O_RDONLY), fcntl.LOCK_EX)
    if live:
        # A page that is dirty already can be written through a mapping without the file's times moving again. Once all
        # pages are on the disk, the next write to any of them moves the times.
        os.sync()
    manifest = Manifest(store, live, int(time.time() * 10**9) - COARSEST_CLOCK_NS)
    earlier = Earlier(store + b"/manifest")
    readers = Readers()
    firsts = {}
    window = collections.deque()
    for entry in walk(path, kind, live):
        status = entry.status
        if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode) and kind == "directory":
            first = firsts.setdefault((status.st_dev, status.st_ino), entry.name)
            entry.first = None if first == entry.name else first
        entry.body = earlier.body_of(entry)
        if entry.body is None and entry.first is None:
            readers.add(entry)
        window.append(entry)
        if len(window) > WINDOW:
            manifest.write(window.popleft())
    while window:
        manifest.write(window.popleft())
    manifest.close()


try:
    main(*sys.argv[1:])
except OSError as problem:
    place = problem.filename if problem.filename is not None else ""
    sys.stderr.write("%s: %s\n" % (os.fsdecode(place) if place else "manifest", problem.strerror or problem))
    sys.exit(1)
