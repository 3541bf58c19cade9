"""Files that belong to a whole folder: covers, artwork of media centres, NFO files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.sources.folder import Candidate, walk
from library_server.library import Library
from tests.factories.pictures import film, scene
from tests.factories.recordings import recording
from tests.support.libraries import ingest
from tests.support.records import records_by_title

TEXT = "第一章 选地\n柑橘喜温暖。\n"


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    return folder


def joined(disk: Path) -> dict[str, list[str]]:
    return {
        candidate.path.relative_to(disk).as_posix(): [path.name for path in candidate.sidecars]
        for candidate in walk([disk])
    }


def put(disk: Path, *names: str) -> None:
    for name in names:
        (disk / name).parent.mkdir(parents=True, exist_ok=True)
        (disk / name).write_bytes(b"x")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["书.txt", "cover.jpg"], {"书.txt": ["cover.jpg"]}),
        (["书.txt", "Cover.PNG"], {"书.txt": ["Cover.PNG"]}),
        (["书.epub", "folder.jpg"], {"书.epub": ["folder.jpg"]}),
        (["书.pdf", "封面.jpg"], {"书.pdf": ["封面.jpg"]}),
        # the first pages of PDFs are their covers
        (["一.pdf", "二.pdf", "封面.jpg"], {"一.pdf": [], "二.pdf": []}),
        (["一.mp3", "二.mp3", "front.webp"], {"一.mp3": ["front.webp"], "二.mp3": ["front.webp"]}),
        (["片.mp4", "poster.jpg", "fanart.jpg"], {"片.mp4": ["poster.jpg"]}),
        (["片.mp4", "海报.jpg"], {"片.mp4": ["海报.jpg"]}),
        (["片.mp4", "片.mp4.jpg"], {"片.mp4": ["片.mp4.jpg"]}),
        (["tvshow.nfo", "poster.jpg", "fanart.jpg", "season01-poster.jpg", "季/片.mp4"], {"季/片.mp4": []}),
        (["片.mp4", "season-all-banner.jpg", "season2-poster.jpg"], {"片.mp4": []}),
        # a photo, and the film that a telephone took with it
        (["IMG_0001.JPG", "IMG_0001.MOV"], {"IMG_0001.JPG": [], "IMG_0001.MOV": []}),
        (["20190501_101112.jpg", "20190501_101112.mp4"], {"20190501_101112.jpg": [], "20190501_101112.mp4": []}),
        (["001.mp4", "001.jpg"], {"001.mp4": ["001.jpg"]}),
        (["IMG_0001.m4a", "IMG_0001.jpg"], {"IMG_0001.m4a": ["IMG_0001.jpg"]}),
        (["MVI_0001.MP4", "MVI_0001.THM", "IMG_0002.AAE", "Picasa.ini"], {"MVI_0001.MP4": []}),
        (["DSC_1.jpg", "DSC_1.xmp", "DSC_2.xmp"], {"DSC_1.jpg": ["DSC_1.xmp"]}),
        (["DSC_1.jpg", "DSC_1.png", "DSC_1.xmp"], {"DSC_1.jpg": [], "DSC_1.png": []}),
        (["片.mp4", "片-poster.jpg", "片-fanart.jpg", "片-fanart1.jpg"], {"片.mp4": ["片-poster.jpg"]}),
        (["片.mp4", "片-thumb.jpg", "片.clearlogo.png"], {"片.mp4": ["片-thumb.jpg"]}),
        (["a.mp4", "a-b.mp4", "a-b-poster.jpg"], {"a.mp4": [], "a-b.mp4": ["a-b-poster.jpg"]}),
        (["a.mp4", "a.jpg", "b.mp4", "cover.jpg"], {"a.mp4": ["a.jpg"], "b.mp4": ["cover.jpg"]}),
        (["片.mp4", "cover.jpg", "poster.jpg"], {"片.mp4": ["poster.jpg", "cover.jpg"]}),
        (["曲.mp3", "AlbumArt_{B5F}_Large.jpg", "AlbumArtSmall.jpg"],
         {"曲.mp3": ["AlbumArtSmall.jpg", "AlbumArt_{B5F}_Large.jpg"]}),
        (["片.mp4", "banner.jpg", "backdrop2.jpg", "logo.png", "disc.png"], {"片.mp4": []}),
        (["片.mp4", "desktop.ini", "Thumbs.db", ".DS_Store", "._片.mp4"], {"片.mp4": []}),
        (["片.mp4", "片.nfo"], {"片.mp4": ["片.nfo"]}),
        (["片.mp4", "movie.nfo"], {"片.mp4": ["movie.nfo"]}),
        (["一.mp4", "二.mp4", "movie.nfo", "二.NFO"], {"一.mp4": [], "二.mp4": ["二.NFO"]}),
        (["一.mp4", "tvshow.nfo"], {"一.mp4": []}),
        (["release.nfo"], {}),
        # photographs, not covers
        (["cover.jpg", "老街.jpg"], {"cover.jpg": [], "老街.jpg": []}),
        (["片.mp4", "渡口.jpg", "discovery.jpg"], {"片.mp4": [], "渡口.jpg": [], "discovery.jpg": []}),
        (["渡口的灯.md", "cover.jpg", "渡口的灯.jpg"], {"渡口的灯.md": ["渡口的灯.jpg"]}),
        (["CD1/01.mp3", "CD2/01.mp3", "cover.jpg"], {"CD1/01.mp3": ["cover.jpg"], "CD2/01.mp3": ["cover.jpg"]}),
        (["CD1/01.mp3", "CD1/cover.jpg", "cover.jpg"], {"CD1/01.mp3": ["cover.jpg", "cover.jpg"]}),
        (["册/书.txt", "cover.jpg"], {"册/书.txt": [], "cover.jpg": []}),
    ],
)  # fmt: skip
def test_which_sidecars_belong_to_which_files(disk: Path, names: list[str], expected: dict[str, list[str]]) -> None:
    put(disk, *names)
    assert joined(disk) == expected


def test_a_file_that_is_named_alone_finds_the_same(disk: Path) -> None:
    put(disk, "一.mp3", "二.mp3", "cover.jpg", "一.lrc", "二.jpg", "乙.lrc")
    of_folder = {candidate.path: candidate for candidate in walk([disk])}

    def of(name: str) -> Candidate:
        [candidate] = walk([disk / name])
        return candidate

    for name in ("一.mp3", "二.mp3"):
        assert of(name).sidecars == of_folder[disk / name].sidecars
        assert of(name).fingerprint == of_folder[disk / name].fingerprint
    assert of("cover.jpg").sidecars == ()


def test_every_sidecar_tells_a_file_changed(disk: Path) -> None:
    names = ["片.mp4", "片.jpg", "片.zh.srt", "片.en.srt", "片.el.srt", "片.nfo"]
    put(disk, *names)
    fingerprints = {next(walk([disk])).fingerprint}
    for name in names:
        (disk / name).write_bytes(b"other bytes")
        fingerprints.add(next(walk([disk])).fingerprint)
    assert len(fingerprints) == len(names) + 1
    assert max(map(len, fingerprints)) <= 64


def test_a_cover_of_a_folder_serves_all_and_is_one_entry(library: Library, disk: Path) -> None:
    for name in ("一", "二", "三"):
        (disk / f"{name}.txt").write_text(f"书名：{name}\n{TEXT}{name}\n", "utf-8")
    scene(1).save(disk / "cover.jpg")
    report = ingest(library, disk)
    assert (report.seen, report.added, report.joined) == (4, 3, 1)
    covers = {record.assets_of("cover")[0].sha256 for record in records_by_title(library).values()}
    assert len(covers) == 1
    assert all(len(record.assets_of("original")) == 2 for record in records_by_title(library).values())
    assert ingest(library, disk).unchanged == 4


@pytest.mark.slow
def test_a_cover_inside_a_recording_is_kept(library: Library, disk: Path) -> None:
    scene(1).save(disk / "里面.jpg")
    recording(disk / "甲.mp3")
    inside = ("-i", str(disk / "里面.jpg"), "-map", "0:a", "-map", "1:v", "-disposition:v", "attached_pic")
    recording(disk / "乙.mp3", 5, *inside)
    (disk / "里面.jpg").unlink()
    scene(2).save(disk / "cover.jpg")
    ingest(library, disk)
    own, other = (records_by_title(library)[title] for title in ("乙", "甲"))
    assert own.assets_of("cover")[0].sha256 != other.assets_of("cover")[0].sha256
    assert [asset.filename for asset in own.assets_of("original")] == ["乙.mp3"]
    assert {asset.filename for asset in other.assets_of("original")} == {"甲.mp3", "cover.jpg"}


@pytest.mark.slow
def test_a_poster_takes_the_place_of_a_picture_out_of_a_film(library: Library, disk: Path) -> None:
    film(disk / "片.mp4")
    ingest(library, disk)
    [before] = records_by_title(library).values()
    scene(3).save(disk / "poster.jpg")
    report = ingest(library, disk)
    assert (report.added, report.joined, report.rejected) == (0, 2, 0)
    [after] = records_by_title(library).values()
    assert after.id == before.id
    assert after.assets_of("cover")[0].sha256 != before.assets_of("cover")[0].sha256
    assert after.details.cover is not None
    assert (after.details.cover.width, after.details.cover.height) == (900, 600)


def test_a_broken_cover_of_a_folder_is_reported_by_itself(library: Library, disk: Path) -> None:
    (disk / "书.txt").write_text(TEXT, "utf-8")
    (disk / "cover.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (1, 1)
    assert [Path(entry["path"]).name for entry in report.rejections] == ["cover.jpg"]


def test_a_picture_that_a_list_restricts_covers_nothing_public(library: Library, disk: Path) -> None:
    (disk / "书.txt").write_text(TEXT, "utf-8")
    scene(4).save(disk / "cover.jpg")
    (disk / "目录.csv").write_text("文件,题名,使用范围\ncover.jpg,旧影,馆内\n", "utf-8")
    ingest(library, disk)
    assert not records_by_title(library)["书"].assets_of("cover")
    assert str(records_by_title(library)["旧影"].access) == "premises"


def test_a_list_names_the_files_of_a_folder_with_a_cover(library: Library, disk: Path) -> None:
    for name in ("一", "二"):
        (disk / f"{name}.txt").write_text(f"{TEXT}{name}\n", "utf-8")
    scene(5).save(disk / "封面.png")
    (disk / "目录.csv").write_text("文件,题名\n一.txt,甲\n二.txt,乙\n", "utf-8")
    report = ingest(library, disk)
    assert report.rejected == 0
    assert sorted(title for title, record in records_by_title(library).items() if record.assets_of("cover")) == [
        "乙",
        "甲",
    ]


def test_files_given_together_are_not_taken_twice(library: Library, disk: Path) -> None:
    (disk / "书.txt").write_text(TEXT, "utf-8")
    scene(6).save(disk / "书.jpg")
    report = ingest(library, disk / "书.jpg", disk / "书.txt")
    assert (report.seen, report.added, report.joined) == (2, 1, 1)


NFO = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<movie>
  <title>渡口的灯</title><originaltitle>The Lamp</originaltitle><year>1984</year>
  <plot>一个故事 & 一盏灯。</plot>
  <genre>剧情</genre><genre>乡土</genre>
  <director>张三</director>
  <actor><name>李四</name><role>船工</role></actor><actor><name>王五</name></actor>
</movie>
"""


