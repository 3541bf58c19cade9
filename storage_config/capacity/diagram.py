"""A plan as a diagram (SVG): nodes, their drives, and the erasure set of each drive by number and colour."""

from __future__ import annotations

from collections.abc import Callable

from storage_config.capacity.erasure import Erasure
from storage_config.capacity.planner import Plan
from storage_config.units import format_bytes, format_tb

DRIVE_WIDTH, DRIVE_HEIGHT, GAP = 64, 44, 10
NODE_LABEL, PADDING, TITLE, LEGEND = 26, 16, 64, 56
NODES_A_ROW = 4
INK, PAPER, STONE, LINE = "#1d2321", "#faf7f0", "#5d625d", "#e3ddd0"
SET_COLOURS = ("#2f6f4f", "#a8322a", "#35618e", "#8a6414", "#6b4a86", "#2f6d73", "#8c4a63", "#55663a")


Gettext = Callable[[str], str]


def render_svg(plan: Plan, gettext: Gettext = str) -> str:
    """Return the diagram as an SVG document that can be read without colours; `gettext` translates its text."""
    _ = gettext
    sets, layout = plan.erasure, plan.layout
    across = min(layout.drives, 4)
    node_width = across * (DRIVE_WIDTH + GAP) + GAP
    node_height = NODE_LABEL + -(-layout.drives // across) * (DRIVE_HEIGHT + GAP) + GAP
    in_row = min(layout.nodes, NODES_A_ROW)
    width = max(in_row * (node_width + PADDING) + PADDING, 560)
    rows = -(-layout.nodes // in_row)
    height = TITLE + rows * (node_height + PADDING) + LEGEND
    title = _("%(nodes)s 台 × %(drives)s 块 × %(size)s") % {
        "nodes": layout.nodes, "drives": layout.drives, "size": format_bytes(layout.drive_bytes)
    }  # fmt: skip
    usable = _("%(title)s，可用 %(usable)s") % {"title": title, "usable": format_tb(plan.usable)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" font-family="sans-serif"><title>{title}</title>',
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        _render_text(PADDING, 28, usable, 17),
        _render_text(PADDING, 50, _describe_survival(sets, _), 14, STONE),
    ]
    for node in range(layout.nodes):
        x = PADDING + (node % in_row) * (node_width + PADDING)
        y = TITLE + (node // in_row) * (node_height + PADDING)
        parts.append(f'<rect x="{x}" y="{y}" width="{node_width}" height="{node_height}" fill="none" stroke="{LINE}"/>')
        parts.append(_render_text(x + GAP, y + 18, _("机器 %(number)s") % {"number": node + 1}, 13))
        for drive in range(layout.drives):
            across_by, down_by = drive % across, drive // across
            parts += _render_drive(
                x + GAP + across_by * (DRIVE_WIDTH + GAP),
                y + NODE_LABEL + GAP // 2 + down_by * (DRIVE_HEIGHT + GAP),
                set_of(sets, layout.drives, node, drive),
            )
    parts += _render_legend(sets, height - LEGEND + 18, _)
    return "\n".join([*parts, "</svg>", ""])


def _render_legend(sets: Erasure, y: int, _: Gettext) -> list[str]:
    """Two lines that say what squares and numbers are, and how an object is cut."""
    shards = _("每份对象切成 %(data)s 块数据、%(parity)s 块校验，放在一组里。") % {
        "data": sets.data, "parity": sets.parity
    }  # fmt: skip
    return [
        _render_text(PADDING, y, _("方块是盘，数字是纠删组。"), 13, STONE),
        _render_text(PADDING, y + 20, shards, 13, STONE),
    ]


def set_of(sets: Erasure, drives_a_node: int, node: int, drive: int) -> int:
    """Return the number of a drive's set, from 0. Drives are dealt out node by node, then to the next drive of each."""
    return (drive * sets.nodes + node) // sets.set_size if sets.nodes > 1 else drive // sets.set_size


def _render_drive(x: int, y: int, number: int) -> list[str]:
    colour = SET_COLOURS[number % len(SET_COLOURS)]
    return [
        f'<rect x="{x}" y="{y}" width="{DRIVE_WIDTH}" height="{DRIVE_HEIGHT}" rx="3" fill="{colour}"/>',
        f'<text x="{x + DRIVE_WIDTH // 2}" y="{y + DRIVE_HEIGHT // 2 + 6}" font-size="16" fill="#ffffff" '
        f'text-anchor="middle">{number + 1}</text>',
    ]


def _describe_survival(sets: Erasure, _: Gettext) -> str:
    sentence = _("每组坏 %(read_drives)s 块盘或停 %(read_nodes)s 台还能读，坏 %(drives)s 块或停 %(nodes)s 台还能写")
    return sentence % {
        "read_drives": sets.drives_lost_for_read, "read_nodes": sets.nodes_lost_for_read,
        "drives": sets.drives_lost_for_write, "nodes": sets.nodes_lost_for_write,
    }  # fmt: skip


def _render_text(x: int, y: int, text: str, size: int, colour: str = INK) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}">{text}</text>'
