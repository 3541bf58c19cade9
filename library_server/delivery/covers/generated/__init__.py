"""Covers drawn for records that have none: cloth by hash, a motif by kind and class, the title set with care."""

from library_server.delivery.covers.generated.design import EDITION, Design, design_of
from library_server.delivery.covers.generated.raster import render_jpeg
from library_server.delivery.covers.generated.vector import render_svg

__all__ = ["EDITION", "Design", "design_of", "render_jpeg", "render_svg"]
