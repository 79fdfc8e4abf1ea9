"""Files as they arrive, each turned into lines; what cannot be read is refused with one clear sentence."""

from portal.drafts.sources.reader import read_source
from portal.drafts.sources.source import Source, within_limits

__all__ = ["Source", "read_source", "within_limits"]