@pytest.mark.parametrize("ending", ["", "https://www.themoviedb.org/movie/9487\nhttps://www.imdb.com/title/tt01\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.slow
def test_an_nfo_file_describes_a_film(library: Library, disk: Path, ending: str, encoding: str) -> None:
    film(disk / "1984.渡口.HDTV.mp4")
    (disk / "movie.nfo").write_bytes((NFO.replace("UTF-8", encoding) + ending).encode(encoding))
    report = ingest(library, disk)
    assert (report.added, report.joined) == (1, 1)
    record = records_by_title(library)["渡口的灯"]
    assert (str(record.kind), record.year, record.abstract) == ("film", 1984, "一个故事 & 一盏灯。")
    assert [(credit.name, credit.role) for credit in record.credits] == [
        ("张三", "director"), ("李四", "performer"), ("王五", "performer"),
    ]  # fmt: skip
    assert set(record.subjects) == {"剧情", "乡土"}


@pytest.mark.slow
def test_an_nfo_file_describes_an_episode_and_a_concert(library: Library, disk: Path) -> None:
    for name, size in (("一", "320x240"), ("二", "352x288")):
        film(disk / f"{name}.mp4", size=size)
    (disk / "一.nfo").write_text(
        "<episodedetails><title>开船</title><showtitle>渡口</showtitle><season>2</season><episode>3</episode>"
        "<aired>1990-05-01</aired></episodedetails>\n<episodedetails><title>靠岸</title></episodedetails>",
        "utf-8",
    )
    (disk / "二.nfo").write_text("<musicvideo><title>浏阳河</title><artist>甲</artist></musicvideo>", "utf-8")
    ingest(library, disk)
    episode, concert = records_by_title(library)["开船"], records_by_title(library)["浏阳河"]
    assert (str(episode.kind), episode.series, episode.part_number) == ("film", "渡口", 203)
    assert (str(concert.kind), concert.creators) == ("performance", ("甲",))


@pytest.mark.parametrize("text", ["▄▄ RELEASE ▄▄\nsize: 700 MB\n", "https://www.imdb.com/title/tt0204946/\n", ""])
@pytest.mark.slow
def test_a_text_that_is_called_nfo_is_left_alone(library: Library, disk: Path, text: str) -> None:
    film(disk / "渡口.mp4")
    (disk / "渡口.nfo").write_text(text, "cp437" if "▄" in text else "utf-8")
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (1, 0)
    assert list(records_by_title(library)) == ["渡口"]


@pytest.mark.parametrize("text", ["<movie><year>1984</year></movie>", "<movie>", "<movie><title></title>"])
@pytest.mark.slow
def test_a_broken_nfo_file_is_reported_by_itself(library: Library, disk: Path, text: str) -> None:
    film(disk / "渡口.mp4")
    (disk / "渡口.nfo").write_text(text, "utf-8")
    report = ingest(library, disk)
    assert report.added == 1
    assert [(Path(entry["path"]).name, entry["code"]) for entry in report.rejections] == [("渡口.nfo", "bad_nfo")]
