"""A second process does every other task of long work."""

import os
from collections.abc import Sequence

import pytest

from index import Index
from search.coverage import Collection, helper
from search.coverage.helper import in_turn
from search.coverage.texts import Texts
from search.types import DUPLICATES, Tier


def summed(texts: Texts, numbers: Sequence[int]) -> tuple[int, int]:
    return os.getpid(), sum(numbers)


def dies_elsewhere(texts: Texts, here: int, number: int) -> int:
    if os.getpid() != here and number > 1:
        os._exit(1)
    return number


def fails(texts: Texts, number: int) -> int:
    raise ValueError(number)


def test_results_come_in_the_order_of_the_tasks_from_two_processes() -> None:
    tasks = [(name, ([n, n],)) for n, name in enumerate("abcdefg")]
    found = list(in_turn(summed, tasks, Texts(), helper.WORTH_IT))
    assert [(name, total) for name, (_, total) in found] == [(name, 2 * n) for n, name in enumerate("abcdefg")]
    assert len({pid for _, (pid, _) in found}) == min(2, helper.cores())


def test_few_tasks_are_done_here() -> None:
    found = list(in_turn(summed, [("a", ([1],)), ("b", ([2],))], Texts(), helper.WORTH_IT - 1))
    assert found == [("a", (os.getpid(), 1)), ("b", (os.getpid(), 2))]


def test_what_kills_the_second_process_is_done_here() -> None:
    tasks = [(n, (os.getpid(), n)) for n in range(7)]
    assert list(in_turn(dies_elsewhere, tasks, Texts(), helper.WORTH_IT)) == [(n, n) for n in range(7)]


def test_an_error_of_a_task_is_told_here() -> None:
    with pytest.raises(ValueError, match="0"):
        list(in_turn(fails, [("a", (0,))], Texts(), helper.WORTH_IT))


def test_two_processes_find_what_one_finds(corpus_index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    tiers = [*DUPLICATES, Tier.ALTERED]
    collection = Collection.of(corpus_index)
    alone = collection.links(tiers), collection.altered()
    monkeypatch.setattr(helper, "WORTH_IT", 1)
    both = Collection.of(corpus_index)
    assert (both.links(tiers), both.altered()) == alone
