"""The planner against the vendors' published tables, and against what must hold of every layout."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from library_server.cli import main
from storage_config.capacity.diagram import render_svg, set_of
from storage_config.capacity.erasure import Erasure, InvalidLayout, default_parity, plan_erasure
from storage_config.capacity.optimizer import find_cheapest
from storage_config.capacity.planner import CapacityRequirement, Layout, Plan, Speeds
from storage_config.capacity.workload import WORKLOADS, estimate_objects

TB, TIB = 10**12, 2**40


@pytest.mark.parametrize(("parity", "usable", "read", "write"), [(4, 12, 12, 12), (6, 10, 10, 10), (8, 8, 8, 9)])
def test_minio_table_of_one_node_with_sixteen_drives_of_1_tb(parity: int, usable: int, read: int, write: int) -> None:
    plan = Plan(Layout(1, 16, TB, parity), CapacityRequirement(TB), Speeds())
    assert plan.after_parity == usable * TB
    assert (plan.erasure.read_quorum, plan.erasure.write_quorum) == (read, write)


@pytest.mark.parametrize(
    ("size", "parity"), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (7, 3), *((n, 4) for n in range(8, 17))]
)
def test_default_parity_as_minio_and_rustfs_publish_it(size: int, parity: int) -> None:
    assert default_parity(size) == parity


@pytest.mark.parametrize(
    ("nodes", "drives", "size", "parity", "read", "write"),
    [
        (1, 1, 1, 0, 0, 0), (1, 4, 4, 2, 0, 0), (4, 1, 4, 2, 2, 1), (5, 1, 5, 2, 2, 2), (6, 1, 6, 3, 3, 2),
        (7, 1, 7, 3, 3, 3), (9, 1, 9, 4, 4, 4), (11, 2, 11, 4, 4, 4), (13, 2, 13, 4, 4, 4),
    ],
)  # fmt: skip
def test_minio_sizing_guide(nodes: int, drives: int, size: int, parity: int, read: int, write: int) -> None:
    """docs/distributed/SIZING.md; its rows of two drives a node give other sizes than the server's own rule."""
    sets = plan_erasure(nodes, drives)
    assert (sets.set_size, sets.parity) == (size, parity)
    assert (sets.nodes_lost_for_read, sets.nodes_lost_for_write) == (read, write)


def test_minio_design_page() -> None:
    sets = plan_erasure(32, 32)
    assert (sets.sets, sets.set_size) == (64, 16)
    sets = plan_erasure(1, 64)
    assert (sets.sets, sets.set_size) == (4, 16)


def test_rustfs_example_of_sixteen_drives_of_10_tib() -> None:
    plan = Plan(Layout(4, 4, 10 * TIB), CapacityRequirement(TB), Speeds())
    assert plan.after_parity == 120 * TIB
    assert plan.erasure.parity == 4
    assert plan.erasure.nodes_lost_for_read == 1  # four of its drives are in one node


layouts = st.builds(Layout, st.integers(1, 40), st.integers(1, 40), st.integers(1, 30).map(lambda n: n * TB))


def sets_of(layout: Layout) -> Erasure:
    try:
        return plan_erasure(layout.nodes, layout.drives, layout.parity)
    except InvalidLayout:
        assume(False)
        raise


@given(layouts)
def test_every_drive_is_in_one_set_and_every_set_lies_evenly_over_the_nodes(layout: Layout) -> None:
    sets = sets_of(layout)
    assert sets.sets * sets.set_size == sets.drives
    members: dict[int, list[int]] = {}
    for node in range(layout.nodes):
        for drive in range(layout.drives):
            members.setdefault(set_of(sets, layout.drives, node, drive), []).append(node)
    assert sorted(members) == list(range(sets.sets))
    for nodes in members.values():
        assert len(nodes) == sets.set_size
        assert {nodes.count(node) for node in nodes} == {sets.drives_of_a_set_on_a_node} or layout.nodes == 1


@given(layouts)
def test_quorums_hold(layout: Layout) -> None:
    sets = sets_of(layout)
    assert sets.data >= sets.parity
    assert sets.write_quorum > sets.set_size / 2  # two writers never both succeed on disjoint drives
    assert sets.read_quorum + sets.write_quorum > sets.set_size  # a read sees what was written
    lost = sets.nodes_lost_for_write * sets.drives_of_a_set_on_a_node
    assert sets.set_size - lost >= sets.write_quorum
    assert sets.nodes_lost_for_write <= sets.nodes_lost_for_read < max(layout.nodes, 1)


