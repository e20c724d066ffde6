"""What RegisterTaskDefinition refuses. moto takes nearly anything; these are the documented rules that are cheap to check."""

import json
import re

from moto.ecs.exceptions import EcsClientException

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


def refuse_unless(holds, message):
    if not holds:
        raise EcsClientException(message)


def check_task_definition(params):
    containers = params.get("containerDefinitions") or []
    mode = params.get("networkMode") or "bridge"
    refuse_unless(NAME.fullmatch(params.get("family") or ""), "Family contains invalid characters.")
    refuse_unless(containers, "Container list cannot be empty.")
    refuse_unless(len(containers) <= 10, "Too many containers.")
    size = len(json.dumps(params, default=str))
    refuse_unless(size <= 65536, f"Actual length: '{size}'. Max allowed length is '65536' bytes.")
    names = [c.get("name") for c in containers]
    refuse_unless(len(set(names)) == len(names), "Container names must be unique within a task definition.")
    refuse_unless(any(c.get("essential", True) for c in containers),
                  "A task definition must contain at least one essential container.")
    volumes = check_volumes(params.get("volumes") or [])
    for container in containers:
        check_container(container, params, mode, names)
        for mount in container.get("mountPoints") or []:
            refuse_unless(mount.get("sourceVolume") in volumes, f"Unknown volume '{mount.get('sourceVolume')}'.")
        for dependency in container.get("dependsOn") or []:
            check_dependency(dependency, {c["name"]: c for c in containers})
    check_ports(containers, mode)


def check_volumes(volumes):
    for volume in volumes:
        refuse_unless(NAME.fullmatch(volume.get("name") or ""), "Volume name contains invalid characters.")
        docker = volume.get("dockerVolumeConfiguration")
        refuse_unless(not (docker and (volume.get("host") or {}).get("sourcePath")),
                      f"Volume '{volume['name']}' must have one configuration only.")
        if docker and docker.get("scope", "task") == "task":
            refuse_unless(not docker.get("autoprovision"), "autoprovision is only for volumes whose scope is shared.")
    return {volume["name"] for volume in volumes}


def check_container(container, params, mode, names):
    name = container.get("name") or ""
    refuse_unless(NAME.fullmatch(name), "Container.name contains invalid characters.")
    refuse_unless(container.get("image"), "Container.image should not be null or empty.")
    refuse_unless(len(container["image"]) <= 255, "Container.image is too long.")
    hard, soft = container.get("memory"), container.get("memoryReservation")
    setting = f"Invalid setting for container '{name}'."
    refuse_unless(hard or soft or params.get("memory"),
                  f"{setting} At least one of 'memory' or 'memoryReservation' must be specified.")
    refuse_unless(hard is None or hard >= 6, f"{setting} 'memory' must be at least 6 MiB.")
    refuse_unless(not (hard and soft) or hard > soft, f"{setting} 'memory' must be greater than 'memoryReservation'.")
    links = container.get("links") or []
    refuse_unless(not links or mode == "bridge", f"{setting} Links are not supported when networkMode={mode}.")
    for link in links:
        refuse_unless(link.split(":")[0] in names, f"{setting} Unknown link '{link}'.")
    refuse_unless(not container.get("secrets") or params.get("executionRoleArn"),
                  "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")
    if mode == "awsvpc":
        refuse_unless(not container.get("hostname") and not container.get("extraHosts"),
                      f"{setting} hostname and extraHosts are not supported when networkMode=awsvpc.")
    check_health(container.get("healthCheck"), setting)


def check_health(check, setting):
    if not check:
        return
    refuse_unless(check.get("command"), f"{setting} healthCheck.command should not be empty.")
    for field, low, high in (("interval", 5, 300), ("timeout", 2, 60), ("retries", 1, 10), ("startPeriod", 0, 300)):
        value = check.get(field)
        refuse_unless(value is None or low <= value <= high, f"{setting} healthCheck.{field} must be {low} to {high}.")


def check_dependency(dependency, by_name):
    other = by_name.get(dependency.get("containerName"))
    condition = dependency.get("condition")
    refuse_unless(other, f"Unknown container '{dependency.get('containerName')}' in dependsOn.")
    refuse_unless(condition != "HEALTHY" or other.get("healthCheck"),
                  f"Container '{other['name']}' needs a healthCheck for the condition HEALTHY.")
    refuse_unless(condition not in ("COMPLETE", "SUCCESS") or not other.get("essential", True),
                  f"Container '{other['name']}' is essential: the condition {condition} is not allowed.")


def check_ports(containers, mode):
    taken = set()
    for container in containers:
        for mapping in container.get("portMappings") or []:
            host, inner = mapping.get("hostPort") or 0, mapping.get("containerPort")
            refuse_unless(mode == "bridge" or host in (0, inner), "hostPort must equal containerPort in this networkMode.")
            key = (host or (inner if mode == "host" else 0), mapping.get("protocol") or "tcp")
            refuse_unless(not key[0] or key not in taken, f"Host port {key[0]} is mapped multiple times.")
            taken.add(key)


def filled_in(params):
    """AWS returns more than was sent: a protocol and a host port for each mapping, empty lists for what was left out."""
    for container in params["containerDefinitions"]:
        container.setdefault("systemControls", [])
        for mapping in container.get("portMappings") or []:
            mapping.setdefault("protocol", "tcp")
            fixed = params.get("networkMode") in ("host", "awsvpc")
            mapping.setdefault("hostPort", mapping.get("containerPort") if fixed else 0)
    return params
