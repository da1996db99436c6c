"""German jargon and foreign words rare in common language, each with a plain alternative of ours.

An entry is `word|other form = what to write instead`; a semicolon ends it. Inflected forms are found
from these (see `jargon`). What is common at the kitchen table (Termin, Service, Internet) stays out.
"""

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    "business": """
        account manager = Ihr Ansprechpartner; ad hoc = sofort, für diesen Fall;
        agenda = Tagesordnung; agil = beweglich, in kleinen Schritten;
        akquise = Suche nach neuen Kunden; after sales = nach dem Kauf; approach = Vorgehen;
        asset = Besitz, Wert; b2b = zwischen Firmen; b2c = für Verbraucher;
        backlog = Liste offener Arbeiten; benchmark|benchmarking = Vergleich; benefit = Nutzen;
        best practice = bewährtes Vorgehen; bottleneck = Engpass; branding = Auftritt der Marke;
        briefing = Einweisung; budgetieren = Geld einplanen;
        business case = Rechnung, ob es sich lohnt; business = Geschäft; cashflow = Geldfluss;
        change management = Begleitung der Umstellung; churn = Abwanderung von Kunden;
        commitment = feste Zusage; compliance = Einhalten der Regeln; content = Inhalt;
        controlling = Kostenkontrolle; core business = Kerngeschäft;
        customer care = Kundendienst; customer journey = Weg des Kunden;
        deadline = Frist, letzter Termin; deliverable = Ergebnis; disruptiv = alles verändernd;
        diversifizieren = auf mehr verteilen; downsizing = Verkleinerung;
        eskalieren = an die Leitung geben; evaluieren = auswerten, prüfen;
        expertise = Fachwissen; fact sheet|factsheet = Blatt mit den wichtigsten Angaben;
        feedback = Rückmeldung; fokussieren = sich auf etwas beschränken; follow up = Nachfassen;
        forecast = Vorhersage; fulfillment = Lagerung und Versand; go live = Start;
        headquarter = Hauptsitz; holistisch = ganzheitlich, im Ganzen;
        implementieren = einführen, umsetzen; incentive = Anreiz; inhouse = im eigenen Haus;
        issue = Problem; key account = Großkunde; kick off|kickoff = Auftakt;
        know how = Fachwissen; kpi = Kennzahl; lead time = Vorlauf;
        learning = was wir gelernt haben; leverage = Hebel; lifecycle = Lebensdauer;
        maßnahmenkatalog = Liste der Schritte; meeting = Besprechung; milestone = Zwischenziel;
        mindset = Haltung; monitoring = Überwachung; no go = Tabu;
        offboarding = Abschied, Abmeldung; onboarding = Einführung, Einarbeitung;
        operativ = im Tagesgeschäft; optimieren = verbessern;
        outsourcing|outsourcen = Vergabe nach außen; performance = Leistung;
        performant = schnell; pipeline = geplante Vorhaben; pricing = Preisgestaltung;
        priorisieren = ordnen, was zuerst kommt; proaktiv = von uns aus; procedere = Vorgehen;
        procurement = Einkauf; projektieren = planen; quick win = schneller Erfolg;
        ramp up = Hochlauf; recap = Zusammenfassung; reporting = Bericht;
        ressource = Menschen, Zeit, Geld; retoure = Rücksendung;
        roadmap = Plan der nächsten Schritte; rollout|roll out = Einführung;
        skalieren = vergrößern; skill = Fähigkeit; sla = vereinbarte Frist;
        stakeholder = Beteiligte, Betroffene; step by step = Schritt für Schritt;
        strategisch = auf lange Sicht; sukzessive = nach und nach; supply chain = Lieferkette;
        synergie = Vorteil durch Zusammenarbeit; task = Aufgabe; template = Vorlage;
        timeline = Zeitplan; tool = Werkzeug, Programm; top down = von oben nach unten;
        touchpoint = Kontakt, Begegnung; upgrade = bessere Ausführung; usp = was uns auszeichnet;
        whitepaper = Fachaufsatz; win win = gut für beide; workflow = Arbeitsablauf;
        workaround = Behelf; workshop = Arbeitstreffen
    """,
    "it": """
        access = Zugang; account = Konto, Zugang; admin = Verwalter; api = Schnittstelle;
        applikation = Anwendung, Programm; attachment = Anhang;
        authentifizieren = anmelden, ausweisen; authentisieren = anmelden, ausweisen;
        autorisieren = erlauben, berechtigen; backend = Teil im Hintergrund;
        backup = Sicherungskopie; bandbreite = Übertragungsmenge; bug = Fehler; button = Knopf;
        cache = Zwischenspeicher; client = Programm auf Ihrem Gerät; cloud = Speicher im Netz;
        cookie = kleine Merkdatei; crash = Absturz; credentials = Zugangsdaten;
        dashboard = Übersicht; debuggen = Fehler suchen; default = Voreinstellung;
        deployment|deployen = Einspielen;
        downloaden|gedownloadet|downgeloadet|download = herunterladen; downtime = Ausfallzeit;
        drop down = Auswahlliste; encryption = Verschlüsselung; endpoint = Zugangspunkt;
        feature = Funktion; firewall = Schutz vor Angriffen; firmware = eingebautes Programm;
        frontend = sichtbarer Teil; gateway = Übergang zwischen Netzen; hardware = Gerät;
        helpdesk = Kundenhilfe; hosting|hosten = Betrieb auf unseren Rechnern;
        hotfix = schnelle Behebung; incident = Störung; instanz = eigene Ausführung;
        interface = Schnittstelle; installieren = einrichten; kompatibel = zusammenpassend;
        konfigurieren = einstellen; latenz = Verzögerung; legacy = alt, aus früherer Zeit;
        lizenzieren = Nutzungsrecht erwerben; login = Anmeldung; logout = Abmeldung;
        malware = schädliches Programm; metadaten = Angaben über die Daten;
        migrieren|migration = umziehen, übertragen; on premise = bei Ihnen vor Ort;
        open source = mit offenem Quelltext; output = Ergebnis; patch|patchen = Korrektur;
        plugin|plug in = Zusatz; portal = Seite mit Ihrem Zugang; protokollieren = aufzeichnen;
        provider = Anbieter; provisionieren = bereitstellen; query = Abfrage;
        release = neue Fassung; remote = aus der Ferne; reset|resetten = Zurücksetzen;
        response time = Zeit bis zur Antwort; restore = Wiederherstellung;
        saas = Programm zur Miete; screenshot = Bild vom Bildschirm; server = Zentralrechner;
        session = Sitzung; setup = Einrichtung; single sign on = einmal anmelden für alles;
        spam = unerwünschte Post; sprint = Arbeitsabschnitt; support = Hilfe;
        synchronisieren = abgleichen; ticket = Anfrage, Vorgang; token = Schlüssel;
        tracking = Verfolgung; traffic = Datenverkehr; troubleshooting = Fehlersuche;
        tutorial = Anleitung; updaten|geupdatet|upgedatet|update = erneuern, neue Fassung;
        uploaden|upgeloadet|upload = hochladen; url = Internetadresse; usability = Bedienbarkeit;
        user = Nutzer; validieren = prüfen;
        virtualisieren = auf einem Rechner mehrere nachbilden; vpn = geschützte Verbindung;
        wizard = Schritt-für-Schritt-Hilfe
    """,
    "insurance": """
        aktuar|aktuariell = Versicherungsmathematiker;
        allmählichkeitsschaden = langsam entstandener Schaden;
        anwartschaft = Anspruch für später; äquivalenzprinzip = Beitrag nach Risiko;
        assekuranz = Versicherung; ausschluss = was nicht versichert ist;
        beitragsbemessungsgrenze = höchstes Einkommen, das zählt;
        beitragsrückerstattung = Geld zurück; bezugsberechtigt = wer das Geld bekommt;
        bonus malus = Rabatt oder Zuschlag; courtage = Vermittlerlohn;
        deckung = was versichert ist; deckungszusage = Zusage, dass wir zahlen;
        deckungssumme = höchste Zahlung; differenzdeckung = Schutz für die Lücke;
        elementarschaden = Schaden durch Naturgewalt; exzedent = Anteil über einer Grenze;
        franchise = Betrag, den Sie selbst tragen; gefahrerhöhung = das Risiko ist gestiegen;
        gliedertaxe = Tabelle der Zahlungen bei Verletzung;
        gefährdungshaftung = Haftung ohne Schuld; grobe fahrlässigkeit = große Unachtsamkeit;
        karenzzeit|karenz = Wartezeit; kasko = Schutz für das eigene Fahrzeug;
        kausalität = ursächlicher Zusammenhang;
        kompositversicherer = Versicherer für mehrere Bereiche;
        kontrahierungszwang = Pflicht, Sie zu versichern; kumulrisiko = viele Schäden auf einmal;
        kulanz = Entgegenkommen; neuwertentschädigung = Ersatz zum Neupreis;
        obliegenheit = Ihre Pflicht aus dem Vertrag;
        obliegenheitsverletzung = Verstoß gegen eine Pflicht; police = Versicherungsschein;
        policieren = den Versicherungsschein ausstellen; prämie = Beitrag;
        prolongieren = verlängern; regress = Rückforderung;
        regulieren|regulierung = den Schaden bezahlen;
        rentengarantiezeit = Zeit, in der sicher gezahlt wird; repartieren = aufteilen;
        rückkaufswert = Auszahlung bei Kündigung; rückversicherer = Versicherer der Versicherer;
        rückstellung = zurückgelegtes Geld; schadenfreiheitsklasse = Rabattstufe;
        schadenquote = Anteil der Schäden an den Beiträgen;
        selbstbehalt = Betrag, den Sie selbst tragen;
        selbstbeteiligung = Betrag, den Sie selbst tragen; solvabilität = Fähigkeit zu zahlen;
        subsidiarität|subsidiär = nur wenn kein anderer zahlt; stornieren = rückgängig machen;
        tarifieren = den Beitrag berechnen; überschussbeteiligung = Anteil am Gewinn;
        unfallrente = Rente nach Unfall; unterversicherung = zu niedrig versichert;
        versicherungsnehmer = Sie, der Kunde; versicherungssumme = höchste Zahlung;
        vorvertraglich = vor dem Abschluss; vinkulieren = an eine Zustimmung binden;
        zeitwert = Wert heute; zession|zedieren = Übergabe eines Anspruchs;
        zillmerung = Kosten am Anfang abziehen
    """,
    "energy": """
        abschlag = Monatszahlung; abregelung|abregeln = Drosselung;
        ablesezeitraum = Zeit zwischen zwei Ablesungen; allokation|allokieren = Zuordnung;
        arbeitspreis = Preis je Kilowattstunde; bezugsstelle = Ort, an dem Strom ankommt;
        bilanzkreis = Konto für Strommengen; blindleistung = Strom, der nur pendelt;
        blockheizkraftwerk|bhkw = kleines Kraftwerk mit Heizung;
        brennwert = Wärme, die im Gas steckt; contracting = Wärme vom Dienstleister;
        direktvermarktung = Verkauf an der Börse; dezentral = vor Ort;
        eeg umlage = frühere Abgabe für Ökostrom; einspeisevergütung = Geld für Ihren Strom;
        einspeisen = ins Netz liefern; emission = Ausstoß; energieaudit = Prüfung des Verbrauchs;
        ersatzversorgung = Strom, wenn der Lieferant ausfällt;
        fernwirktechnik = Steuerung aus der Ferne; grundlast = Verbrauch, der immer anfällt;
        grundpreis = fester Betrag im Monat; grundversorger = Lieferant für alle im Ort;
        inverter = Wechselrichter; jahresverbrauchsprognose = geschätzter Verbrauch im Jahr;
        konvektor = Heizkörper; konzessionsabgabe = Abgabe an die Gemeinde;
        kraft wärme kopplung|kwk = Strom und Wärme zugleich; lastgang = Verlauf des Verbrauchs;
        lastprofil = üblicher Verlauf des Verbrauchs; lastspitze = höchster Verbrauch;
        lastabwurf = Abschalten von Verbrauchern;
        leistungspreis = Preis für die höchste Leistung;
        marktlokation = Nummer Ihres Anschlusses; messlokation = Nummer Ihrer Messstelle;
        messstellenbetreiber = Firma, der der Zähler gehört;
        mieterstrom = Strom vom eigenen Dach; netzentgelt = Gebühr für die Leitungen;
        netzbetreiber = Firma, der die Leitungen gehören;
        netzverknüpfungspunkt = Stelle des Anschlusses; nennleistung = höchste Leistung;
        parallelverschiebung = gleiche Änderung überall; peak|peakleistung = Spitze;
        photovoltaik = Strom aus Sonne; prosumer = wer Strom verbraucht und erzeugt;
        redispatch = Eingriff gegen Überlast im Netz; regelenergie = Ausgleich im Netz;
        residuallast = was nach Wind und Sonne fehlt; rlm = Messung jede Viertelstunde;
        schlussrechnung = letzte Rechnung; slp = geschätzter Verlauf des Verbrauchs;
        smart meter = digitaler Zähler mit Funk; sondervertragskunde = Kunde mit eigenem Vertrag;
        spotmarkt = Börse für morgen; submetering = Messung je Wohnung;
        sperrandrohung = Ankündigung, dass abgeschaltet wird; thermostat = Temperaturregler;
        trafo|transformator = Umspanner; vollbenutzungsstunde = Stunde bei voller Leistung;
        volatil = schwankend; wirkleistung = nutzbare Leistung; wirkungsgrad = nutzbarer Anteil;
        zählpunkt = Nummer Ihres Zählers; zählpunktbezeichnung = Nummer Ihres Zählers;
        zustandszahl = Umrechnung für Gas
    """,
    "law": """
        abtretung = Übergabe eines Anspruchs; abdingbar = kann anders vereinbart werden;
        agb = unsere Vertragsregeln; anfechtbar = kann angegriffen werden;
        annahmeverzug = nicht rechtzeitig abgenommen; aufrechnen = gegeneinander verrechnen;
        bonität = Zahlungsfähigkeit; datenverarbeitung = Umgang mit Daten;
        derogieren = außer Kraft setzen; einrede = Gegenrecht; exkulpieren = entlasten;
        fahrlässigkeit|fahrlässig = Unachtsamkeit; fällig stellen = die Zahlung verlangen;
        gewährleistung = Haftung für Mängel; gerichtsstand = zuständiges Gericht;
        haftungsausschluss = wofür wir nicht einstehen; juristisch = rechtlich;
        klausel = Satz im Vertrag; konkludent = durch Verhalten; konstitutiv = rechtsbegründend;
        legitimieren = berechtigen, ausweisen; mahnverfahren = Weg, eine Schuld einzutreiben;
        nacherfüllung = Reparatur oder Ersatz; pauschalieren = in einem Betrag zusammenfassen;
        präkludieren = nicht mehr zulassen; rechtsbehelf = Weg, sich zu wehren;
        rechtsverbindlich = bindend; regressieren = zurückfordern;
        salvatorisch = den Rest erhaltend; schuldhaft = aus eigener Schuld;
        unbeschadet = ohne Nachteil für; unverzüglich = sofort;
        verjähren = nach einer Frist erlöschen; vertragspartei = Sie oder wir;
        verzug = Verspätung; vollumfänglich = ganz;
        widerrufsfrist = Zeit, in der Sie absagen können
    """,
    "foreign": """
        adäquat = angemessen; adaptieren = anpassen; administrativ = in der Verwaltung;
        affirmativ = zustimmend; aggregieren = zusammenfassen; akkumulieren = ansammeln;
        akquirieren = gewinnen; akribisch = sehr genau; alternieren = abwechseln;
        ambivalent = zwiespältig; annullieren = für ungültig erklären;
        antizipieren = vorausahnen; approximativ = ungefähr; äquivalent = gleichwertig;
        avisieren = ankündigen; basieren = beruhen; bezüglich = zu, über;
        bilateral = zwischen beiden; deklarieren = angeben; delegieren = weitergeben;
        destruktiv = schädlich; detailliert = genau; determinieren = bestimmen;
        diametral = ganz entgegengesetzt; dezidiert = entschieden;
        differenzieren = unterscheiden; diffizil = schwierig; diskrepanz = Abweichung;
        disponieren|disposition = einteilen; divergieren = auseinandergehen;
        effizient = sparsam, wirksam; eklatant = auffallend; elaboriert = ausgearbeitet;
        eliminieren = beseitigen; eminent = außerordentlich;
        essenziell|essentiell = unverzichtbar; eruieren = herausfinden; etablieren = einrichten;
        eventualität = möglicher Fall; exemplarisch = als Beispiel; explizit = ausdrücklich;
        exorbitant = viel zu hoch; fakturieren = in Rechnung stellen;
        finalisieren = fertigstellen; fingieren = vortäuschen; frequentieren = häufig besuchen;
        generieren = erzeugen; gravierend = schwer; heterogen = verschiedenartig;
        homogen = gleichartig; hinsichtlich = zu, bei; identifizieren = erkennen;
        immanent = darin enthalten; implizieren|implizit = mit einschließen;
        inadäquat = unangemessen; indizieren = anzeigen; initiieren = anstoßen;
        inkludieren|inklusive = einschließen; inkonsistent = widersprüchlich;
        integrativ = einbeziehend; intendieren = beabsichtigen; irrelevant = unwichtig;
        kategorisieren = einteilen; kausal = ursächlich; kohärent = zusammenhängend;
        kollidieren = zusammenstoßen; kommunizieren = mitteilen;
        kompensieren|kompensation = ausgleichen; komplementär = ergänzend;
        konkretisieren = genauer sagen; konsekutiv = aufeinanderfolgend; konsens = Einigkeit;
        konsistent = widerspruchsfrei; konsolidieren = zusammenführen;
        konstatieren = feststellen; konsultieren = befragen; kontaktieren = anrufen, schreiben;
        kontaminieren = verschmutzen; konträr = gegensätzlich; konvertieren = umwandeln;
        korrelieren = zusammenhängen; korrespondieren = entsprechen, schreiben;
        kumulieren = ansammeln; lapidar = knapp; lateral = seitlich; limitieren = begrenzen;
        marginal = geringfügig; maximieren = so groß wie möglich machen;
        minimieren = so klein wie möglich machen; modifizieren = abändern; monetär = in Geld;
        nominieren = vorschlagen; obligatorisch = Pflicht; obsolet = überholt;
        offerieren = anbieten; paritätisch = zu gleichen Teilen; partiell = teilweise;
        partizipieren = teilnehmen; peripher = am Rand;
        plausibilisieren = auf Glaubwürdigkeit prüfen; potenziell|potentiell = möglich;
        prädestiniert = wie geschaffen; präferieren|präferenz = vorziehen;
        prägnant = kurz und treffend; präliminar = vorläufig; prekär = heikel;
        prioritär = zuerst; prognostizieren = vorhersagen; prophylaktisch = vorbeugend;
        rational = vernünftig; realisieren = verwirklichen; redundant = überflüssig, doppelt;
        referenzieren = verweisen; rekapitulieren = zusammenfassen;
        reklamieren|reklamation = bemängeln; relevant = wichtig; renommiert = angesehen;
        restriktiv = einschränkend; resultieren = folgen; retournieren = zurücksenden;
        revidieren = ändern; rudimentär = nur in Ansätzen; sekundär = zweitrangig;
        signifikant = deutlich; simultan = gleichzeitig; stagnieren = stehen bleiben;
        stringent = schlüssig; substanziell|substantiell = wesentlich; substituieren = ersetzen;
        suboptimal = nicht gut; subsumieren = zuordnen; tangieren = berühren; tendenziell = eher;
        temporär = vorübergehend; terminieren = einen Termin festlegen; trivial = einfach;
        unilateral = einseitig; validität = Gültigkeit; variabel = veränderlich;
        verifizieren = überprüfen; vakant = unbesetzt; zeitnah = bald, besser: mit Datum;
        zirka = etwa
    """,
}
