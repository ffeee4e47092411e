/** Areas of responsibility. */
export const areas = {
  'What happened to your areas': 'Was aus Ihren Bereichen wurde',
  'still yours': 'weiterhin Ihre',
  'not yours any more': 'nicht mehr Ihre',
  '{more} more after these': '{more} weitere danach',
  Seen: 'Gesehen',
  To: 'An',
  'There is no other operator': 'Es gibt keinen anderen Operator',
  Choose: 'Auswählen',
  ', not signed in': ', nicht angemeldet',
  'You are responsible for it from now on. Its holder sees that you took it, and why.':
    'Sie verantworten ihn ab jetzt. Der bisherige Inhaber sieht, dass Sie ihn übernommen haben und warum.',
  'It is offered to them, and stays yours until they take it.':
    'Er wird angeboten und bleibt Ihrer, bis er angenommen wird.',
  'Its holder keeps it and sees that you declined it, and why.':
    'Der Anbietende bleibt Inhaber und erfährt, dass Sie ihn nicht annehmen und warum.',
  'Let go of': 'Abgeben:',
  'Nobody holds it then; anybody who may act there can take it with one click.':
    'Niemand führt ihn dann; wer dort bedienen darf, nimmt ihn mit einem Klick.',
  'Use this for a holder who is gone. Nobody holds it then.':
    'Der Inhaber führt ihn nicht mehr: für einen Inhaber, der weg ist. Niemand führt ihn dann.',
  '{names} holds {others}: let them act, or take it over under':
    '{names} führt {others}: lassen Sie dort bedienen oder übernehmen Sie unter',
  'Take {open}': '{open} nehmen',
  '{open} areas': '{open} Bereiche',
  '{parts} areas': '{parts} Bereiche',
  'Areas of responsibility': 'Verantwortungsbereiche',
  'Search areas': 'Bereiche suchen',
  'Substation, feeder, holder': 'Umspannwerk, Abgang, Inhaber',
  Whose: 'Wessen',
  'the areas': 'Bereiche',
  'Only its holder can command a held area; any operator can stop it. It stays with its holder, also after signing out, until it is handed over, taken over or let go.':
    'Befehle an einen Bereich kommen von seinem Inhaber; ein Stopp kommt von jedem Operator. Ein Bereich bleibt über die Abmeldung hinaus beim Inhaber, bis er übergeben, übernommen oder abgegeben wird.',
  '{free} held by nobody': '{free} von niemandem geführt',
  '{mine} yours, {free} nobody’s': '{mine} Ihre, {free} von niemandem',
  'Decline {offered}': '{offered} ablehnen',
  '{count, plural, one {# area} other {# areas}}': '{count, plural, one {# Bereich} other {# Bereiche}}',
  'Take these {count}': 'Diese {count} nehmen',
  'Hand over all of mine': 'Alle meine übergeben',
  'Hand over these {count}': 'Diese {count} übergeben',
  '{holder} has not seen yet that {lost} was {how}{by} at {at}.':
    '{holder} hat noch nicht gesehen, dass {lost} {how} wurde{by}, {at}.',
  'by {by}': 'von {by}',
  'No area matches. Shorten the search, or choose all.':
    'Kein Bereich passt. Suchen Sie weiter gefasst oder wählen Sie alle.',
  areas: 'Bereiche',
  '{text} (you)': '{text} (Sie)',
  'offered to {to}: {reason}': 'angeboten an {to}: {reason}',
  Free: 'Freigeben',
  Take: 'Nehmen',
  Decline: 'Ablehnen',
  'Take over': 'Übernehmen',
  'Hand over': 'Übergeben',
  'Take back': 'Zurücknehmen',
  'Let go': 'Abgeben',
  'Whose: all': 'Wessen: alle',
  Mine: 'Meine',
  'Nobody’s': 'Von niemandem',
  'Of others': 'Von anderen',
  'Offered to me': 'Mir angeboten',
  '{names} and {more} more': '{names} und {more} weitere',
  '{by} took {areas} over from you{why}': '{by} hat {areas} von Ihnen übernommen{why}',
  '{by} freed {areas}, which you held{why}': '{by} hat {areas} freigegeben, von Ihnen geführt{why}',
  '{by} declined {areas}, which you offered and still hold{why}':
    '{by} hat {areas} abgelehnt, von Ihnen angeboten und weiter geführt{why}',
  'You may not act on {areas} any more; nobody holds it now':
    'Sie dürfen {areas} nicht mehr bedienen; niemand führt es jetzt',
};
