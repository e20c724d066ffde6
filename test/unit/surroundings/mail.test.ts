import { expect, test } from 'vitest';
import { designMigration } from '../../../src/ecs/design-migration.ts';
import { mailFindings } from '../../../src/surroundings/mail-findings.ts';
import { container, inventory, settings } from '../ecs/builders.ts';

type Parts = Parameters<typeof container>[0];
const from = (Image: string): Parts => ({ config: { Image } });
const ports = (bindings: Readonly<Record<string, string>>, exposed: readonly string[] = []): Parts => ({
  config: { ExposedPorts: Object.fromEntries([...Object.keys(bindings), ...exposed].map((port) => [port, {}])) },
  host: {
    PortBindings: Object.fromEntries(
      Object.entries(bindings).map(([port, HostPort]) => [port, [{ HostIp: '', HostPort }]]),
    ),
  },
});

test.each<[Parts, string | undefined]>([
  [from('boky/postfix:v4'), 'blocker mail-server'],
  [from('ghcr.io/docker-mailserver/docker-mailserver:14'), 'blocker mail-server'],
  [from('analogic/poste.io'), 'blocker mail-server'],
  [from('mailcow/postfix:1.80'), 'blocker mail-server'],
  [from('ghcr.io/mailu/smtp:2.0'), 'blocker mail-server'],
  [from('devture/exim-relay'), 'blocker mail-server'],
  [from('foxcpp/maddy:0.7'), 'blocker mail-server'],
  [from('registry.example.com:5000/stalwartlabs/stalwart@sha256:aa'), 'blocker mail-server'],
  [from('mailhog/mailhog'), undefined],
  [from('axllent/mailpit'), undefined],
  [from('boky/postfix-exporter'), undefined],
  [from('mailcow/dovecot'), undefined],
  [from('ghcr.io/mailu/webmail:2.0'), undefined],
  [from('mailcow/watchdog'), undefined],
  [from('ghcr.io/mailcow-dockerized/postfix'), 'blocker mail-server'],
  [from('app:postfix'), undefined],
  [from('suffixpostfixes/app'), undefined],
  [ports({ '25/tcp': '25' }), 'blocker mail-server'],
  [ports({ '25/tcp': '587' }), 'blocker mail-server'],
  [ports({ '587/tcp': '587' }, ['25/tcp']), 'blocker mail-server'],
  [ports({ '587/tcp': '587' }), undefined],
  [ports({ '25/tcp': '2525' }), undefined],
  [ports({ '1025/tcp': '1025' }), undefined],
  [{ ...from('boky/postfix'), env: ['RELAYHOST=[email-smtp.eu-central-1.amazonaws.com]:587'] }, undefined],
  [{ ...from('boky/postfix'), env: ['RELAYHOST=[mail.example.com]:25'] }, 'blocker mail-server'],
  [{ ...from('boky/postfix'), env: ['RELAYHOST='] }, 'blocker mail-server'],
  [{ env: ['SMTP_PORT=25', 'SMTP_HOST=mail.example.com'] }, 'warning mail-port-25'],
  [{ env: ['SMTP_PORT=25'] }, 'warning mail-port-25'],
  [{ env: ['WORDPRESS_SMTP_PORT=25', 'WORDPRESS_SMTP_HOST=mail'] }, undefined],
  [{ env: ['SMTP_PORT=25', 'SMTP_HOST=127.0.0.1'] }, undefined],
  [{ env: ['EMAIL_PORT=587', 'EMAIL_HOST=mail.example.com'] }, undefined],
  [{ env: ['MAIL_PORT=25', 'MAIL_SERVER=10.1.2.3'] }, 'warning mail-port-25'],
  [{ env: ['GF_SMTP_HOST=mail.example.com:25'] }, 'warning mail-port-25'],
  [{ env: ['MAILER_DSN=smtp://me:pass@mail.example.com:25?x=1'] }, 'warning mail-port-25'],
  [{ env: ['SMTP_URL=smtp://mail.example.com:2525'] }, undefined],
  [{ env: ['SMTP_URL=smtp://mail:25'] }, undefined],
  [{ env: ['PORT=25', 'PAGE_HOST=x.example.com:25'] }, undefined],
])('%j: %s', (parts, expected) => {
  const found = mailFindings([container(parts)]).map(({ level, code }) => `${level} ${code}`);
  expect(found).toEqual(expected === undefined ? [] : [expected]);
});

test('the ways out are named, secrets are not shown', () => {
  const parts = { name: 'mail', config: { Image: 'boky/postfix' } };
  const app = container({ name: 'app', env: ['MAILER_DSN=smtp://me:hunter2@mail.example.com:25'] });
  const [server, sender] = mailFindings([container(parts), app]);
  for (const word of ['ec2-port-25-throttle', 'PTR', 'SPF', 'SES', '587', 'leave: [mail]'])
    expect(server?.remedy).toContain(word);
  expect(sender?.message).toContain('MAILER_DSN (mail.example.com:25)');
  expect(JSON.stringify(sender)).not.toContain('hunter2');
});

test('one that stays on the droplet is nobody’s trouble', () => {
  const found = inventory([container({ name: 'mail', config: { Image: 'boky/postfix' } })]);
  const codes = (leave: readonly string[]) =>
    designMigration(found, { ...settings, leave }).findings.map(({ code }) => code);
  expect(codes([])).toContain('mail-server');
  expect(codes(['mail'])).not.toContain('mail-server');
});
