import { recordOf } from '../ecs/json.ts';
import type { Finding } from '../finding.ts';
import type { Container } from '../inventory.ts';
import { reveal } from '../secret.ts';
import { publicPorts } from './ecs-names.ts';

/**
 * EC2 lets nothing out to port 25, by which mail servers hand mail to one another, until AWS is asked; the ports 465 and
 * 587, by which a program hands mail to its own server, are open. What comes in is not held back.
 */
export const mailFindings = (containers: readonly Container[]): Finding[] =>
  containers.flatMap((container) => {
    const variables = new Map(container.env.map(({ name, value }) => [name, reveal(value ?? '')]));
    const relays = [...variables].filter(([name, value]) => isRelay.test(name) && value !== '');
    if (relays.some(([, value]) => isOtherPort.test(value))) return [];
    const signs = serverSigns(container);
    if (signs.length > 0) return [server(container.name, signs)];
    const sends = [...variables].flatMap(([name, value]) => sendsBy25(name, value, variables));
    return sends.length > 0 ? [sender(container.name, sends)] : [];
  });

/** Images that hand mail on to other servers; those of Mailu and mailcow that do are called smtp and postfix. */
const mailImage =
  /(^|[/._-])(postfix|exim4?|maddy|stalwart|opensmtpd|sendmail|haraka|docker-mailserver|poste\.io|mailu\/smtp)([/._-]|$)/;
const onlyBeside = /exporter|admin/;

const mailPorts = [25, 465, 587];

function serverSigns(container: Container): string[] {
  const { imageName, inspect } = container;
  const image = imageName.replace(/@.*$/, '').replace(/:[^/]*$/, '');
  const published = publicPorts(container).filter(({ hostPort }) => mailPorts.includes(hostPort));
  const listens25 =
    published.some(({ containerPort }) => containerPort === 25) || '25/tcp' in recordOf(inspect.Config.ExposedPorts);
  return [
    ...(mailImage.test(image) && !onlyBeside.test(image) ? [`its image is ${imageName}`] : []),
    ...(published.length > 0 && listens25
      ? [`it publishes ${published.map(({ hostPort, containerPort }) => `${hostPort}:${containerPort}`).join(', ')}`]
      : []),
  ];
}

/** The name is all of a variable, or the end of one: RELAYHOST, POSTFIX_RELAY_HOST, DEFAULT_RELAY_HOST. */
const isRelay = /(^|_)(RELAY|SMART)_?HOST$/i;
const isOtherPort = /:(?!25$)\d+$/;

/** Variables by which a program is told where it hands its mail to. */
const isMailPort = /(SMTP|MAIL)\w*?_?PORT$/i;
const isMailHost = /(SMTP|MAIL)\w*?_?(HOST|HOSTNAME|SERVER|ADDRESS|URL|DSN)$|^RELAY_?HOST$/i;

/** A name without a dot is another container's, which is where the finding belongs. */
function sendsBy25(name: string, value: string, variables: ReadonlyMap<string, string>): string[] {
  if (isMailPort.test(name) && value === '25') {
    const stem = name.replace(/PORT$/i, '');
    const host = ['HOST', 'HOSTNAME', 'SERVER', 'ADDRESS'].map((end) => variables.get(`${stem}${end}`)).find(Boolean);
    return host === undefined || isElsewhere(host) ? [`${name}=25`] : [];
  }
  const [, host = ''] = (isMailHost.test(name) && /(?:^|\/\/|@|\[)([\w.-]+)\]?:25(?!\d)/.exec(value)) || [];
  return isElsewhere(host) ? [`${name} (${host}:25)`] : [];
}

const isElsewhere = (host: string): boolean => host.includes('.') && !/^(127\.|172\.17\.0\.1$)/.test(host);

const request =
  'ask AWS to lift the limit, by its form "Request to remove email sending limitations" (https://repost.aws/knowledge-center/ec2-port-25-throttle)';
const relay = 'hand mail to a relay on port 587, such as Amazon SES';

const server = (subject: string, signs: readonly string[]): Finding => ({
  level: 'blocker',
  code: 'mail-server',
  subject,
  message: `It is a mail server (${signs.join('; ')}). EC2 lets nothing out to port 25 by default: its mail would stay in the queue and come back in the end; and other servers do not trust an address without a reverse DNS name of its own.`,
  remedy: `One of these. 1: ${request}; give the instance an Elastic IP with its name as reverse DNS (PTR: aws ec2 modify-address-attribute --allocation-id <eipalloc-…> --domain-name <mail.example.com>) and put the address into the SPF record of each domain; then accept "mail-server:${subject}". 2: ${relay} (RELAYHOST or the like), with the relay in the SPF records (include:amazonses.com). 3: keep it on the droplet: leave: [${subject}].`,
});

const sender = (subject: string, places: readonly string[]): Finding => ({
  level: 'warning',
  code: 'mail-port-25',
  subject,
  message: `It sends mail to port 25 (${places.join(', ')}), to which EC2 lets nothing out by default: that mail would not leave.`,
  remedy: `Change its port to 587 or 465 on the source, where its mail server has one; or ${relay}, with include:amazonses.com in the SPF records; or ${request}.`,
});
