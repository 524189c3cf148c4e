"""Train the dictionary with which bodies are compressed, from a demo installation: synthetic people only.

    .venv/bin/python scripts/train_body_dictionary.py .demo

Writes src/concord/store/bodies.dict. Bodies compressed with one dictionary can be read with that one alone, so a
new dictionary goes with a new layout of the database.
"""

import random
import sqlite3
import sys
from pathlib import Path

import zstandard

from concord.store import body

SIZE = 32 * 1024
SAMPLES = 12_000
TARGET = Path(__file__).resolve().parent.parent / "src/concord/store/bodies.dict"


def main(directory: Path) -> None:
    codec = body.Codec()
    rows = sqlite3.connect(directory / "concord.db").execute(
        "SELECT body FROM item ORDER BY home, source_patient, item"
    )
    bodies: list[bytes | bytearray | memoryview[int]] = [codec.decompress(row[0]) for row in rows]
    samples = random.Random(1).sample(bodies, min(SAMPLES, len(bodies)))
    before = sum(len(codec.compress(sample)) for sample in samples)
    dictionary = zstandard.train_dictionary(SIZE, samples, level=3)
    compressor = zstandard.ZstdCompressor(level=3, dict_data=dictionary, write_dict_id=False, write_checksum=False)
    after = sum(len(compressor.compress(sample)) for sample in samples)
    plain = sum(map(len, samples))
    print(f"{len(samples)} bodies, {plain} bytes; compressed {before} before, {after} with the new dictionary")
    TARGET.write_bytes(dictionary.as_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
