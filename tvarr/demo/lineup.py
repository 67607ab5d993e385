"""The invented channels, and the playlist a provider would sell them with.

Everything else in the demonstration starts from `CHANNELS`. The playlist has the small oddities
of real ones, so that the result shows what tvarr does with them: an attribute nobody knows, a
player's option line, an id that the guide spells differently, a channel that no guide knows, and a
radio station.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """One channel, with all that its logo, its stream and its guide are made from."""

    slug: str
    """Its name in addresses."""
    name: str
    group: str
    tvg_id: str
    """As the playlist spells it; empty for a channel without a guide."""
    motto: str
    colours: tuple[str, str]
    """Upper and lower colour of the logo, `#rrggbb`."""
    chord: tuple[int, int, int]
    """What it sounds like: three tones in Hz."""
    scene: str = ""
    """What moves behind the panel: an ffmpeg source and its filters, up to the scaling."""
    language: str = "en"
    radio: bool = False
    attributes: str = ""
    """More attributes of the playlist entry, as written there."""
    options: tuple[str, ...] = ()
    """Lines between the entry and its address."""

    @property
    def guide_id(self) -> str:
        """Return the id that the guide uses; empty for a channel without a guide."""
        return self.tvg_id.lower()


def _gradients(kind: str, seed: int, *colours: str, speed: float = 0.02) -> str:
    """Describe slowly turning colours; the small size is for the processor, scaling hides it."""
    stops = ":".join(f"c{index}={colour}" for index, colour in enumerate(colours))
    return (
        f"gradients=s=240x136:r=25:type={kind}:seed={seed}:speed={speed}"
        f":nb_colors={len(colours)}:{stops}"
    )


def _life(size: str, seed: int, alive: str, dead: str, fading: str) -> str:
    """Describe Conway's game of life in big, clearly seen cells."""
    return (
        f"life=s={size}:r=3:seed={seed}:ratio=0.25:mold=30"
        f":life_color={alive}:death_color={dead}:mold_color={fading}"
    )


CHANNELS = (
    Channel(
        "tin-kettle-news", "Tin Kettle News", "News", "tin-kettle-news.demo",
        "The news, freshly boiled", ("#e4572e", "#8f1d14"), (262, 330, 392),
        _gradients("linear", 4, "#5b0f0b", "#c8402a", "#f2a65a"),
    ),
    Channel(
        "nine-bridges-today", "Nine Bridges Today", "News", "nine-bridges-today.demo",
        "What happened on either side of the river", ("#2f6fb5", "#12305c"), (220, 277, 330),
        _gradients("spiral", 7, "#0b2545", "#1f6fb2", "#9fd3e6"),
        attributes='tvg-country="XX"',
    ),
    Channel(
        "weathervane", "Weathervane", "News", "weathervane.demo",
        "Mostly weather, some wind", ("#43b0c9", "#1c5d7a"), (294, 370, 440),
        _gradients("linear", 11, "#1d4e6b", "#4fb3cf", "#f7f3d6"),
        options=("#EXTVLCOPT:network-caching=500",),
    ),
    Channel(
        "moss-and-fern", "Moss & Fern", "Nature", "moss-and-fern.demo",
        "Small green things, seen slowly", ("#7cb518", "#2d5a12"), (196, 247, 294),
        _life("80x45", 5, "#c5e063", "#1f3d14", "#4f7d2a"),
        attributes='x-mood="calm"',
    ),
    Channel(
        "owl-hours", "Owl Hours", "Nature", "OwlHours.Demo",
        "Night, and who is awake in it", ("#5b4b9a", "#1d1640"), (175, 208, 262),
        _gradients("circular", 3, "#0d0a26", "#33256b", "#8d7cc9"),
    ),
    Channel(
        "slow-river", "Slow River", "Nature", "",
        "One camera, one river, no guide", ("#2a9d8f", "#123f4a"), (208, 262, 311),
        _gradients("spiral", 15, "#0c3b3f", "#2a9d8f", "#d8efe2", speed=0.01),
    ),
    Channel(
        "wobblewood", "Wobblewood", "Kids", "wobblewood.demo",
        "Where even the trees giggle", ("#ffb703", "#d9600b"), (330, 415, 494),
        _life("48x27", 9, "#ffe08a", "#e07a1f", "#f4a63a"),
    ),
    Channel(
        "paper-boats", "Paper Boats", "Kids", "paper-boats.demo",
        "Fold, float, find out", ("#4cc9f0", "#3a56c5"), (294, 370, 466),
        _gradients("radial", 21, "#e8fbff", "#4cc9f0", "#3a56c5"),
    ),
    Channel(
        "petits-ecureuils", "Petits Écureuils", "Kids", "petits-ecureuils.demo",
        "Des histoires hautes comme une noisette", ("#f28482", "#9c3d54"), (311, 392, 466),
        _life("64x36", 2, "#ffd9c7", "#8c3b4f", "#d6706f"),
        language="fr", attributes='tvg-language="French"',
    ),
    Channel(
        "velvet-teapot", "Velvet Teapot", "Music", "velvet-teapot.demo",
        "Jazz that keeps warm", ("#b5179e", "#4a0d67"), (233, 277, 349),
        _gradients("circular", 8, "#2b0a3d", "#8a1a8c", "#f7a8d8"),
    ),
    Channel(
        "copper-string", "Copper String", "Music", "copper-string.demo",
        "Songs with wood around them", ("#d08c45", "#6b3a1a"), (196, 247, 330),
        "cellauto=s=96x54:r=6:rule=30:random_seed=4:scroll=1"
        ",format=yuv420p,lutyuv=y=50+val*0.28:u=104:v=158",
    ),
    Channel(
        "night-tram", "Night Tram Radio", "Music", "night-tram.demo",
        "For the last passengers", ("#3d405b", "#16182b"), (147, 175, 220),
        radio=True,
    ),
)  # fmt: skip


def find(slug: str) -> Channel | None:
    """Return the channel of that slug, if there is one."""
    return next((channel for channel in CHANNELS if channel.slug == slug), None)


def playlist(base_url: str) -> str:
    """Return the provider's playlist; `base_url` (no slash at its end) is where it serves."""
    header = f'#EXTM3U x-tvg-url="{base_url}/guide.xml.gz"'
    return "\n".join([header, *(_entry(channel, base_url) for channel in CHANNELS), ""])


def _entry(channel: Channel, base_url: str) -> str:
    attributes = [
        f'tvg-id="{channel.tvg_id}"',
        f'tvg-name="{channel.name}"',
        f'tvg-logo="{base_url}/logos/{channel.slug}.png"',
        f'group-title="{channel.group}"',
    ]
    if channel.radio:
        attributes.append('radio="true"')
    if channel.attributes:
        attributes.append(channel.attributes)
    return "\n".join([
        f"#EXTINF:-1 {' '.join(attributes)},{channel.name}",
        *channel.options,
        f"{base_url}/live/{channel.slug}.ts",
    ])  # fmt: skip
