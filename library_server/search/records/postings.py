"""Posting lists of Whoosh read whole, as arrays of document numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

DocNumbers = npt.NDArray[np.int32]


def read_document_numbers(matcher: Any) -> DocNumbers:
    """Return the document numbers of a posting list, a block at a time where the codec keeps them as differences."""
    if not hasattr(matcher, "_read_data") or matcher._byteids:
        return np.fromiter(matcher.all_ids(), dtype=np.int32)
    blocks = []
    while matcher.is_active():
        matcher._read_data()
        blocks.append(np.cumsum(np.array(matcher._data[0], dtype=np.int32), dtype=np.int32))
        matcher._next_block()
    return np.concatenate(blocks) if blocks else np.empty(0, np.int32)
