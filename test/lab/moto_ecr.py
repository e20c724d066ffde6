"""ECR's repositories are moto's, and their images are in a registry of its own: with the one go the others."""

import shutil

from moto.ecr.models import ECRBackend

original_delete = ECRBackend.delete_repository


def install(registry_storage):
    """`registry_storage` is the root directory of the registry's files."""

    def delete_repository(self, repository_name, registry_id=None, force=False):
        answer = original_delete(self, repository_name, registry_id, force)
        shutil.rmtree(f"{registry_storage}/docker/registry/v2/repositories/{repository_name}", ignore_errors=True)
        return answer

    ECRBackend.delete_repository = delete_repository
