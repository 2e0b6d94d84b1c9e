"""What a viewer may ask of Prefect: reading, and no secrets."""

import pytest

from dashboards.routes.prefect_reads import only_reads

ID = "0d6f3c1e-5b0a-4d8f-9c53-1f2e3d4c5b6a"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "ui-settings"),
        ("GET", "runs/flow-run/x"),
        ("HEAD", "assets/index.js"),
        ("GET", "api/flow_runs/" + ID),
        ("GET", "api/flow_runs/" + ID + "/graph-v2"),
        ("GET", "api/admin/version"),
        ("GET", "api/deployments/name/crawl/crawl"),
        ("POST", "api/flow_runs/filter"),
        ("POST", "api/flow_runs/count"),
        ("POST", "api/flow_runs/history"),
        ("POST", "api/ui/flow_runs/history"),
        ("POST", "api/deployments/paginate"),
        ("POST", "api/work_pools/mine/workers/filter"),
        ("POST", "api/logs/filter"),
        ("POST", "api/events/filter"),
        ("POST", "api/events/count-by/day"),
    ],
)
def test_reading_is_for_viewers(method, path):
    assert only_reads(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", ""),
        ("POST", "ui-settings"),
        ("OPTIONS", "api/flow_runs/filter"),
        ("DELETE", "api/flow_runs/" + ID),
        ("PATCH", "api/flow_runs/" + ID),
        ("POST", f"api/flow_runs/{ID}/set_state"),
        ("POST", f"api/deployments/{ID}/create_flow_run"),
        ("POST", "api/deployments/get_scheduled_flow_runs"),
        ("POST", f"api/deployments/{ID}/pause_deployment"),
        ("POST", "api/flow_runs/bulk_delete"),
        ("POST", "api/block_documents/filter"),
        ("POST", "api/variables/filter"),
        ("POST", "api/csrf-token"),
        ("POST", "api/flow_runs/filter/../bulk_delete"),
        ("POST", "api/work_pools/a/b/workers/filter"),
        ("POST", "api/flow_runs/filter\n"),
        ("GET", "api/block_documents/" + ID),
        ("GET", "api/variables/name/x"),
        ("GET", "api/csrf-token"),
        ("GET", "api/docs"),
        ("GET", "api/"),
        ("POST", "api"),
    ],
)
def test_all_else_is_not(method, path):
    assert not only_reads(method, path)
