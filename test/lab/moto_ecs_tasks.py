"""Tasks and container instances as the agent stand-in reported them. Nothing here changes a status by itself."""

import uuid

from moto.core.utils import utcnow
from moto.ec2 import ec2_backends
from moto.ecs.exceptions import EcsClientException, InvalidParameterException
from moto_ecs_placement import as_resources, cannot_place, from_resources, remaining, requirements

NEVER_REPORTED = {"lastStatus": "PENDING", "healthStatus": "UNKNOWN", "networkBindings": [], "networkInterfaces": []}


class Task:
    def __init__(self, backend, cluster, definition, instance, group, started_by, overrides=None, tags=None):
        self.id = uuid.uuid4().hex
        self.cluster_name, self.cluster_arn = cluster.name, cluster.arn
        self.task_arn = f"arn:aws:ecs:{backend.region_name}:{backend.account_id}:task/{cluster.name}/{self.id}"
        self.definition, self.task_definition_arn = definition, definition.arn
        self.requirements = requirements(definition)
        self.container_instance_arn = instance.container_instance_arn
        self.zone = instance.attributes.get("ecs.availability-zone")
        self.group, self.started_by = group, started_by or ""
        self.overrides, self.tags = overrides or {}, tags or []
        self.last_status, self.desired_status = "PENDING", "RUNNING"
        self.created_at, self.times, self.stop = utcnow(), {}, {}
        self.version = 1
        self.containers = {c["name"]: self._container(c) for c in definition.container_definitions}

    def _container(self, definition):
        arn = self.task_arn.replace(":task/", ":container/") + f"/{uuid.uuid4()}"
        sizes = {key: str(definition[key]) for key in ("cpu", "memory", "memoryReservation") if key in definition}
        return {"containerArn": arn, "taskArn": self.task_arn, "name": definition["name"],
                "image": definition["image"], **sizes, **NEVER_REPORTED}

    @property
    def health_status(self):
        checked = [c["name"] for c in self.definition.container_definitions if c.get("healthCheck")]
        states = {self.containers[name]["healthStatus"] for name in checked}
        if "UNHEALTHY" in states:
            return "UNHEALTHY"
        return "HEALTHY" if states == {"HEALTHY"} else "UNKNOWN"

    @property
    def is_settled(self):
        """What a deployment waits for: running, and healthy where a check is defined."""
        checked = any(c.get("healthCheck") for c in self.definition.container_definitions)
        return self.last_status == "RUNNING" and (not checked or self.health_status == "HEALTHY")

    def ask_to_stop(self, reason, code):
        if self.desired_status != "STOPPED":
            self.desired_status = "STOPPED"
            self.times["stoppingAt"] = utcnow()
            self.stop = {"stoppedReason": reason, "stopCode": code}
            self.version += 1

    def report(self, change):
        if self.last_status == "STOPPED":
            return
        status = change.get("lastStatus", self.last_status)
        for container in change.get("containers", []):
            self.containers[container["name"]].update(container)
        for name in ("pullStartedAt", "pullStoppedAt", "executionStoppedAt"):
            if change.get(name) and name not in self.times:
                self.times[name] = utcnow()
        if status == "RUNNING":
            self.times.setdefault("startedAt", utcnow())
        if status == "STOPPED":
            self.desired_status = "STOPPED"
            self.times["stoppedAt"] = utcnow()
            self.times.setdefault("stoppingAt", self.times["stoppedAt"])
        if change.get("stoppedReason") and not self.stop:
            self.ask_to_stop(change["stoppedReason"], change.get("stopCode", "EssentialContainerExited"))
        self.last_status = status
        self.version += 1

    def to_dict(self):
        sizes = {key: str(self.requirements[key.upper()]) for key in ("cpu", "memory")}
        return {
            "taskArn": self.task_arn, "clusterArn": self.cluster_arn, "taskDefinitionArn": self.task_definition_arn,
            "containerInstanceArn": self.container_instance_arn, "availabilityZone": self.zone, "group": self.group,
            "startedBy": self.started_by, "overrides": {"containerOverrides": [], **self.overrides},
            "lastStatus": self.last_status, "desiredStatus": self.desired_status, "healthStatus": self.health_status,
            "containers": list(self.containers.values()), "attachments": [], "launchType": "EC2",
            "connectivity": "CONNECTED", "connectivityAt": self.created_at, "createdAt": self.created_at,
            "enableExecuteCommand": False, "version": self.version, **sizes, **self.times, **self.stop,
        }


