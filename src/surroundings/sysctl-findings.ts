import { type Noticed, type Scene, writeFile } from './finding-with-setup.ts';

/** `vm.max_map_count = 262144`, `-net/ipv4/…=1` */
export function parseSysctls(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\s*-?\s*([\w./*-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== '') found[key.replaceAll('/', '.')] = value.replace(/\s+/g, ' ');
  }
  return found;
}

/** `vm/max_map_count:262144` */
export const parseCurrentSysctls = (text: string): Record<string, string> =>
  parseSysctls(text.replace(/^([^:\n]+):/gm, '$1='));

/** About the console, hardening and the droplet's own network; or Docker and Amazon Linux set them themselves. */
const ofTheHost =
  /^(kernel\.(printk|sysrq|kptr_restrict|dmesg_restrict|yama\..*|core_.*|panic.*|randomize_va_space|unprivileged_.*|apparmor_.*|perf_.*|kexec_.*|ctrl-alt-del)|fs\.(protected_.*|suid_dumpable)|vm\.(mmap_min_addr|mmap_rnd_.*|swappiness|vfs_cache_pressure|panic_on_oom)|net\.(ipv4|ipv6)\.(conf|neigh|route|icmp.*)\..*|net\.ipv4\.(icmp_.*|ip_forward|tcp_syncookies|tcp_rfc1337|tcp_timestamps)|net\.ipv6\.(bindv6only|icmp.*)|net\.bridge\..*|dev\..*|user\..*)$/;

interface Default {
  /** Of Amazon Linux 2023, kernel 6.1. */
  readonly value: number;
  /** A value at or above which somebody must have set it: some follow the kernel's age or the memory. */
  readonly setFrom: number;
}

const defaults: Readonly<Record<string, Default>> = {
  'vm.max_map_count': { value: 65530, setFrom: 65531 },
  'vm.overcommit_memory': { value: 0, setFrom: 1 },
  'net.core.somaxconn': { value: 4096, setFrom: 4097 },
  'fs.inotify.max_user_watches': { value: 8192, setFrom: 524288 },
  'fs.inotify.max_user_instances': { value: 128, setFrom: 129 },
  'fs.aio-max-nr': { value: 65536, setFrom: 65537 },
};

/** Kernel settings that containers see, in files or set by hand, and that the instance does not have by itself. */
export function sysctlFindings({ around: { sysctls, sysctlsNow } }: Scene): Noticed[] {
  const byHand = Object.entries(defaults).filter(
    ([key, { setFrom }]) => !(key in sysctls) && Number(sysctlsNow[key] ?? 0) >= setFrom,
  );
  const wanted = new Map([
    ...Object.entries(sysctls).filter(([key, value]) => !ofTheHost.test(key) && !isDefault(key, value)),
    ...byHand.map(([key]): [string, string] => [key, sysctlsNow[key] ?? '']),
  ]);
  const others = Object.keys(sysctls).filter((key) => ofTheHost.test(key));
  return [
    ...[...wanted].map(([key, value]) => sysctlFinding(key, value, key in sysctls)),
    ...(others.length > 0 ? [ofTheHostFinding(others)] : []),
  ];
}

/** One that is lower than what a newer kernel begins with was meant to raise an older one's. */
const isDefault = (key: string, value: string): boolean => {
  const found = defaults[key];
  return found !== undefined && Number(value) <= found.value;
};

const sysctlFinding = (key: string, value: string, inFile: boolean): Noticed => ({
  level: 'warning',
  code: 'sysctl',
  subject: key,
  message: `The source has ${key} = ${value}${inFile ? '' : ', set by hand'}; the instance starts with Amazon Linux’s own.`,
  remedy: 'Containers that need it fail or slow down without it.',
  setup: `${writeFile(`/etc/sysctl.d/90-ecsodus-${key.replace(/[^\w.-]/g, '-')}.conf`, `${key} = ${value}`)}\nsysctl -q -p /etc/sysctl.d/90-ecsodus-${key.replace(/[^\w.-]/g, '-')}.conf || true`,
});

const ofTheHostFinding = (keys: readonly string[]): Noticed => ({
  level: 'info',
  code: 'sysctl-host',
  subject: 'sysctl',
  message: `Kernel settings of the host alone are not moved: ${keys.join(', ')}.`,
});
