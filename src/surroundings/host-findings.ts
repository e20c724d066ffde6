import { isInside } from '../ecs/host-paths.ts';
import { networkModeOf } from '../ecs/network-rules.ts';
import { bindMounts } from '../ecs/places.ts';
import { type Noticed, type Scene, writeFile } from './finding-with-setup.ts';

/** Names and addresses, modules, swap, disks, certificates and agents: what else the host had. */
export const hostFindings = (scene: Scene): Noticed[] => [
  ...hostsFindings(scene),
  ...moduleFindings(scene),
  ...swapFindings(scene),
  ...diskFindings(scene),
  ...certificateFindings(scene),
  ...agentFindings(scene),
];

/** `10.0.0.5 db db.internal`; a container on the host's network reads the host's own file. */
function hostsFindings({ around: { hosts }, inventory }: Scene): Noticed[] {
  if (hosts.length === 0) return [];
  const onHost = inventory.containers.filter((each) => networkModeOf(each) === 'host').map(({ name }) => name);
  return [
    {
      level: onHost.length > 0 ? 'warning' : 'info',
      code: 'etc-hosts',
      subject: '/etc/hosts',
      message: `The source’s /etc/hosts has ${hosts.map((line) => `"${line}"`).join(', ')}${onHost.length > 0 ? `, which ${onHost.join(', ')} on the host’s network could see` : '; no container can see it'}.`,
      ...(onHost.length > 0 && {
        remedy: 'Leave out those that mean the droplet itself.',
        setup: `cat >>/etc/hosts <<'ECSODUS'\n${hosts.join('\n')}\nECSODUS`,
      }),
    },
  ];
}

/** Docker, cloud images and the kernel load these themselves. */
const usualModules =
  /^(loop|lp|rtc|br_netfilter|overlay|bridge|dm_.*|dm-.*|xt_.*|nf_.*|ip_tables|iptable_.*|ip6_tables|ip6table_.*|virtio.*|8021q|ipmi.*|msr|cpuid|parport.*|ppdev|kvm.*|efi_pstore|pstore.*|tcp_bbr)$/;

const moduleFindings = ({ around: { modules } }: Scene): Noticed[] =>
  [...new Set(modules)]
    .filter((name) => !usualModules.test(name))
    .map((name) => ({
      level: 'warning',
      code: 'kernel-module',
      subject: name,
      message: `The source loads the kernel module ${name} at boot; the instance does not.`,
      remedy: 'Not every module of Debian’s kernel is in Amazon’s.',
      setup: `${writeFile(`/etc/modules-load.d/${name}.conf`, name)}\nmodprobe ${name} || true`,
    }));

/** At most this much on the root disk; provision makes room besides for containers with a share of swap of their own. */
const mostSwapMib = 4096;

function swapFindings({ around: { swapBytes } }: Scene): Noticed[] {
  const swapMib = Math.round(swapBytes / 1024 ** 2);
  if (swapMib === 0) return [];
  return [
    {
      level: 'info',
      code: 'host-swap',
      subject: 'swap',
      message: `The source has ${swapMib} MiB of swap. ECS never counts swap as memory that tasks can have, and the AMI comes without.`,
      remedy: 'As a reserve for containers without a memory limit of their own:',
      setup: `dd if=/dev/zero of=/var/swap-of-the-host bs=1M count=${Math.min(swapMib, mostSwapMib)} status=none
chmod 600 /var/swap-of-the-host
mkswap /var/swap-of-the-host
swapon /var/swap-of-the-host
echo '/var/swap-of-the-host none swap defaults 0 0' >>/etc/fstab`,
    },
  ];
}

const diskFindings = ({ around: { disks }, inventory }: Scene): Noticed[] =>
  disks.map(({ name, mountPoints }) => {
    const sources = inventory.containers.flatMap((each) => bindMounts(each).map(({ Source }) => Source));
    const places = mountPoints.filter((place) => place !== '/');
    const copied = sources.filter((source) => places.some((place) => isInside(source, place)));
    const at = mountPoints.length === 0 ? 'not mounted' : `mounted at ${mountPoints.join(', ')}`;
    return copied.length > 0
      ? {
          level: 'info',
          code: 'attached-volume',
          subject: name,
          message: `Of DigitalOcean’s volume ${name} (${at}) only what containers mount is copied: ${[...new Set(copied)].join(', ')}.`,
        }
      : {
          level: 'warning',
          code: 'attached-volume',
          subject: name,
          message: `No container mounts anything of DigitalOcean’s volume ${name} (${at}): nothing on it is copied, unless Docker’s own files are there.`,
          remedy: 'Copy what you need from it yourself, before the droplet and its volume go.',
        };
  });

function certificateFindings({ around: { certificates, acmeFolders }, inventory }: Scene): Noticed[] {
  const mounted = inventory.containers.flatMap((each) => bindMounts(each).map(({ Source }) => Source));
  const places = [...(certificates.length > 0 ? ['/etc/letsencrypt'] : []), ...acmeFolders];
  return places.map((place) => {
    const copied = mounted.filter((source) => isInside(source, place) || isInside(place, source));
    const isWhole = copied.some((source) => isInside(place, source));
    const what =
      place === '/etc/letsencrypt' ? `certificates for ${certificates.join(', ')}` : 'certificates of acme.sh';
    return {
      level: 'warning',
      code: 'certificates',
      subject: place,
      message: `The host has ${what} in ${place}; ${copied.length === 0 ? 'no container mounts them, so they are not copied' : 'they are copied, their renewal is not'}.`,
      remedy:
        copied.length > 0 && !isWhole
          ? `Mount all of ${place} in the container on the source: what lies in live/ is links into archive/. Renew on the instance once DNS points there.`
          : 'Renew on the instance once DNS points there (http-01 works only then), or use AWS Certificate Manager on a load balancer.',
    };
  });
}

const agents: Readonly<Record<string, string>> = {
  'do-agent':
    'DigitalOcean’s metrics agent; alerts set in its control panel end with the droplet (CloudWatch has metrics of the instance)',
  'droplet-agent': 'DigitalOcean’s console agent; AWS has Session Manager',
};

function agentFindings({ around: { programs, vendor } }: Scene): Noticed[] {
  const found = Object.entries(agents).filter(([name]) => programs.includes(name));
  const backups: Noticed = {
    level: 'info',
    code: 'provider-backups',
    subject: 'DigitalOcean',
    message:
      'Backups and snapshots of the droplet, and its Cloud DNS and alerts, cannot be seen from here and have no counterpart on the instance.',
    remedy: 'Back the data disk up on AWS: Amazon Data Lifecycle Manager, or aws ec2 create-snapshot.',
  };
  return [
    ...found.map(
      ([name, message]): Noticed => ({
        level: 'info',
        code: 'provider-agent',
        subject: name,
        message: `The host runs ${message}.`,
      }),
    ),
    ...(vendor === 'DigitalOcean' ? [backups] : []),
  ];
}
