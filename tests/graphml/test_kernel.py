"""What many cores run at a time counts no references."""

import importlib
import pkgutil
from collections.abc import Iterator

import numba
import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher
from numba.core.errors import NumbaError

import graphml
from graphml.kernel import kernel


def kernels() -> Iterator[Dispatcher]:
    for found in pkgutil.walk_packages(graphml.__path__, "graphml."):
        for one in vars(importlib.import_module(found.name)).values():
            if isinstance(one, Dispatcher) and one.targetoptions.get("_nrt") is False:
                yield one


def test_what_kernels_call_counts_none_either() -> None:
    every = {one.py_func.__qualname__: one for one in kernels()}
    assert {"walk", "statistics", "pass_through", "meetings"} <= set(every)
    for name, one in every.items():
        for called in map(one.py_func.__globals__.get, one.py_func.__code__.co_names):
            if isinstance(called, Dispatcher):
                quiet = called.targetoptions.get("_nrt") is False or called.targetoptions.get("inline") == "always"
                assert quiet, f"{name} calls {called.py_func.__name__}, which counts references"


def test_a_kernel_makes_no_array() -> None:
    def makes(size):  # type: ignore[no-untyped-def]
        return np.zeros(size).sum()

    assert numba.njit(makes)(3) == 0
    with pytest.raises(NumbaError):
        kernel(makes)(3)
