"""Contrastive training of one table of token vectors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812

REPORT = 200  # steps between two progress lines
WHOLE = 8  # no tokens are dropped from shorter texts: half a name is another name
Ids = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Recipe:
    dim: int = 320
    epochs: float = 6
    batch: int = 2048
    rate: float = 0.01
    warmup: float = 0.1
    temperature: float = 0.08
    dropped: float = 0.3  # share of words dropped from a text, drawn anew each epoch against overfitting
    following: float = 2  # weight of the teachers' similarities in the loss
    softness: float = 0.07  # temperature of those similarities
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Ragged:
    """Concatenated token ids of many texts: text i is `ids[starts[i]:starts[i + 1]]`."""

    ids: Ids
    starts: npt.NDArray[np.int64]

    def take(self, rows: npt.NDArray[np.int64]) -> tuple[Ids, npt.NDArray[np.int64]]:
        """The concatenated ids of the texts `rows`, and where each starts."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        at = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths) + np.repeat(self.starts[rows], lengths)
        return self.ids[at], offsets[:-1]

    def thinned(
        self, rows: npt.NDArray[np.int64], dropped: float, rng: np.random.Generator
    ) -> tuple[Ids, npt.NDArray[np.int64]]:
        """As `take`, with a share of the ids dropped at random, except from texts shorter than `WHOLE`."""
        ids, starts = self.take(rows)
        lengths = np.diff(np.append(starts, len(ids)))
        kept = rng.random(len(ids)) >= np.repeat(np.where(lengths < WHOLE, 0.0, dropped), lengths)
        kept[starts] = True  # the first token stays, so that no text is empty
        return ids[kept], np.concatenate([[0], np.cumsum(kept)])[starts]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The training pairs: (left[i], right[i]), of kind `kinds[i]`, drawn `weights[i]` times per epoch.

    Row `taught[i]` of `teacher` is the teachers' vector of the English text, of unit length; -1 if there is none.
    """

    left: Ragged
    right: Ragged
    kinds: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    teacher: torch.Tensor
    taught: npt.NDArray[np.int64]


class LazyAdam:
    """Adam that updates only the rows used in a batch, like torch's SparseAdam but without sparse tensors."""

    def __init__(self, table: torch.Tensor, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8) -> None:
        self.table, self.betas, self.eps, self.steps = table, betas, eps, 0
        self.mean, self.square = torch.zeros_like(table), torch.zeros_like(table)

    def step(self, rows: torch.Tensor, grad: torch.Tensor, rate: float | torch.Tensor) -> None:
        """Move the rows; `rate` is one for all or (rows, 1)."""
        self.steps += 1
        first, second = self.betas
        mean = self.mean[rows].mul_(first).add_(grad, alpha=1 - first)
        square = self.square[rows].mul_(second).addcmul_(grad, grad, value=1 - second)
        self.mean[rows], self.square[rows] = mean, square
        scale = rate * math.sqrt(1 - second**self.steps) / (1 - first**self.steps)
        self.table[rows] -= scale * mean / (square.sqrt_().add_(self.eps))


def epoch(pairs: Pairs, batch: int, rng: np.random.Generator) -> list[npt.NDArray[np.int64]]:
    """Batches of pairs of one kind, in random order; each pair is drawn `weight` times on average."""
    times = np.floor(pairs.weights + rng.random(len(pairs.weights))).astype(np.int64)
    drawn = np.repeat(np.arange(len(times)), times)
    batches = []
    for kind in np.unique(pairs.kinds):
        rows = rng.permutation(drawn[pairs.kinds[drawn] == kind])
        batches += [rows[i : i + batch] for i in range(0, len(rows), batch)]
    return [batches[i] for i in rng.permutation(len(batches))]


def contrast(a: torch.Tensor, b: torch.Tensor, same: torch.Tensor, temperature: float) -> torch.Tensor:
    """Symmetric InfoNCE. `same` marks pairs that share a side and are therefore not negatives of each other.

    A cosine is at most 1, so exp((cos - 1) / t) cannot overflow and both directions share it: twice as fast as
    two cross-entropies.
    """
    cos = F.normalize(a) @ F.normalize(b).T
    odds = torch.exp((cos - 1) / temperature).masked_fill(same, 0)
    return (odds.sum(1).log() + odds.sum(0).log()).mean() / 2 - (cos.diagonal().mean() - 1) / temperature


