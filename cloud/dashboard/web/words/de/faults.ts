import type { ShownFaults } from '../catalogue.ts';

/** Title and remedy of the errors that the page shows. */
export const faults: ShownFaults = {
  'LS-API-001': ['Anfrage ist fehlerhaft aufgebaut', 'Siehe den Zeiger in errors.'],
  'LS-API-002': [
    'Anmelden ist nötig',
    'Auf der Seite anmelden, oder Authorization: Bearer <token> senden; Benutzer machen ihre API-Token selbst.',
  ],
  'LS-API-003': ['Nicht erlaubt', 'Einen Admin um das Recht bitten, das die Erläuterung nennt.'],
  'LS-API-004': ['Nicht gefunden', 'Die Id prüfen; die Liste nennt, was es gibt.'],
  'LS-API-005': ['Widerspruch zu etwas anderem', 'Siehe die Erläuterung.'],
  'LS-API-006': ['Anfrage ist zu groß', 'Weniger in einer Anfrage senden.'],
  'LS-API-007': ['Verstanden, aber nicht möglich', 'Siehe den Zeiger in errors.'],
  'LS-API-008': ['Zu viele Anfragen', 'Die Zeit in Retry-After abwarten.'],
  'LS-API-009': ['Noch nicht bereit', 'Gleich noch einmal fragen.'],
  'LS-API-010': ['Interner Fehler', 'Mit Uhrzeit und gefragter Adresse melden; an dem, was Sie sandten, lag es nicht.'],
  'LS-API-011': ['Format wird nicht angeboten', 'Ein Format nehmen, das die Erläuterung nennt.'],
  'LS-API-012': [
    'Idempotenzschlüssel wurde für eine andere Anfrage benutzt',
    'Für jede Anfrage einen neuen Schlüssel nehmen, denselben nur zur Wiederholung.',
  ],
  'LS-API-013': [
    'Passwort ist zu leicht zu erraten',
    'Vier oder mehr Wörter wählen, die nicht zusammengehören, oder einen Passwortverwalter eines machen lassen.',
  ],
  'LS-API-014': [
    'Rollen schließen einander aus',
    'Die Rollen auf zwei Personen verteilen: wer Rechte vergibt, bedient weder Geräte noch beurteilt er, wer was tat.',
  ],
  'LS-API-015': [
    'Ein Passkey ist nötig',
    'Einen eigenen Passkey auf der Seite beweisen. Wer alle verloren hat, fragt, wer die Maschine betreut: loadstone cloud people forget-passkeys NAME.',
  ],
  'LS-API-016': ['Passkey stimmt nicht', 'Von der Seite aus noch einmal versuchen; siehe die Erläuterung.'],
  'LS-API-017': [
    'Ergebnis ist nicht bekannt',
    'Erst nachsehen, ob es geschehen ist, dann noch einmal versuchen: Die Antwort ging verloren, und was verlangt war, kann geschehen sein oder nicht.',
  ],
  'LS-API-018': [
    'Platz für gesendete Messwerte ist belegt',
    'Gesendete Messwerte, die niemand mehr braucht, löschen (DELETE /v1/measurements), die ältesten zuerst, und noch einmal senden.',
  ],
  'LS-API-019': [
    'Sitzung ist gesperrt',
    'Auf der Seite neu anmelden. Ein Stopp, die Betriebsart Hand und das Aufheben einer Handvorgabe gehen auch so hinaus.',
  ],
  'LS-DESK-001': [
    'Gerät nimmt diesen Sollwert nicht an',
    'Einen Wert in dem Bereich wählen, den die Erläuterung nennt.',
  ],
  'LS-DESK-002': [
    'Zustand des Netzes ist nicht bekannt',
    'Auf die nächste Schätzung warten; fehlerhafte Messungen prüfen.',
  ],
  'LS-DESK-003': [
    'Verbindung ist unterbrochen oder veraltet',
    'Ohne Verbindung wird nichts vorgegeben. Das Gateway arbeitet allein weiter und kann vor Ort bedient werden.',
  ],
  'LS-DESK-004': [
    'Auswahl gilt nicht',
    'Noch einmal auswählen: eine Auswahl gilt einmal, 30 s lang, für ihren Benutzer, ihr Gerät und ihren Wert.',
  ],
  'LS-DESK-005': ['Eine zweite Person ist nötig', 'Jemand anderen mit dem Recht binnen seiner Zeit zustimmen lassen.'],
  'LS-DESK-006': [
    'Jemand anderes führt dieses Gebiet',
    'Wer es führt bitten zu handeln oder es zu übergeben, oder es mit Begründung übernehmen.',
  ],
  'LS-DESK-007': [
    'Gateway hat die Auswahl nicht',
    'Siehe die Erläuterung: bestätigen, sobald das Gateway geantwortet hat, oder berichtigen, was es ablehnt, und noch einmal auswählen.',
  ],
  'LS-DESK-008': [
    'Handlung erreichte nicht jedes Gateway',
    'Die Erläuterung nennt, welche Gateways sie haben und welche nicht. Bei letzteren noch einmal auslösen oder vor Ort bedienen.',
  ],
  'LS-SHIFT-001': [
    'Eine Schicht wird von jemand anderem übernommen',
    'Wer kommt, meldet sich an und übernimmt; wer übergeben hat und bleibt, übergibt später noch einmal.',
  ],
  'LS-SHIFT-002': ['Übergabe wartet nicht mehr', 'Die Schicht noch einmal lesen: die neueste Übergabe zählt.'],
  'LS-NOTIFY-001': [
    'Mailserver nimmt die Mail nicht an',
    'In der Erläuterung lesen, was er sagt; notify.mail berichtigen. Mails warten und werden noch einmal gesendet.',
  ],
  'LS-NOTIFY-002': ['Kein Mailserver ist eingerichtet', 'notify.mail in der Konfiguration der Cloud setzen.'],
  'LS-NOTIFY-003': [
    'Empfänger nimmt den Webhook nicht an',
    'In der Erläuterung lesen, was er sagt; notify.webhooks berichtigen oder den Empfänger in Ordnung bringen. Nachrichten warten und werden noch einmal gesendet.',
  ],
  'LS-PLAYBACK-001': [
    'Von diesem Augenblick ist nichts gespeichert',
    'Einen anderen wählen: Messwerte bleiben so lange, wie die Aufbewahrung sagt, und während ein Gateway aus ist, entstehen keine.',
  ],
  'LS-INGEST-001': ['Inhalt ist nicht lesbar', 'Den Inhalt in der Quarantäne ansehen.'],
  'LS-INGEST-002': [
    'Wert ist keine Zahl, die gemessen sein kann',
    'Den Treiber verbessern, der ihn meldet; das Telegramm liegt in der Quarantäne.',
  ],
  'LS-INGEST-003': ['Zeit liegt zu weit von jetzt', 'Die Uhr der Quelle und die der Cloud prüfen.'],
  'LS-INGEST-004': ['Topic steht nicht in der Tabelle der Topics', 'Auf einem Topic senden, das die Tabelle nennt.'],
  'LS-INGEST-005': ['Alias ist nicht bekannt', 'Eine neue Anmeldung ist angefordert; mehr ist nicht nötig.'],
  'LS-INGEST-006': [
    'Dieses Topic gehört diesem Client nicht',
    'Ein Gateway nutzt nur Topics mit seiner eigenen Kennung.',
  ],
  'LS-INGEST-007': ['Bericht passt nicht zu seinem Schema', 'Siehe den Zeiger in der Erläuterung.'],
  'LS-INGEST-020': [
    'Gateway-Datei ist nicht lesbar',
    'Die genannte Zeile verbessern oder die Datei zurückholen. Bis dahin gilt die letzte gute.',
  ],
  'LS-JOB-001': ['Auftrag kann nicht erledigt werden', 'Siehe die Erläuterung; weniger verlangen, oder es melden.'],
  'LS-SIM-001': [
    'Hier gibt es keine Simulation',
    'Diese Route geht nur, wo die Cloud neben der simulierten Anlage läuft.',
  ],
  'LS-STORE-001': [
    'Speicher antwortet nicht',
    'Den Speicher starten, den die Erläuterung nennt, oder Platz schaffen. Gateways behalten ihre Daten, bis er zurück ist.',
  ],
  'LS-STORE-002': [
    'Telemetriespeicher lehnt einen Punkt ab',
    'Die Quelle berichtigen, die die Erläuterung nennt; der Rahmen ist als abgelehnt quittiert.',
  ],
  'LS-FORECAST-001': [
    'Zu wenig Vergangenheit zum Trainieren',
    'Warten, bis vier Wochen guter Messwerte gespeichert sind.',
  ],
  'LS-FORECAST-002': [
    'Keine Prognose ist ausgegeben',
    'Prognosen kommen alle 15 min; noch einmal fragen. Kommt keine, fehlen Messwerte des Ziels.',
  ],
  'LS-FORECAST-003': [
    'Modell ist zu spät, nicht endlich oder außer Bereich',
    'Die einfache Prognose antwortet, bis sich das Modell erholt.',
  ],
  'LS-FORECAST-004': [
    'Eingangsmessung ist nicht brauchbar',
    'Die Prognose nimmt die Schätzung. Die Messung instand setzen.',
  ],
  'LS-FORECAST-005': [
    'Modell ist schlechter als sein einfacher Maßstab',
    'Die einfache Prognose antwortet; ein neues Modell wird trainiert.',
  ],
  'LS-FORECAST-006': [
    'Wetter, das das Modell braucht, fehlt',
    'Das lineare Teilmodell, das keines braucht, antwortet; das Wetter mit POST /v1/weather senden.',
  ],
  'LS-FORECAST-007': [
    'Reihe gilt nicht für den Rücktest',
    'Stundenmittel der Länge geben, die die Meldung nennt; füllen oder weglassen, worauf sie zeigt.',
  ],
  'LS-FORECAST-008': [
    'Gemeinsame Fehler der Glieder sind unbekannt',
    'Wieder versuchen, wenn jedes Glied drei Wochen Last hat, oder nach den Gliedern fragen.',
  ],
  'LS-FORECAST-009': [
    'Prognose kann nicht erläutert werden',
    'Nur Prognosen von Modellen des Registers werden erläutert: nach einer fragen, die kein Rückfall und keine Summe ist.',
  ],
  'LS-FORECAST-010': [
    'Verhalten der Geräte ist nicht bekannt',
    'Nach der ungesteuerten Last fragen, nach einer Zeit mit geltendem Fahrplan, oder nach den letzten zwei Wochen.',
  ],
  'LS-FORECAST-011': [
    'Rest ist selbst nicht gemessen',
    'Höchstens 48 h ab jetzt anfordern, oder die Woche voraus für sein Umspannwerk und dessen gemessene Abgänge. GET /v1/forecasts nennt frühere Prognosen.',
  ],
  'LS-MODEL-001': [
    'Modellbündel wird abgelehnt',
    'Siehe Einzelheiten: die Bytes passen nicht zum Manifest oder werden nicht geladen.',
  ],
  'LS-MODEL-002': ['Modell steht nicht im Register', 'Die Modelle mit GET /v1/models abfragen.'],
  'LS-MODEL-003': [
    'Modell kann diesen Schritt nicht tun',
    'Zustand und Übergänge mit GET /v1/models/{id} ansehen; abgelehnte Modelle bleiben abgelehnt.',
  ],
  'LS-MODEL-004': [
    'Modell passt nicht zum Merkmalsschema oder zum Kontext des Vertrags',
    'Spalten, Schritte und Quantile seines Platzes stehen in shared/forecast/FEATURES.md und CONTEXT.md.',
  ],
  'LS-MODEL-005': [
    'Modell ist keine ONNX-Datei mit erlaubten Operatoren',
    'Mit den Operatoren aus cloud/forecast/registry/import/IMPORT.md exportieren, ohne Teilgraphen, dünn besetzte Tensoren oder externe Daten.',
  ],
  'LS-MODEL-006': [
    'Modell hat die falsche Form von Ein- oder Ausgabe',
    'Eine float32-Eingabe [batch, features], oder context [batch, length] und covariates [batch, length + steps, count]; eine float32-Ausgabe [batch, steps x quantiles], Schritt für Schritt.',
  ],
  'LS-MODEL-007': [
    'Modell gibt einen Wert, der nicht endlich ist oder außerhalb seines Bereichs liegt',
    'Divisionen und Logarithmen absichern; Einheiten (kW) und den Bereich im Manifest prüfen.',
  ],
  'LS-MODEL-008': [
    'Modell antwortet auf seine Prüfzeilen anders',
    'Mindestens eine Zeile mit der Antwort des Modells beim Training senden; sie müssen auf 1e-4 übereinstimmen.',
  ],
  'LS-MODEL-009': [
    'Modell ist zu groß oder zu langsam für seinen Platz',
    'Weniger Bäume oder kleinere Schichten verwenden; die Einzelheiten nennen die Grenzen für Größe, Speicher und Zeit.',
  ],
  'LS-MODEL-010': [
    'Modell ist nicht besser als das bisherige',
    'Über die letzten 28 Tage mit POST /v1/backtests vergleichen; mit mehr Historie trainieren und erneut senden.',
  ],
  'LS-MODEL-011': ['Modell ist abgelaufen', 'Der Rückfall antwortet. Ein neues Modell trainieren oder senden.'],
  'LS-MODEL-012': [
    'Eingaben eines Modells haben sich verschoben',
    'Es wird neu trainiert. Prüfen, ob sich die Last oder eine Messung dauerhaft geändert hat.',
  ],
  'LS-MODEL-013': [
    'Fehler eines Modells sind gewachsen',
    'Es wird neu trainiert. Auf der Wertungskarte mit den einfachen Prognosen vergleichen.',
  ],
  'LS-MODEL-014': [
    'Modell läuft bald ab',
    'Es wird neu trainiert. Mit GET /v1/models ansehen, warum die Kandidaten aufgehalten wurden, oder eines senden.',
  ],
  'LS-MODEL-015': [
    'Bänder eines Modells sind zu schmal oder zu breit',
    '60 bis 95 % der Werte sollen zwischen P10 und P90 liegen; mit mehr Historie trainieren oder die Quantile an Tagen eichen, die es nicht gesehen hat.',
  ],
};
