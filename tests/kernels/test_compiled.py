"""Kernels: the same numbers as by numba, from a cache that may be missing, damaged, foreign or forbidden."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from recos.kernels import machine_code
from recos.kernels.code_cache import machine_code_is_kept
from recos.kernels.compiled import Kernel, kernel
from small_cos import Setup, make_dataset

pytestmark = pytest.mark.skipif(not machine_code_is_kept(), reason="machine code is not kept on this system")

SOURCE = """
import math
import numpy as np
from recos.kernels.compiled import kernel

FACTOR = np.float32(1.1)

@kernel
def inner(value, power):
    return math.sin(value) ** 2 * power

@kernel
def work(image, chosen, number, weight, flag, total):
    for j in range(image.shape[0]):
        row = image[j, :]
        for i in range(len(row)):
            if chosen[i] or flag:
                total[j] += row[i] * FACTOR / weight + inner(row[i], number)
    return total[0]

@kernel
def pair(a):
    return a[0], a[1]

@kernel
def quotient(a, b):
    return a // b

@kernel
def add(a):
    for k in range(len(a)):
        a[k] += 1
    return a.size > 3
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def compilations(monkeypatch):
    """Names of the kernels that are compiled."""
    names = []
    compile_ = Kernel._compile

    def noted(self, arguments):
        names.append(self.py_func.__name__)
        return compile_(self, arguments)

    monkeypatch.setattr(Kernel, "_compile", noted)
    return names


@pytest.fixture
def load(tmp_path):
    """Make a module with kernels anew, as another process would have it."""

    def make(source=SOURCE, name="some_kernels"):
        path = tmp_path / f"{name}.py"
        path.write_text(source)
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        exec(compile(path.read_text(), str(path), "exec"), module.__dict__)
        return module

    return make


def is_native(function):
    return all(call is not function.by_numba for call in function._calls.values())


@pytest.mark.parametrize(
    ("dtype", "layout", "number", "weight", "flag"),
    [
        ("f4", "C", 3, 0.7, False),
        ("f8", "F", np.float64(1.5), 7, True),
        ("i2", "strided", np.int16(2), np.float32(0.7), np.bool_(True)),
        ("u1", "read-only", np.uint8(250), True, np.bool_(False)),
    ],
)
def test_same_bits_as_by_numba(cache, load, dtype, layout, number, weight, flag):
    rng = np.random.default_rng(1)
    image = rng.integers(0, 200, (6, 40)).astype(dtype)
    image = {"F": np.asfortranarray(image), "strided": image[::2, ::-3]}.get(layout, image)
    image.flags.writeable = layout != "read-only"
    chosen = rng.random(image.shape[1]) < 0.5
    function = load().work
    ours, numbas = np.zeros(6), np.zeros(6)
    result = function(image, chosen, number, weight, flag, ours)
    expected = function.by_numba(image, chosen, number, weight, flag, numbas)
    assert ours.tobytes() == numbas.tobytes()
    assert result == expected
    assert ours.any()
    assert is_native(function)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("add", (np.zeros(5, np.int16),), True),
        ("add", (np.zeros(0, np.float32),), False),
        ("quotient", (7, -2), -4),
        ("quotient", (np.float32(7.5), np.float32(2.0)), 3.0),
    ],
)
def test_results(cache, load, name, arguments, expected):
    function = getattr(load(), name)
    result = function(*arguments)
    assert (result, type(result)) == (expected, type(expected))
    assert is_native(function)


def test_second_process_compiles_nothing(cache, load, compilations):
    assert load().quotient(9, 2) == load().quotient(9, 2) == 4
    assert load().quotient(9.0, 2.0) == 4.0  # other types
    assert compilations == ["quotient", "quotient"]
    assert len(list(cache.iterdir())) == 2  # and no temporary files


def test_other_source(cache, load, compilations):
    assert load().quotient(9, 2) == 4
    assert load(SOURCE.replace("a // b", "a // b + 1")).quotient(9, 2) == 5
    assert load(SOURCE.replace("a // b", "a // b + 1")).quotient(9, 2) == 5
    assert compilations == ["quotient"] * 2
    assert len(list(cache.iterdir())) == 1  # the old code is replaced


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:100],
        lambda content: content[:-1],
        lambda content: content[:-5] + b"x" + content[-4:],
        lambda content: b"\x80\x04" + content,
        lambda content: bytes(1000),
    ],
)
def test_damaged_file(cache, load, compilations, damage):
    load().quotient(9, 2)
    (file,) = cache.iterdir()
    good = file.read_bytes()
    file.write_bytes(damage(good))
    assert load().quotient(9, 2) == 4
    assert compilations == ["quotient"] * 2
    assert file.read_bytes() == good


