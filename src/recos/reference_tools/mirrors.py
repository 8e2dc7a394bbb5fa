"""Where reference files are downloaded from: web servers, and what fsspec can read (``s3://…``)."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, NamedTuple, Protocol

from recos._version import __version__
from recos.errors import UsageError

#: The server of CRDS; a name behind it gives the file as it is.
CRDS_SERVER = "https://hst-crds.stsci.edu/unchecked_get/references/hst"
_TIMEOUT = 60.0


class TransferError(Exception):
    """A transfer failed; the text says how."""


class AbsentError(TransferError):
    """The mirror does not have the file, or does not give it; to ask again would be useless."""


class UnreachableError(TransferError):
    """No connection to the server."""


class Stream:
    """A stream of bytes; what goes wrong is a :class:`TransferError`.

    Parameters
    ----------
    stream : file-like
        A response of a server, or an open file of a store.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        try:
            return bytes(self._stream.read(size))
        except Exception as error:  # every library and store has errors of its own
            raise TransferError(f"the connection broke ({error or type(error).__name__})") from None


class Transfer(NamedTuple):
    """The bytes of a file from a position on."""

    stream: Stream
    start: int
    """The position of the first byte: the one asked for, or 0 if the server knows no partial content."""
    total: int | None
    """Length of the whole file, if it is known."""


class Mirror(Protocol):
    """Something that has reference files by name."""

    url: str

    def open(self, name: str, offset: int = 0) -> AbstractContextManager[Transfer]:
        """A context manager that gives a :class:`Transfer` of the bytes from `offset` on."""


def mirror_of(url: str) -> Mirror:
    """The mirror behind a URL.

    Raises
    ------
    UsageError
        If it is none, or the package that it needs is not installed.
    """
    scheme, separator, _ = url.partition("://")
    if not separator:
        raise UsageError(f"mirror = {url}: expected a URL, e.g. https://server/folder or s3://bucket/folder.")
    return WebMirror(url) if scheme.lower() in ("http", "https") else StoreMirror(url)


class WebMirror:
    """A folder on a web server.

    Parameters
    ----------
    url : str
        Of the folder.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    @contextmanager
    def open(self, name: str, offset: int = 0) -> Iterator[Transfer]:
        """The bytes of a file from a position on; a context manager.

        Raises
        ------
        TransferError
        """
        with _as_transfer_errors():
            try:
                response = self._request(name, offset)
            except urllib.error.HTTPError as error:
                if error.code != 416:
                    raise
                error.close()  # the range lies behind the end: begin anew
                offset, response = 0, self._request(name, 0)
        with closing(response):
            yield _transfer(response, offset)

    def _request(self, name: str, offset: int) -> http.client.HTTPResponse:
        headers = {"User-Agent": f"recos/{__version__}", "Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        request = urllib.request.Request(f"{self.url}/{urllib.parse.quote(name)}", headers=headers)
        return urllib.request.urlopen(request, timeout=_TIMEOUT)


def _transfer(response: http.client.HTTPResponse, offset: int) -> Transfer:
    """What the server sends: the part that was asked for (status 206), or everything."""
    length = response.headers.get("Content-Length")
    if response.status != 206:
        return Transfer(Stream(response), 0, None if length is None else int(length))
    content = response.headers.get("Content-Range", "")
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", content.strip())
    if match is None or int(match[1]) != offset:
        raise TransferError(f"the server answers bytes from {offset} on with Content-Range = {content!r}")
    return Transfer(Stream(response), offset, None if match[2] == "*" else int(match[2]))


@contextmanager
def _as_transfer_errors() -> Iterator[None]:
    """What the libraries of the web raise, as one of three errors."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        kind = TransferError if error.code >= 500 or error.code in (408, 429) else AbsentError
        raise kind(f"the server answers {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        reason = getattr(error.reason, "strerror", None) or error.reason
        raise UnreachableError(f"no connection to the server ({reason})") from None
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise TransferError(f"the connection broke ({error or type(error).__name__})") from None


class StoreMirror:
    """A folder of a store that fsspec can read, such as a bucket (``s3://bucket/folder``).

    Credentials, endpoint and so on are those of fsspec's configuration (``FSSPEC_S3_ANON``, …).

    Parameters
    ----------
    url : str
        Of the folder.

    Raises
    ------
    UsageError
        If fsspec, or what it needs for this kind of store, is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        try:
            from fsspec.core import url_to_fs

            self._store, self._root = url_to_fs(self.url)
        except ImportError as error:
            raise UsageError(
                f"mirror = {url}: {error}. Install what it needs: pip install 'recos[s3]'."
            ) from None
        except ValueError as error:
            raise UsageError(f"mirror = {url}: {error}.") from None

    @contextmanager
    def open(self, name: str, offset: int = 0) -> Iterator[Transfer]:
        """The bytes of a file from a position on; a context manager.

        Raises
        ------
        TransferError
        """
        path = f"{self._root.rstrip('/')}/{name}"
        stream = None
        try:
            stream = self._store.open(path, "rb")
            start = offset if offset <= stream.size else 0
            stream.seek(start)
            total = int(stream.size)
        except FileNotFoundError:
            raise AbsentError("the mirror does not have the file") from None
        except PermissionError as error:
            raise AbsentError(f"the mirror does not give the file ({error})") from None
        except Exception as error:  # every store has errors of its own
            raise TransferError(f"the store cannot be read ({type(error).__name__}: {error})") from None
        with closing(stream):
            yield Transfer(Stream(stream), start, total)
