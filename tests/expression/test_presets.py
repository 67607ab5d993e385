"""The presets do what they are for on names as providers write them, and leave the others alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import pytest

from tests.expression.presets import PRESETS
from tests.expression.subject import outcomes, read
from tvarr.expression.canonical import print_sentence
from tvarr.expression.language import Literal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.expression.cases import Expected, Record
    from tvarr.expression.sentence import Sentence, SentenceKind


def sentence(name: str) -> Sentence:
    preset = PRESETS[name]
    return read(preset.text, preset.domain, cast("SentenceKind", preset.kind))


def apply(name: str, *records: Record) -> list[Expected]:
    return outcomes(sentence(name), records)


def records(field: str, texts: list[str]) -> list[Record]:
    return [{field: text} for text in texts]


def shown(name: str, record: Record) -> dict[str, str]:
    (outcome,) = apply(name, record)
    return outcome.changed


# --- all of them -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_right_says_what_it_is_and_is_not_about_everything(name: str) -> None:
    preset = PRESETS[name]
    conditions = [branch.condition for branch in sentence(name).branches]

    assert preset.about
    assert Literal(value=True) not in conditions
    assert read(print_sentence(sentence(name)), preset.domain, preset.kind) == sentence(name)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_nothing_to_say_of_a_channel_that_says_nothing(name: str) -> None:
    (outcome,) = apply(name, {})

    assert not outcome.match


# --- http-only -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "opens"),
    [
        ("http://tv.invalid/1.ts", True),
        ("https://tv.invalid/1.m3u8", True),
        ("HTTP://TV.INVALID/1", True),
        ("rtmp://tv.invalid/1", False),
        ("rtp://@239.0.0.1:1234", False),
        ("udp://@239.0.0.1:1234", False),
        ("rtsp://camera.invalid/1", False),
        ("plugin://plugin.video.x/?http://tv.invalid", False),
        ("httpx://tv.invalid", False),
    ],
)
def test_only_http_addresses_are_kept(address: str, opens: bool) -> None:
    (outcome,) = apply("http-only", {"stream_url": address})

    assert outcome.match is opens


# --- adult -----------------------------------------------------------------------------------

ADULT = """
XXX
XXX | Movies
FOR ADULTS
For Adult
Adult
ADULTS (18+)
+18
18+ VIP
|18+| Night
[+18] Night
Brazzers TV HD
Dorcel TV
Playboy TV
Hustler TV
Hustler HD
Penthouse TV
Private TV
Redlight HD
Erotica TV
Érotique
Erotik
Eroticos
Porn
Porno
PornHub TV
Hentai 24/7
X-Rated
Reality Kings TV
Sex
Sex TV
SEX-TV
TV SEX 1
Adultos
ADULTI
Adulte
Adultes
Erwachsene
Volwassenen
Dorośli
Dla dorosłych
Felnőtt
Vuxen
Yetişkin
Взрослые
Для взрослых
Взрослые 18+
Порно
Эротика
Ενηλίκων
للكبار فقط
成人
成人频道
アダルト
성인방송
""".strip().split("\n")
NOT_ADULT = """
Sussex
Essex TV
Middlesex FM
Essex
La Sexta
ES: LA SEXTA HD
SextaVisión
Sextavision (1080p)
Sexten
Unisex
Adult Swim
ADULT SWIM
Adult Swim (Rick and Morty Marathon)
US: Adult Swim Poker
Pluto TV Adult Animation
Adult Contemporary
Young Adult
Sex and the City
SEX AND THE CITY 24/7
Sex Education
Adulting
Adulthood
XXL Sport
Channel 18
Sky 18
TV 118+
U18 Football
The Hustler (1961)
Penthouse Apartments
Private Practice
Playground
Erosion
Popcorn TV
Capornia
Hot Bench
Babes in Toyland
BBC One
Первый канал
Взрыв
""".strip().split("\n")


@pytest.mark.parametrize("field", ["channel_name", "group_title"])
@pytest.mark.parametrize("text", ADULT)
def test_adult_content_is_known_by_name_and_group(text: str, field: str) -> None:
    (outcome,) = apply("no-adult", {field: text})

    assert outcome.match
    assert shown("adult-flag", {field: text}) == {"is_adult": "true"}


@pytest.mark.parametrize("field", ["channel_name", "group_title"])
@pytest.mark.parametrize("text", NOT_ADULT)
def test_other_names_and_groups_are_not_taken_for_adult(text: str, field: str) -> None:
    (outcome,) = apply("no-adult", {field: text})

    assert not outcome.match
    assert shown("adult-flag", {field: text}) == {}


def test_the_providers_own_flag_counts() -> None:
    flagged, cleared = apply("no-adult", {"is_adult": "true"}, {"is_adult": "false"})

    assert flagged.match
    assert not cleared.match


def test_a_harmless_group_does_not_save_an_adult_name() -> None:
    (outcome,) = apply("no-adult", {"group_title": "Adult Swim", "channel_name": "XXX"})

    assert outcome.match


def test_the_filter_and_the_rule_have_the_same_condition() -> None:
    assert PRESETS["adult-flag"].text == PRESETS["no-adult"].text + "SET is_adult = true\n"


# --- timeshift -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shift"),
    [
        ("Channel +1", "1"),
        ("Channel 4 +1", "1"),
        ("ITV2 +2 h", "2"),
        ("ITV2 +2h", "2"),
        ("ITV2 +2 hours", "2"),
        ("ITV2+1", "1"),
        ("E4+1 HD", "1"),
        ("Film4+1", "1"),
        ("Channel 4+1", "1"),
        ("Discovery (+1)", "1"),
        ("Discovery [+1] HD", "1"),
        ("UK: Cartoon Network +1", "1"),
        ("UK:Syfy+1 (SG)", "1"),
        ("AR : OSN Movies +2 HD", "2"),
        ("Первый канал +8", "8"),
        ("Россия 1 (+3) (1080p)", "3"),
        ("Россия 24 +5 (Братск)", "5"),
        ("Мир +4 часа", "4"),
        ("Матч! +12", "12"),
        ("Fox -1", "-1"),
        ("Azteca UNO -1 hora (720p)", "-1"),
        ("Canal (-2)", "-2"),
    ],
)
def test_a_shift_in_the_name_is_taken(name: str, shift: str) -> None:
    assert shown("timeshift", {"channel_name": name}) == {"tvg_shift": shift}


@pytest.mark.parametrize(
    "name",
    """
