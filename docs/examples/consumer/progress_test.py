"""Every case of what may come next in a partition, and that places survive a restart."""

import pathlib
import tempfile
import unittest

from progress import Place, Progress, Refused, is_new


class Next(unittest.TestCase):
    def test_what_is_taken_and_what_is_dropped(self):
        for name, place, position, era, wanted in [
            ("the first of all", Place(), 1, 1, True),
            ("the next", Place(position=7, era=1), 8, 1, True),
            ("the last again", Place(position=7, era=1), 7, 1, False),
            ("an old one again", Place(position=7, era=1), 1, 1, False),
            ("the next, of a new era", Place(position=7, era=1), 8, 2, True),
            ("the first of all, of a later era", Place(), 1, 3, True),
        ]:
            with self.subTest(name):
                self.assertEqual(is_new(place, position, era), wanted)

    def test_what_is_refused(self):
        for name, place, position, era, why in [
            ("a hole at the start", Place(), 2, 1, "missing"),
            ("a hole", Place(position=7, era=1), 9, 1, "missing"),
            ("a hole at a new era", Place(position=7, era=1), 9, 2, "missing"),
            ("the next, of a lower era", Place(position=7, era=2), 8, 1, "given up"),
            ("a repeat of a lower era", Place(position=7, era=2), 7, 1, "given up"),
            ("a new era before our place", Place(position=7, era=1), 5, 2, "restored"),
        ]:
            with self.subTest(name), self.assertRaisesRegex(Refused, why):
                is_new(place, position, era)


class Saved(unittest.TestCase):
    def test_places_are_found_again(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "seen.json"
            progress = Progress(file)
            progress.places[3] = Place(offset=9, position=7, era=2)
            progress.save()
            self.assertEqual(Progress(file).of(3), Place(offset=9, position=7, era=2))
            self.assertEqual(Progress(file).of(4), Place())


if __name__ == "__main__":
    unittest.main()
