"""`p2ppool prefect …`: what other programs need to reach the manager's Prefect server."""

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def whole() -> None:
    """Reach the Prefect server with Prefect's own command line."""


@app.command()
def env() -> None:
    """Print the variables that Prefect's own commands need, for `eval "$(p2ppool prefect env)"`.

    They contain the server's credential: whoever reads it may do everything that a manager may.
    """
    from shlex import quote

    from p2ppool.prefect_client.credential import client_environment
    from p2ppool.settings import settings

    for name, value in client_environment(settings()).items():
        typer.echo(f"export {name}={quote(value)}")
