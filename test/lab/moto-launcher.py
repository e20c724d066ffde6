"""Starts moto's server with the parts replaced that are green whatever happens. test/lab/moto.ts runs it.

usage: moto-launcher.py --port PORT [--first-address 10.213.0.50] [--registry-password WORD] [--registry-storage DIRECTORY]
                        [--region us-east-1] [--hosts]
"""

import argparse
import os
import signal
import sys
from threading import RLock

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_ENABLE_AMI_VALIDATION", "true")
os.environ.setdefault("MOTO_ENABLE_KEYPAIR_VALIDATION", "true")
os.environ.setdefault("MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION", "true")

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--first-address", default="10.213.0.50")
parser.add_argument("--registry-password", default="lab-registry-password")
parser.add_argument("--registry-storage")
parser.add_argument("--region", default="us-east-1")
parser.add_argument("--hosts", action="store_true", help="instances run once the lab's supervisor says so")
options = parser.parse_args()
os.environ["MOTO_PORT"] = str(options.port)

# Read when moto is imported, so after the environment is set.
import moto_access  # noqa: E402
import moto_ec2  # noqa: E402
import moto_ecr  # noqa: E402
import moto_ecs  # noqa: E402
import moto_lab  # noqa: E402
from moto.core import DEFAULT_ACCOUNT_ID  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, run_simple  # noqa: E402


class Requests(WSGIRequestHandler):
    """Logs what clients ask of AWS, not the lab's own polling."""

    def log_request(self, code="-", size="-"):
        if not self.path.startswith("/lab/"):
            super().log_request(f"{code} {self.headers.get('X-Amz-Target', '')}", size)


assert DEFAULT_ACCOUNT_ID == moto_lab.ACCOUNT
moto_access.install(options.registry_password)
moto_ec2.install(options.first_address, options.hosts)
moto_ecs.install()
if options.registry_storage:
    moto_ecr.install(options.registry_storage)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
app = DomainDispatcherApplication(create_backend_app)
app = moto_lab.with_lab(app, moto_lab.Lab(options.region), RLock())
run_simple("127.0.0.1", options.port, app, threaded=True, request_handler=Requests)
