"""Loading compiled kernels quickly, for commands that begin and end with a run.

Before it loads a compiled function from its cache, numba imports all that it would need to compile one: a quarter of
a second, a hundred modules and 20 MB. What is in the cache does not need them. A function that is not in the cache
is compiled as ever: the compiler makes the same preparations by itself.
"""

from __future__ import annotations

from typing import Any


def load_from_cache_directly() -> None:
    """Have numba load compiled functions without preparing to compile; concerns the whole process.

    Does nothing if this numba is built differently inside.
    """
    from numba.core import caching
    from numba.core.runtime import rtsys

    if not all(
        hasattr(caching.Cache, name)
        for name in ("load_overload", "_load_overload", "_guard_against_spurious_io_errors")
    ):
        return

    def load_overload(self: Any, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)

    caching.Cache.load_overload = load_overload  # type: ignore[method-assign]
