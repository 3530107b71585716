"""Photos: what is let in, what is left of it, and who is shown it."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from core import photos
from core.cases import attachments, taking
from core.errors import NotFound, Refused
from core.words import PhotoKind, Verb
from tests.cast import HOUR, NOON, RULES, WHO, Street, move

HEAD = "head of n1"
GPS, ORIENTATION = 0x8825, 0x0112


def picture(size: tuple[int, int] = (40, 20), kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#D92D20").save(out, kind, **more)
    return out.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "Phone of Mr Zhang"
    exif.get_ifd(GPS)[2] = (31.0, 59.0, 1.0)
    return picture(exif=exif, comment=b"at home")


def test_nothing_but_the_picture_is_kept_and_it_stands_upright() -> None:
    uploaded = with_exif()
    assert b"Zhang" in uploaded
    found = photos.cleaned(uploaded)
    assert (found.width_px, found.height_px) == (20, 40)
    for body in (found.body, found.small):
        assert b"Zhang" not in body
        assert b"Exif" not in body
        assert b"at home" not in body
        with Image.open(io.BytesIO(body)) as image:
            assert dict(image.getexif()) == {}
            assert image.format == "JPEG"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photos_of_phones_are_let_in_and_made_smaller(kind: str) -> None:
    found = photos.cleaned(picture((3000, 1500), kind))
    assert (found.width_px, found.height_px) == (photos.EDGE_PX, photos.EDGE_PX // 2)
    assert len(found.small) < len(found.body)


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it unpacks to 400 million pixels."""
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    "uploaded",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\xff\xd8\xff<html>",
        picture()[:60],
        picture(kind="GIF"),
        bomb(),
        picture() + b"\0" * photos.MOST_BYTES,
    ],
    ids=["nothing", "svg", "disguised", "cut off", "gif", "bomb", "too large"],
)
def test_what_is_no_photo_is_refused(uploaded: bytes) -> None:
    with pytest.raises(Refused):
        photos.cleaned(uploaded)


def test_a_photo_comes_with_its_step_or_not_at_all(street: Street) -> None:
    case_id, photo = street.report(), photos.cleaned(picture())
    with pytest.raises(Refused), street.store.writing() as db:
        taking.take_once(db, WHO[HEAD], case_id, move(Verb.CHECK, HEAD, NOON + HOUR), RULES, key="a", photos=[photo])
    for _ in range(2):
        with street.store.writing() as db:
            one = move(Verb.SELF_HANDLE, HEAD, NOON + HOUR)
            taking.take_once(db, WHO[HEAD], case_id, one, RULES, key="b", photos=[photo, photo])
    with street.store.reading() as db:
        found = attachments.photos_of(db, case_id)
        assert [(shown.kind, shown.by_name, shown.ordinal) for shown in found] == [(PhotoKind.AFTER, HEAD, 2)] * 2
        assert attachments.photo_seen_by(db, WHO["officer"], found[0].id, small=False) == photo.body
        assert attachments.photo_seen_by(db, WHO[HEAD], found[0].id, small=True) == photo.small
        for other in ("head of s1", "liaison of power", "wall", "stranger", "officer of the other street"):
            assert attachments.photo_seen_by(db, WHO[other], found[0].id, small=True) is None
        assert attachments.photo_seen_by(db, WHO["officer"], 999, small=True) is None


def test_photos_are_added_by_who_works_there_and_not_without_end(street: Street) -> None:
    case_id, photo = street.report(), photos.cleaned(picture())

    def add(who: str, count: int = 1) -> None:
        with street.store.writing() as db:
            attachments.attach(db, WHO[who], case_id, PhotoKind.BEFORE, [photo] * count, NOON)

    add(HEAD)
    with pytest.raises(NotFound):
        add("head of s1")
    with pytest.raises(Refused, match="may not"):
        add("leader")
    with pytest.raises(Refused, match="photos"):
        add("officer", attachments.MOST)
