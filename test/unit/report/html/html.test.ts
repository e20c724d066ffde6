import { describe, expect, it } from 'vitest';
import { html } from '../../../../src/report/html/html.ts';

describe('text becomes markup', () => {
  it.each<[string, string, string]>([
    ['an element', '<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['what ends an attribute', `" onload='x'`, '&quot; onload=&#39;x&#39;'],
    ['an entity', '&lt;', '&amp;lt;'],
    ['lines and tabs as they are', 'a\n\tb', 'a\n\tb'],
    ['control characters seen', 'a\u0000\u001b[31mb', 'a\ufffd\ufffd[31mb'],
    ['characters that turn text around seen', 'a\u202egpj.exe', 'a\ufffdgpj.exe'],
    ['other languages as they are', 'Grüße, 日本 🚢', 'Grüße, 日本 🚢'],
  ])('%s', (_, given, expected) => {
    expect(html`<p title="${given}">${given}</p>`.markup).toBe(`<p title="${expected}">${expected}</p>`);
  });

  it('but markup stays markup, also many pieces of it', () => {
    const items = ['<a>', 'b'].map((each) => html`<li>${each}</li>`);
    expect(html`<ul>${items}</ul>${3}`.markup).toBe('<ul><li>&lt;a&gt;</li><li>b</li></ul>3');
  });
});
