"""Names for the made-up company and its customers; all invented here."""

COMPANY = "Nordlicht Haustechnik"

TEAMS = ("Team Hafen", "Team Heide", "Team Marsch")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FAMILIES = _words(
    """Ahlers Behn Brandt Claasen Dierks Ehlers Feddersen Gerdes Hinrichs Iwersen Jessen Kröger
    Lührs Matthies Nissen Ohlsen Petersen Quast Reimers Siemsen Thomsen Uhlig Vollert Wiebe Yildiz
    Zander Arslan Bielecki Cordes Demir Eggers Fiedler Grothe Harms Kaya Lindemann Möhring Nowak
    Ostermann Prigge"""
)

TRADES = _words(
    """Bäckerei Gärtnerei Tischlerei Buchhandlung Apotheke Brauerei Druckerei Fahrschule Gasthof
    Kanzlei Praxis Reiterhof Schlosserei Segelschule Töpferei Wäscherei Werkstatt Zimmerei"""
)

PLACES = _words(
    """Alsenhof Birkenweg Deichkrone Elbhang Fährhaus Grünkamp Heidberg Immenhof Kleinmoor
    Lindenkamp Marschblick Neuland Osterfeld Priel Quellental Rosenhof Sandkrug Treidelweg Uferpark
    Wiesengrund"""
)

PERSONS = _words("adler bremer conrad dietz evers franke goetz haas ilic janssen krause lenz")

# The members of staff, by the key that entries name them by; each team has every third.
STAFF = dict(
    zip(
        PERSONS,
        (
            "Jana Adler",
            "Paul Bremer",
            "Mia Conrad",
            "Ole Dietz",
            "Nina Evers",
            "Tom Franke",
            "Ada Götz",
            "Jonas Haas",
            "Mila Ilić",
            "Finn Janssen",
            "Lea Krause",
            "Ben Lenz",
        ),
        strict=True,
    )
)
LEAD = ("krueger", "Lena Krüger")
ADMINISTRATOR = ("voss", "Andrea Voss")
