"""Who may do what, and how a refusal looks: errors in each service's own protocol; registry credentials that work."""

import json
import re
import time
import traceback
from base64 import b64encode

from moto.core.exceptions import ServiceException, _RESTError
from moto.core.responses import ActionResult, BaseResponse
from moto.ecr.responses import ECRResponse
from moto.iam.access_control import IAMPolicy, IAMPolicyStatement, PermissionResult
from moto.iam.models import iam_backends

# What each protocol calls moto's refusals.
CODES = {
    "ec2": {"AccessDenied": "UnauthorizedOperation"},
    "json": {"AccessDenied": "AccessDeniedException", "InvalidClientTokenId": "UnrecognizedClientException",
             "SignatureDoesNotMatch": "InvalidSignatureException"},
}

# With IAM enforced, moto checks every action against the resource "*". These are the resources AWS checks, by the
# parameters that name them; what is not here, EC2 above all, is checked by its action only. A secret's ARN ends in six
# characters, which are any here.
NAMED = {
    "ssm": {"Name": "parameter/{}", "Names": "parameter/{}"},
    "secretsmanager": {"Name": "secret:{}-AbCdEf", "SecretId": "secret:{}-AbCdEf"},
    "ecr": {"repositoryName": "repository/{}", "repositoryNames": "repository/{}"},
    "iam": {"RoleName": "role/{}", "InstanceProfileName": "instance-profile/{}"},
    "ecs": {"service": "service/{cluster}/{}", "serviceName": "service/{cluster}/{}", "services": "service/{cluster}/{}",
            "task": "task/{cluster}/{}", "tasks": "task/{cluster}/{}", "family": "task-definition/{}:*",
            "clusterName": "cluster/{}", "clusters": "cluster/{}",
            "containerInstances": "container-instance/{cluster}/{}"},
}
ANY = "*any*"


def resources(response):
    service = response.service_name
    if service == "sts":
        return [response._determine_resource()]
    is_json = response.headers.get("X-Amz-Target")
    params = json.loads(response.body or "{}") if is_json else response.querystring
    region = "" if service == "iam" else response.region
    cluster = str(params.get("cluster") or "default").split("/")[-1]
    found = []
    for key, pattern in NAMED.get(service, {}).items():
        values = params.get(key) or []
        for value in values if isinstance(values, list) else [values]:
            name = str(value).lstrip("/") if service in ("ssm", "ecr", "secretsmanager") else str(value).split("/")[-1]
            arn = f"arn:aws:{service}:{region}:{response.current_account}:{pattern.format(name, cluster=cluster)}"
            found.append(value if str(value).startswith("arn:") else arn)
    return found or [ANY]


original_matches = IAMPolicyStatement._check_element_matches


def matches(self, element, value):
    return True if element == "Resource" and value == ANY else original_matches(self, element, value)


def match(pattern, text):
    """IAM's wildcards are * and ?, and nothing else means anything; moto takes a pattern for a regular expression."""
    return re.fullmatch("".join({"*": ".*", "?": "."}.get(c) or re.escape(c) for c in pattern), text, re.DOTALL)


def refusal(service):
    """moto looks for an error's shape in the service whose module its class is in."""
    return type("Refusal", (ServiceException,), {"__module__": f"moto.{service}.exceptions"})


original_authorise = BaseResponse._authenticate_and_authorize_normal_action
original_call = BaseResponse.call_action


def answer_with(response, code, message, status):
    """moto sends refusals as XML and its own faults as HTML; a client of a JSON service reports both as a SyntaxError."""
    _, headers, body = response.serialized(ActionResult(refusal(response.service_name)(code, message)))
    return status, {**headers, "status": status}, body


def call_action(self):
    try:
        for resource in resources(self):
            original_authorise(self, resource)
        return original_call(self)
    except _RESTError as refused:
        protocol = "json" if self.headers.get("X-Amz-Target") else self.boto3_service_name
        code = CODES.get(protocol, {}).get(refused.error_type, refused.error_type)
        return answer_with(self, code, refused.message, 400 if protocol == "json" else 403)
    except Exception as fault:
        traceback.print_exc()
        return answer_with(self, "InternalFailure", f"moto: {fault!r}", 500)


def authorization_token(password):
    def get_authorization_token(self):
        token = b64encode(f"AWS:{password}".encode()).decode()
        accounts = self._get_param("registryIds") or [self.current_account]
        return ActionResult({"authorizationData": [{
            "authorizationToken": token, "expiresAt": time.time() + 12 * 3600,
            "proxyEndpoint": f"https://{account}.dkr.ecr.{self.region}.amazonaws.com"} for account in accounts]})

    return get_authorization_token


def role_permits(account, role_name, action, resource):
    """What the role's own policies say; the stand-in asks before it acts in a role's name."""
    backend = iam_backends[account]["aws"]
    if role_name not in {role.name for role in backend.get_roles()}:
        return False
    documents = [backend.get_role_policy(role_name, name)[1] for name in backend.list_role_policies(role_name)]
    attached, _ = backend.list_attached_role_policies(role_name)
    results = [IAMPolicy(policy).is_action_permitted(action, resource) for policy in [*documents, *attached]]
    return PermissionResult.PERMITTED in results and PermissionResult.DENIED not in results


def role_of_machine(account, instance, ec2_backend):
    association = ec2_backend.iam_instance_profile_associations.get(instance.id)
    roles = association.iam_instance_profile.roles if association else []
    return roles[0].name if roles else None


def install(password):
    BaseResponse._authenticate_and_authorize_normal_action = lambda self, resource="*": None
    BaseResponse.call_action = call_action
    IAMPolicyStatement._check_element_matches = matches
    IAMPolicyStatement._match = staticmethod(match)
    ECRResponse.get_authorization_token = authorization_token(password)
