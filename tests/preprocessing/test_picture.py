"""Picture files as Pillow and OpenCV write them, broken ones, and things that are no pictures."""

import os
import struct
import subprocess
import sys
import tracemalloc
import zlib
from io import BytesIO
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from preprocessing.picture import MAX_PIXELS, PictureError, read_picture

SIZE = 40, 30  # width, height


def ramp(mode: str) -> Image.Image:
    """A picture that is dark on the left and light on the right."""
    row = np.linspace(0, 255, SIZE[0]).astype(np.uint8)
    return Image.fromarray(np.tile(row, (SIZE[1], 1))).convert(mode)


def written(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp", "tiff", "gif"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_every_format_is_read(suffix: str, mode: str, tmp_path: Path) -> None:
    pixels = read_picture(written(tmp_path / f"a.{suffix}", ramp(mode))).pixels
    assert pixels.shape[:2] == (30, 40) and pixels.dtype == np.uint8
    grey = pixels if pixels.ndim == 2 else pixels.mean(axis=2)
    np.testing.assert_allclose(grey, np.asarray(ramp("L")), atol=6)


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_is_grey_colour_or_colour_with_opacity(mode: str, tmp_path: Path) -> None:
    image = ramp("L").convert("I").convert("I;16") if mode == "I;16" else ramp(mode)
    pixels = read_picture(written(tmp_path / "a.tiff", image)).pixels
    assert pixels.shape[:2] == (30, 40) and pixels.shape[2:] in ((), (3,), (4,))
    assert pixels.dtype == (np.uint16 if mode in ("I;16", "I", "F") else np.uint8)
    colours = pixels[..., :3] if pixels.ndim == 3 else pixels[..., np.newaxis]
    assert colours[:, 35:].mean() > 3 * colours[:, :5].mean()


def test_colours_are_blue_first_and_opacity_last(tmp_path: Path) -> None:
    image = Image.new("RGBA", SIZE, (200, 100, 50, 25))
    assert read_picture(written(tmp_path / "a.png", image)).pixels[0, 0].tolist() == [50, 100, 200, 25]


def test_a_palette_with_a_transparent_colour_has_opacity(tmp_path: Path) -> None:
    image = ramp("P")
    pixels = read_picture(written(tmp_path / "a.gif", image, transparency=image.getpixel((0, 0)))).pixels
    assert pixels.shape == (30, 40, 4) and pixels[0, 0, 3] == 0 and pixels[0, 39, 3] == 255


def test_sixteen_bits_stay(tmp_path: Path) -> None:
    expected = (np.arange(1200, dtype=np.uint16) * 50).reshape(30, 40)
    cv2.imwrite(str(tmp_path / "a.png"), expected)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png").pixels, expected)


@pytest.mark.parametrize(("orientation", "dark"), [(1, "left"), (3, "right"), (6, "top"), (8, "bottom"), (5, "top")])
def test_pictures_are_upright_as_the_camera_says(orientation: int, dark: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = read_picture(written(tmp_path / "a.jpg", ramp("L"), exif=exif, quality=95)).pixels
    edges = {"left": pixels[:, 0], "right": pixels[:, -1], "top": pixels[0], "bottom": pixels[-1]}
    assert min(edges, key=lambda name: float(edges[name].mean())) == dark


def test_the_first_of_several_pictures_is_read(tmp_path: Path) -> None:
    others = [Image.new("L", SIZE, 200)]
    path = written(tmp_path / "a.gif", Image.new("L", SIZE, 10), save_all=True, append_images=others)
    assert read_picture(path).pixels.mean() == pytest.approx(10, abs=2)


@pytest.mark.parametrize(("suffix", "mode"), [("jpg", "RGB"), ("png", "L"), ("png", "RGBA"), ("png", "1")])
def test_large_pictures_are_read_in_part_of_their_size(suffix: str, mode: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = ramp(mode).resize((6000, 4000))
    picture = read_picture(written(tmp_path / f"a.{suffix}", image, exif=exif))
    height, width = picture.pixels.shape[:2]
    assert 1024 <= width < height < 4096
    assert picture.scale == pytest.approx(6000 / height) == pytest.approx(4000 / width, rel=0.01)


def test_deep_large_pictures_are_read_in_part_of_their_size(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((5000, 3000), 40_000, np.uint16))
    picture = read_picture(tmp_path / "a.png")
    assert picture.pixels.shape == (2500, 1500) and set(picture.pixels.flat) == {40_000}


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp", "tiff", "gif"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_truncated_files_are_refused(suffix: str, share: float, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3)).astype(np.uint8)
    whole = BytesIO()
    Image.fromarray(noise).save(whole, {"jpg": "JPEG"}.get(suffix, suffix.upper()))
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(whole.getvalue()[: int(share * len(whole.getvalue()))])
    with pytest.raises(PictureError, match=r"(damaged or incomplete|but this is none)") as caught:
        read_picture(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def test_an_absurd_size_is_refused_before_anything_is_decoded(tmp_path: Path) -> None:
    pixels = b"IDAT" + zlib.compress(b"\0" * 1000)
    chunk = struct.pack(">I", len(pixels) - 4) + pixels + struct.pack(">I", zlib.crc32(pixels))
    (tmp_path / "a.png").write_bytes(png_header(50_000, 50_000) + chunk)
    tracemalloc.start()
    with pytest.raises(PictureError, match=r"at most 64,000,000 pixels, but this has far more"):
        read_picture(tmp_path / "a.png")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    (tmp_path / "a.png").write_bytes(png_header(10_000, 10_000) + chunk)
    with pytest.raises(PictureError, match=r"at most 64,000,000 pixels, but this has 10,000 x 10,000"):
        read_picture(tmp_path / "a.png")
    assert 50_000**2 > MAX_PIXELS


def test_webp_is_refused_at_half_the_size_as_its_decoder_takes_more_memory(tmp_path: Path) -> None:
    file = BytesIO()
    Image.new("RGB", (16, 16)).save(file, "WEBP")
    data = bytearray(file.getvalue())
    sizes = data.index(b"\x9d\x01\x2a") + 3  # behind the start code of a VP8 frame
    data[sizes : sizes + 4] = struct.pack("<HH", 7184, 7168)
    (tmp_path / "a.webp").write_bytes(data)
    with pytest.raises(PictureError, match=r"a WebP picture has at most 32,000,000 pixels, but this has 7,184 x 7,168"):
        read_picture(tmp_path / "a.webp")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "but this has 0"),
        (b"hello", "but this is none"),
        (b"\x89PNG\r\n\x1a\n", "."),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(PictureError, match=message):
        read_picture(tmp_path / "a.png")


def test_nothing_is_said_of_a_damaged_file_but_its_reason(tmp_path: Path) -> None:
    """In a process of its own, where no test runner takes what Pillow logs."""
    data = bytearray(written(tmp_path / "a.tif", ramp("RGB")).read_bytes())
    tag = data.index(struct.pack("<HHI", 277, 3, 1))  # samples per pixel
    data[tag + 8 : tag + 10] = struct.pack("<H", 64_515)
    (tmp_path / "a.tif").write_bytes(data)
    code = "import sys, pathlib, preprocessing.files as f; print(f.read_file(None, pathlib.Path(sys.argv[1])).error)"
    command = [sys.executable, "-c", code, str(tmp_path / "a.tif")]
    done = subprocess.run(command, capture_output=True, check=True, cwd=Path(__file__).parents[2])
    assert b"a.tif: " in done.stdout and done.stderr == b""


def test_things_that_are_no_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="there is no such file"):
        read_picture(tmp_path / "missing.png")
    with pytest.raises(PictureError, match="this is a folder"):
        read_picture(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(PictureError, match="a pipe or a device"):
            read_picture(tmp_path / "pipe.png")
        os.symlink(tmp_path / "gone", tmp_path / "link.png")
        with pytest.raises(PictureError, match="there is no such file"):
            read_picture(tmp_path / "link.png")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps an open file as it is")
def test_a_file_that_changes_and_vanishes_while_it_is_read_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    noise = np.random.default_rng(0).integers(0, 256, (600, 600), np.uint8)
    whole = written(path, Image.fromarray(noise)).read_bytes()
    done = Event()

    def meddle() -> None:
        for cut in cycle((len(whole), 100, len(whole) // 2, 0, None)):
            path.unlink(missing_ok=True)
            if cut is not None:
                path.write_bytes(whole[:cut])
            if done.wait(0.0005):
                return

    meddler = Thread(target=meddle)
    meddler.start()
    try:
        outcomes: set[str] = set()
        for attempt in range(5000):  # on a busy machine the meddler comes seldom
            outcomes.add(outcome(path, noise))
            if attempt >= 300 and len(outcomes) > 3:
                break
    finally:
        done.set()
        meddler.join()
    assert "whole" in outcomes and "changed" not in outcomes
    assert len(outcomes) > 1


def outcome(path: Path, expected: NDArray[np.uint8]) -> str:
    """What came of reading a file: whole, changed, or the beginning of the reason."""
    try:
        return "whole" if np.array_equal(read_picture(path).pixels, expected) else "changed"
    except PictureError as error:
        assert str(error).startswith(f"{path}: ") and str(error).endswith(".")
        return str(error).removeprefix(f"{path}: ")[:20]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be read")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.png", ramp("L"))
    path.chmod(0)
    with pytest.raises(PictureError, match="Permission denied"):
        read_picture(path)


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1)])
def test_odd_shapes_are_read(size: tuple[int, int], tmp_path: Path) -> None:
    pixels = read_picture(written(tmp_path / "a.png", Image.new("L", size, 7))).pixels
    assert set(pixels.flat) == {7} and min(pixels.shape) == 1
