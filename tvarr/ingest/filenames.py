"""What the name of a media file tells: a film and its year, or a series, its season and episode.

Used by `tvarr.ingest.files`. The forms are those that Plex, Jellyfin and Kodi document for their
libraries, and those in which recordings are passed on: `Film (2019).mkv`,
`The.Show.S01E02.1080p.WEB-DL.mkv`, `The Show/Season 1/1x02 - Pilot.mkv`. Words for quality end a
title; whatever cannot be read otherwise is a film with the file's own name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIRST_YEAR: Final = 1888
"""Of the oldest film that is left, the Roundhay Garden Scene."""
LAST_YEAR: Final = 2039
"""A larger number is a part of a title, such as Blade Runner 2049."""

FOLDERS: Final = 1024
"""Names of folders that are remembered, since their files come one after the other."""

_QUALITY = re.compile(
    r"""(?ix)(?<![^\s\[({-]) (?:
        (?:240|360|480|540|576|720|1080|1440|2160|4320)[pi]\d{0,3} | [48]k(?=[\s\])}-]|$) | uhd
        | \d{3,4}x\d{3,4} | fhd | hd[ -]?(?:tv|rip|cam|dvd) | (?:s|p|d|t)dtv(?:rip)? | dvb(?:rip)?
        | web[ -]?(?:dl|rip|cap) | (?:amzn|nf|dsnp|hmax|atvp)\ web | blu-?ray | b[dr][ -]?rip | bdmv
        | dvd[ -]?(?:rip|scr|r|5|9)? | vhs[ -]?rip | remux | telesync | workprint
        | [xh][ -]?26[45] | hevc | avc | xvid | divx | av1 | vp9 | mpeg-?[24]
        | aac\S{0,5} | e?ac-?3 | dd[p+]?\ ?[257]\ [01] | dd[p+]?[257](?:\ [01])? | dts(?:-?\S{1,4})?
        | true-?hd | atmos | flac
        | hdr(?:10\+?)? | 10[ -]?bit | 8[ -]?bit | dolby\ vision
    )(?=[\s\])}-]|$)"""
)
_TRAILING = re.compile(
    r"(?:\s(?:EXTENDED|UNRATED|REMASTERED|PROPER|REPACK|RERIP|LIMITED|INTERNAL|UNCUT|THEATRICAL"
    r"|IMAX|MULTI|DUAL|WEB|DV|HDR|DUBBED|SUBBED|COMPLETE|iNTERNAL))+$"
)
"""What stands before the words for quality; written so, it is no part of a title."""
_EPISODE = re.compile(
    r"""(?ix)(?<![a-z0-9]) (?:
        s(?P<s1>\d{1,4}) [ .-]{0,3} (?:e|ep|x)[ .]?(?P<e1>\d{1,4})
            (?:(?:[ ]?-?[ ]?e|-)(?P<l1>\d{1,4})(?![\dp]))*
        | (?P<s2>\d{1,2}) x (?P<e2>\d{1,3}) (?:-(?:\d{1,2}x)?(?P<l2>\d{1,3}))? (?![0-9])
        | (?:season|staffel|saison|series) [ ]? (?P<s3>\d{1,3})
            [ ,.-]{0,3} (?:episode|folge|ep) [ ]? (?P<e3>\d{1,4})
    ) (?![0-9])"""
)
_OF_A_SEASON = re.compile(
    r"(?i)(?:(?:episode|folge|ep|e)[ .]?)?(?P<episode>\d{1,3})(?![\dpx])"
    r"(?:\s*-\s*|\s+|$)(?P<rest>.*)"
)
"""A file in the folder of a season: `02 - Pilot`, `Episode 2`."""
_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)[ .-](?P<month>0[1-9]|1[0-2])[ .-](?P<day>0[1-9]|[12]\d|3[01])"
    r"(?!\d)"
)
_SEASON = re.compile(r"(?i)(?:season|staffel|saison|series|s)[ ._-]?(\d{1,4})\b.*|specials?")
_IN_BRACKETS = re.compile(r"[(\[]((?:18|19|20)\d\d)[)\]]")
_BARE_YEAR = re.compile(r"(?<=\s)((?:18|19|20)\d\d)(?=[\s-]|$)")
_IDS = re.compile(r"(?i)[\[{](tmdb|imdb|tvdb)(?:id)?[-=: ](tt\d{5,10}|\d{1,10})[\]}]")
_GROUP = re.compile(r"^\[[^\]]{1,40}\]\s*")
_ABSOLUTE = re.compile(r"(?P<title>.+?) - (?P<episode>\d{1,4})(?:v\d)?(?=\s|$)")
_PART_OF = re.compile(r"(?i)[ -]+(?:cd|disc|disk)[ -]?\d$")
_LETTERS = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]\.){2,}(?![a-z0-9]{2,})")
_BLANKS = re.compile(r"[\s_]+")
_EDGES: Final = " -\u2013_.,;([{"


@dataclass(frozen=True)
class Named:
    """What a name says; of a film neither season nor episode."""

    title: str
    year: int | None = None
    season: int | None = None
    """0 has the specials; of a daily show its year."""
    episode: int | None = None
    """The first one in the file; of a daily show month and day, 531."""
    last: int | None = None
    """The last one, where the file has several."""
    episode_title: str | None = None
    tmdb: str | None = None
    imdb: str | None = None

    @property
    def is_episode(self) -> bool:
        """Whether this is an episode of a series."""
        return self.episode is not None


def read_name(folders: Sequence[str], stem: str) -> Named:
    """Read the name of a file without its ending, in its folders, the outermost one first."""
    ids = dict(_ids(*folders, stem))
    named = _episode(folders, stem) or _film(folders, stem)
    return replace(named, tmdb=ids.get("tmdb"), imdb=ids.get("imdb"))


@lru_cache(maxsize=FOLDERS)
def season_of(folder: str) -> int | None:
    """Return the season that a folder is named after, if it is: `Season 1`, `S01`, `Specials`."""
    match = _SEASON.fullmatch(folder.strip())
    return int(match[1] or 0) if match else None


@lru_cache(maxsize=FOLDERS)
def clean(text: str) -> Named:
    """Return the title and the year in a text: a folder's name, or what precedes an episode."""
    text = _IDS.sub("", _spaced(text)).strip(_EDGES)
    bracket = _last(_IN_BRACKETS, text)
    quality = _QUALITY.search(text, 1)
    end = quality.start() if quality else len(text)
    if bracket and bracket.start():
        return Named(_trimmed(text[: min(end, bracket.start())]), int(bracket[1]))
    year = _last(_BARE_YEAR, text[:end])
    if year and FIRST_YEAR <= int(year[1]) <= LAST_YEAR:
        return Named(_trimmed(text[: year.start()]), int(year[1]))
    title = _TRAILING.sub("", text[:end].rstrip(_EDGES)) if quality else text
    return Named(_trimmed(title))


