"""Replaces moto's tasks, services and container instances, which are green whatever happens, by honest ones."""

import json

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecs.exceptions import ECSException, InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse
from moto_ecs_fields import check_fields
from moto_ecs_rules import check_task_definition, filled_in
from moto_ecs_services import Service
from moto_ecs_tasks import ContainerInstance, find_task, list_tasks, run_task, stop_all


def cluster_of(response, params):
    return response.ecs_backend._get_cluster(params.get("cluster") or "default")


def with_tags(params, item, source):
    return {**item, "tags": source.tags} if "TAGS" in (params.get("include") or []) else item


def find_service(backend, cluster, name):
    service = backend.services.get(f"{cluster.name}:{(name or '').split('/')[-1]}")
    if service is None:
        raise ECSException("ServiceNotFoundException", "Service not found.")
    service.tick()
    return service


class Services:
    def create_service(self):
        params, backend = self._get_params(), self.ecs_backend
        cluster = cluster_of(self, params)
        check_deployment(params)
        definition = backend.describe_task_definition(params["taskDefinition"])
        key = f"{cluster.name}:{params['serviceName']}"
        existing = backend.services.get(key)
        if existing:
            existing.tick()
        if existing and existing.status == "ACTIVE":
            token = params.get("clientToken")
            if not token or token != existing.client_token:
                raise InvalidParameterException("Creation of service was not idempotent.")
        elif existing and existing.status == "DRAINING":
            raise InvalidParameterException("Unable to Start a service that is still Draining.")
        else:
            backend.services[key] = Service(backend, cluster, params, definition)
        return ActionResult({"service": backend.services[key].to_dict()})

    def update_service(self):
        params, backend = self._get_params(), self.ecs_backend
        service = find_service(backend, cluster_of(self, params), params["service"])
        if service.status != "ACTIVE":
            raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
        check_deployment({**service.settings, **params,
                          "deploymentConfiguration": {**service.configuration, **(params.get("deploymentConfiguration") or {})}})
        name = params.get("taskDefinition")
        service.update(params, backend.describe_task_definition(name) if name else None)
        return ActionResult({"service": service.to_dict()})

    def delete_service(self):
        params = self._get_params()
        service = find_service(self.ecs_backend, cluster_of(self, params), params["service"])
        if service.desired_count > 0 and not params.get("force"):
            raise InvalidParameterException("The service cannot be stopped while it is scaled above 0.")
        service.desired_count, service.status = 0, "DRAINING"
        return ActionResult({"service": service.to_dict()})

    def describe_services(self):
        params, found, failures = self._get_params(), [], []
        cluster = cluster_of(self, params)
        for name in params.get("services") or []:
            try:
                service = find_service(self.ecs_backend, cluster, name)
                found.append(with_tags(params, service.to_dict(), service))
            except ECSException:
                arn = cluster.arn.replace(":cluster/", ":service/") + "/" + name.split("/")[-1]
                failures.append({"arn": arn, "reason": "MISSING"})
        return ActionResult({"services": found, "failures": failures})

    def list_services(self):
        cluster = cluster_of(self, self._get_params())
        services = [s for s in self.ecs_backend.services.values() if s.cluster_name == cluster.name]
        return ActionResult({"serviceArns": [s.arn for s in services if s.status != "INACTIVE"]})


class Tasks:
    def run_task(self):
        params = self._get_params()
        tasks, failures = run_task(self.ecs_backend, params.get("cluster") or "default", params)
        return ActionResult({"tasks": [t.to_dict() for t in tasks], "failures": failures})

    start_task = run_task

    def stop_task(self):
        params = self._get_params()
        task = find_task(self.ecs_backend, cluster_of(self, params), params["task"])
        if task is None:
            raise InvalidParameterException("The referenced task was not found.")
        task.ask_to_stop(params.get("reason") or "Task stopped by user", "UserInitiated")
        return ActionResult({"task": task.to_dict()})

    def describe_tasks(self):
        params, found, failures = self._get_params(), [], []
        cluster = cluster_of(self, params)
        if not params.get("tasks"):
            raise InvalidParameterException("Tasks cannot be empty.")
        for name in params["tasks"]:
            task = find_task(self.ecs_backend, cluster, name)
            if task:
                found.append(with_tags(params, task.to_dict(), task))
            else:
                arn = name if name.startswith("arn:") else cluster.arn.replace(":cluster/", ":task/") + "/" + name
                failures.append({"arn": arn, "reason": "MISSING"})
        return ActionResult({"tasks": found, "failures": failures})

    def list_tasks(self):
        params = self._get_params()
        tasks = list_tasks(self.ecs_backend, params.get("cluster") or "default", params.get("containerInstance"),
                           params.get("family"), params.get("startedBy"), params.get("serviceName"),
                           params.get("desiredStatus") or "RUNNING")
        return ActionResult({"taskArns": [t.task_arn for t in tasks]})


