"""How far a consumer is, per partition, and what the next record is to it.

Three numbers are kept for each partition: `offset`, where Kafka is read next; `position`, that of
the last event taken; and `era`, the one it was written in. The offset only says where to look. The
position decides: events of a partition are numbered 1, 2, 3... without a hole, so a record is new
exactly when its position is the next one.
"""

import json
import os
import pathlib
from dataclasses import asdict, dataclass


class Refused(Exception):
    """Going on would mean lost or invented events. A person has to look."""


@dataclass
class Place:
    offset: int = 0
    position: int = 0
    era: int = 0


def is_new(place: Place, position: int, era: int) -> bool:
    """True: take it. False: a repeat, which the relay may send after a crash; drop it."""
    if era < place.era:
        raise Refused(
            f"era {era} after era {place.era}: somebody publishes from a log that was" f" given up"
        )
    if position == place.position + 1:
        return True
    if position > place.position:
        raise Refused(f"position {position} after {place.position}: events are missing")
    if era > place.era > 0:
        raise Refused(
            f"era {era} begins at position {position}, but {place.position} of era"
            f" {place.era} was taken: the log was restored to an older state, what was made"
            f" of the events after that is to be made anew from the beginning"
        )
    return False


class Progress:
    """The places of all partitions, in a file when one is given.

    This example prints its events, so a crash between printing and save() prints some again. A
    consumer whose results are in a database writes its places there, in the transaction that writes
    the results: then each event counts exactly once.
    """

    def __init__(self, file: pathlib.Path | None):
        self._file = file
        self.places: dict[int, Place] = {}
        if file and file.exists():
            for partition, place in json.loads(file.read_text()).items():
                self.places[int(partition)] = Place(**place)

    def of(self, partition: int) -> Place:
        return self.places.setdefault(partition, Place())

    def save(self) -> None:
        """All or nothing, also when the machine fails in the middle of it."""
        if not self._file:
            return
        fresh = self._file.with_suffix(".new")
        with open(fresh, "w", encoding="ascii") as out:
            json.dump({partition: asdict(place) for partition, place in self.places.items()}, out)
            out.flush()
            os.fsync(out.fileno())
        os.replace(fresh, self._file)