@given(layouts, st.integers(1, 200), st.integers(0, 100), st.integers(0, 10))
def test_sizes_fall_in_order_and_full_means_full(layout: Layout, size: int, growth: int, years: int) -> None:
    sets_of(layout)
    plan = Plan(layout, CapacityRequirement(size * TB // 10, growth / 100, years), Speeds())
    assert plan.usable < plan.after_parity <= plan.raw
    for mix in WORKLOADS:
        fit = plan.fit(mix)
        assert fit.stored > fit.estimate.bytes >= fit.estimate.original_bytes
        if fit.full_after not in (0.0, math.inf) and abs(fit.full_after - years) > 0.02:
            assert fit.fits == (fit.full_after >= years)
    assert plan.fits == all(plan.fit(mix).fits for mix in WORKLOADS)


@given(layouts)
def test_more_parity_never_gives_more_room_nor_less_safety(layout: Layout) -> None:
    sets = sets_of(layout)
    assume(sets.parity > 1)
    fewer = plan_erasure(layout.nodes, layout.drives, sets.parity - 1)
    assert fewer.share > sets.share
    assert fewer.drives_lost_for_read < sets.drives_lost_for_read


@given(st.sampled_from(WORKLOADS), st.integers(1, 10_000))
def test_a_mix_comes_to_its_bytes(mix: object, gigabytes: int) -> None:
    for workload in WORKLOADS:
        estimate = estimate_objects(workload, gigabytes * 10**9)
        assert estimate.original_bytes == gigabytes * 10**9
        assert estimate.derivative_bytes < estimate.original_bytes  # derivatives cost less than originals
        assert estimate.small_objects <= estimate.derivatives
        assert sum(share for _, share in workload.shares) == pytest.approx(1)


@pytest.mark.parametrize(("nodes", "drives", "parity"), [(1, 17, None), (4, 4, 9), (4, 4, 0), (1, 2, 2), (0, 4, None)])
def test_what_makes_no_set_is_refused(nodes: int, drives: int, parity: int | None) -> None:
    with pytest.raises(InvalidLayout):
        plan_erasure(nodes, drives, parity)


def test_rebuilding_goes_as_fast_as_the_slower_of_drive_and_network() -> None:
    one_node = Plan(Layout(1, 4, TB), CapacityRequirement(TB), Speeds(drive=10**8, network=1))
    assert one_node.rebuild_seconds == pytest.approx(TB * 0.993 * 0.9 / 10**8)  # all shards are on one node
    four = Plan(Layout(4, 1, TB), CapacityRequirement(TB), Speeds(drive=10**9, network=10**8))
    assert four.rebuild_seconds == pytest.approx(TB * 0.993 * 0.9 / (10**8 / 2))  # two shards come over the network
    assert math.isinf(Plan(Layout(1, 1, TB), CapacityRequirement(TB), Speeds()).rebuild_seconds)


def test_the_cheapest_that_survives_a_node_is_no_dearer_than_any_other_that_does() -> None:
    requirement = CapacityRequirement(3 * TB, 0.25, 5)
    priced = find_cheapest(requirement, survive_nodes=1)
    assert [priced_plan.price for priced_plan in priced] == sorted(priced_plan.price for priced_plan in priced)
    for priced_plan in priced:
        assert priced_plan.plan.erasure.nodes_lost_for_write >= 1
        assert priced_plan.plan.fits
    assert find_cheapest(requirement, survive_nodes=0)[0].price < priced[0].price
    assert find_cheapest(CapacityRequirement(10**19)) == []


@given(layouts)
@pytest.mark.slow
def test_the_picture_is_well_formed_and_draws_every_drive(layout: Layout) -> None:
    sets_of(layout)
    plan = Plan(layout, CapacityRequirement(TB), Speeds())
    drawn = etree.fromstring(render_svg(plan).encode())
    numbers = drawn.xpath("//*[local-name()='text'][@text-anchor='middle']/text()")
    assert isinstance(numbers, list)
    assert len(numbers) == plan.erasure.drives


def run(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["storage", "plan", *options])
    return result.exit_code, result.output


def test_the_command_prints_a_plan_and_its_picture(tmp_path: Path) -> None:
    options = ["--usable", "3TB", "--nodes", "4", "--drives", "4", "--drive-size", "4TB", "--parity", "auto",
               "--growth", "25%", "--years", "5"]  # fmt: skip
    code, output = run(*options, "--json", "--svg", str(tmp_path / "plan.svg"))
    assert code == 0
    values = json.loads(output)
    assert values["after_parity_bytes"] == 48 * TB
    assert values["originals_bytes_then"] == round(3 * TB * 1.25**5)
    assert values["write"] == {"quorum": 12, "drives": 4, "nodes": 1}
    assert {mix["mix"] for mix in values["mixes"]} == {"lecture-heavy", "book-heavy"}
    assert (tmp_path / "plan.svg").read_text().startswith("<svg")
    code, output = run(*options)
    assert code == 0
    assert "48.00 TB (43.66 TiB)" in output


def test_exit_codes_of_plans_that_are_too_small_or_invalid() -> None:
    assert run("--usable", "300TB", "--nodes", "4")[0] == 3
    for bad in (["--usable", "3T"], ["--nodes", "1", "--drives", "17"], ["--parity", "much"], ["--years", "long"]):
        assert run(*bad)[0] == 2
    assert run("--usable", "9000000TB")[0] == 1


def test_the_command_finds_the_cheapest_layout() -> None:
    code, output = run("--usable", "3TB", "--survive-nodes", "1", "--years", "1.5", "--json")
    assert code == 0
    assert json.loads(output)["layouts"][0]["write"]["nodes"] >= 1
    code, output = run("--prices", "1", "1", "1", "--drive-size", "8TB")
    assert code == 0
    assert "8 TB" in output
