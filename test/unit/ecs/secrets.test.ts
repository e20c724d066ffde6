import { describe, expect, it } from 'vitest';
import { looksSecret, redactArguments, redactText, secretArguments } from '../../../src/ecs/secrets.ts';

/** Made by chance once, with no meaning anywhere. */
const random = 'q7Zt2KpX9vLm4RbW8sYc3NdF';
const hex = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const pem = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----';

describe('looksSecret', () => {
  it.each([
    // by name
    ['DB_PASSWORD', 'hunter2'],
    ['MYSQL_ROOT_PASSWORD', 'x'],
    ['PGPASSWORD', 'x'],
    ['MYSQL_PWD', 'x'],
    ['DB_PASS', 'x'],
    ['DBPASS', 'x'],
    ['ROOT_PW', 'x'],
    ['dbPassword', 'x'],
    ['spring.datasource.password', 'x'],
    ['SECRET_KEY_BASE', 'abc'],
    ['APP_KEY', 'base64:AAAA'],
    ['API_KEY', '1234'],
    ['APIKey', '1234'],
    ['STRIPE_APIKEY', '1234'],
    ['AWS_SECRET_ACCESS_KEY', 'abc'],
    ['ALGOLIA_API_KEYS', 'abc'],
    ['GITHUB_TOKEN', 'abc'],
    ['BOTTOKEN', 'abc'],
    ['JWT_SECRET', 'abc'],
    ['VAULT_SECRET_ID', 'abc'],
    ['GOOGLE_CREDENTIALS', '{"a":1}'],
    ['PRIVATE', 'abc'],
    ['SSH_PRIVATE_KEY', 'abc'],
    ['TLS_PRIVATE_KEY_PEM', 'abc'],
    ['AUTH_SALT', 'abc'],
    ['DB_PASSWORD', '/abc+def'],
    ['DB_PASSWORD', '$ecret'],
    ['DB_PASSWORD', '$SECRET!'],
    ['DB_PASSWORD', '123456'],
    // by shape
    ['AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE'],
    ['DATABASE_URL', 'mysql://app:hunter2@db/app'],
    ['DATABASE_URL', 'postgres://app:p@ss/w:rd@db:5432/app?sslmode=disable'],
    ['MONGO_URL', 'mongodb://app:hunter2@a:27017,b:27017/app'],
    ['BROKER', 'amqp://guest:guest@mq//'],
    ['REDIS_URL', 'redis://:hunter2@cache:6379'],
    ['JDBC', 'jdbc:mysql://db/app?user=app&password=hunter2'],
    ['JDBC', 'jdbc:oracle:thin:scott/tiger@//db:1521/x'],
    ['GIT', `https://${random}@example.org/team/app.git`],
    ['LEGACY_DSN', 'https://0123456789abcdef0123456789abcdef:0123456789abcdef0123456789abcdef@sentry.example.org/4'],
    ['DSN', 'app:hunter2@tcp(db:3306)/app'],
    ['DSN', 'mysql:host=db;dbname=app;password=hunter2'],
    ['CONNECTION', 'Server=db;Database=app;User Id=sa;Password=hunter2;Encrypt=True'],
    ['ConnectionStrings__Main', 'Host=db, port=5432, pwd=hunter2'],
    ['LIBPQ', "host=db user=app password='hunter 2'"],
    ['CONFIG', '{"db":{"host":"db","password":"hunter2"}}'],
    ['DOCKER_CONFIG_JSON', '{"auths":{"registry.example.org":{"auth":"YW5uOmh1bnRlcjI="}}}'],
    ['GITLAB_OMNIBUS_CONFIG', "external_url 'http://x'; gitlab_rails['smtp_password'] = \"hunter2\""],
    ['JAVA_OPTS', '-Xmx1g -Djavax.net.ssl.keyStorePassword=hunter2'],
    ['ANYTHING', Buffer.from('user: ann\npassword: hunter2\n').toString('base64')],
    ['ANYTHING', 'ghp_0123456789abcdefghij'],
    ['ANYTHING', 'sk_live_0123456789'],
    ['ANYTHING', 'xoxb-0123456789-abc'],
    ['ANYTHING', '123456789:AAabcdefghijklmnopqrstuvwxyz0123456'],
    ['ANYTHING', pem],
    ['ANYTHING', pem.replaceAll('\n', '\\n')],
    ['ANYTHING', Buffer.from(pem).toString('base64')],
    ['ANYTHING', 'eyJhbGciOiJI.eyJzdWIiOiIx.c2ln'],
    ['ALERTS', 'https://hooks.slack.com/services/T0/B0/abc'],
    ['ALERTS', 'https://discord.com/api/webhooks/123/abc-def'],
    ['DEPLOY_WEBHOOK_URL', `https://ci.example.org/hook/${hex}`],
    ['USERS', 'ann:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/'],
    ['USERS', 'ann:$$2y$$05$$abcdefghijklmnopqrstuv'],
    ['USERS', 'ann:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc='],
    ['HEADERS', 'Authorization: Basic YW5uOmh1bnRlcjI='],
    // by chance
    ['ANYTHING', random],
    ['ANYTHING', `--id ${random}`],
    ['BASIC_AUTH', 'ann:hunter2'],
    ['SESSION', hex.slice(0, 32)],
    ['NONCE', 'k3j9x8w2m5p7q1z4'],
  ])('%s=%s is secret', (name, value) => {
    expect(looksSecret(name, value)).toBe(true);
  });

  it.each([
    ['DB_PASSWORD', ''],
    ['DB_PASSWORD', ' '],
    ['DB_PASSWORD_FILE', '/run/secrets/db'],
    ['POSTGRES_PASSWORD', '/run/secrets/db'],
    ['MYSQL_ALLOW_EMPTY_PASSWORD', 'yes'],
    ['MYSQL_RANDOM_ROOT_PASSWORD', 'true'],
    ['MINIO_ACCESS_KEY_FILE', 'access_key'],
    ['SSL_KEY', 'server.key'],
    ['SSH_KEY', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJyFZ0l2QkR3c1h5 ann@laptop'],
    ['TLS_CERT', `-----BEGIN CERTIFICATE-----\n${random}${random}\n${random}\n-----END CERTIFICATE-----`],
    ['KEYBOARD', 'de'],
    ['KEYBOARD_LAYOUT', 'de'],
    ['PUBLIC_KEY', 'abc'],
    ['JWT_PUBLIC_KEY', 'abc'],
    ['STRIPE_PUBLISHABLE_KEY', 'pk_live_0123456789abcdef'],
    ['RECAPTCHA_SITE_KEY', '6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI'],
    ['PRIMARY_KEY', 'id'],
    ['CACHE_KEY', 'v1'],
    ['KEY_PREFIX', 'app'],
    ['MONKEY', 'george'],
    ['TOKEN_TTL', '3600'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '30'],
    ['MAX_TOKENS', '4096'],
    ['BCRYPT_SALT_ROUNDS', '10'],
    ['TOKEN_URL', 'https://login.example.org'],
    ['PROXY_PASS', 'http://app:8080'],
    ['PRIVATE_IP', '10.0.0.2'],
    ['PASSWORD_MIN_LENGTH', '8'],
    ['AUTHOR', 'me'],
    ['AUTH_MODE', 'oauth2'],
    ['BASIC_AUTH', 'enabled'],
    ['SESSION_COOKIE', 'my-app-session-2024'],
    ['COMPASS', 'north'],
    ['BYPASS', '10.0.0.0/8'],
    ['SECRETARY', 'anna'],
    ['SITE_URL', 'https://example.org:8080/path@x'],
    ['REDIS_URL', 'redis://cache:6379/0'],
    ['DATABASE_URL', 'postgres://app@db/app'],
    ['SENTRY_DSN', 'https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/42'],
    ['HOME', '/root'],
    ['APP_MODE', 'production'],
    ['EMAIL', 'a@example.org'],
    ['GIT_URL', 'git@github.com:team/app.git'],
    ['OAUTH', 'grant_type=password&token_type=bearer'],
    // what images of the Docker library say of themselves, and compose files say of services
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['GPG_KEY', 'E3FF2839C048B25C084DEBE9B26995E310250568'],
    ['GPG_KEYS', '39B641343D8C104B2B146DC3F9C39DC0B9698544 E60913E4DF209907D8E30D96659A97C9CF2A795A'],
    ['RABBITMQ_PGP_KEY_ID', '0x0A9AF2115F4687BD29803A206B73A36E6026DFCA'],
    ['MINIO_UPDATE_MINISIGN_PUBKEY', 'RWTx5Zr1tiHQLwG9keckT0c45M3AGeHD6IvimQHpyRywVWGbP1aVSGav'],
    ['PYTHON_VERSION', '3.12.1'],
    ['PYTHON_SHA256', hex],
    [
      'PYTHON_GET_PIP_URL',
      'https://github.com/pypa/get-pip/raw/049c52c665e8c5fd1751f942316e0a5c777d304f/public/get-pip.py',
    ],
    ['NGINX_VERSION', '1.25.3'],
    ['PKG_RELEASE', '1~bookworm'],
    ['YARN_VERSION', '1.22.19'],
    ['JAVA_VERSION', 'jdk-17.0.9+9'],
    ['JAVA_HOME', '/opt/java/openjdk'],
    ['JAVA_TOOL_OPTIONS', '-XX:+UseG1GC -XX:MaxRAMPercentage=75.0 -Dfile.encoding=UTF-8'],
    ['PG_VERSION', '16.1-1.pgdg120+1'],
    ['PHP_CFLAGS', '-fstack-protector-strong -fpic -fpie -O2 -D_LARGEFILE_SOURCE -D_FILE_OFFSET_BITS=64'],
    ['PHP_EXTRA_CONFIGURE_ARGS', '--enable-fpm --with-fpm-user=www-data --with-fpm-group=www-data --disable-cgi'],
    ['TOMCAT_SHA512', hex + hex],
    ['LANG', 'C.UTF-8'],
    ['DIGEST', `sha256:${hex}`],
    ['INTEGRITY', 'sha512-q7Zt2KpX9vLm4RbW8sYc3NdFq7Zt2KpX9vLm4RbW8sYc3NdF=='],
    ['COMMIT', hex.slice(0, 40)],
    ['WHATEVER', hex.slice(0, 40)],
    ['WHATEVER', hex],
    ['INSTANCE', '6f1c7f0e-3b7b-4b0e-9f43-0a5dbd1b2f11'],
    ['CLUSTER_ID', 'MkU3OEVBNTcwNTJENDM2QkX9zQ'],
    ['MESSAGE', Buffer.from('Hello world, this is a plain message').toString('base64')],
    ['KAFKA_LISTENER_SECURITY_PROTOCOL_MAP', 'INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT'],
    ['KAFKA_ADVERTISED_LISTENERS', 'INTERNAL://kafka:9092,EXTERNAL://example.org:9094'],
    ['LD_LIBRARY_PATH', '/usr/local/nvidia/lib:/usr/local/nvidia/lib64'],
    ['CLASSPATH', 'com/example/Application2Server4Configuration8Loader'],
    ['DEBUG', 'express:router,express:application'],
    ['TZ', 'America/Argentina/ComodRivadavia'],
    ['ALLOWED_HOSTS', 'a.example.org,b.example.org'],
    ['CRON', '*/5 * * * *'],
    ['USER_AGENT', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0'],
    ['IMAGE', 'registry.example.org/team/app:2024-01-31-abcdef0'],
    ['AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/ApplicationServerRole2'],
    ['S3_BUCKET', 'Example-Bucket-For-Backups-2024-01'],
    ['SERVICE_TAGS', 'TraefikEnable2024AndCamelCaseWords'],
    ['ES_JAVA_OPTS', '-Xms512m -Xmx512m'],
    ['xpack.security.enabled', 'false'],
    ['KEYCLOAK_FEATURES', 'token-exchange,admin-fine-grained-authz'],
    ['LOG_FORMAT', '$remote_addr - $remote_user [$time_local] "$request" $status'],
    ['NOTE', 'see https://example.org/docs?page=2#password'],
  ])('%s=%s is not', (name, value) => {
    expect(looksSecret(name, value)).toBe(false);
  });
});

describe('redactArguments', () => {
  it.each([
    [
      ['redis-server', '--requirepass', 'hunter2'],
      ['redis-server', '--requirepass', '[redacted]'],
    ],
    [
      ['app', '--db-password=hunter2', '-v'],
      ['app', '--db-password=[redacted]', '-v'],
    ],
    [
      ['app', '--db-password=two words; all of it'],
      ['app', '--db-password=[redacted]'],
    ],
    [
      ['app', '--url', 'redis://:hunter2@cache'],
      ['app', '--url', 'redis://:[redacted]@cache'],
    ],
    [
      ['app', 'API_KEY=hunter2'],
      ['app', 'API_KEY=[redacted]'],
    ],
    [
      ['java', '-Dspring.datasource.password=hunter2', 'app.jar'],
      ['java', '-Dspring.datasource.password=[redacted]', 'app.jar'],
    ],
    [
      ['sh', '-c', 'app --password=hunter2 && echo done'],
      ['sh', '-c', 'app --password=[redacted] && echo done'],
    ],
    [
      ['sh', '-c', 'exec redis-server --requirepass "hun ter2" --save ""'],
      ['sh', '-c', 'exec redis-server --requirepass "[redacted]" --save ""'],
    ],
    [
      ['bash', '-lc', `PGPASSWORD='hunter2' psql -h db`],
      ['bash', '-lc', `PGPASSWORD=[redacted] psql -h db`],
    ],
    [
      ['sh', '-c', 'sh -c "mysqladmin -phunter2 ping"'],
      ['sh', '-c', 'sh -c "mysqladmin -p[redacted] ping"'],
    ],
    [
      ['sh', '-c', 'x=$(redis-cli -a hunter2 ping)'],
      ['sh', '-c', 'x=$(redis-cli -a [redacted] ping)'],
    ],
    [
      ['CMD', 'mysqladmin', '-u', 'root', '-phunter2', 'ping'],
      ['CMD', 'mysqladmin', '-u', 'root', '-p[redacted]', 'ping'],
    ],
    [
      ['CMD-SHELL', 'mysqladmin ping -h localhost -u root -phunter2 || exit 1'],
      ['CMD-SHELL', 'mysqladmin ping -h localhost -u root -p[redacted] || exit 1'],
    ],
    [
      ['CMD', '/usr/bin/redis-cli', '-a', 'hunter2', 'ping'],
      ['CMD', '/usr/bin/redis-cli', '-a', '[redacted]', 'ping'],
    ],
    [
      ['CMD-SHELL', 'mongosh -u root -p hunter2 --eval 1'],
      ['CMD-SHELL', 'mongosh -u root -p [redacted] --eval 1'],
    ],
    [
      ['curl', '-u', 'elastic:hunter2', 'http://es:9200'],
      ['curl', '-u', '[redacted]', 'http://es:9200'],
    ],
    [
      ['curl', '-H', 'Authorization: Bearer hunter2', 'http://x'],
      ['curl', '-H', 'Authorization: Bearer [redacted]', 'http://x'],
    ],
    [
      ['curl', '-H', 'X-Api-Key: hunter2'],
      ['curl', '-H', 'X-Api-Key: [redacted]'],
    ],
    [
      ['openssl', '-passin', 'pass:hunter2'],
      ['openssl', '-passin', 'pass:[redacted]'],
    ],
    [
      ['app', random],
      ['app', '[redacted]'],
    ],
    [
      ['app', '--auth', 'ann:hunter2'],
      ['app', '--auth', '[redacted]'],
    ],
    [
      ['app', '--password', '-'],
      ['app', '--password', '[redacted]'],
    ],
  ])('%j', (args, shown) => {
    expect(redactArguments(args)).toEqual(shown);
    expect(secretArguments(args)).toEqual(args.flatMap((each, index) => (each === shown[index] ? [] : [index])));
  });

  it.each([
    [['nginx', '-g', 'daemon off;']],
    [['app', '--token', '--verbose']],
    [['app', '-p', '8080', '-a', '-u', 'root']],
    [['docker-proxy', '-p8080']],
    [['app', '-p', 'hunter2']], // only for programs that are known to read a password there
    [['sh', '-c', 'redis-server --requirepass "$REDIS_PASSWORD"']],
    [['sh', '-c', `redis-server --requirepass \${REDIS_PASSWORD}`]],
    [['sh', '-c', 'redis-server --requirepass $(cat /run/secrets/redis)']],
    [['sh', '-c', 'mysqladmin -p"$MYSQL_ROOT_PASSWORD" ping']],
    [['sh', '-c', 'app --password="$(cat /run/secrets/app)" --url redis://:$PASSWORD@cache']],
    [['sh', '-c', 'PASSWORD= app; TOKEN=$TOKEN app']],
    [['app', '-v', 'secrets:/run/secrets:ro', '--password-file', '/run/secrets/app']],
    [['mysqld', '--default-authentication-plugin=mysql_native_password', '--port=3306']],
    [['postgres', '-c', 'password_encryption=scram-sha-256']],
    [['traefik', '--providers.docker', '--entrypoints.web.address=:80']],
    [['java', '-jar', '/app.jar', '--spring.profiles.active=prod']],
  ])('%j has none', (args) => {
    expect(redactArguments(args)).toEqual(args);
    expect(secretArguments(args)).toEqual([]);
  });
});

describe('redactText', () => {
  it.each([
    ['ann:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/,bob:x', 'ann:[redacted]:x'],
    ['{"password":"hunter2","user":"ann"}', '{"password":"[redacted]","user":"ann"}'],
    ['Server=db;Password=hunter2;Database=app', 'Server=db;Password=[redacted];Database=app'],
    ['a\npassword: hunter2\nb', 'a\npassword: [redacted]\nb'],
    [`begin ${pem} end`, 'begin [redacted] end'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE cut off', '[redacted]'],
    ['https://x/?a=1&token=hunter2&b=2', 'https://x/?a=1&token=[redacted]&b=2'],
    ['Host(`example.org`) && PathPrefix(`/token`)', 'Host(`example.org`) && PathPrefix(`/token`)'],
    ['', ''],
  ])('%j', (text, shown) => {
    expect(redactText(text)).toBe(shown);
  });

  it('is done once: what is redacted stays as it is', () => {
    for (const text of ['--password=[redacted]', 'redis://:[redacted]@cache', 'password: [redacted]', '-p [redacted]'])
      expect(redactText(text)).toBe(text);
  });

  it.each([
    ['a=', 50_000],
    ['password="', 20_000],
    ['//:', 20_000],
    ['"\'', 20_000],
    ['a', 100_000],
    ['\\', 50_000],
    ['a ', 50_000],
    ['$(', 20_000],
    ['-----BEGIN PRIVATE KEY', 5_000],
  ])('ends soon on %j, many times', (piece, times) => {
    expect(redactText(piece.repeat(times)).length).toBeGreaterThan(0);
  });
});
