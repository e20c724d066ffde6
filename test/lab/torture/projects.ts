import { compose, type Row } from './row.ts';

/** Host and port of a URL that a variable holds. */
const inUrl = (variable: string): string => `$(at=\${${variable}#*//}; echo \${at%/})`;

const labels = ['Config.Labels', 'NetworkSettings.Networks', 'HostConfig.NetworkMode'];

/**
 * Two compose projects, each with its own `db:3306`, behind one shared proxy that knows both at port 8080 by a file. Another
 * calls both by variables, in which a port can be changed.
 */
const behindOneProxy: readonly Row[] = [
  {
    name: 'shop-db-1',
    flags: `${compose('shop', 'db')} -v shop_data:/data -e MYSQL_ROOT_PASSWORD=shop-root-secret
      --health-cmd 'wget -qO- http://127.0.0.1:3306/' --health-interval 5s --health-timeout 3s --health-retries 3`,
    image: 'plain',
    args: 'serve 3306',
    covers: [...labels, 'Config.Healthcheck', 'Mounts', 'Config.Env'],
  },
  {
    name: 'shop-migrate-1',
    flags: `${compose('shop', 'migrate', 'db:service_healthy:false')} --restart no`,
    image: 'plain',
    args: 'true',
    covers: [],
    ends: true,
  },
  {
    name: 'shop-web-1',
    flags: `${compose('shop', 'web', 'db:service_healthy:false,migrate:service_completed_successfully:false')}
      -e DATABASE_URL=mysql://shop:shop-user-secret@db:3306/shop`,
    connect: ['--alias web edge'],
    image: 'plain',
    args: 'serve 8080',
    covers: labels,
    calls: { '$(at=${DATABASE_URL#*@}; echo ${at%/*})': 'shop-db-1' },
  },
  {
    name: 'blog-db-1',
    flags: `${compose('blog', 'db')} -v blog_data:/data`,
    image: 'plain',
    args: 'serve 3306',
    covers: [...labels, 'Mounts'],
  },
  {
    name: 'blog-app-1',
    flags: `${compose('blog', 'app', 'db:service_started:false')} -e DB_HOST=db -e DB_PORT=3306 -e DB_PASSWORD=blog-user-secret`,
    connect: ['--alias app edge'],
    image: 'plain',
    args: 'serve 8080',
    covers: labels,
    calls: { '$DB_HOST:$DB_PORT': 'blog-db-1' },
  },
  {
    name: 'edge-proxy',
    flags:
      '--network edge -p 8180:8080 -v /srv/edge/proxy.conf:/etc/proxy.conf:ro -e SHOP_URL=http://web:8080/ --restart always',
    image: 'plain',
    args: 'serve 8080',
    covers: ['HostConfig.PortBindings', 'Mounts', 'HostConfig.RestartPolicy'],
    calls: { [inUrl('SHOP_URL')]: 'shop-web-1', 'app:8080': 'blog-app-1' },
  },
  {
    name: 'edge-watcher',
    flags:
      '--network edge -e SHOP_URL=http://web:8080/ -e BLOG_URL=http://watcher:watcher-user-secret@app:8080/ --restart always',
    image: 'plain',
    covers: ['NetworkSettings.Networks', 'Config.Env'],
    calls: { [inUrl('SHOP_URL')]: 'shop-web-1', '$(at=${BLOG_URL#*@}; echo ${at%/})': 'blog-app-1' },
  },
];

/** Neither can be linked first. */
const inACircle: readonly Row[] = [
  {
    name: 'ping',
    flags: '--network pair -e PEER=http://pong:7001/ --restart always',
    image: 'plain',
    args: 'serve 7000',
    covers: ['NetworkSettings.Networks'],
    calls: { [inUrl('PEER')]: 'pong' },
  },
  {
    name: 'pong',
    flags: '--network pair -e PEER=http://ping:7000/ --restart always',
    image: 'plain',
    args: 'serve 7001',
    covers: ['NetworkSettings.Networks'],
    calls: { [inUrl('PEER')]: 'ping' },
  },
];

const workers = Array.from({ length: 9 }, (_, index) => `worker${index + 1}`);
const addresses = workers.map((worker, index) => `${worker}:${7201 + index}`);
const gatewayCalls = Object.fromEntries(
  workers.map((worker, index) => [`$(IFS=,; set -- $WORKERS; shift ${index}; echo $1)`, `large-${worker}-1`]),
);

/** One more than a task takes: a queue, nine workers that call it, a gateway that calls them all. */
const ofEleven: readonly Row[] = [
  {
    name: 'large-queue-1',
    flags: `${compose('large', 'queue')} -e ADVERTISED=tcp://queue:7200`,
    image: 'plain',
    args: 'serve 7200',
    covers: labels,
    calls: { [inUrl('ADVERTISED')]: 'large-queue-1' },
  },
  ...workers.map(
    (worker, index): Row => ({
      name: `large-${worker}-1`,
      flags: `${compose('large', worker, 'queue:service_started:false')} -e QUEUE=queue:7200`,
      image: 'plain',
      args: `serve ${7201 + index}`,
      covers: labels,
      calls: { $QUEUE: 'large-queue-1' },
    }),
  ),
  {
    name: 'large-gateway-1',
    flags: `${compose('large', 'gateway')} -p 8181:8080 -e WORKERS=${addresses.join(',')}`,
    image: 'plain',
    args: 'serve 8080',
    covers: [...labels, 'HostConfig.PortBindings'],
    calls: gatewayCalls,
  },
];

export const projects: readonly Row[] = [...behindOneProxy, ...inACircle, ...ofEleven];
