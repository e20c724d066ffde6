import { describe, expect, it } from 'vitest';
import { looksSecret, redactArguments } from '../../../src/ecs/secrets.ts';

describe('looksSecret', () => {
  it.each([
    ['DB_PASSWORD', 'hunter2'],
    ['MYSQL_ROOT_PASSWORD', 'x'],
    ['PGPASSWORD', 'x'],
    ['MYSQL_PWD', 'x'],
    ['DB_PASS', 'x'],
    ['dbPassword', 'x'],
    ['SECRET_KEY_BASE', 'abc'],
    ['APP_KEY', 'base64:AAAA'],
    ['API_KEY', '1234'],
    ['STRIPE_APIKEY', '1234'],
    ['AWS_SECRET_ACCESS_KEY', 'abc'],
    ['AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE'],
    ['GITHUB_TOKEN', 'abc'],
    ['JWT_SECRET', 'abc'],
    ['GOOGLE_CREDENTIALS', '{"a":1}'],
    ['PRIVATE', 'abc'],
    ['SSH_PRIVATE_KEY', 'abc'],
    ['DATABASE_URL', 'mysql://app:hunter2@db/app'],
    ['REDIS_URL', 'redis://:hunter2@cache:6379'],
    ['DSN', 'app:hunter2@tcp(db:3306)/app'],
    ['ANYTHING', 'ghp_0123456789abcdefghij'],
    ['ANYTHING', 'sk_live_0123456789'],
    ['ANYTHING', 'xoxb-0123456789-abc'],
    ['ANYTHING', '-----BEGIN RSA PRIVATE KEY-----\nMIIE'],
    ['ANYTHING', 'eyJhbGciOiJI.eyJzdWIiOiIx.c2ln'],
    ['DB_PASSWORD', '/abc+def'],
  ])('%s=%s is secret', (name, value) => {
    expect(looksSecret(name, value)).toBe(true);
  });

  it.each([
    ['DB_PASSWORD', ''],
    ['DB_PASSWORD', ' '],
    ['DB_PASSWORD_FILE', '/run/secrets/db'],
    ['POSTGRES_PASSWORD', '/run/secrets/db'],
    ['MYSQL_ALLOW_EMPTY_PASSWORD', 'yes'],
    ['KEYBOARD', 'de'],
    ['KEYBOARD_LAYOUT', 'de'],
    ['PUBLIC_KEY', 'abc'],
    ['JWT_PUBLIC_KEY', 'abc'],
    ['PRIMARY_KEY', 'id'],
    ['CACHE_KEY', 'v1'],
    ['KEY_PREFIX', 'app'],
    ['MONKEY', 'george'],
    ['TOKEN_TTL', '3600'],
    ['TOKEN_URL', 'https://login.example.org'],
    ['PASSWORD_MIN_LENGTH', '8'],
    ['AUTHOR', 'me'],
    ['COMPASS', 'north'],
    ['SECRETARY', 'anna'],
    ['SITE_URL', 'https://example.org:8080/path@x'],
    ['HOME', '/root'],
    ['PATH', '/usr/bin'],
    ['APP_MODE', 'production'],
    ['EMAIL', 'a@example.org'],
  ])('%s=%s is not', (name, value) => {
    expect(looksSecret(name, value)).toBe(false);
  });
});

it.each([
  [
    ['redis-server', '--requirepass', 'hunter2'],
    ['redis-server', '--requirepass', '[redacted]'],
  ],
  [
    ['app', '--db-password=hunter2', '-v'],
    ['app', '[redacted]', '-v'],
  ],
  [
    ['app', '--url', 'redis://:hunter2@cache'],
    ['app', '--url', '[redacted]'],
  ],
  [
    ['app', 'API_KEY=hunter2'],
    ['app', '[redacted]'],
  ],
  [
    ['nginx', '-g', 'daemon off;'],
    ['nginx', '-g', 'daemon off;'],
  ],
  [
    ['app', '--token', '--verbose'],
    ['app', '--token', '--verbose'],
  ],
])('redacts the arguments %j', (args, shown) => {
  expect(redactArguments(args)).toEqual(shown);
});
