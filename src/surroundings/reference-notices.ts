import type { Container } from '../inventory.ts';
import type { Noticed } from './finding-with-setup.ts';

export type ReferenceKind =
  | 'own'
  | 'old-bridge'
  | 'bridge'
  | 'private'
  | 'metadata'
  | 'resolver'
  | 'private-database'
  | 'database'
  | 'registry'
  | 'spaces';

/** docker0's address before Docker 1.9 (§5). */
export const oldBridge = '172.17.42.1';

type Text = Omit<Noticed, 'subject'>;

/** What to say of one kind of host; `places` names where it stands, without secrets. */
export function referenceNotice(kind: ReferenceKind, places: string, container: Container): Text {
  return kind === 'spaces' ? spaces(places, container) : texts[kind](places);
}

const warning = (code: string, message: string, remedy: string): Text => ({ level: 'warning', code, message, remedy });

const texts: Readonly<Record<Exclude<ReferenceKind, 'spaces'>, (places: string) => Text>> = {
  own: (places) =>
    warning(
      'source-address',
      `It names an address of the source in ${places}; from AWS that leads to the droplet, or nowhere.`,
      'Change it on the source to what does not move with the host: a container’s name, or 172.17.0.1 for a port that the host publishes; visitors’ names belong into DNS. Then plan again.',
    ),
  'old-bridge': (places) =>
    warning(
      'old-bridge-address',
      `It names ${oldBridge}, which docker0 had before Docker 1.9, in ${places}; on the instance nothing has that address.`,
      'Change it there to 172.17.0.1, the instance’s docker0, at which published ports answer; on a source with a newer Docker that works now, too. Then plan again.',
    ),
  bridge: (places) =>
    warning(
      'bridge-address',
      `It names an address of the source’s Docker networks in ${places}; ECS gives out others.`,
      'Change it on the source: another container’s address to its name, a network’s gateway to 172.17.0.1 and a published port. Then plan again.',
    ),
  private: (places) =>
    warning(
      'private-address',
      `It names a private address in ${places}; from AWS the droplet’s private network cannot be reached.`,
      'Change it to a name or public address of that machine, and let the instance in there; or join the two networks by a VPN.',
    ),
  metadata: (places) =>
    warning(
      'droplet-metadata',
      `It asks 169.254.169.254 in ${places}: on the droplet DigitalOcean’s metadata, on the instance EC2’s, which answers otherwise and wants a token (IMDSv2).`,
      'Give it what it asks for (address, region, name) in its environment instead.',
    ),
  resolver: (places) =>
    warning(
      'provider-resolver',
      `It names DigitalOcean’s DNS servers in ${places}, which answer droplets only.`,
      'Leave them out, or name 169.254.169.253, the VPC’s resolver; Docker’s own is 127.0.0.11 on user-defined networks only.',
    ),
  'private-database': (places) => ({
    level: 'blocker',
    code: 'private-database',
    message: `It calls a managed database of DigitalOcean by its private name in ${places}; from AWS that cannot be reached.`,
    remedy:
      'Name it without "private-" on the source, and plan again. Before cut-over, let the instance in: doctl databases firewalls append DATABASE-ID --rule ip_addr:ADDRESS-OF-THE-INSTANCE.',
  }),
  database: (places) =>
    warning(
      'managed-database',
      `It calls a managed database of DigitalOcean in ${places}; that stays where it is, and answers its trusted sources only.`,
      'Before cut-over, let the instance in: doctl databases firewalls append DATABASE-ID --rule ip_addr:ADDRESS-OF-THE-INSTANCE. Every query will take the way between the two clouds.',
    ),
  registry: (places) => ({
    level: 'info',
    code: 'provider-registry',
    message: `It names DigitalOcean’s container registry in ${places}. Its own image is pushed to ECR; what it pulls from there itself is not.`,
  }),
};

/** Since agent 1.104 the SDKs' region is set in every container (§3), and would sign requests to Spaces. */
function spaces(places: string, { env }: Container): Text {
  const hasRegion = env.some(({ name }) => name === 'AWS_REGION' || name === 'AWS_DEFAULT_REGION');
  const message = `It uses DigitalOcean Spaces in ${places}, which stays where it is.`;
  return hasRegion
    ? { level: 'info', code: 'spaces', message }
    : warning(
        'spaces',
        `${message} The ECS agent sets AWS_REGION in containers that do not set it, which may change how requests are signed.`,
        'Set AWS_REGION and AWS_DEFAULT_REGION of the container on the source to what it uses now (us-east-1 where it names none), then plan again.',
      );
}
