"""Tells of an added package what bundles change in it."""

from p2ppool.settings import Settings
from p2ppool.software.archive.artifact_store import PackageStore
from p2ppool.software.bundle.adaptation import Adapted, adapted_files
from p2ppool.software.package.adding import package_limits
from p2ppool.software.package.package import open_package
from p2ppool.store.models import Package


def adapted_in(package: Package, config: Settings) -> list[Adapted]:
    """List the files of an added package that bundles adapt.

    Raises:
        UserError: it is no longer in the artifact store, or is unusable.
    """
    zip_file = PackageStore(config.data_folder).get(package.digest)
    with open_package(zip_file, package_limits(config)) as (file, checked):
        return list(adapted_files(file, checked.files, checked.program))
