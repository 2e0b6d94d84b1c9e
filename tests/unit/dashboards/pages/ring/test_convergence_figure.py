"""A range of crawls as one figure over a slider."""

from dashboards.figures.palette import DARK, LIGHT
from dashboards.pages.ring.convergence_figure import convergence_figure
from p2ppool.reports.crawls.crawl_range import crawl_range
from p2ppool.reports.nodes.churn import Turnover
from tests.lab.past.convergence import converging_ring
from tests.lab.past.history import a_bare_pool, keep_crawl


def healed(engine, colours=LIGHT):
    a_bare_pool(engine)
    for minutes, samples in zip((9, 5, 1), converging_ring(12), strict=True):
        keep_crawl(engine, "demo", samples, minutes_ago=minutes)
    crawls = crawl_range(engine, "demo", most=9).crawls
    return convergence_figure(crawls, {crawls[2].summary.id: Turnover(1, 3)}, colours)


def traces(figure):
    return {trace.name: trace for trace in figure.data}


def test_lines_and_bars_lie_over_their_crawls(engine):
    drawn = traces(healed(engine))
    assert {tuple(trace.x) for trace in drawn.values()} == {(0, 1, 2)}
    assert drawn["nodes"].y == (12, 9, 9)
    assert drawn["consistency"].y[1] < drawn["consistency"].y[0] == drawn["consistency"].y[2] == 1
    assert (drawn["came"].y, drawn["went"].y) == ((0, 0, 1), (0, 0, -3))


def test_the_first_and_last_crawl_are_at_the_edges_where_the_slider_has_them(engine):
    figure = healed(engine, DARK)
    assert figure.layout.xaxis.range == (0, 2)
    assert figure.layout.margin.l == figure.layout.margin.r == 0


def test_pointing_at_a_crawl_says_what_it_found(engine):
    texts = traces(healed(engine))["crawls"].hovertext
    assert "9 of 12 nodes answered" in texts[1]
    assert "1 came, 3 went" in texts[2]


def test_no_crawl_and_one_crawl_are_figures_too(engine):
    assert len(convergence_figure([], {}, LIGHT).data) == 5
    a_bare_pool(engine)
    keep_crawl(engine, "demo", [])
    crawls = crawl_range(engine, "demo", most=9).crawls
    figure = convergence_figure(crawls, {}, LIGHT)
    assert figure.layout.xaxis.range == (-0.5, 0.5)
    assert traces(figure)["consistency"].y == (None,)
