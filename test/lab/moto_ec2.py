"""EC2 as the lab's hosts make it: addresses, states, devices and console output come from hosts that really run."""

import json
from base64 import b64encode

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend, elastic_network_interfaces
from moto.ec2.models.instances import Instance
from moto.ec2.responses import EC2Response
from moto.ec2.utils import Base64EncodedString
from moto.ecs.models import ecs_backends
from moto_ecs_tasks import forget_machine

CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


def set_state(instance, name):
    instance._state.name, instance._state.code = name, CODES[name]


def sequential_addresses(first):
    prefix, number = first.rsplit(".", 1)
    addresses = (f"{prefix}.{n}" for n in range(int(number), 255))
    elastic_network_interfaces.random_public_ip = lambda: next(addresses)


def boot_states():
    """pending, stopping and shutting-down last until the lab's supervisor says what its host did."""
    for method, state in (("start", "pending"), ("stop", "stopping"), ("terminate", "shutting-down")):
        setattr(Instance, method, then_in_state(getattr(Instance, method), state))
    run = EC2Backend.run_instances

    def run_instances(self, *args, **named):
        reservation = run(self, *args, **named)
        for instance in reservation.instances:
            set_state(instance, "pending")
        return reservation

    EC2Backend.run_instances = run_instances


def then_in_state(method, state):
    def wrapped(self):
        was_terminated = self._state.name == "terminated"
        previous = method(self)
        if not was_terminated and (state != "pending" or previous.name == "stopped"):
            set_state(self, state)
        return previous

    return wrapped


original_run = EC2Backend.run_instances
original_attach = EC2Backend.attach_volume
original_modify = EC2Backend.modify_volume
original_terminate = EC2Backend.terminate_instances
original_reboot = Instance.reboot


def run_instances(self, image_id, *args, **named):
    """An instance has a root disk at its image's root device, whatever else is mapped."""
    image = next(iter(self.describe_images(ami_ids=[image_id])), None) if image_id else None
    if image is not None:
        root = {"DeviceName": image.root_device_name, "Ebs": {"VolumeSize": 30, "VolumeType": "gp3", "DeleteOnTermination": True}}
        mapped = named.get("block_device_mappings") or []
        if all(device["DeviceName"] != image.root_device_name for device in mapped):
            named["block_device_mappings"] = [root, *mapped]
    return original_run(self, image_id, *args, **named)


def attach_volume(self, volume_id, instance_id, device_path, delete_on_termination=False):
    volume, instance = self.get_volume(volume_id), self.get_instance(instance_id)
    if volume.attachment:
        raise EC2ClientError("VolumeInUse", f"{volume_id} is already attached to an instance")
    if volume.zone.name != instance.placement.zone:
        raise EC2ClientError("InvalidVolume.ZoneMismatch", f"The volume '{volume_id}' is not in the same availability zone as instance '{instance_id}'")
    if instance.state not in ("pending", "running", "stopped"):
        raise EC2ClientError("IncorrectState", f"Instance '{instance_id}' is not 'running'.")
    if device_path in instance.block_device_mapping:
        raise EC2ClientError("InvalidParameterValue", f"Invalid value '{device_path}' for unixDevice. Attachment point {device_path} is already in use")
    return original_attach(self, volume_id, instance_id, device_path, delete_on_termination)


def modify_volume(self, volume_id, target_size=None, *rest, **named):
    if target_size and target_size < self.get_volume(volume_id).size:
        raise EC2ClientError("InvalidParameterValue", "New size cannot be smaller than existing size")
    return original_modify(self, volume_id, target_size, *rest, **named)


def terminate_instances(self, instance_ids):
    result = original_terminate(self, instance_ids)
    for instance_id in instance_ids:
        forget_machine(ecs_backends[self.account_id][self.region_name], instance_id)
    return result


def reboot(self):
    self.lab_reboots = getattr(self, "lab_reboots", 0) + 1
    original_reboot(self)


def detach_response(hosts):
    """A disk that is still mounted stays `detaching`, as on EC2, until the host let go of it or Force is given."""

    def detach_volume(self):
        volume = self.ec2_backend.get_volume(self._get_param("VolumeId"))
        attachment = volume.attachment
        instance_id = self._get_param("InstanceId")
        if not attachment or instance_id not in (None, attachment.instance.id):
            raise EC2ClientError("IncorrectState", f"Volume '{volume.id}' is in the 'available' state.")
        self.error_on_dryrun()
        busy = hosts and attachment.instance.state == "running" and not self._get_param("Force")
        if busy:
            attachment.status = "detaching"
        else:
            self.ec2_backend.detach_volume(volume.id, attachment.instance.id, attachment.device)
        return ActionResult({"VolumeId": volume.id, "InstanceId": attachment.instance.id, "Device": attachment.device,
                             "State": "detaching", "AttachTime": attachment.attach_time})

    return detach_volume


def get_console_output(self):
    instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
    text = getattr(instance, "lab_console", "")
    output = {"Output": Base64EncodedString(b64encode(text.encode()).decode())} if text else {}
    return ActionResult({"InstanceId": instance.id, "Timestamp": utcnow(), **output})


def once_per_token(method):
    """The same ClientToken gives the same answer; with other parameters it is an error."""

    def wrapped(self):
        token = self._get_param("ClientToken")
        seen = self.ec2_backend.__dict__.setdefault("lab_tokens", {})
        key = (method.__name__, token)
        asked = json.dumps(self._get_params(), sort_keys=True, default=str)
        if token and key in seen:
            if seen[key][0] != asked:
                raise EC2ClientError("IdempotentParameterMismatch", "The request uses the same client token as a previous, but non-identical request.")
            return seen[key][1]
        result = method(self)
        seen[key] = (asked, result)
        return result

    return wrapped


def install(first_address, hosts):
    sequential_addresses(first_address)
    EC2Backend.run_instances = run_instances
    EC2Backend.attach_volume = attach_volume
    EC2Backend.modify_volume = modify_volume
    EC2Backend.terminate_instances = terminate_instances
    Instance.reboot = reboot
    EC2Response.get_console_output = get_console_output
    EC2Response.detach_volume = detach_response(hosts)
    for name in ("run_instances", "create_volume"):
        setattr(EC2Response, name, once_per_token(getattr(EC2Response, name)))
    if hosts:
        boot_states()
