"""What a picture is called: one id however often and by whatever scheme it is named.

So a logo is fetched and kept once. Used by all who speak of pictures: the YAML's own logos in
`tvarr.spec`, the tables of `tvarr.catalog.logos`, the files of `tvarr.logos` and their addresses.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 4096
"""Characters of an address; a longer one is nobody's logo."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PLAIN = re.compile(r"https?://([a-z0-9][a-z0-9.-]*)(/[!-\"$->@-~]*)?(?:\?([!-\"$-~]*))?")
"""Most addresses are so plain that they need not be taken apart in every possible way."""
_COLOURS: Final = 24
_LOOKED_AT: Final = 200
"""Letters of a name that initials are looked for in; a pattern takes minutes for 100,000 blanks."""
_WORD = re.compile(r"[A-Z0-9]+")
_COUNTRY = re.compile(r"\s*[A-Z]{2}\s*[:|]\s*(?=\w)")
_ROMAN = str.maketrans(
    dict(
        zip(
            "АБВГҐДЂЕЄЖЗИІЈКЛЉМНЊОПРСТЋУФХЦЧЏШЩЫЭЮЯΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩØĐŁÆŒÞẞ",
            "ABVGGDDEEZZIIJKLLMNNOPRSTCUFHCCDSSYEYYAVGDEZITIKLMNXOPRSTYFHPOODLAOTS",
            strict=True,
        )
    )
)
"""By what letters others begin."""
_SMALL = frozenset({"Lm", "No"})


def logo_id(url: str) -> str | None:
    """Return the id of a picture by its address, 64 hex digits; None for what cannot be fetched.

    The scheme does not count, nor the case of the host, a default port, a slash at the end of the
    path, the order of the query, a user and a fragment.
    """
    if len(url) > LONGEST:
        return None
    if plain := _PLAIN.fullmatch(url):
        return _digest(_of_parts(*plain.groups("")))
    place = _place(url.strip())
    if place is None:
        return None
    parts = urlsplit(url.strip())
    return _digest(_of_parts(place, parts.path, parts.query))


def _of_parts(place: str, path: str, query: str) -> str:
    query = "&".join(sorted(query.split("&")))
    return place + path.rstrip("/") + (f"?{query}" if query else "")


def _place(url: str) -> str | None:
    """Return the host, in lower case, with its port if that is not the scheme's own."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    default = _DEFAULT_PORTS.get(parts.scheme.lower())
    if default is None or not host or not url.isprintable():
        return None
    return host if port in (None, default) else f"{host}:{port}"


def declared_id(name: str) -> str:
    """Return the id of a picture that the YAML declares as a file under `logos:`."""
    return _digest(f"@logo:{name}")


def placeholder_id(name: str) -> str:
    """Return the id of what is drawn for a channel of that name."""
    return _digest("@placeholder:{}:{}".format(*design(name)))


@lru_cache(maxsize=10_000)
def design(name: str) -> tuple[str, int]:
    """Return the initials that stand for a channel, and the number of its colour.

    They are two letters or digits of ASCII at most, since other letters are in no font that comes
    with tvarr: those without their accents, or the ones that Greek and Cyrillic are written with
    elsewhere. Words in other letters are passed over. Equal initials in an equal colour are one
    picture, so there are never more than some thousands.
    """
    colour = sha256(name.casefold().encode("utf-8", "replace")).digest()[0] % _COLOURS
    words = _WORD.findall(_in_ascii(_COUNTRY.sub("", name[:_LOOKED_AT])))
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else "".join(words)[:2]
    return letters.upper(), colour


def _in_ascii(name: str) -> str:
    """Return a name in capitals, without accents and without the small letters of quality marks."""
    large = "".join(letter for letter in name if unicodedata.category(letter) not in _SMALL)
    plain = (one for one in unicodedata.normalize("NFKD", large) if not unicodedata.combining(one))
    return "".join(plain).upper().translate(_ROMAN)


def hue(colour: int) -> float:
    """Return the hue of a colour's number, from 0 to 1."""
    return colour / _COLOURS


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def path_of_declared(name: str) -> str:
    """Return where, below its address, a server has a picture that the YAML declares as a file."""
    return address("", declared_id(name))


def address(base_url: str, identity: str) -> str:
    """Return where the server at `base_url` (no slash at its end) has a picture."""
    return f"{base_url}/logos/{identity}.png"
