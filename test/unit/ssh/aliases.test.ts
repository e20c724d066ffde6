import { expect, it } from 'vitest';
import { aliasesIn } from '../../../src/ssh/aliases.ts';

it.each<[string, string[]]>([
  ['', []],
  ['Host droplet\n  HostName 203.0.113.7\n', ['droplet']],
  ['Host *\n  User root\nHost a b !c *.example.com\nhost=d\n\tHOST "e f" a', ['a', 'b', 'd', 'e f']],
  ['# Host old\nHost new # not old\nMatch host other\n  HostName x\n  HostKeyAlias y', ['new']],
])('of %j: %j', (text, aliases) => {
  expect(aliasesIn(text)).toEqual(aliases);
});
