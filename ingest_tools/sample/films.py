"""Lectures with moving slides, subtitles and sound; a film, two performances; recordings. All by ffmpeg.

Speech is made by espeak-ng where it is installed; else a quiet line of notes stands in for the voice.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from ingest_tools.sample.scenes import draw_scene
from library_server.fonts import find_cjk_font
from library_server.processes.ffmpeg import generator_command

SIZE = (1280, 720)
SLIDE_SIZE = (1344, 756)  # over which the picture moves
RATE, LINE_SECONDS = 12, 5
_NOTES = (262, 294, 330, 392, 440, 523)


@dataclass(frozen=True)
class Film:
    """A film of the sample: where it lies, its scene, and its lines, each on the screen for five seconds."""

    path: str
    scene: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Recording:
    """A recording of the sample: its tags and its lines."""

    path: str
    title: str
    artist: str
    lines: tuple[str, ...]


FILMS = (
    Film("讲座/柑橘种植课/01 第一讲 陈守田 - 选地与看土.mp4", "orchard", (
        "各位乡亲，今天讲选地。", "先抓一把土，握紧了再松开。", "散成三四块的，是好土。", "翻得到蚯蚓，就少用化肥。",
        "下一讲，我们讲春梢。")),
    Film("讲座/柑橘种植课/02 第二讲 陈守田 - 春梢怎么管.mp4", "orchard", (
        "春梢刚转绿，要看叶缘。", "有黑点像烟头烫过，是炭疽。", "先通风，再修剪，最后才用药。", "剪子要用酒精擦。")),
    Film("讲座/柑橘种植课/03 第三讲 陈守田 - 病虫害怎么防.mp4", "hills", (
        "防病，先防湿。",
        "沟要通，草要留，叶子不要堆。", "花期不用药，采前二十天不用药。", "记在本子上，来年才说得清。")),
    Film("讲座/乡村夜校/01 第一讲 区农技站 - 节水灌溉怎么装.mp4", "paddy", (
        "滴灌的管子，先铺主管，再接支管。", "过滤器每周洗一次。", "水压不够，就分片轮着开。")),
    Film("讲座/乡村夜校/02 第二讲 区医院 - 家庭用药十问.mp4", "school", (
        "第一问：药吃多久算一个疗程？", "第二问：剩下的药还能不能用？", "看有效期，更要看是不是同一种病。")),
    Film("讲座/乡村夜校/03 第三讲 区图书馆 - 手机上怎么找一出戏.mp4", "bridge", (
        "打开图书馆，先看最上面那一格。", "花鼓戏三个字，打头一个字母就行。", "H，G，X，三个字母。",
        "找到了，点一下就放。", "没放完也不要紧，下回从这里接着看。", "字小，点右上角的大字。")),
    Film("戏曲/李月娥 - 刘海砍樵 选段.mp4", "stage", (
        "胡大姐，你是我的妻啰嗬。", "刘海哥，你是我的夫啰嗬。", "胡大姐，你随着我来走啰嗬。")),
    Film("戏曲/李月娥 - 打铜锣 选段.mp4", "stage", ("收割季节，谷粒如金。", "各家各户，鸡鸭小心。")),
    Film("纪录片/区图书馆 - 湘江两岸.mp4", "river", (
        "江水从南边来。", "两岸的人，看着同一盏灯。", "桥修好了，灯还在。")),
    Film("纪录片/区图书馆 - 老街一日.mp4", "street", (
        "五点钟，豆腐先醒。", "九点钟，秤铺开门。", "下午的太阳，照在门板上。", "天黑了，灯一盏一盏亮。")),
)  # fmt: skip
RECORDINGS = (
    Recording("有声/湘江船歌 起锚.mp3", "湘江船歌：起锚", "周望水", ("天没亮，雾贴着水面走。", "号子是唱给胳膊听的。")),
    Recording(
        "有声/柑橘手记 立春看土.mp3",
        "柑橘手记：立春看土",
        "陈守田",
        ("立春这天不急着下锄。", "先抓一把土，握紧了再松开。", "锄头下去翻得到蚯蚓，这块地就可以不用化肥。"),
    ),
    Recording("有声/秤铺口述.mp3", "秤铺口述：谭师傅", "谭素芳", ("秤是良心。", "少人一两，折福。")),
)


def write_film(film: Film, folder: Path) -> None:
    """Write the film and its subtitles."""
    target = folder / film.path
    target.parent.mkdir(parents=True, exist_ok=True)
    seconds = len(film.lines) * LINE_SECONDS
    with tempfile.TemporaryDirectory() as work:
        title = target.stem.split(" - ")[-1]
        slide = Path(work) / "slide.png"
        _draw_slide(film.scene, title).save(slide)
        sound = _make_sound(film.lines, Path(work))
        panning = f"crop={SIZE[0]}:{SIZE[1]}:x='(iw-ow)*t/{seconds}':y='(ih-oh)*t/{seconds}'"
        _run_ffmpeg(
            "-framerate", str(RATE), "-i", str(slide), *sound,
            "-filter_complex", f"[0:v]format=yuv420p,loop=-1:1,{panning}[v]", "-map", "[v]",
            "-map", "1:a", "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "26",
            "-g", str(RATE * 2),
            "-c:a", "aac", "-b:a", "64k", "-ar", "44100", "-movflags", "+faststart", str(target),
        )  # fmt: skip
    target.with_suffix(".srt").write_text(_format_srt(film.lines), encoding="utf-8")


def write_recording(recording: Recording, folder: Path) -> None:
    """Write the recording with its tags."""
    target = folder / recording.path
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        sound = _make_sound(recording.lines, Path(work))
        tags = ["-metadata", f"title={recording.title}", "-metadata", f"artist={recording.artist}"]
        _run_ffmpeg(*sound, "-t", str(len(recording.lines) * LINE_SECONDS), "-b:a", "64k", *tags, str(target))


def _draw_slide(scene: str, title: str) -> Image.Image:
    picture = draw_scene(scene).resize((SIZE[0] * 2, SIZE[1] * 2))
    pen = ImageDraw.Draw(picture, "RGBA")
    pen.rectangle((0, 1080, SIZE[0] * 2, 1340), fill=(250, 247, 240, 235))
    pen.ellipse((120, 1188, 164, 1232), fill=(168, 50, 42, 255))
    pen.text((210, 1210), title, fill=(29, 35, 33, 255), font=find_cjk_font(110), anchor="lm")
    return picture.resize(SLIDE_SIZE)


def _make_sound(lines: tuple[str, ...], work: Path) -> list[str]:
    """ffmpeg inputs of a spoken text, or of notes where there is no voice on this machine."""
    if shutil.which("espeak-ng"):
        return ["-i", str(_speak_lines(lines, work))]
    seconds = len(lines) * LINE_SECONDS
    notes = "+".join(
        f"0.12*sin({note}*2*PI*t)*exp(-3*mod(t+{number}*0.83\\,{len(_NOTES) * 0.83:.2f}))"
        for number, note in enumerate(_NOTES)
    )
    return ["-f", "lavfi", "-t", str(seconds), "-i", f"aevalsrc={notes}:s=44100"]


def _speak_lines(lines: tuple[str, ...], work: Path) -> Path:
    """Return the lines read aloud, each beginning when its subtitle does."""
    voice = work / "voice.wav"
    with wave.open(str(voice), "wb") as writing:
        for line in lines:
            spoken_line = work / "line.wav"
            command = ["espeak-ng", "-v", "cmn", "-s", "140", "-w", str(spoken_line), line]
            subprocess.run(command, check=True, timeout=60)
            with wave.open(str(spoken_line), "rb") as reading:
                if not writing.tell():
                    writing.setparams(reading.getparams())
                length = LINE_SECONDS * reading.getframerate() * reading.getsampwidth() * reading.getnchannels()
                writing.writeframes(reading.readframes(reading.getnframes())[:length].ljust(length, b"\0"))
    return voice


def _format_srt(lines: tuple[str, ...]) -> str:
    cues = []
    for number, line in enumerate(lines):
        start, end = number * LINE_SECONDS, (number + 1) * LINE_SECONDS - 0.4
        cues.append(f"{number + 1}\n{_format_timestamp(start)} --> {_format_timestamp(end)}\n{line}\n")
    return "\n".join(cues)


def _format_timestamp(seconds: float) -> str:
    return f"00:{int(seconds) // 60:02d}:{int(seconds) % 60:02d},{round(seconds % 1 * 1000):03d}"


def _run_ffmpeg(*arguments: str) -> None:
    subprocess.run(generator_command(arguments), check=True, timeout=120)
