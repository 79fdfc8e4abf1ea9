"""To which part of a divided clause a comment belongs: proposed by its own words, for a person to confirm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from portal.drafts.lines import squeezed

#: a part is proposed when at least this share of what tells the parts apart speaks for it
_CLEAR = 0.7
#: words quoted from the clause say more than words proposed for it, and those more than the remark
_WEIGHTS = (4, 2, 1)


def place_in_parts(parts: Sequence[str], quote: str, proposed_text: str, body: str) -> int | None:
    """The words of each part and of one comment in; the index of the part it is about out, None where it is unclear.

    A quotation that stands in one part only decides. Otherwise pairs of characters that occur in one part and in no
    other are counted in the quotation, the proposed wording and the remark.
    """
    texts = [squeezed(part) for part in parts]
    quoted = squeezed(quote)
    if quoted:
        holders = [index for index, text in enumerate(texts) if quoted in text]
        if len(holders) == 1:
            return holders[0]
    pairs = [_pairs(text) for text in texts]
    in_how_many = Counter(pair for found in pairs for pair in found)
    telling = [{pair for pair in found if in_how_many[pair] == 1} for found in pairs]
    scores = [0] * len(parts)
    for weight, words in zip(_WEIGHTS, (quote, proposed_text, body), strict=True):
        said = _pairs(squeezed(words))
        for index, own in enumerate(telling):
            scores[index] += weight * len(said & own)
    whole = sum(scores)
    best = max(range(len(parts)), key=scores.__getitem__, default=None)
    return best if best is not None and whole and scores[best] >= _CLEAR * whole else None


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}
