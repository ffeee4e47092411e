import type { ShownFaults } from '../catalogue.ts';

/** Title and remedy of the errors that the page shows. */
export const faults: ShownFaults = {
  'LS-API-001': ['Verzoek is verkeerd gevormd', 'Zie de aanwijzer in errors.'],
  'LS-API-002': [
    'Aanmelden is nodig',
    'Meld u aan op de pagina, of stuur Authorization: Bearer <token>; gebruikers maken hun eigen API-tokens.',
  ],
  'LS-API-003': ['Niet toegestaan', 'Vraag een beheerder om het recht dat de toelichting noemt.'],
  'LS-API-004': ['Niet gevonden', 'Controleer de id; de lijst noemt wat er is.'],
  'LS-API-005': ['Botsing met iets anders', 'Zie de toelichting.'],
  'LS-API-006': ['Verzoek is te groot', 'Stuur minder in één verzoek.'],
  'LS-API-007': ['Begrepen maar niet mogelijk', 'Zie de aanwijzer in errors.'],
  'LS-API-008': ['Te veel verzoeken', 'Wacht de tijd in Retry-After af.'],
  'LS-API-009': ['Nog niet gereed', 'Vraag het over een ogenblik opnieuw.'],
  'LS-API-010': ['Interne fout', 'Meld dit met de tijd en het gevraagde adres; aan wat u stuurde lag het niet.'],
  'LS-API-011': ['Formaat wordt niet aangeboden', 'Gebruik een formaat dat de toelichting noemt.'],
  'LS-API-012': [
    'Idempotentiesleutel is voor een ander verzoek gebruikt',
    'Gebruik voor elk verzoek een nieuwe sleutel, en dezelfde alleen om het te herhalen.',
  ],
  'LS-API-013': [
    'Wachtwoord is te makkelijk te raden',
    'Kies vier of meer woorden die niet bij elkaar horen, of laat een wachtwoordbeheerder er een maken.',
  ],
  'LS-API-014': [
    'Rollen sluiten elkaar uit',
    'Geef de rollen aan twee personen: wie rechten verleent bedient geen apparaten en beoordeelt niet wie wat deed.',
  ],
  'LS-API-015': [
    'Een passkey is nodig',
    'Bewijs een passkey van u op de pagina. Wie ze allemaal kwijt is vraagt het wie de machine beheert: loadstone cloud people forget-passkeys NAAM.',
  ],
  'LS-API-016': ['Passkey klopt niet', 'Probeer het opnieuw vanaf de pagina; zie de toelichting.'],
  'LS-API-017': [
    'Uitkomst is niet bekend',
    'Kijk eerst of het is gebeurd, en vraag het dan opnieuw: het antwoord ging verloren, en wat u vroeg kan gebeurd zijn of niet.',
  ],
  'LS-API-018': [
    'Ruimte voor gestuurde metingen is vol',
    'Verwijder gestuurde metingen die niemand meer nodig heeft (DELETE /v1/measurements), de oudste eerst, en stuur het opnieuw.',
  ],
  'LS-API-019': [
    'Sessie is vergrendeld',
    'Meld u opnieuw aan op de pagina. Een stop, de modus Hand en het opheffen van een handsturing gaan ook zo uit.',
  ],
  'LS-DESK-001': [
    'Apparaat neemt deze stuurwaarde niet aan',
    'Kies een waarde binnen het bereik dat de toelichting noemt.',
  ],
  'LS-DESK-002': [
    'Toestand van het net is niet bekend',
    'Wacht op de volgende schatting; controleer de foutieve meters.',
  ],
  'LS-DESK-003': [
    'Verbinding is weg of verouderd',
    'Zonder verbinding wordt niets gestuurd. De gateway werkt zelf door en kan ter plaatse worden bediend.',
  ],
  'LS-DESK-004': [
    'Selectie is niet geldig',
    'Selecteer opnieuw: een selectie geldt eenmaal, 30 s lang, voor haar gebruiker, apparaat en waarde.',
  ],
  'LS-DESK-005': ['Een tweede persoon is nodig', 'Laat een ander met het recht het binnen de tijd goedkeuren.'],
  'LS-DESK-006': [
    'Iemand anders beheert dit gebied',
    'Vraag de beheerder te handelen of het over te dragen, of neem het over met een reden.',
  ],
  'LS-DESK-007': [
    'Gateway heeft de selectie niet',
    'Zie de toelichting: bevestig zodra de gateway heeft geantwoord, of verbeter wat hij weigert en selecteer opnieuw.',
  ],
  'LS-DESK-008': [
    'Handeling bereikte niet elke gateway',
    'De toelichting noemt welke gateways haar hebben en welke niet. Vraag haar bij de laatste opnieuw aan, of bedien ze ter plaatse.',
  ],
  'LS-SHIFT-001': [
    'Een dienst wordt door iemand anders overgenomen',
    'Laat wie komt zich aanmelden en overnemen; wie aftekende en blijft tekent later opnieuw af.',
  ],
  'LS-SHIFT-002': ['Overdracht wacht niet meer', 'Lees de dienst opnieuw: de nieuwste overdracht telt.'],
  'LS-NOTIFY-001': [
    'Mailserver neemt de mail niet aan',
    'Zie in de toelichting wat hij zegt; verbeter notify.mail. Mails wachten en worden opnieuw verzonden.',
  ],
  'LS-NOTIFY-002': ['Er is geen mailserver ingesteld', 'Zet notify.mail in de configuratie van de cloud.'],
  'LS-NOTIFY-003': [
    'Ontvanger neemt de webhook niet aan',
    'Zie in de toelichting wat hij zegt; verbeter notify.webhooks of de ontvanger. Berichten wachten en worden opnieuw verzonden.',
  ],
  'LS-PLAYBACK-001': [
    'Van dat moment is niets bewaard',
    'Kies een ander moment: metingen blijven zo lang als de bewaartermijn zegt, en terwijl een gateway uit is worden er geen gedaan.',
  ],
  'LS-INGEST-001': ['Inhoud is niet te lezen', 'Bekijk de inhoud in de quarantaine.'],
  'LS-INGEST-002': [
    'Waarde is geen getal dat gemeten kan zijn',
    'Verbeter de driver die haar meldt; het telegram staat in de quarantaine.',
  ],
  'LS-INGEST-003': ['Tijd ligt te ver van nu', 'Controleer de klok van de bron en die van de cloud.'],
  'LS-INGEST-004': ['Topic staat niet in de tabel van topics', 'Publiceer op een topic dat de tabel noemt.'],
  'LS-INGEST-005': ['Alias is niet bekend', 'Om een nieuwe aanmelding is gevraagd; meer is niet nodig.'],
  'LS-INGEST-006': ['Dit topic is niet van deze client', 'Een gateway gebruikt alleen topics met zijn eigen id.'],
  'LS-INGEST-007': ['Rapport past niet bij zijn schema', 'Zie de aanwijzer in de toelichting.'],
  'LS-INGEST-020': [
    'Gatewaybestand is niet leesbaar',
    'Verbeter de regel die de melding noemt, of zet het bestand terug. Tot dan geldt het laatste goede.',
  ],
  'LS-JOB-001': ['Opdracht kan niet worden uitgevoerd', 'Zie de toelichting; vraag minder, of meld het.'],
  'LS-SIM-001': [
    'Hier is geen simulatie',
    'Deze route werkt alleen waar de cloud naast de gesimuleerde installatie draait.',
  ],
  'LS-STORE-001': [
    'Opslag antwoordt niet',
    'Start de opslag die de toelichting noemt, of maak schijfruimte vrij. Gateways bewaren hun data tot hij terug is.',
  ],
  'LS-STORE-002': [
    'Meetwaardenopslag weigert een punt',
    'Verbeter de bron die de toelichting noemt; het frame is als geweigerd bevestigd.',
  ],
  'LS-FORECAST-001': ['Te weinig historie om te trainen', 'Wacht tot vier weken goede metingen zijn bewaard.'],
  'LS-FORECAST-002': [
    'Er is geen prognose uitgegeven',
    'Prognoses komen elke 15 min; vraag het opnieuw. Komt er geen, dan ontbreken metingen van het doel.',
  ],
  'LS-FORECAST-003': [
    'Model is te laat, niet eindig of buiten bereik',
    'De eenvoudige prognose antwoordt tot het model zich herstelt.',
  ],
  'LS-FORECAST-004': ['Invoermeter is niet bruikbaar', 'De prognose gebruikt de schatting. Herstel de meter.'],
  'LS-FORECAST-005': [
    'Model is slechter dan zijn eenvoudige maatstaf',
    'De eenvoudige prognose antwoordt; een nieuw model wordt getraind.',
  ],
  'LS-FORECAST-006': [
    'Weer dat het model nodig heeft ontbreekt',
    'Het lineaire deelmodel, dat er geen nodig heeft, antwoordt; stuur het weer met POST /v1/weather.',
  ],
  'LS-FORECAST-007': [
    'Reeks is niet geldig voor de terugtoets',
    'Geef uurgemiddelden van de lengte die het bericht noemt; vul aan of laat weg waar het naar wijst.',
  ],
  'LS-FORECAST-008': [
    'Gezamenlijke fouten van de leden zijn onbekend',
    'Probeer het opnieuw als elk lid drie weken belasting heeft, of vraag naar de leden.',
  ],
  'LS-FORECAST-009': [
    'Prognose kan niet worden toegelicht',
    'Alleen prognoses van modellen uit het register worden toegelicht: vraag er een die geen terugval en geen som is.',
  ],
  'LS-FORECAST-010': [
    'Gedrag van apparaten is niet bekend',
    'Vraag de ongestuurde belasting, een tijd waarop een plan van kracht was, of de laatste twee weken.',
  ],
  'LS-FORECAST-011': [
    'Rest is zelf niet gemeten',
    'Vraag hoogstens 48 uur vanaf nu, of de week vooruit voor zijn onderstation en de gemeten afgangen daarvan. GET /v1/forecasts noemt eerdere prognoses.',
  ],
  'LS-MODEL-001': [
    'Modelbundel is geweigerd',
    'Zie de toelichting: de bytes passen niet bij het manifest, of worden niet geladen.',
  ],
  'LS-MODEL-002': ['Model staat niet in het register', 'Vraag de modellen op met GET /v1/models.'],
  'LS-MODEL-003': [
    'Model kan deze stap niet doen',
    'Zie zijn toestand en overgangen met GET /v1/models/{id}; afgewezen modellen blijven afgewezen.',
  ],
  'LS-MODEL-004': [
    'Model past niet bij het schema van kenmerken of de context van het contract',
    'Zie shared/forecast/FEATURES.md en CONTEXT.md voor kolommen, stappen en kwantielen van zijn plaats.',
  ],
  'LS-MODEL-005': [
    'Model is geen ONNX-bestand met toegestane operatoren',
    'Exporteer het met de operatoren uit cloud/forecast/registry/import/IMPORT.md, zonder deelgrafen, ijle tensoren of externe data.',
  ],
  'LS-MODEL-006': [
    'Model heeft de verkeerde vorm van invoer of uitvoer',
    'Eén float32-invoer [batch, features], of context [batch, length] en covariates [batch, length + steps, count]; één float32-uitvoer [batch, steps x quantiles], stap voor stap.',
  ],
  'LS-MODEL-007': [
    'Model geeft een waarde die niet eindig is of buiten zijn bereik',
    'Beveilig delingen en logaritmen; controleer eenheden (kW) en het bereik in het manifest.',
  ],
  'LS-MODEL-008': [
    'Model geeft op zijn proefrijen een ander antwoord',
    'Stuur minstens één rij met het antwoord van het model bij de training; ze moeten tot op 1e-4 gelijk zijn.',
  ],
  'LS-MODEL-009': [
    'Model is te groot of te traag voor zijn plaats',
    'Gebruik minder bomen of kleinere lagen; de toelichting geeft de grenzen van grootte, geheugen en tijd.',
  ],
  'LS-MODEL-010': [
    'Model is niet beter dan het huidige',
    'Vergelijk het over de laatste 28 dagen met POST /v1/backtests; train het op meer historie en stuur het opnieuw.',
  ],
  'LS-MODEL-011': ['Model is verlopen', 'De terugval antwoordt. Train een nieuw model, of stuur er een.'],
  'LS-MODEL-012': [
    'Invoer van een model is verschoven',
    'Het wordt opnieuw getraind. Controleer of de belasting of een meter blijvend is veranderd.',
  ],
  'LS-MODEL-013': [
    'Fouten van een model zijn gegroeid',
    'Het wordt opnieuw getraind. Vergelijk het op de scorekaart met de eenvoudige prognoses.',
  ],
  'LS-MODEL-014': [
    'Model verloopt binnenkort',
    'Het wordt opnieuw getraind. Zie met GET /v1/models waarom de kandidaten zijn tegengehouden, of stuur er een.',
  ],
  'LS-MODEL-015': [
    'Banden van een model zijn te smal of te breed',
    '60 tot 95 % van de waarden hoort tussen P10 en P90 te liggen; train het op meer historie, of ijk zijn kwantielen op dagen die het niet heeft gezien.',
  ],
};