24/7
Friends 24/7
24-7 Comedy
BBC One [Not 24/7]
CCTV-1
CCTV-5+ 体育
CCTV+ 1 (600p)
Belarus-3 HD
Rossiya-1
1+1 Ukraina
UA: 1+1 HD
2+2 Marathon
Canal+
Canal+ 4K
Canal+ Sport
Disney+ 2
ESPN+
18+
XXX +18
Channel +24
Россия 1 +0 (Тамбов)
1-2-3.tv
70-80 TV
ESP-24-HORAS
Studio +1.5
Radio 101
C++1x
""".strip().split("\n"),
)
def test_other_signs_and_numbers_are_no_shift(name: str) -> None:
    assert shown("timeshift", {"channel_name": name}) == {}


def test_a_shift_that_the_provider_declares_stays() -> None:
    assert shown("timeshift", {"channel_name": "ITV +1", "tvg_shift": "-3"}) == {}
    assert shown("timeshift", {"channel_name": "ITV +1", "tvg_shift": "0"}) == {"tvg_shift": "1"}


# --- country-prefix --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "country", "rest"),
    [
        ("UK: BBC One", "UK", "BBC One"),
        ("UK:ITV2  +1 (SG)", "UK", "ITV2  +1 (SG)"),
        ("|UK| BBC One", "UK", "BBC One"),
        ("| FR | TF1", "FR", "TF1"),
        ("[DE] Das Erste", "DE", "Das Erste"),
        ("(US) HBO", "US", "HBO"),
        ("DE | Sky Germany Sport 7 HD", "DE", "Sky Germany Sport 7 HD"),
        ("AR : OSN TLC HD", "AR", "OSN TLC HD"),
        ("FR - NRJ_HITS", "FR", "NRJ_HITS"),
        ("FR \u2013 TF1", "FR", "TF1"),
        ("UK▎BBC One", "UK", "BBC One"),
        ("USA: OWN NETWORK FHD", "USA", "OWN NETWORK FHD"),
        ("EX-YU: SPORTKLUB 6 SD", "EX-YU", "SPORTKLUB 6 SD"),
        ("IND | Colors [UK]", "IND", "Colors [UK]"),
        ("IN: Tamil | SUN NEWS", "IN", "Tamil | SUN NEWS"),
        ("  PT: BIGGS", "PT", "BIGGS"),
    ],
)
def test_a_country_before_the_name_moves(name: str, country: str, rest: str) -> None:
    changed = {"tvg_country": country, "channel_name": rest}

    assert shown("country-prefix", {"channel_name": name}) == changed


@pytest.mark.parametrize(
    "name",
    """
