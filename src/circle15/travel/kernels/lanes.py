"""Nearest facility of many categories at once: one lane for each, searched side by side.

A key is a time in units, shifted left, with the facility's label in the low bits: the lesser
key is the lesser time and, of equal times, the facility that comes first. One row of keys is
a node's answer to all categories, and one vector instruction passes it on along an arc.

Threads share the rows out. Each passes keys on between rows of its own; what leads from one
share to another is passed on in between, until nothing falls. However many they are, the keys
are the same in the end: the least that there are.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from circle15.travel.kernels.arrays import Ints
from circle15.travel.kernels.layout import Int32s, Layout

#: Lanes that are searched side by side: as many as a vector register holds.
LANES = 8

#: Rows searched together, as a power of two: their keys stay in the second-level cache.
_BLOCK_BITS = 11

Flags = NDArray[np.uint8]
Net = tuple[Ints, Int32s, Ints]


class Rule(NamedTuple):
    """How units of the layout become keys: shifted right, at ``most``, shifted left by ``bits``.

    Of ``width`` keys for each row, those from ``lane`` on are searched.
    """

    shift: int
    most: int
    bits: int
    width: int
    lane: int = 0


class Threads(NamedTuple):
    """What runs threads, and between how many of them the work is shared out."""

    pool: ThreadPoolExecutor
    number: int


class _Share(NamedTuple):
    """The rows from ``low`` to below ``high``; which are flagged, and which blocks wait."""

    low: int
    high: int
    flag: Flags
    waiting: Flags
    queue: Ints
    ring: Int32s


def _write_pass_on(_typing: Any, keys: Any, source: Any, target: Any, cost: Any) -> Any:
    """Lower the lanes at ``target`` to those at ``source`` plus ``cost``; tell 1 if any fell."""
    index = ir.IntType(32)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row = ir.VectorType(ir.IntType(64), LANES)
        struct: Any = cgutils.create_struct_proxy
        array = struct(signature.args[0])(context, builder, value=args[0])
        here, there = (
            builder.bitcast(builder.gep(array.data, [at]), row.as_pointer()) for at in args[1:3]
        )
        mine, theirs = builder.load(here, align=8), builder.load(there, align=8)
        nothing = ir.Constant(row, ir.Undefined)
        one = builder.insert_element(nothing, args[3], ir.Constant(index, 0))
        same = ir.Constant(ir.VectorType(index, LANES), [0] * LANES)
        offer = builder.add(mine, builder.shuffle_vector(one, nothing, same))
        less = builder.icmp_signed("<", offer, theirs)
        builder.store(builder.select(less, offer, theirs), there, align=8)
        any_less = builder.bitcast(less, ir.IntType(LANES))
        fell = builder.icmp_unsigned("!=", any_less, ir.Constant(ir.IntType(LANES), 0))
        return builder.zext(fell, ir.IntType(64))

    return types.int64(keys, source, target, cost), generate


_pass_on: Any = intrinsic(_write_pass_on)


def chains_with(seeds: Ints, layout: Layout) -> NDArray[np.bool_]:
    """Tell which chains have any of these rows on them; shape (chains,)."""
    inner = np.sort(len(layout.row) - 1 - seeds[seeds > len(layout.first) - 2])
    seeded = np.zeros(len(layout.chain_from), np.bool_)
    seeded[np.searchsorted(layout.chain_first, inner, side="right") - 1] = True
    return seeded


def clear_chains(
    layout: Layout, rule: Rule, seeded: NDArray[np.bool_], keys: Ints, threads: Threads
) -> None:
    """Set all lanes of the rows on these chains to the limit; their ends are at it already."""
    for lane in range(0, rule.width, LANES):
        _share_chains(layout, rule._replace(lane=lane), (np.flatnonzero(seeded), 1), keys, threads)


def _share_chains(
    layout: Layout, rule: Rule, chains: tuple[Ints, int], keys: Ints, threads: Threads
) -> None:
    """Fill chains in from their ends, each thread its share; 1 with them where nothing is there yet."""
    numbers, fresh = chains
    shares = np.array_split(numbers, threads.number)
    list(threads.pool.map(lambda own: _fill_chains(layout, rule, own, (0, fresh), keys), shares))


def search_lanes(
    layout: Layout,
    rule: Rule,
    starts: tuple[Ints, NDArray[np.bool_]],
    keys: Ints,
    threads: Threads,
) -> None:
    """Lower the keys of all rows to the least that can be passed on to them.

    Parameters
    ----------
    layout
        The network.
    rule
        How its times become keys, and which lanes of them to search.
    starts
        Rows with a start, and which chains have one on them.
    keys
        Of crossings, and of rows on those chains: starts are set, all others are one beyond the
        limit. Other rows are written for the first time. Shape (rows * width,). Changed in place.
    threads
        Who does it.
    """
    seeds, seeded = starts
    n_core = len(layout.first) - 1
    flag = np.zeros(n_core, np.uint8)
    flag[seeds[seeds < n_core]] = 1
    chains = np.flatnonzero(seeded)
    flag[layout.chain_from[chains]] = flag[layout.chain_to[chains]] = 1
    _fill_chains(layout, rule, chains, (1, 0), keys)

    bounds = np.linspace(0, n_core, threads.number + 1).astype(np.int64)
    shares = [_share(int(low), int(high), flag) for low, high in pairwise(bounds)]
    links = np.concatenate([_links_out(layout, share) for share in shares])
    falls = True
    while falls:
        list(threads.pool.map(lambda own: _settle_share(own, layout, rule, keys), shares))
        falls = _exchange(links, layout, rule, (keys, flag))
    _share_chains(layout, rule, (chains, 0), keys, threads)
    _share_chains(layout, rule, (np.flatnonzero(~seeded), 1), keys, threads)


def _share(low: int, high: int, flag: Flags) -> _Share:
    blocks = ((high - low) >> _BLOCK_BITS) + 1
    queue, ring = np.empty(blocks, np.int64), np.empty(2 << _BLOCK_BITS, np.int32)
    return _Share(low, high, flag, np.zeros(blocks, np.uint8), queue, ring)


def _links_out(layout: Layout, share: _Share) -> Ints:
    """Return the arcs that lead out of a share."""
    start, stop = layout.first[[share.low, share.high]]
    head = layout.head[start:stop]
    links: Ints = np.flatnonzero((head < share.low) | (head >= share.high)) + start
    return links


def _settle_share(share: _Share, layout: Layout, rule: Rule, keys: Ints) -> None:
    flagged = np.flatnonzero(share.flag[share.low : share.high])
    blocks = np.unique(flagged >> _BLOCK_BITS)
    share.queue[: len(blocks)], share.waiting[blocks] = blocks, 1
    _settle(share, len(blocks), (layout.first, layout.head, layout.units), rule, keys)


def _exchange(links: Ints, layout: Layout, rule: Rule, state: tuple[Ints, Flags]) -> bool:
    """Pass keys on over these arcs; tell whether any fell, and flag where."""
    keys, flag = state
    table = keys.reshape(-1, rule.width)[:, rule.lane : rule.lane + LANES]
    tail = np.searchsorted(layout.first, links, side="right") - 1
    head = layout.head[links]
    cost = np.minimum(layout.units[links] >> rule.shift, rule.most) << rule.bits
    offer = table[tail] + cost[:, None]
    falls = (offer < table[head]).any(axis=1)
    np.minimum.at(table, head[falls], offer[falls])
    flag[head[falls]] = 1
    return bool(falls.any())


@njit(cache=True, nogil=True)
def _fill_chains(
    layout: Layout, rule: Rule, chains: Ints, ways: tuple[int, int], keys: Ints
) -> None:
    """Pass keys on along chains from their ends, and back.

    ``ways`` are 1 or 0: whether keys go on to the ends as well, and whether what stands on the
    chains is nothing yet.
    """
    shift, most, bits, width, lane = rule
    onward, fresh = ways
    last, limit = len(layout.row) - 1, most << bits
    for chain in chains:
        low, high = layout.chain_first[chain], layout.chain_first[chain + 1]
        start = layout.chain_from[chain] * width + lane
        stop = layout.chain_to[chain] * width + lane
        before = start
        for place in range(low, high + onward):
            here = (last - place) * width + lane if place < high else stop
            if fresh:
                keys[here : here + LANES] = limit
            units = layout.forward[place + chain] >> shift
            _pass_on(keys, before, here, min(units, most) << bits)
            before = here
        before = stop
        for place in range(high - 1, low - 1 - onward, -1):
            here = (last - place) * width + lane if place >= low else start
            units = layout.backward[place + chain + 1] >> shift
            _pass_on(keys, before, here, min(units, most) << bits)
            before = here


@njit(cache=True, nogil=True)
def _settle(share: _Share, put: int, net: Net, rule: Rule, keys: Ints) -> None:
    """Pass keys on between crossings of a share, block by block, until none falls."""
    taken, n_blocks = 0, len(share.queue)
    while taken < put:
        block = share.queue[taken % n_blocks]
        taken += 1
        share.waiting[block] = 0
        put = _settle_block((block, put), share, net, rule, keys)


@njit(cache=True, nogil=True)
def _settle_block(at: tuple[int, int], share: _Share, net: Net, rule: Rule, keys: Ints) -> int:
    """Pass keys on until none falls in the block; queue the other blocks that now wait."""
    block, put = at
    low, high, flag, waiting, queue, ring = share
    first, head, units = net
    shift, most, bits, width, lane = rule
    mask = len(ring) - 1
    start = low + (block << _BLOCK_BITS)
    done, found = 0, 0
    for row in range(start, min(high, start + (1 << _BLOCK_BITS))):
        ring[found & mask] = row
        found += flag[row]
    while done < found:
        row = ring[done & mask]
        done += 1
        flag[row] = 0
        for arc in range(first[row], first[row + 1]):
            there, cost = head[arc], units[arc] >> shift
            if there < low or there >= high:
                continue
            to = there * width + lane
            fell = _pass_on(keys, row * width + lane, to, min(cost, most) << bits)
            flagged = flag[there]
            flag[there] = flagged | fell
            other = (there - low) >> _BLOCK_BITS
            if other == block:
                # Not asked whether it fell: a wrong guess would cost more than the work.
                ring[found & mask] = there
                found += fell & (flagged ^ 1)
            elif fell and not waiting[other]:
                waiting[other] = 1
                queue[put % len(queue)] = other
                put += 1
    return put
