import { describe, expect, it } from 'vitest';
import { hostsIn, withPort } from '../../../src/ecs/hosts-in-text.ts';

describe('hostsIn', () => {
  it.each([
    ['mysql://blog:pw@db/blog', [{ host: 'db', port: 3306 }]],
    ['http://static:8080/x', [{ host: 'static', port: 8080 }]],
    [
      'mongodb://a:1,b:2/x',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    ],
    ['app:pw@tcp(db:3306)/blog', [{ host: 'db', port: 3306 }]],
    [
      'http://a:81,INTERNAL://b:82',
      [
        { host: 'a', port: 81 },
        { host: 'b', port: 82 },
      ],
    ],
    ['cache:6379', [{ host: 'cache', port: 6379 }]],
    ['a b c', []],
    [`${'a'.repeat(300_000)} jdbc:mysql://db/x`, [{ host: 'db', port: 3306 }]],
  ])('%s', (text, hosts) => {
    expect(hostsIn(text)).toEqual(hosts);
  });
});

describe('withPort', () => {
  it.each<[string, string[], string | undefined]>([
    ['db:3306', ['db'], 'db:3307'],
    ['app:pw@tcp(db:3306)/blog', ['db'], 'app:pw@tcp(db:3307)/blog'],
    ['mysql://u:p@db/x', ['db'], 'mysql://u:p@db:3307/x'],
    ['mysql://u:3306@db:3306/x', ['db'], 'mysql://u:3306@db:3307/x'],
    ['a:1,db:3306,my-db:3306', ['db'], 'a:1,db:3307,my-db:3306'],
    ['db:3306,database:3306', ['db', 'database'], 'db:3307,database:3307'],
    ['3306', ['db'], '3307'],
    ['db', ['db'], undefined],
    ['http://db/', ['db'], undefined],
    ['db:33060', ['db'], undefined],
    ['mysql://db/x mysql://db.example/x', ['db'], 'mysql://db:3307/x mysql://db.example/x'],
    ['mysql://[db]:3306/x', ['db'], undefined],
  ])('%s', (value, hosts, expected) => {
    expect(withPort(value, hosts, 3306, 3307)).toBe(expected);
  });
});
