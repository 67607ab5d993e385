"""What the invented channels show: data only, read by `guide`.

Lengths are in minutes and multiples of 15, so that every programme starts on the quarter hour.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Show:
    """One programme that comes back; with `episodes` it is a series."""

    title: str
    minutes: int
    category: str
    about: str
    episodes: tuple[str, ...] = ()
    host: str = ""
    """Presenter, if it has one."""


SHOWS: dict[str, tuple[Show, ...]] = {
    "tin-kettle-news": (
        Show("Kettle On", 60, "News", "The first cup of the day with everything that happened"
             " while the town slept.", host="Ada Pennywhistle"),
        Show("The Half Hour", 30, "News", "Headlines, a look at the harbour, and one good thing."),
        Show("Steam and Substance", 30, "Debate", "Two guests, one table, no interruptions.",
             ("Who Owns the Moonlight?", "The Price of Buttons", "A Bench for Everyone",
              "Should Clocks Rest?"), "Barnaby Quill"),
        Show("Ledger", 30, "Business", "Markets explained with apples.",
             ("Two Apples, One Pear", "The Orchard Index", "Windfall"), "Ines Farthing"),
        Show("Late Kettle", 90, "News", "A long evening look at a short day."),
    ),
    "nine-bridges-today": (
        Show("North Bank, South Bank", 45, "News", "Reports from both sides of the water."),
        Show("Council in Colour", 60, "Politics", "The town council, with drawings.",
             ("The Lamp Post Question", "Ducks and Duties", "A Tenth Bridge?"), "Mabel Ironside"),
        Show("Ferry Timetable Live", 15, "News", "Every crossing, read with feeling."),
        Show("Ask the Bridgekeeper", 30, "Talk", "Viewers ask; he has seen it all.",
             ("Lost Hats", "The Great Fog", "Barges I Have Known", "Ice"), "Old Tobias"),
        Show("Today at Nine", 30, "News", "The news, whatever the clock says."),
    ),
    "weathervane": (
        Show("Today's Sky", 30, "Weather", "What is up there, and what will come down."),
        Show("Cloud of the Day", 15, "Weather", "One cloud, explained properly.",
             ("Cumulus", "Altocumulus", "Mammatus", "Noctilucent"), "Gale Winterbourne"),
        Show("Sea Areas", 15, "Weather", "For those on the water, and those who like the names."),
        Show("Barometer", 60, "Documentary", "The history of looking up.",
             ("The Glass Falls", "Frog in a Jar", "Kites and Keys"), "Gale Winterbourne"),
        Show("Radar Lullaby", 90, "Weather", "Rain moving slowly over a map."),
    ),
    "moss-and-fern": (
        Show("One Square Metre", 45, "Nature", "A year on one square metre of forest floor.",
             ("Thaw", "First Fronds", "The Snail's Road", "Under Leaves", "Frost"), "Fern Okoro"),
        Show("Spores", 30, "Science", "How the smallest travellers cross the world.",
             ("Lift-off", "Rain as Transport", "Stowaways")),
        Show("Slow Walk", 60, "Nature", "No words. One path. Boots."),
        Show("The Bog", 90, "Documentary", "Ten thousand years, seen from below.",
             ("Peat", "Sundew", "What the Bog Keeps"), "Silas Marsh"),
    ),
    "owl-hours": (
        Show("Dusk Report", 30, "Nature", "Who is getting up as you sit down."),
        Show("Heard, Not Seen", 45, "Nature", "The night by ear.",
             ("Nightjar", "Fox at the Bins", "Forty Frogs", "Wind in the Wires"), "Noor Tawny"),
        Show("Moth Light", 60, "Documentary", "A sheet, a lamp, and visitors.",
             ("Hawk-moths", "The Footman", "Silver Y")),
        Show("Dark Sky", 90, "Science", "What can be seen with the lights out.",
             ("Andromeda", "The Milky Way", "Falling Stars"), "Orson Vesper"),
        Show("Roost", 15, "Nature", "The owls go to bed. So could you."),
    ),
    "wobblewood": (
        Show("Good Morning, Trees", 30, "Children", "Songs to stretch your branches to."),
        Show("Pip and the Puddle", 15, "Children", "Pip is small. The puddle is not.",
             ("The Puddle Sneezes", "A Boat for a Beetle", "Where Do Puddles Go?",
              "The Biggest Splash")),
        Show("The Giggling Oak", 30, "Children", "The oak knows every joke in the forest.",
             ("Knock Knock", "The Serious Squirrel", "Why the Hedgehog Laughed")),
        Show("Make It Wobble", 45, "Children", "Jelly, springs and other science.",
             ("Jelly", "Towers", "Bridges of String"), "Dot Marmalade"),
    ),
    "paper-boats": (
        Show("Fold Along", 15, "Children", "One sheet of paper, one new friend.",
             ("The Boat", "The Hat", "The Crane", "The Jumping Frog"), "Otis Crease"),
        Show("Harbour of Small Things", 30, "Children", "The toy harbour has a busy day.",
             ("The Lost Anchor", "Fog!", "The Lighthouse Has a Cold", "A Whale Comes to Tea")),
        Show("How Does It Float?", 30, "Science", "Corks, ships and one brave orange.",
             ("Corks", "The Orange", "Steel Ships"), "Dr. Plimsoll"),
        Show("Sailor's Bedtime", 60, "Children", "Quiet stories with waves in them."),
    ),
    "petits-ecureuils": (
        Show("Debout les noisettes", 30, "Jeunesse", "On se réveille, on s'étire, on grignote."),
        Show("La cabane de Zélie", 30, "Jeunesse", "Zélie construit, le vent démonte.",
             ("Le toit", "La fenêtre ronde", "L'échelle", "La fête")),
        Show("Histoires à queue touffue", 15, "Jeunesse", "Un conte, une branche.",
             ("La première neige", "Le gland d'or", "L'hiver sans fin")),
        Show("Pourquoi ça pousse ?", 45, "Découverte", "La forêt répond aux enfants.",
             ("Les racines", "La sève", "Les saisons"), "Basile Fougère"),
    ),
    "velvet-teapot": (
        Show("First Pour", 60, "Music", "Gentle standards for slow mornings."),
        Show("Blue Saucer Sessions", 60, "Music", "One room, four players, no audience.",
             ("The Lamplight Quartet", "June Halloway Trio", "Brushes Only"), "Celeste Navarro"),
        Show("Who Plays What", 30, "Music", "An instrument and someone who loves it.",
             ("Double Bass", "Vibraphone", "Clarinet")),
        Show("After Midnight Blend", 90, "Music", "Ballads, mostly."),
    ),
    "copper-string": (
        Show("Porch", 45, "Music", "Songs as they were first played.",
             ("Kitchen Tunes", "Two Fiddles", "The Long Road Home", "Harmony"), "Wren Hollis"),
        Show("Luthier", 30, "Arts", "A guitar is born, one shaving at a time.",
             ("Spruce", "The Bridge", "First Chord")),
        Show("Round Robin", 60, "Music", "Everyone sings one, everyone joins in."),
        Show("Strings Attached", 75, "Music", "A concert from the old copper works.",
             ("Opening Night", "The Harp Evening", "Banjo Is a Serious Instrument")),
    ),
    "night-tram": (
        Show("Depot Dreams", 120, "Music", "Quiet records from the depot."),
        Show("Line Nine", 60, "Music", "Requests from passengers of the last tram.",
             host="Juno Trolley"),
        Show("Rush Hour", 90, "Music", "Quicker, for those who must."),
        Show("Terminus", 30, "Talk", "A conversation at the end of the line.",
             ("The Conductor", "The Baker at Four", "The Lamplighter"), "Juno Trolley"),
    ),
}  # fmt: skip
