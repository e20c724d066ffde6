"""What a task needs, what an instance has left, and why a task cannot be placed there, in ECS's words."""

import re

MINIMUM_PORTS = ["22", "2375", "2376", "51678", "51679"]

# RunTask's failure reason, and how a service event says the same.
REASON_IN_EVENTS = {
    "AGENT": "encountered error \"AGENT\"",
    "RESOURCE:MEMORY": "has insufficient memory available",
    "RESOURCE:CPU": "has insufficient CPU units available",
    "RESOURCE:PORTS": "is already using a port required by your task",
    "ATTRIBUTE": "is missing an attribute required by your task",
    "MemberOf placement constraint unsatisfied.": "encountered error \"MemberOf placement constraint unsatisfied.\"",
}


def units(text, per_unit):
    """Task-level sizes come as "512", "0.5 GB" or "1 vCPU"."""
    number = re.match(r"\s*([0-9.]+)", str(text))
    scale = per_unit if re.search(r"[a-z]", str(text), re.I) else 1
    return int(float(number.group(1)) * scale) if number else 0


def requirements(definition):
    cpu = memory = 0
    ports = {"tcp": set(), "udp": set()}
    for container in definition.container_definitions:
        cpu += container.get("cpu") or 0
        memory += container.get("memoryReservation") or container.get("memory") or 0
        linux = container.get("linuxParameters") or {}
        # Shared memory and tmpfs count as memory (amazon-ecs-agent, proposals/shmsize-tmpfs.md).
        memory += linux.get("sharedMemorySize") or 0
        memory += sum(tmpfs.get("size") or 0 for tmpfs in linux.get("tmpfs") or [])
        for mapping in container.get("portMappings") or []:
            host = mapping.get("hostPort") or 0
            if definition.network_mode == "host":
                host = mapping.get("containerPort") or host
            if host:
                ports[mapping.get("protocol") or "tcp"].add(str(host))
    if definition.cpu:
        cpu = units(definition.cpu, 1024)
    if definition.memory:
        memory = units(definition.memory, 1024)
    return {"CPU": cpu, "MEMORY": memory, "PORTS": ports["tcp"], "PORTS_UDP": ports["udp"]}


def remaining(totals, tasks):
    left = {name: (set(value) if isinstance(value, (list, set)) else value) for name, value in totals.items()}
    for task in tasks:
        for name, value in task.requirements.items():
            left[name] = left[name] | value if isinstance(value, set) else left[name] - value
    return left


def missing_attributes(definition, attributes):
    """The capabilities a definition asks for; ECS derives them as requiresAttributes."""
    prefix = "com.amazonaws.ecs.capability."
    wanted = set()
    for container in definition.container_definitions:
        driver = (container.get("logConfiguration") or {}).get("logDriver")
        if driver:
            wanted.add(f"{prefix}logging-driver.{driver}")
        if container.get("privileged"):
            wanted.add(f"{prefix}privileged-container")
        for option in container.get("dockerSecurityOptions") or []:
            kind = option.split(":")[0]
            if kind in ("apparmor", "selinux", "label"):
                wanted.add(prefix + ("apparmor" if kind == "apparmor" else "selinux"))
    return wanted - set(attributes)


def satisfies(expression, instance):
    """The forms of the cluster query language a single-host migration may use."""
    for term in re.split(r"\s+and\s+", expression.strip()):
        match = re.fullmatch(r"(attribute:)?([\w.:/-]+)\s*(==|equals|!=|in|exists)\s*(.*)", term)
        if not match:
            return False
        is_attribute, name, operator, value = match.groups()
        actual = instance.attributes.get(name) if is_attribute else {"ec2InstanceId": instance.ec2_instance_id}.get(name)
        value = value.strip().strip("'\"")
        wanted = [part.strip() for part in value.strip("[]").split(",")]
        holds = {
            "exists": is_attribute and name in instance.attributes,
            "in": actual in wanted,
            "!=": actual != value,
        }.get(operator, actual == value)
        if not holds:
            return False
    return True


def cannot_place(definition, instance, tasks_there, constraints):
    """Why not here; None when it can be placed."""
    if not instance.agent_connected:
        return "AGENT"
    if missing_attributes(definition, instance.attributes):
        return "ATTRIBUTE"
    for constraint in [*definition.placement_constraints, *constraints]:
        if constraint.get("type") == "memberOf" and not satisfies(constraint.get("expression") or "", instance):
            return "MemberOf placement constraint unsatisfied."
    left, needs = remaining(instance.totals, tasks_there), requirements(definition)
    for name in ("CPU", "MEMORY"):
        if needs[name] > left[name]:
            return f"RESOURCE:{name}"
    if needs["PORTS"] & left["PORTS"] or needs["PORTS_UDP"] & left["PORTS_UDP"]:
        return "RESOURCE:PORTS"
    return None


def as_resources(values):
    """The shape DescribeContainerInstances gives resources in."""
    listed = []
    for name, value in values.items():
        common = {"name": name, "doubleValue": 0.0, "longValue": 0}
        if isinstance(value, (set, list)):
            listed.append({**common, "type": "STRINGSET", "integerValue": 0, "stringSetValue": sorted(value, key=int)})
        else:
            listed.append({**common, "type": "INTEGER", "integerValue": value})
    return listed


def from_resources(resources):
    """Registered totalResources; what an agent leaves out is nothing."""
    totals = {"CPU": 0, "MEMORY": 0, "PORTS": set(MINIMUM_PORTS), "PORTS_UDP": set()}
    for resource in resources or []:
        strings = resource.get("stringSetValue")
        is_set = resource.get("type") == "STRINGSET"
        totals[resource["name"]] = set(strings or []) if is_set else resource.get("integerValue", 0)
    return totals
