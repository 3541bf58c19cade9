"""What the reader of PDFs knows of a file before it has read any of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from library_server.catalogue.details import PageRun
from library_server.catalogue.dto import AssetView, RecordView
from library_server.catalogue.enums import FIRST_PAGE, AssetRole
from library_server.delivery.urls import file_address


@dataclass(frozen=True)
class PdfPages:
    """The size of the file in bytes, those of its pages in points (none where they are not known), and the address of
    a picture of the first page where there is one and it is asked for.
    """

    size: int
    page_sizes: Sequence[PageRun]
    first_page: str | None


def describe_pages(record: RecordView, shown: AssetView, page: int) -> PdfPages:
    """Return what is known of the PDF that is shown of a record, to open it at a page."""
    renditions = record.assets_of(AssetRole.RENDITION)
    picture = next((asset for asset in renditions if asset.label == FIRST_PAGE), None)
    return PdfPages(shown.size, record.details.page_sizes, file_address(record, picture) if page <= 1 else None)
