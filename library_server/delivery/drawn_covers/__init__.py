"""Covers drawn for records that have none: cloth by hash, a motif by kind and class, the title set with care."""

from library_server.delivery.drawn_covers.design import EDITION, Design, design_of
from library_server.delivery.drawn_covers.raster import jpeg
from library_server.delivery.drawn_covers.vector import svg

__all__ = ["EDITION", "Design", "design_of", "jpeg", "svg"]
