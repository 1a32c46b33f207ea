"""Words as tokens of a vocabulary: WordPiece (Wu et al., "Google's Neural Machine Translation System", 2016)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain, compress, pairwise, repeat
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

_VOCABULARY = '"vocab":{'

_COMMON = re.compile("[\x00-\u024f\u0600-\u06ff\u2010-\u2027]*")
"""Characters that every version of Python and of the library classifies alike, as letters, digits or punctuation."""

Ids = npt.NDArray[np.int64]


class WordPieces:
    """A tokenizer of the library `tokenizers`, with its vocabulary as a dict.

    The library needs 200 ms and 55 MB to load 190,000 tokens: a third of the time of a search in a new process. A dict
    takes two fifths of the time and 40 MB. How texts are folded and divided is left to the library; what it makes of a
    common character, whatever stands beside that, is remembered, which takes a twentieth of the time.
    """

    def __init__(self, described: str) -> None:
        """`described` is what the library writes: JSON, the tokens in the order of their numbers, none with quotes.

        Raises ValueError for another description.
        """
        before, found, rest = described.partition(_VOCABULARY)
        vocabulary, _, after = rest.partition("}")
        tokens = re.findall('"([^"]+)"', vocabulary)
        if not found or not vocabulary.endswith(f":{len(tokens) - 1}"):
            raise ValueError("the vocabulary of the tokenizer is not one that `tokenizers` wrote")
        self.vocabulary = dict(zip(tokens, range(len(tokens)), strict=True))
        without = before + found + "}" + after
        about = json.loads(without)
        model = about["model"]
        tokenizer = Tokenizer.from_str(without)
        self._normalizer, self._divider = tokenizer.normalizer, tokenizer.pre_tokenizer
        self._letters = _Letters(self._normalizer)
        self._rules = [
            (re.compile(rule["pattern"]["Regex"]), rule["content"])
            for rule in about["normalizer"]["normalizers"]
            if "Regex" in rule.get("pattern", ())
        ]
        self._prefix: str = model["continuing_subword_prefix"]
        self._unknown = [self.vocabulary[model["unk_token"]]]
        self._longest: int = model["max_input_chars_per_word"]

    def __call__(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """The tokens of texts, end to end, and how many each text has: int64 (n,), int64 (len(texts),)."""
        divided = self.words(texts)
        return self.tokens(divided, lambda i: [token for word in divided[i] for token in self.of_word(word)])

    def tokens(self, divided: Sequence[Sequence[str]], read: Callable[[int], Sequence[int]]) -> tuple[Ids, Ids]:
        """The tokens of texts that are divided into folded words: `read` gives those of a text, by its number, in which
        some word is no token."""
        counts = np.fromiter(map(len, divided), np.int64, len(divided))
        words = chain.from_iterable(divided)
        ids = np.fromiter(map(self.vocabulary.get, words, repeat(-1)), np.int64, int(counts.sum()))
        strange = np.zeros(len(divided), bool)
        strange[np.repeat(np.arange(len(divided)), counts)[ids < 0]] = True
        others = [read(i) for i in np.flatnonzero(strange).tolist()]
        known = ids[~np.repeat(strange, counts)]
        counts[strange] = [*map(len, others)]
        tokens = np.zeros(counts.sum(), np.int64)
        tokens[np.repeat(~strange, counts)] = known
        tokens[np.repeat(strange, counts)] = [*chain.from_iterable(others)]
        return tokens, counts

    def whole(self, words: Sequence[str]) -> Ids:
        """The token of each word, -1 for one that is no token or several: int64 (len(words),)."""
        divided = [folded[0] if len(folded) == 1 else "" for folded in self.words(words)]
        return np.fromiter(map(self.vocabulary.get, divided, repeat(-1)), np.int64, len(divided))

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The folded words that each text is divided into."""
        lines = self._folded([text.replace("\n", " ") for text in texts])
        divided = iter(self._divided([line for line in lines if not line.isalnum()]))
        return [[line] if line.isalnum() else next(divided) for line in lines]

    def _folded(self, lines: Sequence[str]) -> list[str]:
        """Folded lines. They are folded as one text, which takes less time: no rule may look beyond a line break."""
        common = [_COMMON.fullmatch(line) is not None for line in lines]
        text = "\n".join(compress(lines, common)).translate(self._letters)
        for pattern, content in self._rules:
            text = pattern.sub(content, text)
        known = iter(text.split("\n"))
        others = self._normalizer.normalize_str(
            "\n".join(line for line, easy in zip(lines, common, strict=True) if not easy)
        )
        rest = iter(others.split("\n"))
        return [next(known if easy else rest) for easy in common]

    def _divided(self, lines: Sequence[str]) -> list[list[str]]:
        """The words of folded lines, without their punctuation."""
        found = self._divider.pre_tokenize_str("\n".join(lines))
        words = [word for word, _ in found]
        ends = np.cumsum([len(line) + 1 for line in lines])
        cuts = np.searchsorted([start for _, (start, _) in found], ends).tolist()
        return [words[start:end] for start, end in pairwise([0, *cuts])]

    @cached_property
    def _inside(self) -> tuple[dict[str, int], int]:
        """The tokens that only stand inside a word, without what marks them, and the length of the longest."""
        before = self._prefix
        inside = {token[len(before) :]: i for token, i in self.vocabulary.items() if token.startswith(before)}
        return inside, max(map(len, inside), default=0)

    def of_word(self, word: str) -> list[int]:
        """The tokens of a folded word: the longest that it begins with, then the longest that the rest begins with."""
        number = self.vocabulary.get(word)
        if number is not None:
            return [number]
        if len(word) > self._longest:
            return self._unknown
        tokens: list[int] = []
        start, known, longest = 0, self.vocabulary, len(word)
        while start < len(word):
            for end in range(min(start + longest, len(word)), start, -1):
                number = known.get(word[start:end])
                if number is not None:
                    break
            else:
                return self._unknown
            tokens.append(number)
            start, (known, longest) = end, self._inside
        return tokens


class _Letters(dict[int, str]):
    """What a normalizer makes of single characters. Each is asked for when it is met first."""

    def __init__(self, normalizer: Any) -> None:
        super().__init__()
        self._normalizer = normalizer

    def __missing__(self, code: int) -> str:
        found: str = self._normalizer.normalize_str(f"{chr(code)}a")[:-1]  # a question mark stays one before a letter
        self[code] = found
        return found
