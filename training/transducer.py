"""Learn index/text/names_to_*.safetensors: how names are written in the other script. Called by training/names.py.

The network of index/text/transliteration.py in torch. It maximises the log probability of the other spelling, summed
over all ways to write it (Graves 2012). So it needs no wrong spellings and is generative rather than discriminative.
Besides lists of names it is trained on lists of places and titles, whose words are paired where the alignment is
certain.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save_file
from torch import nn

from index.text import name_keys
from index.text import transliteration as spelling
from index.text.folding import fold
from index.text.transliteration import AFTER, ARABIC_CODE, BEFORE, END, START, WRITTEN, spell

Pairs = list[tuple[str, str]]

TITLES = (
    "arwikicats_titles",
    "dr5hn_cities",
    "whosonfirst_places",
    "deb_gweather_places",
    "cldr_names",
    "saudi_places",
    "deb_kgeography",
    "countries_mledoze_dr5hn",
    "iso_codes",
)
ARTICLES = {"al", "el", "ar", "as", "ash", "az", "ad", "an", "at"}  # written together with the next word in Arabic
ALIKE = 16.5  # least log-odds, by the alignment, of two words at the same position of a title and its translation
LONGEST = 16  # the most letters of a word
HIDDEN, LETTER = 224, 24  # hidden units, and dimensions of the embedding of a letter
DROPPED = 0.2
EPOCHS = 10
TWICE = 2  # how often each epoch contains the names; other words occur once
BATCH = 192
RATE = 5e-3  # learning rate of Adam, decreasing to 0 after WARM steps
WARM = 100
DECAY = 1e-4


def words_of_titles(folder: Path) -> Pairs:
    """The pairs of words at the same position of a title and its translation that spell the same name."""
    found: dict[tuple[str, str], None] = {}
    for table in TITLES:
        for line in gzip.decompress((folder / f"{table}.tsv.gz").read_bytes()).decode("utf-8").splitlines():
            row = [
                fold(side.replace("'", "").replace("`", "").replace("-", " ")) for side in line.rstrip("\n").split("\t")
            ]
            if len(row) != 2:
                continue
            latin: list[str] = []
            for word in re.findall(r"[a-z]+", row[0].lower()):
                if latin and latin[-1] in ARTICLES:
                    latin[-1] = word
                else:
                    latin.append(word)
            arabic = re.findall("[\u0621-\u064a]+", row[1])
            if len(latin) == len(arabic):
                found |= {(a, b): None for a, b in zip(latin, arabic, strict=True) if len(a) > 2}
    return [
        (a, b)
        for a, b in found
        if not set(name_keys.keys(a)).isdisjoint(name_keys.keys(b))
        and spelling.alignment(spell([a]), spell([b]))[0] >= ALIKE
    ]


class Network(nn.Module):
    """See index.text.transliteration.Transducer."""

    def __init__(self) -> None:
        super().__init__()
        self.read_letters, self.written_letters = nn.Embedding(32, LETTER), nn.Embedding(32, LETTER)
        self.read = nn.Linear((BEFORE + 1 + AFTER) * LETTER, HIDDEN)
        self.written = nn.Linear(WRITTEN * LETTER, HIDDEN)
        self.word = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.outputs = nn.Linear(HIDDEN, 32)
        self.drop = nn.Dropout(DROPPED)

    def forward(self, pairs: Pairs) -> torch.Tensor:
        """The log probability of the second word of each pair given the first: (n,)."""
        read, held, read_ends = _windows([a for a, _ in pairs], read=True)
        history, written, written_ends = _windows([b for _, b in pairs], read=False)
        places = self.read(self.drop(self.read_letters(read).flatten(2)))
        known = (held > 0).float()
        mean = (torch.relu(places) * known[:, :, None]).sum(1) / known.sum(1, keepdim=True)
        places = places + self.word(mean)[:, None]
        before = self.written(self.drop(self.written_letters(history).flatten(2)))
        hidden = self.drop(torch.relu(places[:, :, None] + before[:, None]))
        outputs = torch.log_softmax(self.outputs(hidden), -1)
        onward = outputs[..., 0]
        write = outputs.gather(3, written[:, None, :, None].expand(*outputs.shape[:3], 1))[..., 0]
        so_far = write.cumsum(2) - write
        totals = [so_far[:, 0]]
        for place in range(1, outputs.shape[1]):
            here = so_far[:, place]
            totals.append(here + torch.logcumsumexp(totals[-1] + onward[:, place - 1] - here, 1))
        many = torch.arange(len(pairs))
        return torch.stack(totals, 1)[many, read_ends, written_ends] + write[many, read_ends, written_ends]

    def save(self, path: Path, written: Sequence[str]) -> None:
        """Write the network as float16 for transliteration.py; `written` is used to count the frequency of letters."""

        def joined(letters: nn.Embedding, layer: nn.Linear) -> npt.NDArray[np.float32]:
            parts = layer.weight.view(HIDDEN, -1, LETTER)
            table = torch.einsum("ce,hke->kch", letters.weight, parts)
            table[0] += layer.bias  # each position around has exactly one letter, or padding
            return np.asarray(table)

        codes = spell(written)
        counts = np.bincount(codes[codes > 0].astype(np.int64) % ARABIC_CODE, minlength=32) + 1
        counts[END] = len(written)
        with torch.no_grad():
            tensors = {
                "read": joined(self.read_letters, self.read),
                "written": joined(self.written_letters, self.written),
                "word": self.word.weight.T.numpy(),
                "outputs": self.outputs.weight.T.numpy(),
                "output_bias": self.outputs.bias.numpy(),
                "chances": np.log(counts / counts.sum()),
            }
        save_file({name: np.ascontiguousarray(tensor.astype(np.float16)) for name, tensor in tensors.items()}, path)
        spelling.load_transducer.cache_clear()


def _windows(words: Sequence[str], read: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The letters around (read) or before (written) each position; the letters; and the position of the end."""
    codes = spelling.with_ends(spell(words), read)
    before, after = (BEFORE, AFTER) if read else (WRITTEN, 0)
    padded = np.pad(codes, ((0, 0), (before, after)), constant_values=0 if read else START)
    windows = np.lib.stride_tricks.sliding_window_view(padded, before + read + after, axis=1)[:, : codes.shape[1]]
    ends = (codes > 0).sum(axis=1) - 1
    return torch.from_numpy(np.ascontiguousarray(windows)), torch.from_numpy(codes), torch.from_numpy(ends)


def train(pairs: Pairs, others: Pairs) -> Network:
    """Train a network on names and on other words."""
    torch.manual_seed(0)
    chance = np.random.default_rng(0)
    network = Network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    rows = [pair for pair in pairs * TWICE + others if max(map(len, pair)) <= LONGEST]
    steps = EPOCHS * -(-len(rows) // BATCH)
    step = 0
    for epoch in range(EPOCHS):
        # Words of similar length form a batch, so that little is padded.
        parts = np.array_split(chance.permutation(len(rows)), 8)
        order = np.concatenate([sorted(part, key=lambda i: (len(rows[i][0]), len(rows[i][1]))) for part in parts])
        batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        total = 0.0
        for number in chance.permutation(len(batches)):
            step += 1
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1, step / WARM) * (1 - step / (steps + 1))
            loss = -network([rows[i] for i in batches[number]]).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1)
            optimiser.step()
            total += float(loss.detach()) * len(batches[number])
        print(f"epoch {epoch + 1}: {total / len(rows):.3f} nats a name", flush=True)
    return network.eval()