BBC One
UK BBC One
UKTV Gold
uk: BBC One
HD: BBC One
SD: BBC One
VIP: HBO
4K: Nature
TV: Shop
FM: Radio
24/7: Friends
REG: MI | Detroit | Local 4
ESP-24-HORAS
US-TV
AT-5
UK:
UK: |
##### UK #####
=====> UK <=====
Sport: DE
""".strip().split("\n"),
)
def test_other_beginnings_are_no_country(name: str) -> None:
    assert shown("country-prefix", {"channel_name": name}) == {}


def test_a_country_that_the_provider_declares_stays() -> None:
    record: Record = {"channel_name": "UK: BBC One", "tvg_country": "GB"}

    assert shown("country-prefix", record) == {"channel_name": "BBC One"}


@pytest.mark.parametrize("stream_type", ["movie", "series"])
def test_films_and_series_keep_their_names(stream_type: str) -> None:
    record: Record = {"channel_name": "IT: Chapter Two", "stream_type": stream_type}

    assert shown("country-prefix", record) == {}


# --- categories ------------------------------------------------------------------------------

CATEGORIES = {
    "sports": "Sports",
    "movies": "Movie",
    "news": "News",
    "kids": "Kids",
    "documentary": "Documentary",
    "music": "Music",
}
GROUPS = {
    "sports": "Sports; SPORT; UK | Sports; Deportes; Esportes; Спорт; Спортивные; رياضة; 体育;"
    " スポーツ; Spor; Football; Fußball; Αθλητικά; Calcio; beIN Sports",
    "movies": "Movies; VOD Movies (EN); Films; Cinéma; Cine; Kino; Filme; Películas; Peliculas;"
    " Кино; Кинозалы; Фильмы; أفلام; 电影; 映画; Sinema; Ταινίες",
    "news": "News; News (AR); Noticias; Notícias; Nachrichten; Info; Informativos; Новости;"
    " Новостные; أخبار; 新闻; ニュース; Haber; Nieuws; Wiadomości; Ειδήσεις",
    "kids": "Kids; KIDS TV; Children; Children's; Kinder; Enfants; Niños; Infantil; Infantiles;"
    " Детские; Детям и детский; أطفال; 少儿; キッズ; Çocuk; Dzieci; Bambini; Cartoons",
    "documentary": "Documentary; Documentaries (EN); Documentaries (AR); Doku; Documentales;"
    " Documentaires; Документальные; Познавательные; وثائقية; 纪录片; Belgesel; Dokument",
    "music": "Music; Music (EN); Musik; Musique; Música; Musica; Музыка; Музыкальные; موسيقى; 音乐;"
    " Müzik; Muzyka; Μουσική",
}
OTHER_GROUPS = (
    "United Kingdom; UK; General; Entertainment; Transport; Passport; Newsmax; Kidsgrove;"
    " Kinderhook; Filmore; Musical chairs; Dock; Cinematic; Newspapers; Regional; Religion;"
    " Общие; Shopping"
)


@pytest.mark.parametrize("kind", CATEGORIES)
def test_an_empty_category_is_filled_from_the_channels_group(kind: str) -> None:
    groups = GROUPS[kind].split("; ")
    found = apply(f"category-{kind}", *records("channel_group", groups))

    missed = [group for group, outcome in zip(groups, found, strict=True) if not outcome.match]
    assert missed == []
    assert {outcome.changed["programme_category"] for outcome in found} == {CATEGORIES[kind]}


@pytest.mark.parametrize("kind", CATEGORIES)
def test_groups_of_another_kind_fill_nothing(kind: str) -> None:
    others = [groups for other, groups in GROUPS.items() if other != kind]
    groups = "; ".join([*others, OTHER_GROUPS]).split("; ")
    found = apply(f"category-{kind}", *records("channel_group", groups))

    taken = [group for group, outcome in zip(groups, found, strict=True) if outcome.match]
    assert taken == []


@pytest.mark.parametrize("kind", CATEGORIES)
def test_a_category_that_the_guide_gives_stays(kind: str) -> None:
    group = GROUPS[kind].split("; ")[0]

    record: Record = {"channel_group": group, "programme_category": "Quiz"}
    assert shown(f"category-{kind}", record) == {}


# --- real names ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real_names(real_data: Path) -> list[str]:
    """Return the names of all channels of the pack's playlists, each once."""
    playlists = sorted(real_data.glob("m3u/**/*.m3u*"))
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in playlists]
    names = [re.findall(r"^#EXTINF:.*,(.*)$", text, re.MULTILINE) for text in texts]
    return sorted({name.strip() for found in names for name in found})


def named(preset: str, names: list[str]) -> dict[str, dict[str, str]]:
    """Return what a preset changes, by the names of channels that it matches."""
    found = apply(preset, *records("channel_name", names))
    return {name: got.changed for name, got in zip(names, found, strict=True) if got.match}


def test_no_real_channel_is_taken_for_adult(real_names: list[str]) -> None:
    """The pack was made without adult channels."""
    assert named("no-adult", real_names) == {}


def test_every_real_shift_stands_in_the_name(real_names: list[str]) -> None:
    found = named("timeshift", real_names)

    assert len(found) > 20
    for name, changed in found.items():
        assert re.search(r"[+-]" + changed["tvg_shift"].lstrip("-") + r"\b", name)
