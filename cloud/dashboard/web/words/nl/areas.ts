/** Areas of responsibility. */
export const areas = {
  'What happened to your areas': 'Wat er met uw gebieden gebeurde',
  'still yours': 'nog van u',
  'not yours any more': 'niet meer van u',
  '{more} more after these': 'nog {more} hierna',
  Seen: 'Gezien',
  To: 'Aan',
  'There is no other operator': 'Er is geen andere operator',
  Choose: 'Kies',
  ', not signed in': ', niet aangemeld',
  'You are responsible for it from now on. Its holder sees that you took it, and why.':
    'U bent er vanaf nu verantwoordelijk voor. De huidige beheerder ziet dat u het overnam en waarom.',
  'It is offered to them, and stays yours until they take it.':
    'Het wordt aangeboden en blijft van u totdat het wordt aangenomen.',
  'Its holder keeps it and sees that you declined it, and why.':
    'Wie het aanbood, blijft beheerder en hoort dat u het niet aanneemt en waarom.',
  'Let go of': 'Afstaan:',
  'Nobody holds it then; anybody who may act there can take it with one click.':
    'Niemand beheert het dan; wie er mag bedienen, neemt het met één klik.',
  'Use this for a holder who is gone. Nobody holds it then.':
    'De beheerder houdt het niet langer: voor een beheerder die weg is. Niemand beheert het dan.',
  '{names} holds {others}: let them act, or take it over under':
    '{names} beheert {others}: laat hem of haar bedienen, of neem het over onder',
  'Take {open}': '{open} nemen',
  '{open} areas': '{open} gebieden',
  '{parts} areas': '{parts} gebieden',
  'Areas of responsibility': 'Verantwoordelijkheidsgebieden',
  'Search areas': 'Gebieden zoeken',
  'Substation, feeder, holder': 'Onderstation, afgang, beheerder',
  Whose: 'Van wie',
  'the areas': 'gebieden',
  'Only its holder can command a held area; any operator can stop it. It stays with its holder, also after signing out, until it is handed over, taken over or let go.':
    'Opdrachten aan een gebied komen van de beheerder; een stop kan van elke operator komen. Een gebied blijft na afmelden bij zijn beheerder totdat het wordt overgedragen, overgenomen of afgestaan.',
  '{free} held by nobody': '{free} door niemand beheerd',
  '{mine} yours, {free} nobody’s': '{mine} van u, {free} van niemand',
  'Decline {offered}': '{offered} weigeren',
  '{count, plural, one {# area} other {# areas}}': '{count, plural, one {# gebied} other {# gebieden}}',
  'Take these {count}': 'Deze {count} nemen',
  'Hand over all of mine': 'Al mijn gebieden overdragen',
  'Hand over these {count}': 'Deze {count} overdragen',
  '{holder} has not seen yet that {lost} was {how}{by} at {at}.':
    '{holder} heeft nog niet gezien dat {lost} {how} is{by}, {at}.',
  'by {by}': 'door {by}',
  'No area matches. Shorten the search, or choose all.': 'Geen gebied past. Zoek ruimer of kies alles.',
  areas: 'gebieden',
  '{text} (you)': '{text} (u)',
  'offered to {to}: {reason}': 'aangeboden aan {to}: {reason}',
  Free: 'Vrijgeven',
  Take: 'Nemen',
  Decline: 'Weigeren',
  'Take over': 'Overnemen',
  'Hand over': 'Overdragen',
  'Take back': 'Terugnemen',
  'Let go': 'Afstaan',
  'Whose: all': 'Van wie: alle',
  Mine: 'Van mij',
  'Nobody’s': 'Van niemand',
  'Of others': 'Van anderen',
  'Offered to me': 'Aan mij aangeboden',
  '{names} and {more} more': '{names} en nog {more}',
  '{by} took {areas} over from you{why}': '{by} nam {areas} van u over{why}',
  '{by} freed {areas}, which you held{why}': '{by} gaf {areas} vrij, die u beheerde{why}',
  '{by} declined {areas}, which you offered and still hold{why}':
    '{by} weigerde {areas}, door u aangeboden en nog van u{why}',
  'You may not act on {areas} any more; nobody holds it now':
    'U mag {areas} niet meer bedienen; niemand beheert het nu',
};
