"""Queries of the index of records, and their results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from storage_config.messages import CodedError

Sort = Literal["relevance", "date", "title", "newest"]
SORTS: tuple[Sort, ...] = ("relevance", "date", "title", "newest")
FACETS = ("kind", "collection", "creator", "year", "language", "class")
FACET_VALUES = 12
QUERY_LIMIT = 200  # characters


class SearchError(CodedError):
    """Base of what search refuses."""

    code = "search_failed"


class IndexUnavailable(SearchError):
    """The index is missing or damaged and is being rebuilt."""

    code = "index_unavailable"


@dataclass(frozen=True)
class SearchQuery:
    """A search: words, exact filters by facet, an order, and a page (from 1) of `per_page` records."""

    words: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 20


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet and how many of the found records have it."""

    value: str
    count: int


@dataclass(frozen=True)
class SearchResults:
    """Ids of one page in order, how many there are in all, and facets over all of them.

    `relaxed` says that no record had all the words and these have most of them.
    """

    total: int
    ids: tuple[str, ...]
    facets: dict[str, tuple[FacetValue, ...]]
    relaxed: bool
