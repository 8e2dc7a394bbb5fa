"""Machine code of one compiled function: out of the compiler's object file, and into memory that can be executed.

Numba leaves the compiled function in an ELF object file. On x86-64 its code refers to everything by absolute
addresses, so that linking means: put the sections one after the other, and write 8-byte addresses where the
relocations say so. What depends on the place in memory is left open, listed in an :class:`Image`, and filled in by
:func:`load`. References: System V ABI, chapter 4, and its AMD64 supplement.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

_HEADER = np.dtype(
    {
        "names": ["machine", "sections_at", "section_size", "sections"],
        "formats": ["<u2", "<u8", "<u2", "<u2"],
        "offsets": [18, 40, 58, 60],
        "itemsize": 64,
    }
)
_SECTION = np.dtype(
    {
        "names": ["type", "flags", "offset", "size", "link", "info", "align"],
        "formats": ["<u4", "<u8", "<u8", "<u8", "<u4", "<u4", "<u8"],
        "offsets": [4, 8, 24, 32, 40, 44, 48],
        "itemsize": 64,
    }
)
_SYMBOL = np.dtype(
    [("name", "<u4"), ("info", "u1"), ("", "u1"), ("section", "<u2"), ("value", "<u8"), ("size", "<u8")]
)
_RELOCATION = np.dtype([("offset", "<u8"), ("type", "<u4"), ("symbol", "<u4"), ("addend", "<i8")])

_X86_64 = 62
_PROGBITS, _SYMBOLS, _RELOCATIONS = 1, 2, 4
_OCCUPIES_MEMORY = 2
_ABSOLUTE_ADDRESS = 1

#: Called only where an array owns its memory, which arrays that are passed from outside never do.
_NEVER_CALLED = "NRT_MemInfo_call_dtor"


class UnsuitableCodeError(ValueError):
    """An object file, or the system, needs more than what is done here."""


@dataclass(frozen=True)
class Image:
    """Code and constants of a function, linked but for their place in memory."""

    content: bytes
    entry: int
    """Offset of the function in `content`."""
    inner: Mapping[int, int]
    """Where the address of what has some offset in `content` belongs, and that offset."""
    outer: Mapping[int, str]
    """Where the address of a function of the C library belongs, and its name."""


def link(file: bytes, function: str) -> Image:
    """Link an object file.

    Parameters
    ----------
    file : bytes
        Relocatable ELF file.
    function : str
        Symbol of the function that will be called.

    Raises
    ------
    UnsuitableCodeError
        If it is of another format or machine, or needs other relocations than absolute addresses.
    """
    if len(file) < _HEADER.itemsize or file[:6] != b"\x7fELF\x02\x01":
        raise UnsuitableCodeError("not a 64-bit little-endian ELF file")
    header = np.frombuffer(file, _HEADER, 1)[0]
    if header["machine"] != _X86_64 or header["section_size"] != _SECTION.itemsize:
        raise UnsuitableCodeError("not for x86-64")
    sections = np.frombuffer(file, _SECTION, int(header["sections"]), int(header["sections_at"]))

    content, places = bytearray(), {}
    for index, section in enumerate(sections):
        if section["type"] == _PROGBITS and section["flags"] & _OCCUPIES_MEMORY:
            content += bytes(-len(content) % max(int(section["align"]), 1))
            places[index] = len(content)
            content += _bytes_of(file, section)

    (table,) = (s for s in sections if s["type"] == _SYMBOLS)
    symbols = np.frombuffer(_bytes_of(file, table), _SYMBOL)
    strings = _bytes_of(file, sections[table["link"]])
    names = [strings[s["name"] : strings.index(b"\0", s["name"])].decode() for s in symbols]

    inner, outer = {}, {}
    for section in sections:
        if section["type"] != _RELOCATIONS or int(section["info"]) not in places:
            continue  # of tables for debuggers and for unwinding, which nobody reads
        for relocation in np.frombuffer(_bytes_of(file, section), _RELOCATION):
            at = places[int(section["info"])] + int(relocation["offset"])
            symbol, addend = symbols[relocation["symbol"]], int(relocation["addend"])
            if relocation["type"] != _ABSOLUTE_ADDRESS:
                raise UnsuitableCodeError(f"relocation of type {relocation['type']}")
            if int(symbol["section"]) in places:
                inner[at] = places[int(symbol["section"])] + int(symbol["value"]) + addend
            elif symbol["section"] == 0 and addend == 0:
                outer[at] = names[relocation["symbol"]]
            else:
                raise UnsuitableCodeError(f"reference to {names[relocation['symbol']]}")
    start = symbols[names.index(function)]
    return Image(bytes(content), places[int(start["section"])] + int(start["value"]), inner, outer)


def load(image: Image) -> int:
    """Put a function into executable memory, where it stays until the process ends.

    Returns
    -------
    int
        Its address.

    Raises
    ------
    UnsuitableCodeError
        If it needs a function that this process does not have.
    OSError
        If the system does not permit it.
    """
    process = ctypes.CDLL(None, use_errno=True)
    memory = mmap.mmap(-1, len(image.content), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.write(image.content)
    hold = (ctypes.c_char * len(image.content)).from_buffer(memory)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(hold))  # which holds the memory: never given back
    base = ctypes.addressof(hold)
    for at, offset in image.inner.items():
        memory[at : at + 8] = (base + offset).to_bytes(8, "little")
    for at, name in image.outer.items():
        memory[at : at + 8] = _address(process, name).to_bytes(8, "little")
    if process.mprotect(
        ctypes.c_void_p(base), ctypes.c_size_t(len(image.content)), mmap.PROT_READ | mmap.PROT_EXEC
    ):
        raise OSError(ctypes.get_errno(), "memory cannot be made executable")
    return base + image.entry


def _bytes_of(file: bytes, section: np.void) -> bytes:
    begin = int(section["offset"])
    return file[begin : begin + int(section["size"])]


def _address(process: ctypes.CDLL, name: str) -> int:
    if name == _NEVER_CALLED:
        return 0
    try:
        return ctypes.cast(getattr(process, name), ctypes.c_void_p).value or 0
    except AttributeError as error:
        raise UnsuitableCodeError(f"the process has no function {name}") from error
