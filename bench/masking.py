"""`python -m bench.masking [--misses]`: how well personal data is found in the marked sentences of tests/analysis."""

from __future__ import annotations

import sys
import time

from portal.analysis import personal_data
from tests.analysis import marked_sentences

COLUMNS = ("exact precision", "exact recall", "overlap precision", "overlap recall")


def main(arguments: list[str]) -> None:
    for path in (marked_sentences.FIRST, marked_sentences.SECOND, marked_sentences.THIRD, marked_sentences.FOURTH):
        if not path.exists():
            continue
        _, sentences = marked_sentences.read(path)
        traps = sum(not sentence.truths for sentence in sentences)
        print(f"\n{path.name}: {len(sentences)} sentences, {traps} of them with nothing personal")
        print(f"{'kind':<10}{'':<6}{'true':>6}{'found':>7}" + "".join(f"{column:>19}" for column in COLUMNS))
        found_by = marked_sentences.tallies(path)
        for kind in sorted(found_by, key=lambda name: (name == "all", name)):
            for which, tally in found_by[kind].items():
                figures = "".join(f"{tally.figures[column]:>19.3f}" for column in COLUMNS)
                print(f"{kind:<10}{which:<6}{tally.true:>6}{tally.found:>7}{figures}")
        if "--misses" in arguments:
            print("\n".join(marked_sentences.misses(path)))
    own, sentences = marked_sentences.read(marked_sentences.FIRST)
    page = "\n".join(sentence.text for sentence in sentences)
    paste = page * (1_000_000 // len(page.encode()) + 1)
    began = time.process_time()
    found = personal_data.find(paste, own)
    print(
        f"\n{len(paste.encode()) / 1e6:.2f} MB in one text: {time.process_time() - began:.2f} s of processor, {len(found)} spans"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