def test_no_folder_can_be_written(tmp_path, load, compilations, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert load().quotient(9, 2) == load().quotient(9, 2) == 4
    assert compilations == ["quotient"] * 2


def test_cache_of_the_user(tmp_path, load, compilations, monkeypatch):
    """Where the package cannot be written."""
    (tmp_path / "__pycache__").write_text("not a folder")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert load().quotient(9, 2) == load().quotient(9, 2) == 4
    assert compilations == ["quotient"]
    assert len(list((tmp_path / "home" / "recos" / "kernels").iterdir())) == 1


def test_beside_the_module(tmp_path, load, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    load().quotient(9, 2)
    assert len(list((tmp_path / "__pycache__").glob("some_kernels.quotient-*.code"))) == 1


def test_memory_that_must_not_be_executed(cache, load, monkeypatch):
    def refuse(image):
        raise PermissionError("memory cannot be made executable")

    monkeypatch.setattr("recos.kernels.compiled.load", refuse)
    function = load().quotient
    assert function(9, 2) == 4
    assert not is_native(function)


def test_kernel_beyond_the_rules_is_left_to_numba(cache, load):
    function = load().pair
    assert function(np.array([1.0, 2.0])) == (1.0, 2.0)
    assert not is_native(function)
    with pytest.raises(Exception, match="Unsupported array dtype: >f4"):  # numba's message
        load().add(np.zeros(3, ">f4"))


def test_division_by_zero(cache, load):
    function = load().quotient
    with pytest.raises(ZeroDivisionError):
        function(1, 0)
    assert is_native(function)


def test_wrong_number_of_arguments(cache, load):
    with pytest.raises(TypeError):
        load().quotient(1)


def test_threads(cache, load):
    """Calls at the same time, the first ones included, do not disturb each other."""
    function, arrays = load().add, [np.zeros(100_000, np.int64) for _ in range(8)]

    def run(array):
        for _ in range(20):
            assert function(array)

    threads = [threading.Thread(target=run, args=(array,)) for array in arrays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((array == 20).all() for array in arrays)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: b"", "ELF"),
        (lambda b: b"\xcf\xfa\xed\xfe" + b[4:], "ELF"),
        (lambda b: b[:18] + b"\xb7\x00" + b[20:], "x86-64"),
        (
            lambda b: b.replace(b"\x01\x00\x00\x00\x02\x00\x00\x00", b"\x02\x00\x00\x00\x02\x00\x00\x00"),
            "type 2",
        ),
        (lambda b: b.replace(b"\0sin\0", b"\0son\0"), "no function son"),
    ],
)
def test_unsuitable_object_files(load, monkeypatch, change, message):
    found = []
    monkeypatch.setattr("recos.kernels.compiled.link", lambda *arguments: found.append(arguments))
    load().work._compile((np.zeros((2, 2)), np.zeros(2, bool), 2, 0.5, True, np.zeros(2)))
    content, name = found[0]
    machine_code.load(machine_code.link(content, name))
    with pytest.raises(machine_code.UnsuitableCodeError, match=message):
        machine_code.load(machine_code.link(change(content), name))


def test_documented_like_the_function():
    @kernel
    def documented(a):
        """Say something."""

    assert (documented.__name__, documented.__doc__) == ("documented", "Say something.")


RUN = """
import sys, recos
recos.run(sys.argv[1], outdir=sys.argv[2])
print(sorted({name.partition(".")[0] for name in sys.modules} & {"numba", "llvmlite", "scipy"}))
"""


def test_second_run_needs_no_compiler(tmp_path):
    made = make_dataset(tmp_path / "data", n_source=5_000, setup=Setup(exptime=60.0, flashes=((4.0, 12.0),)))
    environment = {**os.environ, "lref": f"{made.references}/"}

    def modules(out):
        command = [sys.executable, "-c", RUN, str(made.association), str(tmp_path / out)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return ast.literal_eval(done.stdout.splitlines()[-1])

    modules("first")
    assert modules("second") == []
