"""Makes the folder that `tianyuan demo` takes in: EPUBs, PDFs, stories, photos, and films of three kinds."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ingest_tools.sample.books import write_epub
from ingest_tools.sample.films import FILMS, RECORDINGS, write_film, write_recording
from ingest_tools.sample.pamphlets import write_pdf
from ingest_tools.sample.scenes import PHOTOS, STORY_PICTURES, write_photo, write_story_picture

CONTENT = Path(__file__).parent / "content"


def make_sample(folder: Path) -> Path:
    """Fill `folder` with the sample's files and return it; a folder that is complete is left as it is."""
    complete = folder / ".complete"
    if complete.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "图书").mkdir(parents=True)
    shutil.copytree(CONTENT / "stories", folder / "天元印象")
    for story in STORY_PICTURES:
        write_story_picture(story, folder / "天元印象")
    for source in sorted((CONTENT / "books").glob("*.md")):
        write_epub(source, folder / "图书" / f"{source.stem}.epub")
    for source in sorted((CONTENT / "pamphlets").glob("*.md")):
        write_pdf(source, folder / "图书" / f"{source.stem}.pdf")
    (folder / "照片").mkdir()
    for photo in PHOTOS:
        write_photo(photo, folder / "照片")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(write_film, film, folder) for film in FILMS]
        jobs += [pool.submit(write_recording, recording, folder) for recording in RECORDINGS]
        for job in jobs:
            job.result()
    complete.touch()
    return folder
