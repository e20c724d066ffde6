import { isFilledIn } from './defaults.ts';
import { recordOf, shown, textOf, textsOf } from './json.ts';
import { approximated, blocked, lost, mapped, nothing, type Rule, type Verdict, warning } from './verdict.ts';

export const privileged: Rule = () => [
  mapped(
    { privileged: true },
    {
      finding: warning(
        'privileged',
        'It is privileged: it owns the machine it runs on.',
        'Name the capabilities it needs instead.',
      ),
    },
  ),
];

/** What the SDK's KernelCapabilities lists; BPF, PERFMON and CHECKPOINT_RESTORE came to Linux later (§1.3). */
const capabilities: readonly string[] = `ALL AUDIT_CONTROL AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH
  FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE
  NET_BROADCAST NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT
  SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM`.split(/\s+/);

export const isCapability = (name: string): boolean => capabilities.includes(name);

const capability =
  (kind: 'add' | 'drop'): Rule =>
  (value) =>
    textsOf(value).map((name) => {
      const plain = name.toUpperCase().replace(/^CAP_/, '');
      if (isCapability(plain))
        return mapped({ linuxParameters: { capabilities: { [kind]: [plain] } } }, { at: plain, value: name });
      return lost(
        'capability',
        `ECS does not know the capability ${plain}.`,
        'Use SYS_ADMIN in its place, or privileged.',
        { at: plain, value: name },
      );
    });

export const capAdd = capability('add');
export const capDrop = capability('drop');

export const securityOptions: Rule = (value, { host }) =>
  textsOf(value)
    .filter((option) => !isFilledIn(option, host))
    .map(securityOption);

/** §1.3 SecurityOpt; the value of a seccomp option is a whole profile, so it is not shown. */
function securityOption(option: string): Verdict {
  const [, name = option, setting = ''] = /^([\w-]+)[=:]?(.*)$/s.exec(option) ?? [];
  const extra = { at: name, value: setting.length > 80 ? `${setting.slice(0, 77)}…` : option };
  if (name === 'no-new-privileges') {
    return setting === 'false'
      ? nothing('off is the default', extra)
      : mapped({ dockerSecurityOptions: [name] }, extra);
  }
  if (isDockersOwn(name, setting)) return nothing('Docker’s own default', extra);
  if (name === 'seccomp' || name === 'systempaths') {
    const remedy = 'Set "seccomp-profile" in the instance’s daemon.json, or make it privileged; then accept this.';
    return blocked(name, `It runs with ${name} of its own, which a task definition cannot carry.`, remedy, extra);
  }
  if (name === 'apparmor' || name === 'label') return notRegistered(name, extra);
  return lost('security-option', `ECS has no security option ${name}.`, 'Check that it works without.', extra);
}

const isDockersOwn = (name: string, setting: string): boolean =>
  (name === 'seccomp' && setting === 'builtin') || (name === 'apparmor' && setting === 'docker-default');

const notRegistered = (name: string, extra: { at: string; value: string }): Verdict =>
  lost(
    `${name}-option`,
    `Its ${name} option needs ${name === 'label' ? 'ECS_SELINUX_CAPABLE' : 'ECS_APPARMOR_CAPABLE'}; with it the task could not be placed.`,
    'It is left out. Amazon Linux 2023 has no AppArmor, and its Docker does not confine containers by SELinux.',
    extra,
  );

/** An explicit empty list is how `--security-opt systempaths=unconfined` is stored. */
export const systemPaths: Rule = (value) =>
  textsOf(value).length === 0
    ? [
        blocked(
          'systempaths',
          'The kernel’s own files are open to it, which a task definition cannot say.',
          'Make it privileged, or do without.',
        ),
      ]
    : [
        lost(
          'system-paths',
          'Its list of hidden system paths is not Docker’s.',
          'ECS uses Docker’s own list: check that it works.',
        ),
      ];

export const readonlyRootFilesystem: Rule = () => [mapped({ readonlyRootFilesystem: true })];
export const initProcess: Rule = () => [mapped({ linuxParameters: { initProcessEnabled: true } })];

const ipcSysctls = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\..+)$/;

export const isIpcSysctl = (namespace: string): boolean => ipcSysctls.test(namespace);

/** §1.3: those of the container's own network and ipc namespace, where it has one. */
export const sysctls: Rule = (value, { networkMode, host }) =>
  Object.entries(recordOf(value)).map(([namespace, setting]) => {
    const extra = { at: namespace, value: shown(setting) };
    const isOwn = namespace.startsWith('net.')
      ? networkMode !== 'host'
      : isIpcSysctl(namespace) && host.IpcMode !== 'host';
    if (isOwn) return mapped({ systemControls: [{ namespace, value: shown(setting) }] }, extra);
    return lost(
      'sysctl',
      `ECS cannot set ${namespace} for it.`,
      `Set ${namespace}=${shown(setting)} on the instance.`,
      extra,
    );
  });

export const ipcMode: Rule = (value, { mates }) => {
  const mode = textOf(value);
  if (mode === 'host' || mode === 'none')
    return [
      approximated({}, `the whole task’s: ipcMode ${mode}`, {
        target: `task ipcMode: ${mode}`,
        task: { ipcMode: mode },
      }),
    ];
  return [sharedNamespace('ipc', mode, mates, { ipcMode: 'task' })];
};

export const pidMode: Rule = (value, { mates }) => {
  const mode = textOf(value);
  if (mode === 'host')
    return [
      approximated({}, 'the whole task’s: it sees and can signal every process of the instance', {
        target: 'task pidMode: host',
        task: { pidMode: 'host' },
      }),
    ];
  return [sharedNamespace('pid', mode, mates, { pidMode: 'task' })];
};

/** `container:X` becomes a namespace of the whole task, so X must be in it. */
function sharedNamespace(
  kind: 'ipc' | 'pid',
  mode: string,
  mates: readonly string[],
  task: Verdict['task'] & object,
): Verdict {
  const other = mode.replace(/^container:/, '');
  if (mates.includes(other))
    return approximated({}, 'shared by all containers of its task', { task, target: `task ${kind}Mode: task` });
  return blocked(
    `${kind}-mode`,
    `It shares the ${kind} namespace of ${other}, which is in no task with it.`,
    `Put both into one workload ("workloads:").`,
  );
}

export const groupAdd: Rule = (value) => [
  lost(
    'group-add',
    `It has the additional groups ${textsOf(value).join(', ')}; ECS gives a container one user and one group.`,
    'Set "user: uid:gid" to the group that matters, or change the group of its files.',
  ),
];

const notCarried =
  (code: string, what: string, remedy: string): Rule =>
  () => [lost(code, `It has ${what}; ECS cannot set that.`, remedy)];

export const utsMode = notCarried(
  'uts-mode',
  'the host’s name space of names (UTS)',
  'Set "hostname" where it needs a certain name.',
);
export const usernsMode = notCarried(
  'userns-mode',
  'a user namespace setting',
  'None is needed for "host" unless the instance’s daemon.json sets userns-remap.',
);
export const cgroupns = notCarried(
  'cgroupns-mode',
  'a cgroup namespace setting',
  'Check that it works in a private one.',
);
export const annotations = notCarried(
  'annotations',
  'annotations for the runtime',
  'Use labels where somebody reads them.',
);
export const storageOptions = notCarried(
  'storage-options',
  'a size for its writable layer',
  'Move what grows into a volume.',
);
