"""sqlglot's ``transform``, which goes over a tree anew each time, made fit for seventy in a row.

fakesnow translates a statement by that many of them, most of which find nothing to do. So here the
nodes of a tree are remembered, in order, until one of them is changed; what is found is the same.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

from sqlglot import exp

_numbers = itertools.count(1)
_change = [0]
"""The number of the last change of any tree, of any thread: no two changes have the same."""


class _Known(threading.local):
    """The tree that a thread transformed last."""

    root: exp.Expression | None = None
    change = -1
    nodes: tuple[exp.Expression, ...] = ()
    depths: tuple[int, ...] = ()
    """How far each node is from the root."""


_known = _Known()


def put_right() -> None:
    """Replace sqlglot's own way."""
    kind: Any = exp.Expression
    if kind.transform is not _transform:
        for name in ("set", "append", "_set_parent"):
            setattr(kind, name, _noticed(getattr(kind, name)))
        kind.transform = _transform


def _noticed(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that changes a tree, such that it is noticed."""

    def changing(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as it was
        _change[0] = next(_numbers)
        return method(*args, **kwargs)

    return changing


def _transform(
    self: exp.Expression,
    fun: Callable[..., Any],
    *args: object,
    copy: bool = True,
    **kwargs: object,
) -> Any:  # noqa: ANN401 - as it was
    root: Any = self.copy() if copy else self
    if _known.root is not root or _known.change != _change[0]:
        _remember(root)
    # What a function transforms in turn is another tree, and remembered in this one's place.
    change, nodes, depths = _known.change, _known.nodes, _known.depths
    for at, node in enumerate(nodes):
        parent, key, index = node.parent, node.arg_key, node.index
        new = fun(node, *args, **kwargs)
        if new is node and _change[0] == change:
            continue
        if at == 0:
            root = new
        elif parent and key and new is not node:
            parent.set(key, new, index)
        _go_on(_left(nodes, depths, at), node, new, lambda one: fun(one, *args, **kwargs))
        break
    return root


def _remember(root: exp.Expression) -> None:
    # Read first: what is changed meanwhile is then noticed.
    _known.change = _change[0]
    nodes, depths = [], []
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        nodes.append(node)
        depths.append(depth)
        for value in reversed(node.args.values()):
            if isinstance(value, list):
                stack.extend(
                    (one, depth + 1) for one in reversed(value) if isinstance(one, exp.Expr)
                )
            elif isinstance(value, exp.Expr):
                stack.append((value, depth + 1))
    _known.root, _known.nodes, _known.depths = root, tuple(nodes), tuple(depths)


def _left(
    nodes: tuple[exp.Expression, ...], depths: tuple[int, ...], at: int
) -> list[exp.Expression]:
    """Return the nodes that are yet to be visited after this one and those below it, last first."""
    found, depth = [], depths[at]
    for later in range(at + 1, len(nodes)):
        if depths[later] <= depth:
            found.append(nodes[later])
            depth = depths[later]
    return found[::-1]


def _go_on(
    stack: list[exp.Expression],
    node: exp.Expression,
    new: Any,  # noqa: ANN401 - a node, several, or none
    fun: Callable[[exp.Expression], Any],
) -> None:
    """Do as sqlglot's own does, from a node on that became another, or was changed."""
    if new is node:
        stack.extend(node.iter_expressions(reverse=True))
    while stack:
        node = stack.pop()
        parent, key, index = node.parent, node.arg_key, node.index
        new = fun(node)
        if new is node:
            stack.extend(node.iter_expressions(reverse=True))
        elif parent and key:
            parent.set(key, new, index)
