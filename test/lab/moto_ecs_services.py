"""Services: every count is derived from tasks; the stand-in's scheduler starts and stops them."""

import random
import time
import uuid

from moto.core.utils import utcnow
from moto_ecs_placement import REASON_IN_EVENTS
from moto_ecs_tasks import list_tasks, place, start

# A real deployment waits minutes before it calls itself steady; the lab waits long enough to see a crash at start.
STEADY_SECONDS = 4
KEPT = ("placementConstraints", "placementStrategy", "healthCheckGracePeriodSeconds", "availabilityZoneRebalancing",
        "propagateTags", "enableECSManagedTags", "enableExecuteCommand", "networkConfiguration", "loadBalancers",
        "serviceRegistries")
TROUBLESHOOTING = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."


class Service:
    def __init__(self, backend, cluster, params, definition):
        self.backend, self.cluster, self.cluster_name = backend, cluster, cluster.name
        self.name = params["serviceName"]
        self.arn = f"arn:aws:ecs:{backend.region_name}:{backend.account_id}:service/{cluster.name}/{self.name}"
        self.status, self.created_at, self.events, self.task_sets = "ACTIVE", utcnow(), [], []
        self.client_token, self.tags = params.get("clientToken"), params.get("tags") or []
        self.desired_count = params.get("desiredCount") or 0
        self.scheduling_strategy = params.get("schedulingStrategy") or "REPLICA"
        self.launch_type = params.get("launchType") or "EC2"
        self.settings = {key: params[key] for key in KEPT if key in params}
        self.settings.setdefault("propagateTags", "NONE")
        self.configuration = {
            "maximumPercent": 200, "minimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": False, "rollback": False},
            **(params.get("deploymentConfiguration") or {}),
        }
        self.history = []
        self.deploy(definition)

    @property
    def propagate_tags(self):
        return self.settings["propagateTags"]

    @property
    def tasks(self):
        return list_tasks(self.backend, self.cluster.name, service_name=self.name)

    def deploy(self, definition):
        number = random.randrange(10**19)
        self.history.insert(0, {"id": f"ecs-svc/{number}", "definition": definition, "created": utcnow(),
                                "settledSince": None, "completed": None})

    def update(self, params, definition):
        self.settings.update({key: params[key] for key in KEPT if key in params})
        self.configuration.update(params.get("deploymentConfiguration") or {})
        if params.get("desiredCount") is not None:
            self.desired_count = params["desiredCount"]
        changed = definition and definition.arn != self.history[0]["definition"].arn
        if changed or params.get("forceNewDeployment"):
            self.deploy(definition or self.history[0]["definition"])

    def event(self, message):
        self.events.insert(0, {"id": str(uuid.uuid4()), "createdAt": utcnow(), "message": f"(service {self.name}) {message}"})
        del self.events[100:]

    def alive(self, deployment=None):
        return [t for t in self.tasks if t.last_status != "STOPPED"
                and (deployment is None or t.started_by == deployment["id"])]

    def failed(self, deployment):
        """Only what never ran or failed its health check counts as a failed task (SDK, Deployment.failedTasks)."""
        return [t for t in self.tasks if t.started_by == deployment["id"] and t.last_status == "STOPPED"
                and (t.stop.get("stopCode") == "TaskFailedToStart" or "health check" in t.stop.get("stoppedReason", ""))]

    def tick(self):
        """A drained deployment is forgotten; one that stays at its count for a while is complete, and says so once."""
        primary, old = self.history[0], self.history[1:]
        self.history[1:] = [d for d in old if self.alive(d)]
        ready = sum(t.is_settled for t in self.alive(primary)) == self.desired_count and len(self.history) == 1
        if not ready or len(self.alive()) != self.desired_count:
            primary["settledSince"] = None
        elif primary["settledSince"] is None:
            primary["settledSince"] = time.monotonic()
        elif not primary["completed"] and time.monotonic() - primary["settledSince"] >= STEADY_SECONDS:
            primary["completed"] = utcnow()
            self.event(f"(deployment {primary['id']}) deployment completed.")
            self.event("has reached a steady state.")
        if self.status == "DRAINING" and not self.alive():
            self.status = "INACTIVE"

    def rollout(self, deployment):
        breaker = self.configuration["deploymentCircuitBreaker"].get("enable")
        if deployment["completed"]:
            return "COMPLETED", f"ECS deployment {deployment['id']} completed."
        if breaker and len(self.failed(deployment)) >= 3:
            return "FAILED", "ECS deployment circuit breaker: tasks failed to start."
        return "IN_PROGRESS", f"ECS deployment {deployment['id']} in progress."

    def _deployment(self, deployment):
        alive = [t for t in self.alive(deployment) if t.desired_status == "RUNNING"]
        running = sum(t.last_status == "RUNNING" for t in alive)
        state, reason = self.rollout(deployment)
        primary = deployment is self.history[0]
        return {
            "id": deployment["id"], "status": "PRIMARY" if primary else "ACTIVE",
            "taskDefinition": deployment["definition"].arn, "desiredCount": self.desired_count if primary else 0,
            "runningCount": running, "pendingCount": len(alive) - running, "failedTasks": len(self.failed(deployment)),
            "createdAt": deployment["created"], "updatedAt": deployment["completed"] or deployment["created"],
            "launchType": self.launch_type, "rolloutState": state, "rolloutStateReason": reason,
        }

    def to_dict(self):
        self.tick()
        deployments = [self._deployment(d) for d in self.history] if self.status == "ACTIVE" else []
        counts = [t for t in self.alive() if t.desired_status == "RUNNING"]
        running = sum(t.last_status == "RUNNING" for t in counts)
        return {
            "serviceArn": self.arn, "serviceName": self.name, "clusterArn": self.cluster.arn, "status": self.status,
            "desiredCount": self.desired_count, "runningCount": running, "pendingCount": len(counts) - running,
            "launchType": self.launch_type, "taskDefinition": self.history[0]["definition"].arn,
            "deploymentConfiguration": self.configuration, "deployments": deployments, "events": self.events,
            "createdAt": self.created_at, "schedulingStrategy": self.scheduling_strategy,
            "deploymentController": {"type": "ECS"}, "loadBalancers": [], "serviceRegistries": [],
            "placementConstraints": [], "placementStrategy": [], **self.settings,
        }

    def start_task(self):
        """One more task of the newest deployment, or the event ECS writes when there is no place for it."""
        deployment = self.history[0]
        constraints = self.settings.get("placementConstraints") or []
        instance, failures = place(self.backend, self.cluster, deployment["definition"], constraints)
        if instance is None:
            self._say_unplaced(failures)
            return None
        tags = self.tags if self.propagate_tags == "SERVICE" else []
        task = start(self.backend, self.cluster, deployment["definition"], instance, f"service:{self.name}",
                     started_by=deployment["id"], tags=list(tags))
        self.event(f"has started 1 tasks: (task {task.id}).")
        return task

    def _say_unplaced(self, failures):
        message = "was unable to place a task because no container instance met all of its requirements. "
        if not failures:
            message += "Reason: No Container Instances were found in your cluster. "
        else:
            closest = failures[0]
            why = REASON_IN_EVENTS.get(closest["reason"], f"encountered error \"{closest['reason']}\"")
            message += f"The closest matching (container-instance {closest['arn'].split('/')[-1]}) {why}. "
        message += TROUBLESHOOTING
        latest = self.events[0] if self.events else None
        # ECS repeats itself every few minutes, not on every attempt.
        if not latest or message not in latest["message"] or (utcnow() - latest["createdAt"]).total_seconds() > 15:
            self.event(message)
