"""`python -m deployments.up.prefect_process`: Prefect's server behind our own checks, until a signal."""

import os

from p2ppool.prefect_client.credential import server_environment
from p2ppool.settings import Settings, settings


def main(config: Settings) -> None:
    """Serve.

    The credential is put into this process's own environment, because Prefect reads it there: it passes
    through no other process, and no command line.
    """
    os.environ.update(server_environment(config))
    # Prefect reads its settings when it is imported.
    import uvicorn  # noqa: PLC0415
    from prefect.server.api.server import create_app  # noqa: PLC0415
    from prefect.settings import get_current_settings  # noqa: PLC0415

    from deployments.up.own_names import OwnNamesOnly  # noqa: PLC0415

    api = get_current_settings().server.api
    uvicorn.run(
        OwnNamesOnly(create_app(final=True), config),
        host=config.prefect_listen_address,
        port=config.prefect_port,
        timeout_keep_alive=api.keepalive_timeout,
        log_level="warning",
    )


if __name__ == "__main__":
    main(settings())
