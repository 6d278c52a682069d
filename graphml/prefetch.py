"""Ask memory for what a kernel reads in a moment, so that it need not wait for it."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from graphml.kernel import kernel

__all__ = ["SOON", "SOONER", "ahead", "prefetch"]

SOON = 16  # entries ahead: about what a kernel reads while memory answers
SOONER = 8  # entries ahead, of what is found through what was asked for before
_READ, _KEEP, _DATA = 0, 3, 1  # what LLVM's prefetch is told: for reading, into the nearest cache, no instructions


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(_typing: Any, array: Any, index: Any) -> Any:
    """Begin to load what is in *array* at *index*, a number or several; nothing changes, even where it is outside."""
    many = index.count if isinstance(index, types.BaseTuple) else 0

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = signature.args[0]
        places = cgutils.unpack_tuple(builder, args[1]) if many else [args[1]]
        own = context.make_array(kind)(context, builder, args[0])
        rest = [ir.Constant(places[0].type, 0)] * (kind.ndim - len(places))
        place = cgutils.get_item_pointer(context, builder, kind, own, [*places, *rest], wraparound=False)
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        ask = builder.module.declare_intrinsic(
            "llvm.prefetch", [byte], ir.FunctionType(ir.VoidType(), [byte] + [word] * 3)
        )
        builder.call(ask, [builder.bitcast(place, byte), word(_READ), word(_KEEP), word(_DATA)])
        return context.get_dummy_value()

    return types.void(array, types.UniTuple(types.intp, many) if many else types.intp), generate


@kernel
def ahead(array: Any, index: Any, place: int) -> None:
    """Begin to load what *array* holds where *index* says `SOON` entries after *place*, if there are so many."""
    if place + SOON < len(index):
        prefetch(array, index[place + SOON])
