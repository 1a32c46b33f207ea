"""Any sequence of changes and crashes leaves the index equal to a plain dictionary."""

import shutil
import tempfile
from pathlib import Path

from crashing import MEMORY, Nursery, State, Step, change, expected, state
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from index import Index, load_encoder
from index.open import verify

IDS = st.sampled_from([f"n{number}" for number in range(6)])
TEXTS = st.lists(
    st.sampled_from(["rain fell in Kasrun", "the council met", "القمح في قصرون", "prices rose by 3 percent"]),  # wheat
    min_size=1,
    max_size=4,
).map(". ".join)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("add"), st.dictionaries(IDS, TEXTS, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(["remove", "purge"]), st.lists(IDS, min_size=1, max_size=2, unique=True)),
    st.tuples(st.sampled_from(["compact", "repair", "reindex"]), st.none()),
)


class Indexes(RuleBasedStateMachine):
    @initialize()
    def create(self) -> None:
        self.place = Path(tempfile.mkdtemp(dir=MEMORY))
        self.folder = self.place / "index"
        self.held: State = {}
        self.reader = Index.create(self.folder, load_encoder())

    @rule(step=STEPS)
    def do(self, step: Step) -> None:
        change(self.folder, step)
        self.held = expected(self.held, [step])

    @rule(step=STEPS, calls=st.integers(0, 12_000))
    def crash(self, step: Step, calls: int) -> None:
        ended = NURSERY.run(self.folder, [step], calls=calls)
        after, found = expected(self.held, [step]), state(self.folder)
        assert found in ([after] if ended else [self.held, after])
        self.held = found

    @rule()
    def reopen(self) -> None:
        self.reader.close()
        self.reader = Index.open(self.folder)

    @invariant()
    def it_holds_what_the_dictionary_holds(self) -> None:
        assert state(self.folder) == self.held
        with self.reader.reading() as view:  # one that was open all the time
            found = view.passages(view.snapshot.positions[view.snapshot.alive])
            assert {passage.article for _, passage in found} == set(self.held)

    @invariant()
    def it_is_whole(self) -> None:
        assert verify(self.folder) == []

    def teardown(self) -> None:
        self.reader.close()
        shutil.rmtree(self.place)


NURSERY: Nursery


def setup_module() -> None:
    global NURSERY
    NURSERY = Nursery()


def teardown_module() -> None:
    NURSERY.close()


TestIndexes = Indexes.TestCase
TestIndexes.settings = settings(max_examples=10, stateful_step_count=12, deadline=None)
