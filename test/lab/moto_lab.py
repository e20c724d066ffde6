"""/lab: what the supervisor and the agent stand-in read and report. Not AWS; nothing under test may use it."""

import json
import traceback
from datetime import datetime

from moto.ec2 import ec2_backends
from moto.ecs.models import ecs_backends
from moto_access import role_of_machine, role_permits
from moto_ec2 import set_state
from moto_ecs_tasks import find_task

ACCOUNT = "123456789012"


class Lab:
    def __init__(self, region):
        self.region = region

    @property
    def ecs(self):
        return ecs_backends[ACCOUNT][self.region]

    @property
    def ec2(self):
        return ec2_backends[ACCOUNT][self.region]

    def state(self, _):
        return {"instances": [self.machine(i) for i in self.ec2.all_instances()],
                "volumes": [self.volume(v) for v in self.ec2.volumes.values()],
                "snapshots": [{"id": s.id, "volumeId": s.volume.id} for s in self.ec2.snapshots.values() if not s.from_ami],
                "services": [self.service(s) for s in self.ecs.services.values()],
                "containerInstances": [i.to_dict() for here in self.ecs.container_instances.values() for i in here.values()],
                "tasks": [self.task(t) for tasks in self.ecs.tasks.values() for t in tasks.values()]}

    def machine(self, instance):
        kind = next(iter(self.ec2.describe_instance_types([instance.instance_type], {})), {})
        key = self.ec2.key_pairs.get(instance.key_name)
        return {"id": instance.id, "state": instance.state, "publicIp": instance.public_ip if instance.nics else None,
                "privateIp": instance.private_ip if instance.nics else None, "zone": instance.placement.zone,
                "instanceType": instance.instance_type, "vcpus": (kind.get("VCpuInfo") or {}).get("DefaultVCpus", 2),
                "memoryMib": (kind.get("MemoryInfo") or {}).get("SizeInMiB", 4096), "imageId": instance.image_id,
                "publicKey": key.public_key if key else None, "userData": str(instance.user_data or ""),
                "reboots": getattr(instance, "lab_reboots", 0), "role": role_of_machine(ACCOUNT, instance, self.ec2),
                "ingress": [self.ingress(r) for g in groups_of(instance) for r in g.ingress_rules if r.cidr_ipv4]}

    def ingress(self, rule):
        return {"protocol": rule.ip_protocol, "fromPort": rule.from_port, "toPort": rule.to_port, "cidr": rule.cidr_ipv4}

    def volume(self, volume):
        attachment = volume.attachment
        is_root = bool(attachment) and attachment.device == attachment.instance.root_device_name
        return {"id": volume.id, "sizeGib": volume.size, "snapshotId": volume.snapshot_id, "isRoot": is_root,
                "attachedTo": attachment.instance.id if attachment else None,
                "detaching": bool(attachment) and attachment.status == "detaching"}

    def service(self, service):
        whole = service.to_dict()
        deployment = service.history[0]
        return {"name": service.name, "cluster": service.cluster_name, "status": service.status,
                "desiredCount": service.desired_count, "deployment": deployment["id"],
                "rollout": service.rollout(deployment)[0], **whole["deploymentConfiguration"]}

    def task(self, task):
        """The definition goes along while the task lives: the agent needs it whole."""
        checked = {c["name"] for c in task.definition.container_definitions if c.get("healthCheck")}
        known = {"arn": task.task_arn, "id": task.id, "cluster": task.cluster_name, "group": task.group,
                 "startedBy": task.started_by, "containerInstanceArn": task.container_instance_arn,
                 "lastStatus": task.last_status, "desiredStatus": task.desired_status,
                 "healthStatus": task.health_status if checked else None, "createdAt": task.created_at, **task.times, **task.stop}
        if task.last_status == "STOPPED":
            return known
        definition = task.definition
        return {**known, "overrides": task.overrides, "definition": {
            "family": definition.family, "revision": definition.revision, "networkMode": definition.network_mode,
            "volumes": definition.volumes, "containers": definition.container_definitions, "cpu": definition.cpu,
            "memory": definition.memory, "pidMode": definition.pid_mode, "ipcMode": definition.ipc_mode,
            "executionRoleArn": getattr(definition, "execution_role_arn", None)}}

    def find_task(self, body):
        cluster = self.ecs._get_cluster(body["arn"].split("/")[-2])
        return find_task(self.ecs, cluster, body["arn"])

    def report_task(self, body):
        self.find_task(body).report(body)

    def stop_task(self, body):
        self.find_task(body).ask_to_stop(body["reason"], body["code"])

    def start_task(self, body):
        task = self.ecs.services[f"{body['cluster']}:{body['service']}"].start_task()
        return {"arn": task.task_arn if task else None}

    def event(self, body):
        self.ecs.services[f"{body['cluster']}:{body['service']}"].event(body["message"])

    def agent(self, body):
        for here in self.ecs.container_instances.values():
            for instance in here.values():
                if instance.container_instance_arn == body["arn"]:
                    instance.agent_connected = body["connected"]

    def report_machine(self, body):
        instance = self.ec2.get_instance(body["id"])
        if body.get("state") and instance.state != "terminated":
            set_state(instance, body["state"])
        if "console" in body:
            instance.lab_console = body["console"]

    def detached(self, body):
        attachment = self.ec2.get_volume(body["id"]).attachment
        if attachment and attachment.status == "detaching":
            self.ec2.detach_volume(body["id"], attachment.instance.id, attachment.device)

    def permitted(self, body):
        return {"permitted": role_permits(ACCOUNT, body["role"], body["action"], body["resource"])}


def groups_of(instance):
    """The groups RunInstances or ModifyInstanceAttribute gave the instance; else those of its network interface."""
    return instance.security_groups or (instance.nics[0].group_set if instance.nics else [])


def as_text(value):
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)


def with_lab(app, lab, lock):
    """One request at a time, so that nothing sees a change half made."""

    def answer(environ, start_response):
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/lab/"):
            with lock:
                return app(environ, start_response)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = json.loads(environ["wsgi.input"].read(length) or "{}")
        action = getattr(lab, path.removeprefix("/lab/").replace("-", "_"), None)
        try:
            with lock:
                status, result = ("404 Not Found", {}) if action is None else ("200 OK", action(body) or {})
                text = json.dumps(result, default=as_text)
        except Exception:
            status, text = "500 Internal Server Error", json.dumps({"error": traceback.format_exc()})
        start_response(status, [("Content-Type", "application/json")])
        return [text.encode()]

    return answer
