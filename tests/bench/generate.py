"""Big invented guides, well-formed and in the order of the XMLTV DTD.

`python -m tests.bench.generate guide.xml` writes the guide that `docs/benchmarks.md` speaks of:
1,000,000 programmes on 2,000 channels, about 700 MB. The same arguments give the same bytes.
With `--odd` each programme has a CDATA section or a comment, so that no fast path fits it.
"""

from __future__ import annotations

import argparse
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMMES = 1_000_000
CHANNELS = 2_000
FIRST = datetime(2026, 8, 20, tzinfo=UTC)

_WORDS = str.split(
    "the of and a to in is you that it he was for on are as with his they at be this have from or "
    "one had by word but not what all were we when your can said there use an each which she do "
    "how their if will up other about out many then them these so some her would make like him "
    "into time has look two more write go see number no way could people my than first water been "
    "call who oil its now find long down day did get come made may part café naïve señor Übermut"
)
_NAMES = ("Ann Bell", "Carl Dorn", "Eve Fox", "Gus Hill", "Ida Jones", "Karl Lund", "Mia North")
_CATEGORIES = ("News", "Sport", "Movie", "Children", "Documentary", "Series", "Music")
_AGES = ("U", "PG", "12", "15")
_LENGTHS = (15, 20, 30, 30, 30, 45, 60, 60)  # minutes


class Writer:
    """Invents programmes; one random sequence for the whole guide."""

    def __init__(self, seed: int, *, odd: bool) -> None:
        self._random = random.Random(seed)
        self._odd = odd
        self._descriptions = [self._sentence(n) for n in range(3000)]

    def channel(self, number: int) -> str:
        """Return one `<channel>`."""
        return (
            f'  <channel id="ch{number}.example">\n'
            f'    <display-name lang="en">Channel {number}</display-name>\n'
            f'    <icon src="http://logo.example/{number}.png"/>\n'
            "  </channel>\n"
        )

    def programmes(self, channel: int, count: int) -> Iterator[str]:
        """Yield `count` programmes of one channel, one after the other."""
        start = FIRST
        for _ in range(count):
            stop = start + timedelta(minutes=self._random.choice(_LENGTHS))
            yield (
                f'  <programme start="{start:%Y%m%d%H%M%S} +0000" stop="{stop:%Y%m%d%H%M%S} +0000"'
                f' channel="ch{channel}.example">\n{"".join(self._elements())}  </programme>\n'
            )
            start = stop

    def _elements(self) -> Iterator[str]:
        pick, number = self._random.choice, self._random.randrange
        kind = self._random.random()
        title = f"{pick(_WORDS).title()} {pick(_WORDS)} {number(100_000)}"
        yield f'    <title lang="en">{title}</title>\n'
        if kind < 0.5:
            words = " ".join(pick(_WORDS) for _ in range(3))
            yield f'    <sub-title lang="en">{words}</sub-title>\n'
        yield f'    <desc lang="en">{self._description(kind)}</desc>\n'
        if kind < 0.2:
            yield self._credits()
            yield f"    <date>{1980 + number(46)}</date>\n"
        for _ in range(1 + (kind > 0.4)):
            yield f'    <category lang="en">{pick(_CATEGORIES)}</category>\n'
        yield f'    <icon src="https://images.example/programmes/{number(10**12):012d}.jpg"/>\n'
        if kind < 0.7:
            yield self._episode()
        if kind > 0.8:
            yield "    <previously-shown/>\n"
        if kind < 0.3:
            yield f'    <rating system="BBFC">\n      <value>{pick(_AGES)}</value>\n    </rating>\n'

    def _description(self, kind: float) -> str:
        more = self._random.choice(self._descriptions)[: self._random.randrange(60)]
        text = f"{self._random.choice(self._descriptions)} {more.rsplit(' ', 1)[0]} {kind:.9f}"
        if not self._odd:
            return text.replace("&", "&amp;")
        if kind < 0.5:
            return f"<![CDATA[{text}]]>"
        return f"<!-- as sent -->{text.replace('&', '&amp;')}"

    def _credits(self) -> str:
        actors = "".join(
            f'      <actor role="Role {n}">{self._random.choice(_NAMES)}</actor>\n'
            for n in range(self._random.randint(1, 4))
        )
        director = f"      <director>{self._random.choice(_NAMES)}</director>\n"
        return f"    <credits>\n{director}{actors}    </credits>\n"

    def _episode(self) -> str:
        season, episode = self._random.randrange(12), self._random.randrange(24)
        return (
            f'    <episode-num system="xmltv_ns">{season}.{episode}.0/1</episode-num>\n'
            f'    <episode-num system="onscreen">S{season + 1:02}E{episode + 1:02}</episode-num>\n'
        )

    def _sentence(self, number: int) -> str:
        length = self._random.randint(150, 300)
        words: list[str] = []
        while length > 0:
            words.append(self._random.choice(_WORDS))
            length -= len(words[-1]) + 1
        return " ".join(words).capitalize() + (" R&B." if number % 20 == 0 else ".")


def write_guide(
    path: Path, programmes: int = PROGRAMMES, channels: int = CHANNELS, *, odd: bool = False
) -> None:
    """Write a guide: channels first, then the programmes channel by channel."""
    writer = Writer(seed=7, odd=odd)
    with path.open("w", encoding="utf-8", buffering=1 << 20) as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n')
        file.write('<tv generator-info-name="invented">\n')
        file.writelines(writer.channel(number) for number in range(channels))
        for number in range(channels):
            count = programmes // channels + (number < programmes % channels)
            file.writelines(writer.programmes(number, count))
        file.write("</tv>\n")


def main() -> None:
    """Write one guide from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--programmes", type=int, default=PROGRAMMES)
    parser.add_argument("--channels", type=int, default=CHANNELS)
    parser.add_argument("--odd", action="store_true")
    given = parser.parse_args()
    write_guide(given.path, given.programmes, given.channels, odd=given.odd)


if __name__ == "__main__":
    main()