def divergence(
    a: torch.Tensor, b: torch.Tensor, teacher: tuple[torch.Tensor, torch.Tensor], same: torch.Tensor, temperature: float
) -> torch.Tensor:
    """How far the similarities within and between `a` and `b`, (n, dim) each, differ from those of the teachers.

    `teacher` has the teachers' unit vectors of both sides.

    For each text, the similarities to the others are a softmax of cosines; the Kullback-Leibler divergence compares
    them with the teachers', as in SEED (Fang and others 2021).
    """
    self = same | torch.eye(len(same), dtype=torch.bool, device=same.device)
    a, b = F.normalize(a), F.normalize(b)

    def likeness(cosines: torch.Tensor) -> torch.Tensor:
        return F.log_softmax((cosines / temperature).masked_fill(self, -1e4), dim=1)

    left, right = teacher
    found = [
        F.kl_div(likeness(x @ y.T), likeness(p @ q.T), log_target=True, reduction="batchmean")
        for x, y, p, q in ((a, a, left, left), (b, b, right, right), (a, b, left, right))
    ]
    return torch.stack(found).sum() / 3


@dataclass(frozen=True, slots=True)
class Kept:
    """What a table that was trained before keeps: float32 (rows, dim), and how far each row may move, 0 to 1 (rows,).

    The texts of the pairs that `likened` marks stay as alike to each other as they were.
    """

    table: torch.Tensor
    steps: torch.Tensor
    likened: npt.NDArray[np.bool_]


def fit(
    pairs: Pairs, table: torch.Tensor, recipe: Recipe, report: Callable[[str], None], kept: Kept | None = None
) -> None:
    """Train `table`, float32 (rows, dim), in place, on the device that it is on."""
    rng = np.random.default_rng(recipe.seed)
    optimiser = LazyAdam(table)
    keys = [torch.from_numpy(text_keys(side)).to(table.device) for side in (pairs.left, pairs.right)]
    whole, part = divmod(recipe.epochs, 1)
    plan = [batch for _ in range(int(whole)) for batch in epoch(pairs, recipe.batch, rng)]
    last = epoch(pairs, recipe.batch, rng)
    plan += last[: int(part * len(last))]
    losses = []
    for step, rows in enumerate(plan):
        rate = recipe.rate * min(
            1, (step + 1) / (recipe.warmup * len(plan)), (len(plan) - step) / len(plan) / (1 - recipe.warmup)
        )
        used, gradient, loss = _gradient(pairs, rows, table, keys, recipe, rng, kept)
        optimiser.step(used, gradient, rate if kept is None else rate * kept.steps[used][:, None])
        losses.append(loss)
        if len(losses) == REPORT or step + 1 == len(plan):
            report(f"step {step + 1} of {len(plan)}, loss {np.mean(losses):.3f}")
            losses.clear()


def _gradient(
    pairs: Pairs,
    rows: npt.NDArray[np.int64],
    table: torch.Tensor,
    keys: list[torch.Tensor],
    recipe: Recipe,
    rng: np.random.Generator,
    kept: Kept | None,
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """The rows of the table that a batch uses, the gradient of the loss for them, and the loss."""
    (left, left_starts), (right, right_starts) = (
        side.thinned(rows, recipe.dropped, rng) for side in (pairs.left, pairs.right)
    )
    tokens = torch.from_numpy(np.concatenate([left, right]).astype(np.int64)).to(table.device)
    used, where = torch.unique(tokens, return_inverse=True)
    starts = [torch.from_numpy(side).to(table.device) for side in (left_starts, right_starts)]

    def means(part: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        sides = (where[: len(left)], where[len(left) :])
        a, b = (F.embedding_bag(ids, part, first, mode="mean") for ids, first in zip(sides, starts, strict=True))
        return a, b

    part = table[used].requires_grad_()
    a, b = means(part)
    same = torch.zeros(len(rows), len(rows), dtype=torch.bool, device=table.device)
    drawn = torch.from_numpy(rows).to(table.device)
    for key in keys:
        same |= key[drawn][:, None] == key[drawn][None, :]
    same.fill_diagonal_(False)
    quarter = recipe.dim // 4  # Matryoshka (Kusupati and others 2022): the first dimensions must serve alone
    loss = contrast(a, b, same, recipe.temperature)
    loss = loss + contrast(a[:, :quarter], b[:, :quarter], same, recipe.temperature)
    if (pairs.taught[rows] >= 0).all():  # true for whole batches, since a batch is of one kind
        read = pairs.teacher[pairs.taught[rows]]
        loss = loss + recipe.following * divergence(a, b, (read, read), same, recipe.softness)
    if kept is not None and kept.likened[rows].all():
        before, after = map(F.normalize, means(kept.table[used]))
        loss = loss + recipe.following * divergence(a, b, (before, after), same, recipe.softness)
    (gradient,) = torch.autograd.grad(loss, part)
    return used, gradient, float(loss.detach())


def text_keys(side: Ragged) -> npt.NDArray[np.int64]:
    """A number for each text, equal for equal texts."""
    mixed = (side.ids.astype(np.int64) + 1) * np.int64(0x9E3779B97F4A7C15 - 2**64)
    mixed ^= mixed >> 29
    place = np.arange(len(mixed)) - np.repeat(side.starts[:-1], np.diff(side.starts))
    return np.add.reduceat(np.append(mixed * (2 * place + 1), 0), side.starts[:-1])