class Instances:
    def register_container_instance(self):
        params, backend = self._get_params(), self.ecs_backend
        cluster = cluster_of(self, params)
        here = backend.container_instances.setdefault(cluster.name, {})
        instance = here.get((params.get("containerInstanceArn") or "").split("/")[-1])
        if instance:
            instance.register(params)
        else:
            document = json.loads(params.get("instanceIdentityDocument") or "{}")
            instance = ContainerInstance(backend, cluster, document["instanceId"], params)
            here[instance.id] = instance
        return ActionResult({"containerInstance": instance.to_dict()})

    def deregister_container_instance(self):
        params, backend = self._get_params(), self.ecs_backend
        here = backend.container_instances.get(cluster_of(self, params).name, {})
        instance = here.get(params["containerInstance"].split("/")[-1])
        if instance is None:
            raise InvalidParameterException("The container instance was not found.")
        if instance.tasks and not params.get("force"):
            raise InvalidParameterException("Found running tasks on the instance.")
        stop_all(instance, "Container instance deregistration forced by user.")
        instance.status, instance.agent_connected = "INACTIVE", False
        del here[instance.id]
        return ActionResult({"containerInstance": instance.to_dict()})

    def list_container_instances(self):
        params = self._get_params()
        here = self.ecs_backend.container_instances.get(cluster_of(self, params).name, {})
        wanted = params.get("status")
        arns = [i.container_instance_arn for i in here.values() if not wanted or i.status == wanted]
        return ActionResult({"containerInstanceArns": arns})

    def describe_container_instances(self, change=lambda instance: None):
        params, found, failures = self._get_params(), [], []
        cluster = cluster_of(self, params)
        here = self.ecs_backend.container_instances.get(cluster.name, {})
        if not params.get("containerInstances"):
            raise InvalidParameterException("Container instances cannot be empty.")
        for name in params["containerInstances"]:
            instance = here.get(name.split("/")[-1])
            if instance is None:
                failures.append({"arn": name, "reason": "MISSING"})
            else:
                change(instance)
                found.append(instance.to_dict())
        return ActionResult({"containerInstances": found, "failures": failures})

    def update_container_instances_state(self):
        status = self._get_params().get("status")
        if status not in ("ACTIVE", "DRAINING"):
            raise InvalidParameterException("Container instance status should be one of [ACTIVE,DRAINING]")
        return self.describe_container_instances(lambda instance: setattr(instance, "status", status))


def check_deployment(params):
    configuration = params.get("deploymentConfiguration") or {}
    low, high = configuration.get("minimumHealthyPercent", 100), configuration.get("maximumPercent", 200)
    if low == 100 and high == 100:
        raise InvalidParameterException(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
    if params.get("availabilityZoneRebalancing") == "ENABLED" and high <= 100:
        raise InvalidParameterException("maximumPercent must be greater than 100 to enable availabilityZoneRebalancing.")


original_register = EC2ContainerServiceResponse.register_task_definition


def register_task_definition(self):
    check_fields(self._get_params())
    check_task_definition(self._get_params())
    filled_in(self._get_params())
    result = original_register(self)
    result.result["taskDefinition"].registered_at = utcnow()
    return result


def cluster_counts(cluster, backend):
    """Counts a cluster shows, from its tasks, services and instances."""
    tasks = [t.last_status for t in backend.tasks.get(cluster.name, {}).values()]
    cluster.running_tasks_count = tasks.count("RUNNING")
    cluster.pending_tasks_count = tasks.count("PENDING")
    cluster.active_services_count = sum(
        s.cluster_name == cluster.name and s.status == "ACTIVE" for s in backend.services.values())
    cluster.registered_container_instances_count = len(backend.container_instances.get(cluster.name, {}))


original_describe_clusters = EC2ContainerServiceBackend.describe_clusters
original_create_cluster = EC2ContainerServiceBackend.create_cluster


def describe_clusters(self, cluster_names):
    for cluster in self.clusters.values():
        cluster_counts(cluster, self)
    return original_describe_clusters(self, cluster_names)


def create_cluster(self, cluster_name, *rest, **named):
    """The same name again returns the cluster that is there; moto would replace it."""
    existing = self.clusters.get(cluster_name)
    if existing and existing.status == "ACTIVE":
        return existing
    return original_create_cluster(self, cluster_name, *rest, **named)


def install():
    for group in (Services, Tasks, Instances):
        for name, method in vars(group).items():
            if not name.startswith("__"):
                setattr(EC2ContainerServiceResponse, name, method)
    EC2ContainerServiceResponse.register_task_definition = register_task_definition
    # moto wants `memory` for EC2 even where there is a memoryReservation; AWS wants one of the two, which our rules check.
    EC2ContainerServiceBackend._validate_container_defs = staticmethod(lambda *_: None)
    EC2ContainerServiceBackend.describe_clusters = describe_clusters
    EC2ContainerServiceBackend.create_cluster = create_cluster
    EC2ContainerServiceBackend.list_tasks = list_tasks
