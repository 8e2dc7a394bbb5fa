"""Downloading reference files from a real server on the loopback, with its faults."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import threading
from pathlib import Path

import pytest
from astropy.io import fits

from helpers.file_server import CORRUPT, DROP, NO_RANGES, WRONG_RANGE, closed_port, serving
from recos.errors import InputError, MissingReferenceError, UsageError
from recos.reference_tools import ReferenceFile, download_missing, read_checksums
from recos.reference_tools.mirrors import WebMirror
from small_cos import references

KEYWORDS = {"x_dead.fits": "DEADTAB", "x_brf.fits": "BRFTAB"}
NO_PAUSES = (0.0, 0.0)


def fits_bytes(keyword: str, tmp_path: Path) -> bytes:
    """A file of half a megabyte of the right kind."""
    path = tmp_path / "made.fits"
    columns = [("VALUE", "1D", range(60_000))]
    fits.HDUList([references.primary(keyword), references.table(columns, keyword)]).writeto(
        path, overwrite=True
    )
    data = path.read_bytes()
    path.unlink()
    return data


@pytest.fixture
def server(tmp_path):
    with serving({name: fits_bytes(keyword, tmp_path) for name, keyword in KEYWORDS.items()}) as server:
        yield server


@pytest.fixture
def lref(tmp_path) -> Path:
    return tmp_path / "lref"


def missing(lref: Path, *names: str) -> list[ReferenceFile]:
    return [ReferenceFile(KEYWORDS[n], f"lref${n}", lref / n, "missing") for n in names or KEYWORDS]


def get(server, lref, *names, **options):
    options.setdefault("mirror", server.url)
    return download_missing(missing(lref, *names), pauses=NO_PAUSES, **options)


def reasons(result) -> dict[str, str]:
    return {file.path.name: reason for file, reason in result.failed}


def content(lref: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in lref.iterdir()}


def test_files_arrive_whole(server, lref):
    seen: dict[str, list[tuple[int, int | None]]] = {}
    lock = threading.Lock()

    def progress(name: str, done: int, total: int | None) -> None:
        with lock:
            seen.setdefault(name, []).append((done, total))

    result = get(server, lref, progress=progress)
    assert result.failed == []
    assert result.downloaded == [lref / name for name in KEYWORDS]
    assert content(lref) == server.files
    for name, data in server.files.items():
        assert seen[name][-1] == (len(data), len(data))
        assert len(seen[name]) > 1


def test_files_that_are_there_are_left_alone(server, lref):
    files = missing(lref)
    files[0].status, files[1].status = "found", "unreadable"
    result = download_missing(files, server.url)
    assert (result.downloaded, server.requests) == ([], [])
    assert [(file, "delete it" in reason) for file, reason in result.failed] == [(files[1], True)]


def test_one_file_that_two_keywords_name_is_downloaded_once(server, lref):
    files = [
        ReferenceFile(keyword, "lref$x_dead.fits", lref / "x_dead.fits", "missing")
        for keyword in ("BRFTAB", "DEADTAB")
    ]
    assert download_missing(files, server.url).downloaded == [lref / "x_dead.fits"]
    assert server.asked("x_dead.fits") == [0]


def test_transfer_continues_after_it_broke_off(server, lref):
    server.faults["x_dead.fits"] = [DROP, DROP]
    assert get(server, lref).failed == []
    assert content(lref) == server.files
    half = len(server.files["x_dead.fits"]) // 2
    first, second, third = server.asked("x_dead.fits")
    assert (first, second) == (0, half)
    assert half < third < 2 * half


def test_what_has_come_is_kept_for_the_next_call(server, lref):
    server.faults["x_dead.fits"] = [DROP, DROP, DROP]
    result = get(server, lref)
    assert result.downloaded == [lref / "x_brf.fits"]
    assert "broke after" in reasons(result)["x_dead.fits"]
    kept = (lref / "x_dead.fits.part").stat().st_size
    assert kept > len(server.files["x_dead.fits"]) // 2
    assert not (lref / "x_dead.fits").exists()
    assert get(server, lref, "x_dead.fits").failed == []
    assert server.asked("x_dead.fits")[-1] == kept
    assert content(lref) == server.files


def test_server_without_partial_content(server, lref):
    server.faults["x_dead.fits"] = [DROP, NO_RANGES]
    assert get(server, lref).failed == []
    assert content(lref) == server.files


def test_server_that_sends_another_part_than_asked_for(server, lref):
    server.faults["x_dead.fits"] = [DROP, WRONG_RANGE]
    assert get(server, lref).failed == []
    assert content(lref) == server.files


def test_part_of_something_else_is_replaced(server, lref):
    lref.mkdir()
    (lref / "x_dead.fits.part").write_bytes(b"nonsense" * 1000)
    assert get(server, lref).failed == []
    assert content(lref) == server.files
    assert server.asked("x_dead.fits") == [8000, 0]


@pytest.mark.parametrize("extra", [0, 5])
def test_part_that_is_long_enough_already(server, lref, extra):
    lref.mkdir()
    data = server.files["x_dead.fits"]
    (lref / "x_dead.fits.part").write_bytes(data + bytes(extra))
    assert get(server, lref).failed == []
    assert content(lref) == server.files


@pytest.mark.parametrize("status", [500, 503, 429])
def test_failure_that_passes(server, lref, status):
    server.faults["x_dead.fits"] = [status, status]
    assert get(server, lref).failed == []
    assert content(lref) == server.files


@pytest.mark.parametrize(("status", "asked"), [(404, 1), (403, 1), (500, 3)])
def test_failure_that_stays(server, lref, status, asked):
    server.faults["x_dead.fits"] = [status] * 5
    result = get(server, lref)
    assert result.downloaded == [lref / "x_brf.fits"]
    assert f"answers {status}" in reasons(result)["x_dead.fits"]
    assert len(server.asked("x_dead.fits")) == asked
    assert [path.name for path in lref.iterdir()] == ["x_brf.fits"]


def test_server_that_is_down(lref):
    result = download_missing(missing(lref), f"http://127.0.0.1:{closed_port()}", pauses=NO_PAUSES)
    assert result.downloaded == []
    assert set(reasons(result)) == set(KEYWORDS)
    assert all("no connection to the server (Connection refused)" in r for r in reasons(result).values())
    assert list(lref.iterdir()) == []


def test_down_server_is_not_asked_for_every_file(lref, monkeypatch):
    asked: list[str] = []
    request = WebMirror._request

    def count(self: WebMirror, name: str, offset: int) -> object:
        asked.append(name)
        return request(self, name, offset)

    monkeypatch.setattr(WebMirror, "_request", count)
    url = f"http://127.0.0.1:{closed_port()}"
    result = download_missing(missing(lref), url, dict.fromkeys(KEYWORDS, "0" * 40), jobs=1, pauses=NO_PAUSES)
    assert len(result.failed) == 2
    assert asked == ["x_dead.fits"] * 3


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256"])
def test_checksums_from_a_list(server, lref, tmp_path, kind):
    sums = tmp_path / "SUMS"
    digests = {name: hashlib.new(kind, data).hexdigest() for name, data in server.files.items()}
    sums.write_text("# a comment\n" + "".join(f"{d.upper()} *./refs/{n}\n" for n, d in digests.items()))
    checksums = read_checksums(sums)
    assert checksums == digests
    assert get(server, lref, checksums=checksums).failed == []
    checksums["x_dead.fits"] = checksums["x_brf.fits"]
    (lref / "x_dead.fits").unlink()
    result = get(server, lref, "x_dead.fits", checksums=checksums)
    expected = f"its {kind} checksum is {digests['x_dead.fits']}; expected {digests['x_brf.fits']}"
    assert reasons(result) == {"x_dead.fits": expected}
    assert [path.name for path in lref.iterdir()] == ["x_brf.fits"]


@pytest.mark.parametrize(
    "text", ["abc x_dead.fits", "0123456789abcdef0123456789abcdef", "z" * 40 + " x.fits"]
)
def test_list_that_holds_no_checksums(tmp_path, text):
    (tmp_path / "SUMS").write_text(text)
    with pytest.raises(InputError, match="line 1"):
        read_checksums(tmp_path / "SUMS")
    with pytest.raises(InputError, match="cannot be read"):
        read_checksums(tmp_path / "none")


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_checksums_of_the_mirror(server, lref, kind):
    for name, data in list(server.files.items()):
        server.files[f"{name}.{kind}"] = f"{hashlib.new(kind, data).hexdigest()}  {name}\n".encode()
    server.faults["x_dead.fits"] = [CORRUPT]
    result = get(server, lref)
    assert f"its {kind} checksum" in reasons(result)["x_dead.fits"]
    assert content(lref) == {"x_brf.fits": server.files["x_brf.fits"]}


def test_page_of_the_server_in_place_of_a_checksum(server, lref):
    server.files["x_dead.fits.sha256"] = b"<html>This is not the page you are looking for</html>"
    assert get(server, lref).failed == []


def test_corrupt_end_after_a_resumption_is_transferred_anew(server, lref):
    data = server.files["x_dead.fits"]
    server.faults["x_dead.fits"] = [DROP, CORRUPT]
    assert get(server, lref, checksums={"x_dead.fits": hashlib.sha1(data).hexdigest()}).failed == []
    assert content(lref) == server.files


@pytest.mark.filterwarnings("ignore:File may have been truncated")
@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda data, other: b"<html>Sign in</html>", "no readable FITS file"),
        (lambda data, other: b"", "no readable FITS file"),
        (lambda data, other: other, "FILETYPE = 'BASELINE REFERENCE FRAME TABLE'; expected 'DEADTIME"),
        (lambda data, other: data[:2880], "truncated"),
        (lambda data, other: data[: len(data) // 2], "truncated"),
    ],
)
def test_what_is_no_reference_file_of_the_kind(server, lref, make, text):
    server.files["x_dead.fits"] = make(server.files["x_dead.fits"], server.files["x_brf.fits"])
    result = get(server, lref)
    assert text in reasons(result)["x_dead.fits"]
    assert content(lref) == {"x_brf.fits": server.files["x_brf.fits"]}


def test_another_process_downloads_the_same_file(server, lref):
    lref.mkdir()
    with (lref / "x_dead.fits.part").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        result = get(server, lref)
    assert "another process" in reasons(result)["x_dead.fits"]
    assert (lref / "x_dead.fits.part").exists()
    assert server.asked("x_dead.fits") == []


def test_full_disk(server, lref, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    result = get(server, lref, jobs=1)
    assert "No space left" in reasons(result)["x_dead.fits"]
    assert result.downloaded == []
    # what has come is not lost
    assert (lref / "x_dead.fits.part").read_bytes() == server.files["x_dead.fits"]


def test_interrupt_stops_the_threads(server, lref, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("concurrent.futures.Future.result", interrupt)
    server.faults["x_dead.fits"] = [500] * 5
    with pytest.raises(KeyboardInterrupt):
        download_missing(missing(lref), server.url, pauses=(60.0,))
    assert not [
        t for t in threading.enumerate() if "ThreadPoolExecutor" in t.name
    ]  # those of the server stay
    assert set(content(lref)) <= {"x_brf.fits", "x_brf.fits.part"}


@pytest.mark.parametrize("folder", ["$lref", "${lref}", "$lref/sub"])
def test_variable_that_is_not_set(server, folder):
    with pytest.raises(MissingReferenceError, match="variable lref is not set"):
        get(server, Path(folder))
    assert server.requests == []


def test_folder_that_cannot_be_made_concerns_only_its_files(server, lref, tmp_path):
    (tmp_path / "file").write_text("a file")
    files = [*missing(tmp_path / "file" / "sub", "x_dead.fits"), *missing(lref, "x_brf.fits")]
    result = download_missing(files, server.url)
    assert result.downloaded == [lref / "x_brf.fits"]
    assert "cannot be made" in reasons(result)["x_dead.fits"]


def test_folder_without_permission(server, lref, monkeypatch):
    lref.mkdir()
    monkeypatch.setattr("os.access", lambda *_: False)
    assert all("no permission" in reason for reason in reasons(get(server, lref)).values())
    assert server.requests == []


def test_keyword_without_a_name(server):
    file = ReferenceFile("DEADTAB", "N/A", Path("N/A"), "not named")
    result = download_missing([file], server.url)
    assert result.failed == [(file, "the header names no file")]


def test_mirror_that_is_no_url(lref):
    with pytest.raises(UsageError, match="expected a URL"):
        download_missing(missing(lref), "somewhere")


class TestStores:
    """Mirrors that fsspec reads; its store in memory stands for a bucket."""

    @pytest.fixture
    def store(self, server):
        fsspec = pytest.importorskip("fsspec")
        store = fsspec.filesystem("memory")
        for name, data in server.files.items():
            store.pipe(f"/bucket/refs/{name}", data)
        yield store
        store.rm("/bucket", recursive=True)

    def test_files_arrive(self, store, server, lref):
        assert get(server, lref, mirror="memory://bucket/refs").failed == []
        assert content(lref) == server.files

    def test_resumption(self, store, server, lref):
        lref.mkdir()
        data = server.files["x_dead.fits"]
        (lref / "x_dead.fits.part").write_bytes(data[:1000])
        (lref / "x_brf.fits.part").write_bytes(bytes(len(data) + 5000))
        assert get(server, lref, mirror="memory://bucket/refs/").failed == []
        assert content(lref) == server.files

    def test_checksum_and_absent_file(self, store, server, lref):
        store.pipe("/bucket/refs/x_dead.fits.sha1", b"0" * 40)
        store.rm("/bucket/refs/x_brf.fits")
        found = reasons(get(server, lref, mirror="memory://bucket/refs"))
        assert "its sha1 checksum" in found["x_dead.fits"]
        assert "does not have the file" in found["x_brf.fits"]

    def test_store_that_fails(self, store, server, lref, monkeypatch):
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("no endpoint")

        monkeypatch.setattr(type(store), "_open", fail)
        found = reasons(get(server, lref, mirror="memory://bucket/refs"))
        assert found["x_dead.fits"] == "the store cannot be read (RuntimeError: no endpoint)"

    def test_kind_of_store_that_is_unknown(self, store, lref):
        with pytest.raises(UsageError, match="nothing"):
            download_missing(missing(lref), "nothing://bucket")


def test_fsspec_is_not_installed(lref, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(UsageError, match=r"recos\[s3\]"):
        download_missing(missing(lref), "s3://bucket")
