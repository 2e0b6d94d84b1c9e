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
    from p2ppool.pools.recording.downsampling import plan, thin
    from p2ppool.pools.recording.retention import Retention
    from p2ppool.settings import settings
    from p2ppool.store.types import now

    engine, rule = store(), Retention.of(settings())
    found = plan(engine, rule, now())
    rows = [
        {"pool": thinning.pool, "crawls": len(thinning.snapshots), "samples": thinning.samples}
        for thinning in found
    ]
    if not dry_run:
        for thinning in found:
            for _ in thin(engine, thinning):
                pass
    kept = "samples are kept for ever: P2PPOOL_KEEP_ALL_DAYS says for how long instead"
    title = "would go" if dry_run else "are gone"
    print_rows(
        rows,
        as_json=as_json,
        empty=kept if rule.all is None else "no sample is old enough to go",
        title=f"These {title}; system statistics stay.",
    )