def _film(folders: Sequence[str], stem: str) -> Named:
    """Read a film; a file in a folder of its own is called by that, if only that has the year."""
    named = clean(_PART_OF.sub("", _spaced(_GROUP.sub("", stem))))
    folder = clean(folders[-1]) if folders else Named("")
    if named.year is None and folder.year is not None and folder.title:
        return folder
    return named if named.title else replace(named, title=stem)


def _episode(folders: Sequence[str], stem: str) -> Named | None:
    text = _spaced(_IDS.sub("", stem))
    for read in (_numbered, _in_season, _dated, _absolute):
        named = read(folders, text)
        if named:
            return _with_year(named, folders)
    return None


def _numbered(folders: Sequence[str], text: str) -> Named | None:
    """`Show S01E02`, `Show 1x02`, `Show Season 1 Episode 2`."""
    match = _EPISODE.search(text)
    if match is None:
        return None
    found = match.groupdict()
    season, episode, last = (
        next(
            (int(found[f"{letter}{form}"]) for form in "123" if found.get(f"{letter}{form}")), None
        )
        for letter in "sel"
    )
    show = _show(folders, text[: match.start()])
    return replace(
        show,
        season=season,
        episode=episode,
        last=last if last and episode and last > episode else None,
        episode_title=_episode_title(text[match.end() :]),
    )


def _in_season(folders: Sequence[str], text: str) -> Named | None:
    """`02 - Pilot`, in the folder of a season."""
    season = season_of(folders[-1]) if folders else None
    match = _OF_A_SEASON.match(text)
    if season is None or match is None or not folders[:-1]:
        return None
    title = _episode_title(match["rest"])
    show = _show(folders, "")
    return replace(show, season=season, episode=int(match["episode"]), episode_title=title)


def _dated(folders: Sequence[str], text: str) -> Named | None:
    """`Show 2019-05-31`."""
    match = _DATE.search(text)
    if match is None or not match.start():
        return None
    number = int(match["month"]) * 100 + int(match["day"])
    show = _show(folders, text[: match.start()])
    title = _episode_title(text[match.end() :])
    return replace(show, season=int(match["year"]), episode=number, episode_title=title)


def _absolute(_folders: Sequence[str], text: str) -> Named | None:
    """`[Group] Show - 05 (1080p)`, as anime has it."""
    group = _GROUP.match(text)
    match = _ABSOLUTE.match(text, group.end()) if group else None
    if match is None or FIRST_YEAR <= int(match["episode"]) <= LAST_YEAR:
        return None
    return replace(clean(match["title"]), season=1, episode=int(match["episode"]))


def _show(folders: Sequence[str], before: str) -> Named:
    """Return the series: what precedes the episode, else the folder that is no season's."""
    show = clean(_GROUP.sub("", before))
    if show.title:
        return show
    above = (folder for folder in reversed(folders) if season_of(folder) is None)
    return clean(next(above, "")) if folders else show


def _with_year(named: Named, folders: Sequence[str]) -> Named:
    """Take the year from the series' own folder, where the file does not say it."""
    if named.year is None:
        for folder in map(clean, folders):
            if folder.title.casefold() == named.title.casefold() and folder.year:
                return replace(named, year=folder.year)
    return named


def _episode_title(text: str) -> str | None:
    text = _IN_BRACKETS.sub("", text)
    quality = _QUALITY.search(text)
    text = text[: quality.start()] if quality else text
    return _trimmed(_TRAILING.sub("", text.rstrip(_EDGES))) or None


def _spaced(text: str) -> str:
    """Write blanks for dots and underscores, where these stand for blanks."""
    text = _LETTERS.sub(lambda match: match[0].replace(".", "") + " ", text)
    if " " not in text.strip():
        text = text.replace(".", " ")
    return _BLANKS.sub(" ", text).strip()


def _trimmed(text: str) -> str:
    return text.strip(_EDGES + ")]}").strip()


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return found


def _ids(*texts: str) -> Iterator[tuple[str, str]]:
    """Yield what libraries write into names: `{tmdb-603}`, `[imdbid-tt0133093]`."""
    for text in texts:
        for kind, id_ in _IDS.findall(text):
            if (kind.lower() == "imdb") == id_.startswith("tt"):
                yield kind.lower(), id_