class ContainerInstance:
    def __init__(self, backend, cluster, ec2_instance_id, params):
        machine = ec2_backends[backend.account_id][backend.region_name].get_instance(ec2_instance_id)
        self.backend, self.cluster_name, self.id = backend, cluster.name, uuid.uuid4().hex
        prefix = f"arn:aws:ecs:{backend.region_name}:{backend.account_id}:container-instance"
        self.container_instance_arn = f"{prefix}/{cluster.name}/{self.id}"
        self.ec2_instance_id = ec2_instance_id
        self.registered_at, self.tags, self.status = utcnow(), params.get("tags") or [], "ACTIVE"
        self.attributes = {
            "ecs.ami-id": machine.image_id, "ecs.availability-zone": machine.placement.zone,
            "ecs.instance-type": machine.instance_type, "ecs.os-type": "linux",
        }
        self.register(params)

    def register(self, params):
        """Also what a restarted agent does under the ARN it already has."""
        self.totals = from_resources(params.get("totalResources"))
        self.version_info = params.get("versionInfo") or {}
        self.attributes.update({a["name"]: a.get("value") for a in params.get("attributes") or []})
        self.agent_connected = True

    @property
    def tasks(self):
        everything = self.backend.tasks.get(self.cluster_name, {}).values()
        return [t for t in everything
                if t.container_instance_arn == self.container_instance_arn and t.last_status != "STOPPED"]

    def to_dict(self):
        statuses = [task.last_status for task in self.tasks]
        return {
            "containerInstanceArn": self.container_instance_arn, "ec2InstanceId": self.ec2_instance_id,
            "agentConnected": self.agent_connected, "status": self.status, "version": 1,
            "versionInfo": self.version_info, "registeredAt": self.registered_at, "attributes": self.attributes,
            "registeredResources": as_resources(self.totals),
            "remainingResources": as_resources(remaining(self.totals, self.tasks)),
            "runningTasksCount": statuses.count("RUNNING"),
            "pendingTasksCount": len(statuses) - statuses.count("RUNNING"), "attachments": [], "tags": self.tags,
        }


def place(backend, cluster, definition, constraints=(), only=None):
    """(instance, []) or (None, failures): the active instance with most memory left, as binpack's opposite."""
    instances = [i for i in backend.container_instances.get(cluster.name, {}).values()
                 if i.status == "ACTIVE" and (only is None or i.id in only)]
    instances.sort(key=lambda i: -remaining(i.totals, i.tasks)["MEMORY"])
    failures = []
    for instance in instances:
        reason = cannot_place(definition, instance, instance.tasks, constraints)
        if reason is None:
            return instance, []
        failures.append({"arn": instance.container_instance_arn, "reason": reason})
    return None, failures


def start(backend, cluster, definition, instance, group, **rest):
    task = Task(backend, cluster, definition, instance, group, **rest)
    backend.tasks.setdefault(cluster.name, {})[task.task_arn] = task
    return task


def find_task(backend, cluster, name):
    for arn, task in backend.tasks.get(cluster.name, {}).items():
        if name in (arn, task.id):
            return task
    return None


def run_task(backend, cluster_name, params):
    """RunTask and StartTask: AWS answers with failures, not with an error, when no instance takes the task."""
    cluster = backend._get_cluster(cluster_name)
    definition = backend.describe_task_definition(params["taskDefinition"])
    if definition.status != "ACTIVE":
        raise EcsClientException("TaskDefinition is inactive")
    names = params.get("containerInstances")
    if names is not None and not names:
        raise EcsClientException("Container Instances cannot be empty.")
    if not backend.container_instances.get(cluster.name):
        raise InvalidParameterException("No Container Instances were found in your cluster.")
    only = {name.split("/")[-1] for name in names} if names else None
    tasks, failures = [], []
    for _ in range(params.get("count") or 1):
        instance, reasons = place(backend, cluster, definition, params.get("placementConstraints") or [], only)
        if instance is None:
            failures = reasons
            break
        group = params.get("group") or f"family:{definition.family}"
        tasks.append(start(backend, cluster, definition, instance, group, started_by=params.get("startedBy"),
                           overrides=params.get("overrides"), tags=params.get("tags")))
    return tasks, failures


def list_tasks(backend, cluster_str=None, container_instance=None, family=None, started_by=None, service_name=None,
               desired_status=None):
    tasks = [t for tasks in backend.tasks.values() for t in tasks.values()]
    if cluster_str:
        name = backend._get_cluster(cluster_str).name
        tasks = [t for t in tasks if t.cluster_name == name]
    if container_instance:
        tasks = [t for t in tasks if t.container_instance_arn.split("/")[-1] == container_instance.split("/")[-1]]
    if family:
        tasks = [t for t in tasks if t.definition.family == family]
    if started_by:
        tasks = [t for t in tasks if t.started_by == started_by]
    if service_name:
        tasks = [t for t in tasks if t.group == "service:" + service_name.split("/")[-1]]
    if desired_status:
        tasks = [t for t in tasks if t.desired_status == desired_status]
    return tasks


def forget_machine(backend, ec2_instance_id):
    """A terminated EC2 instance leaves its cluster, and its tasks stop."""
    for instances in backend.container_instances.values():
        for instance in list(instances.values()):
            if instance.ec2_instance_id == ec2_instance_id:
                stop_all(instance, f"Host EC2 (instance {ec2_instance_id}) terminated.")
                instance.agent_connected, instance.status = False, "INACTIVE"
                del instances[instance.id]


def stop_all(instance, reason):
    for task in instance.tasks:
        task.ask_to_stop(reason, "UserInitiated")
        task.report({"lastStatus": "STOPPED", "containers": [
            {"name": name, "lastStatus": "STOPPED"} for name in task.containers]})
