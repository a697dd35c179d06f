"""Files of formats that need something more, or that are no pictures: named as what they are, or read."""

import struct
import subprocess
import sys
import tracemalloc
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from preprocessing.formats import AVIF, FORMATS, HEAD, HEIC, PDF, SVG, OtherFormat, other_format
from preprocessing.picture import PictureError, read_picture
from tests.preprocessing.test_picture import ramp


def boxes(*brands: bytes) -> bytes:
    """The beginning of a file of boxes that says it is of some brands."""
    content = brands[0] + bytes(4) + b"".join(brands)
    return struct.pack(">I", 8 + len(content)) + b"ftyp" + content + b"\0\0\0\x08free"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (boxes(b"heic", b"mif1", b"miaf"), HEIC),
        (boxes(b"mif1", b"heix"), HEIC),
        (boxes(b"mif1", b"avif", b"miaf"), AVIF),
        (boxes(b"avis", b"msf1"), AVIF),
        (boxes(b"qt  "), None),
        (b"\xff\xff\xff\xffftypheic", HEIC),
        (b"\0\0\0\0ftyp", None),
        (b"%PDF-1.7\n%\xe2\xe3", PDF),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", PDF),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", SVG),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made -->\n<SVG>", SVG),
        (b"<?xml version='1.0'?><s:svg xmlns:s='http://www.w3.org/2000/svg'>", SVG),
        (b"<!DOCTYPE html><html><body><svg>", None),
        (b"about <svg>", None),
        (b"", None),
    ],
)
def test_a_format_is_told_by_the_first_bytes(head: bytes, expected: OtherFormat | None) -> None:
    assert other_format(head) is expected


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_always_read_is_no_other_format(name: str) -> None:
    file = BytesIO()
    ramp("RGB").save(file, name, **({"comment": b"%PDF- <svg>"} if name in ("JPEG", "GIF") else {}))
    assert other_format(file.getvalue()[:HEAD]) is None


@pytest.fixture
def without_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pillow-heif, and a Pillow that was built without AVIF."""
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setattr(features, "check", lambda name: False)


@pytest.mark.usefixtures("without_more")
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "a.HEIC",
            boxes(b"heic"),
            "but this is HEIC. Save it as JPEG or PNG, or have HEIC read: pip install pillow-heif.",
        ),
        ("a.jpg", boxes(b"mif1", b"heic"), "but this is HEIC, named .jpg. Save it as JPEG or PNG, or have HEIC"),
        ("a", boxes(b"heic"), "but this is HEIC. Save it"),
        (
            "a.avif",
            boxes(b"avif"),
            "but this is AVIF. Save it as JPEG or PNG, or have AVIF read: pip install --upgrade",
        ),
        ("a.pdf", b"%PDF-1.7", "but this is a PDF document. Save its page as JPEG or PNG."),
        ("a.png", b"<svg/>", "but this is an SVG drawing, named .png. Save it as PNG."),
        ("a.heic", b"anything else", "but this is none. Convert it."),
    ],
)
def test_it_is_named_with_what_to_do(name: str, content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PictureError) as caught:
        read_picture(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: a picture is a PNG, JPEG, BMP, WebP, TIFF or GIF file, ")
    assert sentence in str(caught.value)


@pytest.fixture(params=["HEIF", "AVIF"])
def kind(request: pytest.FixtureRequest) -> str:
    """What Pillow calls a format that can be read and written here."""
    if request.param == "HEIF":
        heif: ModuleType = pytest.importorskip("pillow_heif")
        heif.register_heif_opener()
    elif "avif" not in features.modules or not features.check("avif"):
        pytest.skip("This Pillow reads no AVIF.")
    return str(request.param)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, quality=95, **options)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("suffix", ["heic", "avif", "jpg"])
def test_it_is_read_whatever_its_name(mode: str, suffix: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / f"a.{suffix}").write_bytes(encoded(ramp(mode), kind))
    pixels = read_picture(tmp_path / f"a.{suffix}").pixels
    assert pixels.shape[:2] == (30, 40) and pixels.dtype == np.uint8
    grey = pixels if pixels.ndim == 2 else pixels[..., :3].mean(axis=2)
    np.testing.assert_allclose(grey, np.asarray(ramp("L")), atol=8)


@pytest.mark.parametrize(("orientation", "dark"), [(1, "left"), (3, "right"), (6, "top"), (8, "bottom")])
def test_it_is_upright_as_the_camera_says(orientation: int, dark: str, kind: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    (tmp_path / "a").write_bytes(encoded(ramp("RGB"), kind, exif=exif.tobytes()))
    pixels = read_picture(tmp_path / "a").pixels
    edges = {"left": pixels[:, 0], "right": pixels[:, -1], "top": pixels[0], "bottom": pixels[-1]}
    assert min(edges, key=lambda name: float(edges[name].mean())) == dark


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.999])
def test_it_is_refused_where_it_is_truncated(share: float, kind: str, tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60, 3)).astype(np.uint8))
    whole = encoded(noise, kind)
    (tmp_path / "a.jpg").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(PictureError, match=r"a\.jpg: the picture is damaged or incomplete \(.+\)\. Save it again\.$"):
        read_picture(tmp_path / "a.jpg")


def test_an_absurd_size_is_refused_before_anything_is_decoded(kind: str, tmp_path: Path) -> None:
    data = bytearray(encoded(Image.new("RGB", (64, 64)), kind))
    place = data.index(b"ispe") + 8  # width and height of the picture
    data[place : place + 8] = struct.pack(">II", 9000, 9000)
    (tmp_path / "a").write_bytes(data)
    tracemalloc.start()
    with pytest.raises(PictureError, match=r"at most 64,000,000 pixels, but this has 9,000 x 9,000"):
        read_picture(tmp_path / "a")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_nothing_is_imported_for_a_picture_of_another_format(tmp_path: Path) -> None:
    ramp("RGB").save(tmp_path / "a.png")
    code = "import sys, pathlib, preprocessing.picture as p; p.read_picture(pathlib.Path(sys.argv[1])); "
    code += "sys.exit('pillow_heif' in sys.modules)"
    command = [sys.executable, "-c", code, str(tmp_path / "a.png")]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
