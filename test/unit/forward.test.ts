import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { forwardScript, parseForwards, removeForwardScript, rulesPerForward } from '../../src/forward.ts';

/** Rules are made in a network namespace of their own, by the kernel, and read back. */
const rulesAfter = (...scripts: readonly string[]): string =>
  execFileSync('unshare', ['-n', 'sh', '-c', [...scripts.map((script) => `(${script})`), 'iptables-save'].join('\n')], {
    encoding: 'utf8',
  });

describe('forwards', () => {
  const http = forwardScript('blog', 80, '192.0.2.7');

  it('stand once, however often they are made', () => {
    expect(parseForwards(rulesAfter(http, http), 'blog')).toEqual(new Map([[80, rulesPerForward]]));
  });

  it('are made anew where the target has another address by now', () => {
    const saved = rulesAfter(http, forwardScript('blog', 8080, '192.0.2.77'));
    expect(parseForwards(saved, 'blog', '192.0.2.7')).toEqual(new Map([[80, rulesPerForward]]));
    const again = rulesAfter(http, forwardScript('blog', 80, '192.0.2.8'));
    expect(parseForwards(again, 'blog', '192.0.2.8')).toEqual(new Map([[80, rulesPerForward]]));
    expect(again).not.toContain('192.0.2.7');
  });

  it('go without touching those of another port or migration', () => {
    const saved = rulesAfter(
      http,
      forwardScript('blog', 8080, '192.0.2.7'),
      forwardScript('blog-two', 80, '192.0.2.8'),
      removeForwardScript('blog', 80),
    );
    expect(parseForwards(saved, 'blog')).toEqual(new Map([[8080, rulesPerForward]]));
    expect(parseForwards(saved, 'blog-two')).toEqual(new Map([[80, rulesPerForward]]));
  });

  it('are refused for anything that is not an address', () => {
    expect(() => forwardScript('blog', 80, '1.2.3.4; reboot')).toThrow('not an IPv4 address');
  });
});
