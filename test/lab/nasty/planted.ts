/** One difference: the script that plants it in a copy of what kinds.sh makes, and the facts that must show it. */
interface Planted {
  readonly what: string;
  readonly script: string;
  readonly shows: readonly string[];
}

const keepingTime = (file: string, change: string): string =>
  `: >/tmp/time; touch -hr ${file} /tmp/time; ${change}; touch -hr /tmp/time ${file}`;

const row = (what: string, script: string, ...shows: string[]): Planted => ({ what, script, shows });

/** One of each kind that `describe` must be able to see. */
export const planted: readonly Planted[] = [
  row(
    'content alone',
    keepingTime('links/a', 'printf TWINS | dd of=links/a conv=notrunc status=none'),
    'content ./links/a ',
  ),
  row('size', 'truncate -s 900 turns/rewritten', 'size turns/rewritten '),
  row('a byte less', 'truncate -s -1 names/~', 'size names/~ ', 'content ./names/~ '),
  row('permissions', 'chmod 001 modes/file-000', 'mode modes/file-000 '),
  row('setuid', 'chmod u-s modes/file-4755', 'mode modes/file-4755 '),
  row('setgid of a directory', 'chmod g-s modes/directory-2775', 'mode modes/directory-2775 '),
  row('sticky', 'chmod o-t modes/directory-1777', 'mode modes/directory-1777 '),
  row('mode of a pipe', 'chmod 600 special/pipe', 'mode special/pipe '),
  row('owner', 'chown 70001 owners/file-70000:80000', 'owner owners/file-70000:80000 '),
  row('owner cut to 16 bits', 'chown 4464:14464 owners/directory-70000:80000', 'owner owners/directory-70000:80000 '),
  row('owner of a link', 'chown -h 0:0 owners/link-70000:80000', 'owner owners/link-70000:80000 '),
  row(
    'a nanosecond',
    "touch -d '2200-02-02 02:02:02.222222223 UTC' times/file*222222222",
    'time times/file 2200-02-02 02:02:02.222222222 ',
  ),
  row(
    'time of a directory',
    "touch -d '1970-01-01 00:00:02 UTC' 'times/directory 1970-01-01 00:00:00'",
    'time times/directory 1970-01-01 00:00:00 ',
  ),
  row(
    'time of a link',
    "touch -hd '1970-01-01 00:00:02 UTC' 'times/link 1970-01-01 00:00:00'",
    'time times/link 1970-01-01 00:00:00 ',
  ),
  row('time of the whole', 'touch .', 'time  '),
  row('a file that is missing', "rm './names/-rf'", 'type names/-rf f', 'content ./names/-rf '),
  row('a file too many', 'touch many', 'type many f'),
  row('an empty directory that is missing', 'rmdir empty/one/two', 'type empty/one/two d'),
  row(
    'a byte of a name',
    "mv names/$'invalid \\xff\\xfe bytes' names/$'invalid \\xff\\xfd bytes'",
    'type names/invalid \\377\\376 bytes ',
    'type names/invalid \\377\\375 bytes ',
  ),
  row('a newline in a name', "mv names/$'new\\nline' names/newline", 'type names/new\\nline ', 'type names/newline '),
  row('where a link leads', keepingTime('links/relative', 'ln -sfn b links/relative'), 'leads-to links/relative '),
  row(
    'a link that became what it leads to',
    'rm links/relative; cp links/a links/relative',
    'type links/relative ',
    'same-file links/b-deep/relative$',
  ),
  row(
    'a pipe that became a file',
    keepingTime('special/pipe', 'rm special/pipe; touch special/pipe'),
    'type special/pipe ',
  ),
  row('a socket that is missing', 'rm special/socket', 'type special/socket s'),
  row('the number of a device', 'rm special/disk; mknod special/disk b 7 201', 'device ./special/disk '),
  row('the kind of a device', 'rm special/disk; mknod special/disk c 7 200', 'type special/disk '),
  row(
    'a hard link that became a copy',
    'cp -p links/a links/new; mv links/new links/a',
    'names links/a ',
    'same-file links/a$ links/a-deep/er/again$',
  ),
  row(
    'hard links of other files',
    'ln -f links/a links/b-deep/er/again; ln -f links/b links/a-deep/er/again',
    'same-file links/a$ links/a-deep/er/again$',
    'same-file links/a$ links/b-deep/er/again$',
  ),
  row('an entry of an access list', 'setfacl -m u:70000:rw lists/file', 'list ./lists/file user:70000:'),
  row(
    'an access list that is missing',
    'setfacl -b lists/folder/inherits/file',
    'list ./lists/folder/inherits/file user:33:',
  ),
  row('a default access list', 'setfacl -k lists/default-only', 'list ./lists/default-only default:user:33:'),
  row(
    'the value of an attribute',
    'setfattr -n user.bytes -v 0x00ff0a5d00 lists/file',
    'attribute lists/file user.bytes=',
  ),
  row('an attribute that is missing', 'setfattr -x user.empty lists/folder', 'attribute lists/folder user.empty='),
  row('an attribute of a link', 'setfattr -hx trusted.note lists/link', 'attribute lists/link trusted.note='),
  row('capabilities', 'setfattr -x security.capability lists/program', 'attribute lists/program security.capability='),
];
