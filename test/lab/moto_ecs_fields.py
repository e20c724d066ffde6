"""What the lab's agent does not do is refused when it is registered, so that no test is green because it was dropped."""

from moto.ecs.exceptions import EcsClientException

TASK = set("""family containerDefinitions volumes networkMode placementConstraints requiresCompatibilities cpu memory taskRoleArn
 executionRoleArn runtimePlatform ipcMode pidMode tags""".split())
CONTAINER = set("""name image cpu memory memoryReservation links portMappings essential entryPoint command environment
 mountPoints volumesFrom linuxParameters secrets dependsOn hostname user workingDirectory disableNetworking privileged
 readonlyRootFilesystem dnsServers dnsSearchDomains extraHosts dockerSecurityOptions interactive pseudoTerminal dockerLabels
 ulimits logConfiguration healthCheck systemControls stopTimeout restartPolicy versionConsistency""".split())
NESTED = {
    "linuxParameters": set("capabilities devices initProcessEnabled sharedMemorySize tmpfs maxSwap swappiness".split()),
    "logConfiguration": {"logDriver", "options"},
    "portMappings": set("containerPort hostPort protocol name appProtocol".split()),
    "healthCheck": set("command interval timeout retries startPeriod".split()),
    "restartPolicy": set("enabled ignoredExitCodes restartAttemptPeriod".split()),
    "mountPoints": set("sourceVolume containerPath readOnly".split()),
}
VOLUME = {"name", "host", "dockerVolumeConfiguration"}

CAPABILITIES = set("""ALL AUDIT_CONTROL AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK
 IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW SETFCAP
 SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME
 SYS_TTY_CONFIG SYSLOG WAKE_ALARM""".split())
ULIMITS = set("core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split())
DRIVERS = set("awsfirelens awslogs fluentd gelf journald json-file splunk syslog".split())
TMPFS = set("""defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime
 nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime strictatime
 nostrictatime mode uid gid nr_inodes nr_blocks mpol""".split())
IPC_SYSCTLS = set("""kernel.msgmax kernel.msgmnb kernel.msgmni kernel.sem kernel.shmall kernel.shmmax kernel.shmmni
 kernel.shm_rmid_forced""".split())


def refuse_others(given, known, where):
    for name in sorted(set(given) - known):
        if given[name] not in (None, [], {}, ""):
            raise EcsClientException(f"The lab's agent does not do {where}.{name}.")


def refuse(message):
    raise EcsClientException(message)


def check_fields(params):
    refuse_others(params, TASK, "taskDefinition")
    for volume in params.get("volumes") or []:
        refuse_others(volume, VOLUME, f"volumes[{volume.get('name')}]")
    for container in params.get("containerDefinitions") or []:
        where = f"containerDefinitions[{container.get('name')}]"
        refuse_others(container, CONTAINER, where)
        for name, known in NESTED.items():
            value = container.get(name)
            for each in value if isinstance(value, list) else [value or {}]:
                refuse_others(each, known, f"{where}.{name}")
        check_values(container, params, where)


def check_values(container, params, where):
    """Enumerations of the ECS API, which moto lets through."""
    linux = container.get("linuxParameters") or {}
    capabilities = linux.get("capabilities") or {}
    for name in [*(capabilities.get("add") or []), *(capabilities.get("drop") or [])]:
        name in CAPABILITIES or refuse(f"{where}: {name} is no KernelCapability.")
    for limit in container.get("ulimits") or []:
        limit.get("name") in ULIMITS or refuse(f"{where}: {limit.get('name')} is no UlimitName.")
    for tmpfs in linux.get("tmpfs") or []:
        (tmpfs.get("size") or 0) >= 1 or refuse(f"{where}: tmpfs.size must be at least 1.")
        for option in tmpfs.get("mountOptions") or []:
            option.split("=")[0] in TMPFS or refuse(f"{where}: {option} is no mount option of a tmpfs.")
    for option in container.get("dockerSecurityOptions") or []:
        option == "no-new-privileges" or option.split(":")[0] in ("apparmor", "label", "credentialspec") or refuse(
            f"{where}: {option} is no Docker security option of ECS.")
    for control in container.get("systemControls") or []:
        check_sysctl(control.get("namespace") or "", params, where)
    log = container.get("logConfiguration")
    if log:
        log.get("logDriver") in DRIVERS or refuse(f"{where}: {log.get('logDriver')} is no LogDriver.")
    if (params.get("networkMode") or "bridge") == "host" and container.get("extraHosts"):
        refuse("Extra hosts are not supported when the network mode is host.")
    if (params.get("networkMode") or "bridge") == "none" and container.get("portMappings"):
        refuse("Port mappings are not supported when the network mode is none.")


def check_sysctl(name, params, where):
    if name.startswith("net."):
        (params.get("networkMode") or "bridge") != "host" or refuse(f"{where}: {name} is not allowed in host network mode.")
    elif name in IPC_SYSCTLS or name.startswith("fs.mqueue."):
        params.get("ipcMode") != "host" or refuse(f"{where}: {name} is not allowed in host IPC mode.")
    else:
        refuse(f"{where}: {name} is no systemControl of ECS.")
