"""Trains the embedded bilingual model: `python -m training --data ../shared/data --out index/model`."""
