"""The log-odds that two words spell the same name, against agreement by chance.

Three models are combined. An *alignment* cuts both words into groups of letters; each pair of groups has log-odds
(names_weights.tsv). It compares words of any script. Two *transducers* use more context and compare a Latin word with
an Arabic one. The first (names_to_arabic.safetensors) reads the Latin word letter by letter; at each letter it writes
Arabic letters or moves on, with probabilities that depend on nine Latin letters, the whole Latin word and the last
three letters written. The second (names_to_latin.safetensors) does the reverse. All three sum over every way to turn
one word into the other, and are trained by training/names.py and training/transducer.py. Log-odds add up over letters,
so that names of two letters never score high, while long names may differ in some letters.

Groups of letters: Jiampojamarn, Kondrak and Sherif, "Applying many-to-many alignments and hidden Markov models to
letter-to-phoneme conversion" (2007). Log-odds of alignments: Henikoff and Henikoff, "Amino acid substitution matrices
from protein blocks" (1992). Transducer: Graves, "Sequence transduction with recurrent neural networks" (2012), with
windows of letters in place of the recurrent networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import safe_open

from .folding import fold
from .packed import distinct

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Letters = npt.NDArray[np.uint8]

LATIN, ARABIC = "abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنهويء"
ARABIC_CODE = 32  # a letter's code is its place in its alphabet, from 1, plus this for Arabic letters
START, END = 30, 31  # codes of the start and the end of a word
NAME_WIDTH = 20  # letters of a word that are compared; more are ignored
LONGEST_ROW, LONGEST_COLUMN = 3, 2  # the most letters in a group, on either side of an alignment

# How many letters a transducer sees before and after the one it reads, and of those it wrote last.
BEFORE, AFTER, WRITTEN = 4, 4, 3

# Clitics before an Arabic name, with their log-odds. The article is likely, because it is often part of the name.
CLITICS = {"ال": -0.5} | dict.fromkeys(("وال", "فال", "بال", "كال", "لل", "ولل", "وبال"), -4.0)
CLITICS |= dict.fromkeys(("و", "ف", "ب", "ل", "ك", "وب", "ول", "وك"), -6.0)
LONGEST_CLITIC = max(map(len, CLITICS))
SHORTEST_NAME = 3  # the fewest letters that may remain without a clitic

# The weights of the alignment, the transducer into Arabic and the transducer into Latin, by the script of the query.
# The transducer that writes the query's script tells most: it says from which word of a list the query was written.
# Chosen on the names that training/names.py holds out.
SHARES = {"latin": (0.1, 0.4, 0.5), "arabic": (0.3, 0.7, 0.0)}

_FOLDER = Path(__file__).parent
_SKIPPED, FOREIGN = 0, 255


# --- Letters as numbers -----------------------------------------------------------------------------------------------


def _letter_codes() -> Letters:
    codes = np.full(0x700, FOREIGN, np.uint8)
    for shift, alphabet in ((0, LATIN), (ARABIC_CODE, ARABIC)):
        codes[[ord(letter) for letter in alphabet]] = np.arange(1, len(alphabet) + 1) + shift
    codes[[ord(sign) for sign in " '-.ـ"]] = _SKIPPED
    return codes


CODES = _letter_codes()


def spell(words: Sequence[str]) -> Letters:
    """The letters of words as codes: uint8 (n, NAME_WIDTH), zeros after the last letter.

    The row is all zeros for a word with letters of both scripts, a digit or another character. Spaces, hyphens and
    apostrophes are skipped, so that "داود أوغلو" counts as one word.
    """
    return letters_of(name_lines(words))


def name_lines(words: Sequence[str]) -> str:
    """Words as one folded text, one word a line."""
    return fold("".join([word.replace("\n", "0") + "\n" for word in words]))


def letters_of(lines: str) -> Letters:
    """As `spell`, for words from `name_lines`."""
    letters = letter_matrix(lines, CODES)
    mixed = (letters >= ARABIC_CODE).any(axis=1) & ((letters > 0) & (letters < ARABIC_CODE)).any(axis=1)
    letters[mixed | (letters == FOREIGN).any(axis=1)] = 0
    return letters


def letter_matrix(lines: str, codes: Letters) -> Letters:
    """The letters of n lines as codes: uint8 (n, NAME_WIDTH). `codes` is a table by code point; code 0 is skipped."""
    points = np.frombuffer(lines.encode("utf-32-le", "surrogatepass"), "<u4")
    ends = points == ord("\n")
    kept = codes[np.minimum(points, len(codes) - 1)]
    kept[ends] = _SKIPPED
    row = (np.cumsum(ends) - ends)[kept > 0]
    kept = kept[kept > 0]
    sizes = np.bincount(row, minlength=int(ends.sum()))
    column = np.arange(len(row)) - (np.cumsum(sizes) - sizes)[row]
    matrix = np.zeros((len(sizes), NAME_WIDTH), np.uint8)
    fits = column < NAME_WIDTH
    matrix[row[fits], column[fits]] = kept[fits]
    return matrix


_BEGINS_CLITIC = np.isin(np.arange(256), [CODES[ord(clitic[0])] for clitic in CLITICS])  # by the code of a letter


def name_starts(letters: Letters) -> Floats:
    """The odds that the name in each row starts at letter 0, 1, ...: float32 (n, LONGEST_CLITIC + 1)."""
    starts = np.zeros((len(letters), LONGEST_CLITIC + 1), np.float32)
    starts[:, 0] = 1
    if not _BEGINS_CLITIC[letters[:, 0]].any():
        return starts
    for clitic, weight in CLITICS.items():
        size = len(clitic)
        found = letters[:, size + SHORTEST_NAME - 1] > 0
        for i, letter in enumerate(clitic):
            found &= letters[:, i] == CODES[ord(letter)]
        starts[found, size] = np.exp(weight)
    return starts


# --- Alignment --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Weights:
    """Odds of pairs of letter groups: `table[rows[group], columns[group]]`.

    A group's number is made of its letter codes, five bits each. A row group has 1 to LONGEST_ROW letters (word ends
    included), a column group up to LONGEST_COLUMN. Groups without a pair share the last row and column of the table.
    """

    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]
    table: Floats

    @classmethod
    def build(cls, pairs: Ints, values: Floats) -> Weights:
        """From pairs of groups (row group * 1024 + column group) and their log-odds."""
        above, beside = distinct(pairs >> 10), distinct(pairs & 1023)
        rows = np.full(1 << 15, len(above), np.intp)
        columns = np.full(1 << 10, len(beside), np.intp)
        rows[above] = np.arange(len(above))
        columns[beside] = np.arange(len(beside))
        table = np.zeros((len(above) + 1, len(beside) + 1), np.float32)
        table[rows[pairs >> 10], columns[pairs & 1023]] = np.exp(values)
        return cls(rows, columns, table)


def group_code(group: str) -> int:
    """The number of a group of letters; ^ and $ are the ends of a word."""
    number = 0
    for letter in group:
        code = {"^": START, "$": END}.get(letter) or int(CODES[ord(letter)]) % ARABIC_CODE
        number = number << 5 | code
    return number


@cache
def load_weights() -> dict[str, Weights]:
    """The tables of names_weights.tsv by the scripts of rows and columns: "en-ar", "ar-ar", "en-en"."""
    pairs: dict[str, list[int]] = {}
    values: dict[str, list[float]] = {}
    for line in (_FOLDER / "names_weights.tsv").read_text("utf-8").splitlines():
        scripts, row, cells = line.split("\t")
        above = group_code(row) << 10
        for cell in cells.split(" "):
            column, weight = cell.split(":")
            pairs.setdefault(scripts, []).append(above | group_code(column))
            values.setdefault(scripts, []).append(int(weight) / 10)
    return {s: Weights.build(np.array(pairs[s]), np.array(values[s], np.float32)) for s in pairs}


def letter_groups(letters: Letters, start: bool, longest: int) -> list[npt.NDArray[np.int32]]:
    """The groups of 1, 2, ... letters that end before each position: each (n, positions + 1), 0 for no group."""
    sizes = (letters > 0).sum(axis=1)
    width = int(sizes.max()) + 1 + start
    codes = np.zeros((len(letters), width), np.int32)
    codes[:, int(start) : width - 1] = letters[:, : width - 1 - start] % ARABIC_CODE
    codes[np.arange(len(letters)), sizes + start] = END
    if start:
        codes[:, 0] = START
    groups = []
    number = np.zeros((len(letters), width + 1), np.int32)
    for size in range(1, longest + 1):
        longer = np.zeros_like(number)
        longer[:, size:] = np.where(codes[:, size - 1 :] > 0, number[:, size - 1 : -1] << 5 | codes[:, size - 1 :], 0)
        groups.append(longer)
        number = longer
    return groups


def align(weights: Weights, rows: Letters, columns: Letters) -> Floats:
    """The log of the summed odds of all alignments, float32 (n,). One side may be one word, compared with n words."""
    above = np.stack([weights.rows[groups] for groups in reversed(letter_groups(rows, True, LONGEST_ROW))])
    beside = np.stack([weights.columns[groups] for groups in letter_groups(columns, False, LONGEST_COLUMN)])
    beside = np.concatenate([np.full_like(beside[:1], weights.columns[0]), beside])  # no letter, one, two
    many, width, height = max(len(rows), len(columns)), beside.shape[2], above.shape[2]
    one_column = weights.table[:, beside[:, 0]] if len(columns) == 1 else None  # (rows of the table, 3, places)
    one_row = weights.table[above[:, 0]] if len(rows) == 1 < len(columns) else None  # (3, places, columns of the table)

    # total[i + 3, word, j + 2] is the odds of the first i row letters with the first j column letters, and
    # before[i, q, word, j] those with q column letters fewer.
    total = np.zeros((height + LONGEST_ROW, many, width + LONGEST_COLUMN), np.float32)
    starts = name_starts(columns)[:, :width]
    total[LONGEST_ROW, :, LONGEST_COLUMN : LONGEST_COLUMN + starts.shape[1]] = starts
    down, over, along = total.strides
    before = np.lib.stride_tricks.as_strided(
        total[:, :, LONGEST_COLUMN:],
        (len(total), LONGEST_COLUMN + 1, many, width),
        (down, -along, over, along),
        writeable=False,
    )
    for place in range(1, height):
        if one_row is not None:
            steps = one_row[:, place].take(beside, axis=1)
        elif one_column is not None:
            steps = one_column.take(above[:, :, place], axis=0).swapaxes(1, 2)
        else:
            steps = weights.table[above[:, None, :, place, None], beside]
        steps *= before[place : place + LONGEST_ROW]
        total[place + LONGEST_ROW, :, LONGEST_COLUMN:] = steps.reshape(-1, many, width).sum(axis=0)
    last_row = (rows > 0).sum(axis=1) + 2 + LONGEST_ROW
    last_column = (columns > 0).sum(axis=1) + 1 + LONGEST_COLUMN
    result: Floats = np.log(np.maximum(total[last_row, np.arange(many), last_column], np.float32(1e-30)))
    return result


# --- Transducers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transducer:
    """A network with H hidden units that gives the log probabilities of the next letter to write.

    The hidden units are sums of embeddings: of the letters around the position that is read, and of the letters written
    last; then a ReLU and a linear layer. Outputs are letter codes; 0 means "move on in the word that is read", END ends
    both words.

    `read` (BEFORE + 1 + AFTER, 32, H) and `written` (WRITTEN, 32, H) are the embeddings by offset and letter. `word`
    (H, H) adds the mean of all positions to each of them. `outputs` (H, 32) and `output_bias` (32,) are the linear
    layer. `chances` (32,) are the log probabilities of letters regardless of the word that is read.
    """

    read: Floats
    written: Floats
    word: Floats
    outputs: Floats
    output_bias: Floats
    chances: Floats

    def log_odds(self, words: Letters, others: Letters) -> Floats:
        """The log-odds that each word, when read, is written as the other, float32 (n,); one side may be one word."""
        read, written = with_ends(words, True), with_ends(others, False)
        around = np.zeros((len(read), BEFORE + read.shape[1] + AFTER), np.int64)
        around[:, BEFORE : BEFORE + read.shape[1]] = read
        places = sum(self.read[k][around[:, k : k + read.shape[1]]] for k in range(len(self.read)))
        held = (read > 0)[:, :, None].astype(np.float32)
        mean = (np.maximum(places, 0) * held).sum(axis=1) / held.sum(axis=1)
        places = places + (mean @ self.word)[:, None]
        before = np.full((len(written), WRITTEN + written.shape[1]), START)
        before[:, WRITTEN:] = written
        history = sum(self.written[k][before[:, k : k + written.shape[1]]] for k in range(WRITTEN))
        hidden = places[:, :, None] + history[:, None]
        np.maximum(hidden, 0, out=hidden)
        outputs = (hidden.reshape(-1, hidden.shape[-1]) @ self.outputs).reshape(*hidden.shape[:3], -1)
        outputs += self.output_bias
        rest = np.log(np.exp(outputs).sum(axis=-1))
        many = np.arange(len(outputs))
        onward = outputs[..., 0] - rest
        letters = np.broadcast_to(written[:, None], outputs.shape[:3])
        write = np.take_along_axis(outputs, letters[..., None], axis=-1)[..., 0] - rest
        so_far = np.cumsum(write, axis=2) - write  # (n, places, letters written)
        total = so_far[:, 0]
        totals = [total]
        for place in range(1, outputs.shape[1]):
            total = so_far[:, place] + np.logaddexp.accumulate(total + onward[:, place - 1] - so_far[:, place], axis=1)
            totals.append(total)
        ends = [np.broadcast_to((codes > 0).sum(axis=1) - 1, len(many)) for codes in (read, written)]
        by_name = np.stack(totals, axis=1)[many, *ends] + write[many, *ends]
        by_chance = np.where(written > 0, self.chances[written], 0).sum(axis=1)
        result: Floats = (by_name - by_chance).astype(np.float32)
        return result


def with_ends(letters: Letters, start: bool) -> Ints:
    """Letter codes without the script, with START (if `start`) and END: int64, as wide as the longest word."""
    sizes = (letters > 0).sum(axis=1)
    codes = np.zeros((len(letters), int(sizes.max()) + 1 + start), np.int64)
    codes[:, int(start) : codes.shape[1] - 1] = letters[:, : codes.shape[1] - 1 - start] % ARABIC_CODE
    codes[np.arange(len(letters)), sizes + start] = END
    if start:
        codes[:, 0] = START
    return codes


@cache
def load_transducer(script: str) -> Transducer:
    """The transducer that writes a script, "arabic" or "latin"; loaded once."""
    with safe_open(_FOLDER / f"names_to_{script}.safetensors", framework="np") as tensors:
        return Transducer(*(tensors.get_tensor(name).astype(np.float32) for name in Transducer.__slots__))


# --- All three --------------------------------------------------------------------------------------------------------


def alignment(query: Letters, others: Letters) -> Floats:
    """The log-odds that words spell names, by alignment alone: float32 (n,).

    Word i of the n words is compared with name i; where there is one name, each word is compared with it.
    """
    result = np.empty(len(others), np.float32)
    arabic, crossing = _scripts(query, others)
    # Within a script the shorter word is the row, since the longer may have a clitic; ties are broken by the letters.
    sizes, size = (others > 0).sum(axis=1), (query > 0).sum(axis=1)
    differs = others.astype(np.int16) - query
    first = np.take_along_axis(differs, (differs != 0).argmax(axis=1)[:, None], axis=1)[:, 0]
    above = np.where(crossing, arabic, (sizes < size) | ((sizes == size) & (first < 0)))
    for name, part in (("en-ar", crossing), ("ar-ar", ~crossing & arabic), ("en-en", ~crossing & ~arabic)):
        if not part.any():
            continue
        weights = load_weights()[name]
        for chosen, flip in ((part & above, True), (part & ~above, False)):
            if chosen.any():
                one, other = _chosen(query, chosen), others[chosen]
                result[chosen] = align(weights, other, one) if flip else align(weights, one, other)
    return result


def evidence(query: Letters, others: Letters, aligned: Floats) -> Floats:
    """The log-odds that words spell names, in any script: float32 (n,). Words and names are paired as in `alignment`.

    `aligned` are those of `alignment`. Words of the other script are also compared by the transducers, which takes ten
    times as long.
    """
    arabic, crossing = _scripts(query, others)
    result = aligned.copy()
    for script, part in (("arabic", crossing & arabic), ("latin", crossing & ~arabic)):
        if not part.any():
            continue
        one, other = _chosen(query, part), others[part]
        latin, written = (other, one) if script == "arabic" else (one, other)
        share, to_arabic, to_latin = SHARES[script]
        result[part] = share * aligned[part] + to_arabic * load_transducer("arabic").log_odds(latin, written)
        if to_latin:
            result[part] += to_latin * load_transducer("latin").log_odds(written, latin)
    return result


def _scripts(query: Letters, others: Letters) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which names are Arabic, and which words are in the other script: (n,) each."""
    arabic = np.broadcast_to(query[:, 0] > ARABIC_CODE, len(others))
    return arabic, (others[:, 0] > ARABIC_CODE) != arabic


def _chosen(query: Letters, part: npt.NDArray[np.bool_]) -> Letters:
    return query if len(query) == 1 else query[part]
