"""Nearest facility of many categories at once: one lane for each, searched side by side.

A key is a time in units, shifted left, with the facility's label in the low bits: the lesser
key is the lesser time and, of equal times, the facility that comes first. One row of keys is
a node's answer to all categories, and one vector instruction passes it on along an arc.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from circle15.travel.kernels.arrays import Ints
from circle15.travel.kernels.layout import Int32s, Layout

#: Rows searched together, as a power of two: their keys stay in the second-level cache.
_BLOCK_BITS = 11

Flags = NDArray[np.uint8]
Lanes = tuple[int, ...]
Costs = tuple[Ints, Ints, Ints]


def _write_pass_on(_typing: Any, keys: Any, source: Any, target: Any, cost: Any, lanes: Any) -> Any:
    """Lower keys at ``target`` to those at ``source`` plus ``cost``; tell 1 if any fell.

    As many lanes as the tuple ``lanes`` is long, in one vector.
    """
    wide, index = lanes.count, ir.IntType(32)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row = ir.VectorType(ir.IntType(64), wide)
        struct: Any = cgutils.create_struct_proxy
        array = struct(signature.args[0])(context, builder, value=args[0])
        here, there = (
            builder.bitcast(builder.gep(array.data, [at]), row.as_pointer()) for at in args[1:3]
        )
        mine, theirs = builder.load(here, align=8), builder.load(there, align=8)
        nothing = ir.Constant(row, ir.Undefined)
        one = builder.insert_element(nothing, args[3], ir.Constant(index, 0))
        same = ir.Constant(ir.VectorType(index, wide), [0] * wide)
        offer = builder.add(mine, builder.shuffle_vector(one, nothing, same))
        less = builder.icmp_signed("<", offer, theirs)
        builder.store(builder.select(less, offer, theirs), there, align=8)
        any_less = builder.bitcast(less, ir.IntType(wide))
        fell = builder.icmp_unsigned("!=", any_less, ir.Constant(ir.IntType(wide), 0))
        return builder.zext(fell, ir.IntType(64))

    return types.int64(keys, source, target, cost, lanes), generate


_pass_on: Any = intrinsic(_write_pass_on)


@njit(cache=True, nogil=True)
def search_lanes(layout: Layout, costs: Costs, seeds: Ints, keys: Ints, lanes: Lanes) -> None:
    """Lower the keys of all rows to the least that can be passed on to them.

    Parameters
    ----------
    layout
        The network.
    costs
        Of its arcs, its steps forward and its steps backward, in the unit of the keys.
    seeds
        Rows with a start.
    keys
        As many for each row as there are lanes in all; starts are set, all others are one
        beyond the limit. Shape (rows * lanes in all,). Changed in place.
    lanes
        Which lanes to search, side by side; a tuple of 8 numbers.
    """
    n, n_core = len(layout.row), len(layout.first) - 1
    flag = np.zeros(n_core + 1, np.uint8)
    touched = np.zeros(len(layout.chain_from), np.bool_)
    for row in seeds:
        if row < n_core:
            flag[row] = 1
        else:
            chain = layout.chain_of[n - 1 - row]
            touched[chain] = True
            flag[layout.chain_from[chain]] = 1
            flag[layout.chain_to[chain]] = 1
    _fill_chains(layout, costs, touched, keys, lanes)
    _settle((layout.first, layout.head, costs[0]), flag, keys, (len(keys) // n, lanes))
    _fill_chains(layout, costs, np.ones_like(touched), keys, lanes)


@njit(cache=True, nogil=True)
def _fill_chains(
    layout: Layout, costs: Costs, wanted: NDArray[np.bool_], keys: Ints, lanes: Lanes
) -> None:
    """Pass keys on along chains to their ends, and back."""
    last, width = len(layout.row) - 1, len(keys) // len(layout.row)
    forward, backward = costs[1], costs[2]
    for chain in range(len(wanted)):
        low, high = layout.chain_first[chain], layout.chain_first[chain + 1]
        if low == high or not wanted[chain]:
            continue
        start = layout.chain_from[chain] * width + lanes[0]
        stop = layout.chain_to[chain] * width + lanes[0]
        before = start
        for place in range(low, high):
            here = (last - place) * width + lanes[0]
            _pass_on(keys, before, here, forward[place + chain], lanes)
            before = here
        _pass_on(keys, before, stop, forward[high + chain], lanes)
        before = stop
        for place in range(high - 1, low - 1, -1):
            here = (last - place) * width + lanes[0]
            _pass_on(keys, before, here, backward[place + chain + 1], lanes)
            before = here
        _pass_on(keys, before, start, backward[low + chain], lanes)


@njit(cache=True, nogil=True)
def _settle(
    arcs: tuple[Ints, Int32s, Ints], flag: Flags, keys: Ints, span: tuple[int, Lanes]
) -> None:
    """Pass keys on between crossings, block by block, until none falls."""
    n_core = len(arcs[0]) - 1
    blocks = (n_core >> _BLOCK_BITS) + 1
    waiting = np.zeros(blocks, np.uint8)
    queue = np.empty(blocks, np.int64)
    at, size = 0, 0
    for row in range(n_core):
        block = row >> _BLOCK_BITS
        if flag[row] and not waiting[block]:
            waiting[block] = 1
            queue[size] = block
            size += 1
    ring = np.empty(2 << _BLOCK_BITS, np.int32)
    left = np.empty(blocks, np.int64)
    while size > 0:
        block = queue[at]
        at = at + 1 if at + 1 < blocks else 0
        size -= 1
        waiting[block] = 0
        count = _settle_block(block, arcs, (flag, ring, waiting, left), keys, span)
        for i in range(count):
            end = at + size
            queue[end - blocks if end >= blocks else end] = left[i]
            size += 1


@njit(cache=True, nogil=True)
def _settle_block(
    block: int,
    arcs: tuple[Ints, Int32s, Ints],
    state: tuple[Flags, Int32s, Flags, Ints],
    keys: Ints,
    span: tuple[int, Lanes],
) -> int:
    """Pass keys on until none falls in the block; return how many other blocks now wait."""
    first, head, cost = arcs
    flag, ring, waiting, left = state
    width, lanes = span
    mask = len(ring) - 1
    low = block << _BLOCK_BITS
    high = min(len(first) - 1, low + (1 << _BLOCK_BITS))
    taken, put, count = 0, 0, 0
    for row in range(low, high):
        ring[put & mask] = row
        put += flag[row]
    while taken < put:
        row = int(ring[taken & mask])
        taken += 1
        flag[row] = 0
        for arc in range(first[row], first[row + 1]):
            there = int(head[arc])
            fell = _pass_on(
                keys, row * width + lanes[0], there * width + lanes[0], cost[arc], lanes
            )
            flagged = int(flag[there])
            flag[there] = flagged | fell
            if there >> _BLOCK_BITS == block:
                # Not asked whether it fell: a wrong guess would cost more than the work.
                ring[put & mask] = there
                put += fell & (flagged ^ 1)
            elif fell and not waiting[there >> _BLOCK_BITS]:
                waiting[there >> _BLOCK_BITS] = 1
                left[count] = there >> _BLOCK_BITS
                count += 1
    return count
