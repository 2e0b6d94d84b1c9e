"""`p2ppool retention`."""

from typing import Annotated

import typer

from p2ppool.cli.terminal.output import AsJson, print_rows


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be deleted.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete old samples of crawls now, according to the settings; `p2ppool up` does it daily."""
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
    kept = "samples are kept forever: set P2PPOOL_KEEP_ALL_DAYS to limit that"
    title = "would be deleted" if dry_run else "were deleted"
    print_rows(
        rows,
        as_json=as_json,
        empty=kept if rule.all is None else "no samples are old enough",
        title=f"These {title}; system statistics are kept.",
    )
