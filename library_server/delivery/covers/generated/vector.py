"""A drawn cover as SVG under 2 KB: what browsers get."""

from __future__ import annotations

from xml.sax.saxutils import escape

from library_server.delivery.covers.generated.design import HEIGHT, WIDTH, Design
from library_server.delivery.covers.generated.motifs import Disc, Line, Shape, draw_motif
from library_server.delivery.covers.generated.typesetting import Glyph, set_author, set_title

FONTS = "Noto Serif CJK SC,Songti SC,STSong,SimSun,serif"


def render_svg(design: Design) -> str:
    """Return the cover as an SVG document."""
    cloth = design.cloth
    motif = "".join(_render_shapes(draw_motif(design.motif, design.turn), cloth.ink))
    title, author = set_title(design.title), set_author(design.title, design.author)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path fill="{cloth.ground}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'<g stroke="{cloth.ink}" fill="none" stroke-linecap="round">{motif}'
        f'<path d="M7.5 7.5h{WIDTH - 15}v{HEIGHT - 15}h-{WIDTH - 15}z" opacity=".4"/></g>'
        f'<g fill="{cloth.ink}" font-family="{FONTS}" text-anchor="middle">'
        f'<g font-weight="600">{_render_glyphs(title)}</g><g opacity=".8">{_render_glyphs(author)}</g></g></svg>'
    )


def _render_glyphs(glyphs: list[Glyph]) -> str:
    """Single upright characters share one element with a list of places; the others get one each."""
    if not glyphs:
        return ""
    single = [glyph for glyph in glyphs if len(glyph.text) == 1 and not glyph.turned and ord(glyph.text) < 0x10000]
    rest = "".join(_render_text(glyph) for glyph in glyphs if glyph not in single)
    xs = " ".join(f"{glyph.x:.0f}" for glyph in single)
    ys = " ".join(f"{_find_baseline(glyph):.0f}" for glyph in single)
    words = escape("".join(glyph.text for glyph in single))
    run = f'<text x="{xs}" y="{ys}">{words}</text>' if single else ""
    return f'<g font-size="{glyphs[0].size:.0f}">{run}{rest}</g>'


def _render_text(glyph: Glyph) -> str:
    turn = f' transform="rotate(90 {glyph.x:.0f} {glyph.y:.0f})"' if glyph.turned else ""
    return f'<text x="{glyph.x:.0f}" y="{_find_baseline(glyph):.0f}"{turn}>{escape(glyph.text)}</text>'


def _find_baseline(glyph: Glyph) -> float:
    return glyph.y + glyph.size * 0.36


def _render_shapes(drawn: list[Shape], ink: str) -> list[str]:
    """Shapes of one look share a path; a disc is a stroke of no length with a round end."""
    paths: dict[str, str] = {}
    for shape in drawn:
        if isinstance(shape, Disc):
            look, path = f'stroke-width="{2 * shape.radius:g}"', f"M{shape.x:.0f} {shape.y:.0f}h0"
        else:
            points = [f"{x:.0f} {y:.0f}" for x, y in shape.points]
            path = f"M{points[0]}L{' '.join(points[1:])}"
            look = f'stroke-width="{shape.width:g}"' if isinstance(shape, Line) else f'fill="{ink}" stroke="none"'
        look += f' opacity="{shape.opacity:g}"'
        paths[look] = paths.get(look, "") + path
    return [f'<path {look} d="{path}"/>' for look, path in paths.items()]
