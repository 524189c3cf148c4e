"""What the data of an organisation are like, held against the standard: counted, kept by the day, told in words.

Promises: linear in items, little in memory, resumed where it was cut short; what is told names nobody, no count below
eight and no share of few. Refuses: judging whether what an item says is true.
"""

from concord.ingest.quality.measuring import Measured, Quality
from concord.ingest.quality.telling import as_csv as quality_csv
from concord.ingest.quality.telling import day_in_words, share
from concord.ingest.quality.telling import page as quality_page

__all__ = ["Measured", "Quality", "day_in_words", "quality_csv", "quality_page", "share"]
