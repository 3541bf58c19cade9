"""Licences of what the library is delivered with: no GPL and no AGPL, declared or bundled.

See docs/developers/licences.md.

Programs that run as processes of their own (ffmpeg, LibreOffice) are not part of it, and neither are tools for tests.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hatch_build import WANTED

ROOT = Path(__file__).parents[1]
FREE = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|ISC|Zlib|PSF|Python Software Foundation|MPL|Mozilla Public|CC0|Unlicense|ZPL|Zope|HPND|"
    r"OFL|Redistribution and use in source and binary forms)\b"
)
GPL = re.compile(r"(?<!L)(?:\bA?GPL|Affero)|(?<!Lesser )\bGeneral Public License", re.IGNORECASE)
LGPL = re.compile(r"\bLGPL|Lesser General Public", re.IGNORECASE)
# Used as libraries that anyone can replace, unchanged; each with the reason why it may be here.
LESSER = {
    "pi-heif": "its wheel links libheif and libde265 (LGPL) as shared libraries; it has no encoder, so no x265 (GPL)",
    "psycopg": "imported unchanged, only where the catalogue is in PostgreSQL",
    "psycopg-binary": "as psycopg; its libpq is under the PostgreSQL licence",
    "python-stdnum": "imported unchanged, for the check digits of ISBN",
}
UNDECLARED: dict[str, str] = {}
# File names of shared libraries under GPL or AGPL, as distributions call them.
GPL_FILES = re.compile(
    r"lib(?:x26[45]|xvid\w*|postproc|fftw\w*|readline|history|gsl\w*|rubberband|vidstab|davs2|xavs2?|faad|a52|dts|dca|mad|"
    r"mpeg2|dvd\w+|cdio\w*|smbclient|poppler\w*|gs|mupdf\w*|gpl\w*|bfd|opcodes|kvazaar_gpl)[-.]"
)
# Functions and words in the files themselves, for what was linked statically; each is found in a GPL library alone.
GPL_SIGNS = (
    b"x265_encoder_open", b"x265_api_get", b"x264_encoder_open", b"xvid_encore", b"fftw_execute", b"fftwf_execute",
    b"rl_readline_name", b"postproc_version", b"rubberband_new", b"fz_new_context_imp", b"gsapi_new_instance",
    b"NeAACDecOpen", b"--enable-gpl", b"--enable-nonfree",
)  # fmt: skip
GPL_WORDS = b"GPL version "  # ffmpeg's libraries state their licence so, where it is not the LGPL
# GCC's runtime libraries are under the GPL with the GCC Runtime Library Exception 3.1, which covers linking by anybody.
RUNTIME_EXCEPTION = re.compile(r"lib(?:gfortran|quadmath|gcc_s|stdc\+\+|gomp|atomic)[-.]")


def read_lock(text: str) -> list[Requirement]:
    """The requirements of a lock that are for this machine."""
    lines = (line.rstrip("\\ ") for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line))
    requirements = [Requirement(line) for line in lines]
    return [requirement for requirement in requirements if requirement.marker is None or requirement.marker.evaluate()]


def installed_packages() -> dict[str, metadata.Distribution]:
    names = {
        canonicalize_name(requirement.name)
        for requirement in read_lock((ROOT / "requirements.lock").read_text("utf-8"))
    }
    return {name: metadata.distribution(name) for name in sorted(names)}


def licence_statements(distribution: metadata.Distribution) -> list[str]:
    """What a package says of its licence: an SPDX expression, or a free text and classifiers."""
    expressions = distribution.metadata.get_all("License-Expression") or []
    texts = distribution.metadata.get_all("License") or []
    classifiers = [
        classifier
        for classifier in distribution.metadata.get_all("Classifier") or []
        if classifier.startswith("License ::")
    ]
    return expressions or [
        statement for statement in (*texts, *classifiers) if statement.strip() not in {"", "UNKNOWN"}
    ]


def find_objection(name: str, licences: list[str]) -> str | None:
    """What speaks against a package; None where it may be used."""
    if not licences:
        return None if name in UNDECLARED else "says nothing of its licence"
    alternatives = [[licence] for licence in licences[0].split(" OR ")] if len(licences) == 1 else [licences]
    free = [alternative for alternative in alternatives if not any(GPL.search(text) for text in alternative)]
    if not free:
        return f"is under {licences}"
    lesser = [alternative for alternative in free if any(LGPL.search(text) for text in alternative)]
    if len(lesser) == len(free):
        return None if name in LESSER else f"is under {licences}, and nothing says why it may be used"
    return (
        None
        if any(FREE.search(text) for alternative in free for text in alternative)
        else f"has a licence that is not known: {licences}"
    )


def bundled_libraries(distribution: metadata.Distribution) -> Iterator[Path]:
    """Shared libraries and extension modules that a wheel brought along."""
    for file in distribution.files or ():
        if re.search(r"\.(?:so|dylib|pyd|dll)(?:\.[\d.]+\w*)?\Z", file.name):
            yield Path(str(distribution.locate_file(file)))


def gpl_sign(path: Path) -> str | None:
    """What shows that a library is, or contains, one under the GPL."""
    if RUNTIME_EXCEPTION.match(path.name):
        return None
    if GPL_FILES.match(path.name):
        return path.name
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for sign in GPL_SIGNS:
            if data.find(sign) >= 0:
                return f"{path.name}: {sign.decode()}"
        at = data.find(GPL_WORDS)
        while at >= 0:
            if data[at - 1 : at] != b"L":
                return f"{path.name}: {GPL_WORDS.decode()}"
            at = data.find(GPL_WORDS, at + 1)
    return None


def test_no_package_is_under_the_gpl() -> None:
    against = {
        name: objection
        for name, distribution in installed_packages().items()
        if (objection := find_objection(name, licence_statements(distribution)))
    }
    assert against == {}


def test_every_exception_is_still_needed() -> None:
    names = {name: licence_statements(distribution) for name, distribution in installed_packages().items()}
    assert {name for name in LESSER if not any(LGPL.search(text) for text in names.get(name, []))} == set()
    assert {name for name in UNDECLARED if names.get(name)} == set()


@pytest.mark.slow
def test_no_wheel_brings_a_library_under_the_gpl_along() -> None:
    signs = {
        f"{name}: {sign}"
        for name, distribution in installed_packages().items()
        for path in bundled_libraries(distribution)
        if (sign := gpl_sign(path))
    }
    assert signs == set()


def test_no_browser_library_is_under_the_gpl() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    licences = {
        place.removeprefix("node_modules/"): package.get("license", "")
        for place, package in packages.items()
        if place and not package.get("dev")  # formatters and linters are never delivered
    }
    assert set(WANTED) <= set(licences)
    assert {
        name: objection
        for name, licence in licences.items()
        if (objection := find_objection(name, [licence] if licence else []))
    } == {}
    for name in WANTED:
        described = ROOT / "node_modules" / name / "package.json"
        if described.exists():
            assert json.loads(described.read_text("utf-8"))["license"] == licences[name]


@pytest.mark.parametrize(("licences", "is_free"), [
    (["MIT"], True), (["GPL-3.0-or-later"], False), (["AGPL-3.0-only"], False), (["GPLv2"], False),
    (["BSD-3-Clause", "License :: OSI Approved :: GNU General Public License v2 (GPLv2)"], False),
    (["License :: OSI Approved :: GNU Affero General Public License v3"], False),
    (["MIT AND GPL-2.0-only"], False), (["GPL-2.0-only OR Apache-2.0"], True), (["LGPL-3.0-only"], False),
    (["License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)"], False), ([], False),
    (["Commercial"], False), (["MPL-2.0 AND MIT"], True),
])  # fmt: skip
def test_free_and_other_licences(licences: list[str], is_free: bool) -> None:
    assert (find_objection("some-package", licences) is None) == is_free


def test_lesser_licences_need_a_reason() -> None:
    assert find_objection("psycopg", ["LGPL-3.0-only"]) is None
    assert find_objection("psycopg", ["GPL-3.0-only"]) is not None


@pytest.mark.parametrize(("name", "data", "is_gpl"), [
    ("libx265-a1b2.so.215", b"", True), ("libreadline.so.8", b"", True), ("libfftw3-1.so.3", b"", True),
    ("codec.so", b"\0x265_encoder_open_215\0", True), ("libavcodec-1.so", b"configuration: --enable-gpl --x", True),
    ("libavcodec-1.so", b"libavcodec license: GPL version 2 or later\0", True),
    ("libavcodec-1.so", b"libavcodec license: LGPL version 2.1 or later\0", False),
    ("libde265-90fb.so.0", b"de265_decode", False), ("libgfortran-1.so.5", b"GPL version 3", False),
])  # fmt: skip
def test_free_and_other_bundled_libraries(name: str, data: bytes, is_gpl: bool, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data or b"\x7fELF")
    assert (gpl_sign(tmp_path / name) is not None) == is_gpl
