"""Countries and languages as channels and guides write them: a code, an English name, a flag.

Used by `tvarr.pipeline.decoration`, `names`, `ids` and `spelling`. Codes are those of ISO 3166-1
alpha-2 in lower case (https://www.iso.org/obp/ui), with `uk` in the place of `gb`, since ids of
guides end in `.uk`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_CODES_TEXT: Final = """
ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs
bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg
eh er es et fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gt gu gw gy hk hn hr ht hu
id ie il im in iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt
lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni
nl no np nr nu nz om pa pe pf pg ph pk pl pm pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg
sh si sk sl sm sn so sr ss st sv sx sy sz tc td tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk
us uy uz va vc ve vg vi vn vu wf ws xk ye yt za zm zw
"""
CODES: Final = frozenset(_CODES_TEXT.split())

_NAMES: Final = """
ad Andorra|ae United Arab Emirates, UAE, Emirates|af Afghanistan|al Albania|am Armenia|ao Angola
ar Argentina|at Austria|au Australia|az Azerbaijan|ba Bosnia, Bosnia and Herzegovina|bd Bangladesh
be Belgium|bg Bulgaria|bh Bahrain|bo Bolivia|br Brazil, Brasil|by Belarus|ca Canada|ch Switzerland
cl Chile|cn China|co Colombia|cr Costa Rica|cu Cuba|cy Cyprus|cz Czech Republic, Czechia
de Germany, Deutschland|dk Denmark|do Dominican Republic|dz Algeria|ec Ecuador|ee Estonia|eg Egypt
es Spain, Espana|et Ethiopia|fi Finland|fr France|ge Georgia|gh Ghana|gr Greece|gt Guatemala
hk Hong Kong|hn Honduras|hr Croatia|ht Haiti|hu Hungary|id Indonesia|ie Ireland|il Israel|in India
iq Iraq|ir Iran|is Iceland|it Italy, Italia|jm Jamaica|jo Jordan|jp Japan|ke Kenya|kg Kyrgyzstan
kh Cambodia|kr South Korea, Korea|kw Kuwait|kz Kazakhstan|la Laos|lb Lebanon|lk Sri Lanka
lt Lithuania|lu Luxembourg|lv Latvia|ly Libya|ma Morocco|mc Monaco|md Moldova|me Montenegro
mk North Macedonia, Macedonia|mm Myanmar|mn Mongolia|mo Macau, Macao|mt Malta|mx Mexico|my Malaysia
ng Nigeria|ni Nicaragua|nl Netherlands, Holland|no Norway|np Nepal|nz New Zealand|om Oman|pa Panama
pe Peru|ph Philippines|pk Pakistan|pl Poland, Polska|pr Puerto Rico|ps Palestine|pt Portugal
py Paraguay|qa Qatar|ro Romania|rs Serbia|ru Russia|sa Saudi Arabia|sd Sudan|se Sweden|sg Singapore
si Slovenia|sk Slovakia|sm San Marino|sn Senegal|so Somalia|sv El Salvador|sy Syria|th Thailand
tn Tunisia|tr Turkey, Turkiye|tt Trinidad and Tobago|tw Taiwan|ua Ukraine|ug Uganda
uk United Kingdom, UK, Great Britain, GB, England
us United States, USA, US, United States of America
uy Uruguay|uz Uzbekistan|ve Venezuela|vn Vietnam|xk Kosovo|ye Yemen|za South Africa
"""

_WORDS_TEXT: Final = """
afghan africa african albanian america american arab arabia arabic armenian asia asian
australian balkan baltic bangla bengali bhojpuri brazilian bulgarian canadian cantonese
caribbean chinese croatian czech danish deutsch dutch english espanol europe european farsi
filipino finnish francais french german greek gujarati hebrew hindi hungarian indian indonesian
international irish italian italiano japanese kannada korean kurdish latin latino latinoamerica
latam malay malayalam mandarin marathi mena middle nordic norwegian odia oriya pashto persian
polish portugues portuguese punjabi romanian russian scandinavia serbian sinhala slovak
slovenian spanish swedish tamil telugu thai turkish ukrainian urdu vietnamese world
"""
WORDS: Final = frozenset(_WORDS_TEXT.split())
"""Words that tell one edition of a channel from another."""


def plain(text: str) -> str:
    """Return the text in lower case without accents, one blank between words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[\u0300-\u036f]", "", decomposed).split())


def _read_names() -> dict[str, str]:
    entries = re.split(r"[|\n]", _NAMES.strip())
    pairs = (entry.split(" ", 1) for entry in entries)
    return {plain(name): code for code, names in pairs for name in names.split(", ")}


NAMES: Final = _read_names()
"""Names and usual abbreviations in lower case, and their code."""
NAME_WORDS: Final = frozenset(name for name in NAMES if " " not in name and len(name) > 3)
"""Countries of one word, as they stand within names of channels."""


@lru_cache(maxsize=4096)
def code_of(text: str) -> str | None:
    """Return the code of what is a country's code or name alone, else None."""
    folded = plain(text)
    if folded in NAMES:
        return NAMES[folded]
    return folded if folded in CODES else None


@lru_cache(maxsize=4096)
def of_group(title: str) -> str | None:
    """Return the country that a group is of: `United Kingdom`, `UK | Sports`, `UK: News`."""
    parts = re.split(r"[|:;/\u2022\u2605]|\s-\s", title[:200])
    codes = {code for part in parts if (code := _certain(part.strip(" []()")))}
    return codes.pop() if len(codes) == 1 else None


def _certain(part: str) -> str | None:
    """A code of two letters counts in capitals only; `tv` and `sd` are no countries here."""
    if len(part) == 2 and (not part.isupper() or part in {"TV", "SD", "FM", "AM"}):
        return None
    return code_of(part)


def of_flag(text: str) -> str | None:
    """Return the country of the first flag, which is two regional indicators (Unicode)."""
    found = re.search(r"[\U0001f1e6-\U0001f1ff]{2}", text)
    if not found:
        return None
    letters = "".join(chr(ord(letter) - 0x1F1E6 + ord("a")) for letter in found[0])
    return code_of(letters)
