"""`p2ppool retention`."""

from typing import Annotated

import typer

from p2ppool.cli.terminal.output import AsJson, print_rows


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Thin out the samples of old crawls now, as the settings say; `p2ppool up` does it each day."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.pools.recording.downsampling import downsample, plan
    from p2ppool.pools.recording.retention import Retention
    from p2ppool.settings import settings
    from p2ppool.store.types import now

    engine, rule = store(), Retention.of(settings())
    found = plan(engine, rule, now())
    rows = [
        {"pool": downsampling.pool, "crawls": len(downsampling.snapshots), "samples": downsampling.samples}
        for downsampling in found
    ]
    if not dry_run:
        for downsampling in found:
            for _ in downsample(engine, downsampling):
                pass
    kept = "samples are kept for ever: P2PPOOL_KEEP_ALL_DAYS says for how long instead"
    title = "would go" if dry_run else "are gone"
    print_rows(
        rows,
        as_json=as_json,
        empty=kept if rule.all is None else "no sample is old enough to go",
        title=f"These {title}; system statistics stay.",
    )
