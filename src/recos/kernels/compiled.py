"""The decorator of compiled functions: they run from a cache, without the compiler being loaded.

Numba compiles; but to import it takes a quarter of a second and 70 MB, as much as all the rest of a short run.
So the machine code that it makes of a kernel is kept in a file (:mod:`recos.kernels.code_cache`), and later
processes load that and call it by themselves (:mod:`recos.kernels.machine_code`). Where this is impossible (another
system than Linux on x86-64, a system that forbids it, a kernel that does more than the rules say), the kernel is an
ordinary function of numba, with numba's own cache; the results are the same.

How to write a kernel
---------------------
Decorate a plain function with :func:`kernel`. It may do what numba can compile, within these rules:

- Arguments are arrays of numbers, ints (int64), floats (float64), bools and NumPy numbers, by position.
- It returns nothing, or one number. Further results it writes into arrays that it gets.
- It makes no arrays (views are well), lists or strings, and raises nothing. Arrays for results and for intermediate
  values are made by a plain function that calls the kernel.
- It may call other kernels of its module, and use constants of its module.

The interpreter lock is released while a kernel runs. Each combination of argument types (dtype, dimensions, layout)
is compiled when it is first met.
"""

from __future__ import annotations

import ctypes
import functools
import operator
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from recos.kernels.code_cache import CodeFile
from recos.kernels.machine_code import Image, UnsuitableCodeError, link, load

Function = TypeVar("Function", bound=Callable[..., Any])

_C_TYPES = {np.dtype(c_type): c_type for c_type in (ctypes.c_bool, ctypes.c_float, ctypes.c_double)} | {
    np.dtype(f"{kind}{size}"): getattr(ctypes, f"c_{name}{8 * size}")
    for kind, name in (("i", "int"), ("u", "uint"))
    for size in (1, 2, 4, 8)
}
#: What a kernel may return: numba's names of types.
_RESULTS = {
    "none": None,
    **{name: _C_TYPES[np.dtype(name)] for name in ("bool", "int64", "float32", "float64")},
}
#: What a compiled function reports if nothing is wrong: with a result, and with None.
_GOOD = (0, -2)


def kernel(function: Function) -> Function:
    """Have a function compiled when it is first called; for the rules see the top of this module."""
    return cast(Function, Kernel(function))


class Kernel:
    """A function that is compiled, or loaded from its cache, for each combination of argument types.

    Attributes
    ----------
    py_func : callable
        The function as it was written.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.py_func = function
        self._calls: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def __call__(self, *arguments: Any) -> Any:
        """Run it."""
        kinds = tuple(map(_kind, arguments))
        call = self._calls.get(kinds)
        if call is None:
            call = self._calls[kinds] = self._prepare(kinds, arguments)
        return call(*arguments)

    @functools.cached_property
    def by_numba(self) -> Callable[..., Any]:
        """The kernel as an ordinary function of numba."""
        import numba

        return numba.njit(cache=True, nogil=True)(self.py_func)

    @property
    def _numba_type_(self) -> Any:
        """Tells numba what to call where another kernel calls this one."""
        import numba

        return numba.typeof(self.by_numba)

    def _prepare(self, kinds: tuple[Any, ...], arguments: tuple[Any, ...]) -> Callable[..., Any]:
        """What to call for some types of arguments."""
        try:
            return self._from_cache(kinds, arguments)
        except Exception:  # whatever it is, numba's own way works, or tells what is wrong with the kernel
            return self.by_numba

    def _from_cache(self, kinds: tuple[Any, ...], arguments: tuple[Any, ...]) -> Callable[..., Any]:
        converters = [_converter(argument) for argument in arguments]
        file = CodeFile(self.py_func, kinds)
        found = file.read()
        if found is None:
            found = self._compile(arguments)
            file.write(*found)
        return _caller(self.py_func.__qualname__, *found, converters)

    def _compile(self, arguments: tuple[Any, ...]) -> tuple[Image, str]:
        """Machine code as functions of numba have it, and the type of the result."""
        import numba

        options: dict[str, Any] = {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        compiler = numba.njit(**options)(self.py_func)
        compiler.compile(tuple(map(numba.typeof, arguments)))
        (compiled,) = compiler.overloads.values()
        result = str(compiled.signature.return_type)
        if result not in _RESULTS:
            raise UnsuitableCodeError(f"result of type {result}")
        return link(compiled.library._get_compiled_object(), compiled.fndesc.llvm_func_name), result


def _kind(argument: Any) -> Any:
    """Everything about an argument on which compiled code depends."""
    if not isinstance(argument, np.ndarray):
        return type(argument)
    flags = argument.flags
    layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
    return argument.dtype.str, argument.ndim, layout, flags.writeable, flags.aligned


def _converter(argument: Any) -> tuple[list[Any], Callable[[Any], tuple[Any, ...]]]:
    """C types of the numbers that stand for an argument in compiled code, and what makes them of it."""
    dtype = np.dtype(argument.dtype if isinstance(argument, np.ndarray) else type(argument))
    if dtype not in _C_TYPES:
        raise UnsuitableCodeError(f"argument of {dtype}")
    if isinstance(argument, np.ndarray):
        return [ctypes.c_int64] * (5 + 2 * argument.ndim), _numbers_of_array
    number: Callable[[Any], Any] = (
        float if dtype.kind == "f" else operator.index if dtype.kind in "iu" else bool
    )
    return [_C_TYPES[dtype]], lambda value: (number(value),)


def _numbers_of_array(array: np.ndarray) -> tuple[int, ...]:
    # no owner, no parent: the caller keeps it
    return 0, 0, array.size, array.itemsize, array.ctypes.data, *array.shape, *array.strides


def _caller(name: str, image: Image, result_type: str, converters: list[Any]) -> Callable[..., Any]:
    """A function that calls machine code."""
    c_types = [c_type for c_types, _ in converters for c_type in c_types]
    conversions = [convert for _, convert in converters]
    c_result = _RESULTS[result_type]
    enter = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *c_types)(load(image))

    def call(*arguments: Any) -> Any:
        result, error = (c_result or ctypes.c_void_p)(), ctypes.c_void_p()
        numbers = [
            n for convert, argument in zip(conversions, arguments, strict=True) for n in convert(argument)
        ]
        if enter(ctypes.byref(result), ctypes.byref(error), *numbers) not in _GOOD:
            raise ZeroDivisionError(f"division by zero in {name}")  # there is no other error in a kernel
        return result.value if c_result else None

    return call
