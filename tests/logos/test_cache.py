"""Files by their ids, an index of them, and what is thrown away."""

from __future__ import annotations

import tracemalloc
from hashlib import sha256
from typing import TYPE_CHECKING

from tvarr.errors import Reason
from tvarr.logos import cache as cache_module
from tvarr.logos.cache import Cache, Entry, Sidecar
from tvarr.logos.hosts import Hosts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DAY = 86_400
NOW = 1_800_000_000
ID, OTHER = "3f" * 32, "a0" * 32


def sidecar() -> Sidecar:
    return Sidecar(address="http://h/***", size=64, checked=NOW, due=NOW + DAY)


def cache(tmp_path: Path) -> Cache:
    made = Cache(tmp_path / "logos")
    made.load()
    return made


def put(into: Cache, identity: str, content: bytes | None = b"png", **more: object) -> None:
    picture = None
    if content is not None:
        picture = into.root / "new"
        picture.write_bytes(content)
    into.put(identity, sidecar().model_copy(update=more), picture)


def test_what_was_put_is_there_for_the_next_process(tmp_path: Path) -> None:
    put(cache(tmp_path), ID, kind="png")
    put(cache(tmp_path), OTHER, None, reason=Reason.GONE, failures=1)
    again = cache(tmp_path)
    assert len(again) == 2
    assert again.picture(ID).read_bytes() == b"png"
    assert again.entry(ID) == Entry(NOW + DAY, NOW, 64, there=True, is_none=False)
    assert again.entry(OTHER) == Entry(NOW + DAY, NOW, 64, there=False, is_none=True)
    assert again.entry("00" * 32) is None
    found = again.sidecar(ID)
    assert found is not None
    assert found.kind == "png"


def test_trouble_that_may_pass_says_nothing_of_the_picture(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    for reason, failures, is_none in (
        (Reason.TIMEOUT, 1, False),
        (Reason.TIMEOUT, 2, True),
        (Reason.UNSUPPORTED_URL, 5, False),
        (Reason.HTML_ANSWER, 1, True),
    ):
        put(kept, ID, None, reason=reason, failures=failures)
        entry = kept.entry(ID)
        assert entry is not None
        assert entry.is_none is is_none


def test_a_failure_leaves_the_picture_that_was_there(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    put(kept, ID)
    put(kept, ID, None, reason=Reason.GONE, failures=3)
    entry = kept.entry(ID)
    assert entry is not None
    assert (entry.there, entry.is_none) == (True, False)


def test_files_that_make_no_sense_are_removed(tmp_path: Path) -> None:
    put(cache(tmp_path), ID)
    folder = tmp_path / "logos" / "3f"
    (folder / f"{'3f' * 31}00.png").write_bytes(b"without a sidecar")
    (folder / f"{'3f' * 31}11.json").write_bytes(b"{")
    (folder / f".{ID}.json").write_bytes(b"half written")
    assert len(cache(tmp_path)) == 1
    assert {file.name for file in folder.iterdir()} == {f"{ID}.png", f"{ID}.json"}


def test_what_nobody_wants_for_a_month_is_removed(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    put(kept, ID)
    put(kept, OTHER)
    kept.use(ID, NOW + 20 * DAY)
    assert kept.prune(NOW + 30 * DAY) == 0
    again = cache(tmp_path)
    assert again.prune(NOW + 31 * DAY) == 1
    assert again.entry(OTHER) is None
    assert not list((tmp_path / "logos" / "a0").iterdir())
    assert again.picture(ID).exists()


def test_others_give_way_to_what_is_wanted_the_longest_unused_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "MOST", 4)
    kept = cache(tmp_path)
    for day, identity in enumerate((ID, OTHER, "b0" * 32, "c0" * 32)):
        put(kept, identity, checked=NOW + day * DAY)
    assert kept.make_room([ID, OTHER]) == 0
    assert len(kept) == 4, "all that is wanted is there"
    assert kept.make_room([ID, "d0" * 32]) == 1
    assert kept.entry(ID) is not None
    assert kept.entry(OTHER) is None
    assert not kept.picture(OTHER).exists()
    assert kept.make_room([f"{n:064x}" for n in range(9)]) == 4


def test_an_original_is_kept_as_long_as_it_is_wanted(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    (file := tmp_path / "came").write_bytes(b"as it came")
    (made := tmp_path / "made").write_bytes(b"png")
    kept.put(ID, sidecar().model_copy(update={"original": True}), made, file)
    again = cache(tmp_path)
    assert again.original(ID).read_bytes() == b"as it came"
    assert again.original(ID).stat().st_mode & 0o077 == 0
    again.drop_original(ID)
    for one in (again, cache(tmp_path)):
        entry = one.entry(ID)
        assert entry is not None
        assert (entry.original, entry.there, entry.used) == (False, True, NOW)
    assert not again.original(ID).exists()


def test_an_original_goes_with_its_picture(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    for _ in range(2):
        (file := tmp_path / "came").write_bytes(b"as it came")
        (made := tmp_path / "made").write_bytes(b"png")
        kept.put(ID, sidecar().model_copy(update={"original": True}), made, file)
    put(kept, ID)
    assert not kept.original(ID).exists(), "another picture has come, of which none is kept"
    kept.original(ID).write_bytes(b"as it came")
    assert kept.prune(NOW + 31 * DAY) == 1
    assert not list((tmp_path / "logos" / "3f").iterdir())


def test_a_hundred_thousand_logos_take_less_than_50_mb(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    tracemalloc.start()
    for number in range(100_000):
        entry = Entry(NOW + number, NOW - number, 256, there=True, is_none=False)
        kept._index[sha256(str(number).encode()).digest()] = entry
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 50e6


def test_hosts_are_left_alone_for_as_long_as_is_said(tmp_path: Path) -> None:
    hosts = Hosts(tmp_path / "hosts.json")
    hosts.load()
    hosts.leave_alone("h", NOW + DAY)
    hosts.leave_alone("old", NOW - 1)
    hosts.save(NOW)
    again = Hosts(tmp_path / "hosts.json")
    again.load()
    assert again.until("h", NOW) == NOW + DAY
    assert again.until("h", NOW + DAY) is None
    assert again.until("old", NOW - 5) is None
    (tmp_path / "hosts.json").write_text("[]")
    again.load()
    assert again.until("h", NOW) is None
