import type { PlanForm } from '../plan-forms.ts';

/** Sentences of plans, in German. */
export const planWords: Readonly<Record<PlanForm, string>> = {
  'least cost': 'geringste Kosten',
  'limits, and the room kept at them': 'Grenzwerte, und der Raum dabei',
  'what its sessions can take': 'was seine Ladevorgänge aufnehmen können',
  'energy of its sessions': 'Energie seiner Ladevorgänge',
  'energy of {who} due by {time}': 'Energie von {who} fällig um {time}',
  'energy of {who} due by an unknown departure': 'Energie von {who} fällig bei einer Abfahrt, die nicht genannt ist',
  'charging of {who} without a pause': 'Laden von {who} ohne Pause',
  '{device}: limits leave no room for charging of {who} without a pause':
    '{device}: Grenzwerte lassen keinen Raum für das Laden von {who} ohne Pause',
  '{count} sessions': '{count} Ladevorgängen',
  '{element}: {constraint} would bind beyond {power} kW.':
    '{element}: {constraint} würde jenseits von {power} kW binden.',
  '{element}: {constraint} would bind beyond at least {power} kW.':
    '{element}: {constraint} würde frühestens jenseits von {power} kW binden.',
  'No limit binds here; this is the cheapest': 'Hier bindet kein Grenzwert; dies ist am günstigsten',
  '{element}: {constraint} binds, and this relieves it': '{element}: {constraint} bindet, und dies entlastet',
  '{element}: {constraint} binds, and this relieves it; the connection of {date} is cut before older ones':
    '{element}: {constraint} bindet, und dies entlastet; der Anschluss vom {date} wird vor älteren abgeregelt',
  'solar plants are cut last in, first out: the newest connection agreement first':
    'Solaranlagen werden nach dem Prinzip last in, first out abgeregelt: der neueste Anschlussvertrag zuerst',
  'limits leave no order of connection agreements: older solar plants may be cut before newer ones':
    'Grenzwerte lassen keine Reihenfolge der Anschlussverträge zu: ältere Solaranlagen können vor neueren abgeregelt werden',
  'This is the cheapest, and {element}: {constraint} ends it here':
    'Dies ist am günstigsten, und {element}: {constraint} begrenzt es hier',
  '{element}: {constraint} binds and leaves no more here':
    '{element}: {constraint} bindet und lässt hier nicht mehr zu',
  '{element}: {constraint} binds': '{element}: {constraint} bindet',
  '{cause}.': '{cause}.',
  '{cause}. Consumption at {bus} costs {price} EUR/MWh.': '{cause}. Bezug an {bus} kostet {price} EUR/MWh.',
  '{cause}. Consumption at {bus} costs {price} EUR/MWh, besides the penalty of a broken limit.':
    '{cause}. Bezug an {bus} kostet {price} EUR/MWh, neben den Strafkosten eines verletzten Grenzwerts.',
  '{moves}, from position {from} to {to}: until {time} {saved}.':
    '{moves}, von Stellung {from} nach {to}: bis {time} {saved}.',
  '{moves}, from position {from} to {to}: to the end of the horizon {saved}.':
    '{moves}, von Stellung {from} nach {to}: bis zum Ende des Horizonts {saved}.',
  '1 move for {price} EUR': '1 Schaltung für {price} EUR',
  '{count} moves for {price} EUR': '{count} Schaltungen für {price} EUR',
  '{price} EUR less of losses, energy and peak': '{price} EUR weniger an Verlusten, Energie und Spitze',
  '{price} EUR more of losses, energy and peak': '{price} EUR mehr an Verlusten, Energie und Spitze',
  '{saved}, and less beyond limits and the room kept there':
    '{saved}, und weniger jenseits der Grenzwerte und des Raums dabei',
  'without this: {element} at {value} {unit} at {time}': 'ohne dies: {element} bei {value} {unit} um {time}',
  'without this: {element} {passed} at {time}': 'ohne dies: {element} {passed} um {time}',
  'without this: {energy} kWh more of {device} missing at departure, charging from {time}':
    'ohne dies: {energy} kWh mehr von {device} fehlen bei Abfahrt, Laden ab {time}',
  '{value} pu beyond its band': '{value} pu außerhalb des Bands',
  'at {value} % of its rating': 'bei {value} % des Nennwerts',
  '{value} kW beyond its limit': '{value} kW über dem Grenzwert',
  '{value} kW beyond its contract': '{value} kW über dem Vertrag',
  '{limit} with load high': '{limit} bei hoher Last',
  '{limit} with load low and sun high': '{limit} bei niedriger Last und viel Sonne',
  'bus {bus}': 'Knoten {bus}',
  'line {line}': 'Leitung {line}',
  transformer: 'Transformator',
  'transformer {name}': 'Transformator {name}',
  'feeder {name}': 'Abgang {name}',
  'connection point {name}': 'Anschlusspunkt {name}',
  'above {value} pu': 'über {value} pu',
  'below {value} pu': 'unter {value} pu',
  'within its rating of {value} kVA': 'innerhalb des Nennwerts von {value} kVA',
  'within {value} kW of import': 'innerhalb von {value} kW Bezug',
  'within {value} kW of export': 'innerhalb von {value} kW Einspeisung',
  '{limit} at {time}': '{limit} um {time}',
  '{limit} from {from} to {to}': '{limit} von {from} bis {to}',
  '{subject} cannot stay {limit}, because {why}.': '{subject} kann nicht {limit} bleiben, denn {why}.',
  '{subject} cannot stay {limit} while {others}, because {why}.':
    '{subject} kann nicht {limit} bleiben, wenn gilt: {others}; denn {why}.',
  '{subject} stays {limit}': '{subject} bleibt {limit}',
  'Nothing fits, because {why}.': 'Nichts passt, denn {why}.',
  'no planned device acts on it': 'kein geplantes Gerät wirkt darauf',
  'bus {bus} has no power flow at {time} at more than {share} % of the load':
    'Knoten {bus} hat um {time} bei mehr als {share} % der Last keinen Lastfluss',
  '{collapse}, with all that the devices were found to give.': '{collapse}, mit allem, was die Geräte geben können.',
  '{least} to {most}': '{least} bis {most}',
  '{one}, {other}': '{one}, {other}',
  '{one} and {other}': '{one} und {other}',
  'at {time}': 'um {time}',
  'from {from} to {to}': 'von {from} bis {to}',
  '{devices} get no more sun {when}': '{devices} haben {when} nicht mehr Sonne',
  '{devices} are curtailed to nothing {when}': '{devices} sind {when} auf null abgeregelt',
  '{devices} can feed in no more reactive power {when}': '{devices} können {when} nicht mehr Blindleistung einspeisen',
  '{devices} can absorb no more reactive power {when}': '{devices} können {when} nicht mehr Blindleistung aufnehmen',
  '{devices} can charge no faster {when}': '{devices} können {when} nicht schneller laden',
  '{devices} can discharge no faster {when}': '{devices} können {when} nicht schneller entladen',
  '{devices} are empty {when}': '{devices} sind {when} leer',
  '{devices} are full {when}': '{devices} sind {when} voll',
  '{devices} stand at their floors {when}': '{devices} stehen {when} an ihrer Untergrenze',
  '{devices} take all that they can {when}': '{devices} nehmen {when} alles auf, was sie können',
  '{devices} have all their energy {when}': '{devices} haben {when} ihre ganze Energie',
  '{devices} can shift no more {when}': '{devices} können {when} nicht mehr verschieben',
  '{devices} stand at the lower end of their range {when}': '{devices} stehen {when} am unteren Ende ihres Bereichs',
  '{devices} stand at the upper end of their range {when}': '{devices} stehen {when} am oberen Ende ihres Bereichs',
  '{devices} may move no more {when}': '{devices} dürfen {when} nicht mehr schalten',
  '{devices} are at the rating of their inverters {when}': '{devices} sind {when} am Nennwert ihrer Wechselrichter',
  '{device} feeds in at most {value} kvar {when}': '{device} speist {when} höchstens {value} kvar ein',
  '{device} absorbs at most {value} kvar {when}': '{device} nimmt {when} höchstens {value} kvar auf',
  '{device} is at the rating of its inverter {when}': '{device} ist {when} am Nennwert des Wechselrichters',
  '{device} is curtailed to nothing {when}': '{device} ist {when} auf null abgeregelt',
  '{device} gets no more sun than for {value} kW {when}': '{device} hat {when} nicht mehr Sonne als für {value} kW',
  '{device} charges at most {value} kW {when}': '{device} lädt {when} höchstens {value} kW',
  '{device} discharges at most {value} kW {when}': '{device} entlädt {when} höchstens {value} kW',
  '{device} may not be emptied below {value} % {when}': '{device} darf {when} nicht unter {value} % entladen werden',
  '{device} may not be charged above {value} % {when}': '{device} darf {when} nicht über {value} % geladen werden',
  '{device} has given its sessions all their energy {when}':
    '{device} hat seinen Ladevorgängen {when} ihre ganze Energie gegeben',
  '{device} may not be held below {value} kW {when}': '{device} darf {when} nicht unter {value} kW gehalten werden',
  '{device} takes at most {value} kW {when}': '{device} nimmt {when} höchstens {value} kW',
  '{device} shifts at most {value} kWh {when}': '{device} verschiebt {when} höchstens {value} kWh',
  '{device} sheds no further than {value} kW {when}': '{device} geht {when} nicht unter {value} kW',
  '{device} has no moves left {when}': '{device} hat {when} keine Schaltungen mehr übrig',
  '{device} stands at the lower end of its range {when}': '{device} steht {when} am unteren Ende seines Bereichs',
  '{device} stands at the upper end of its range {when}': '{device} steht {when} am oberen Ende seines Bereichs',
  'Holds at the median of the forecast, not at {quantile}: {element}, {constraint} at {time}, has a breach probability of {share} % before the guard.':
    'Hält beim Median der Prognose, nicht bei {quantile}: {element}, {constraint} um {time}, hat vor dem Wächter eine Überschreitungswahrscheinlichkeit von {share} %.',
  'planned for less than the load: {collapse}': 'für weniger als die Last geplant: {collapse}',
  '{element} by {value} {unit} at {time}': '{element} um {value} {unit} um {time}',
  'no power flow converges without any device': 'ohne Geräte konvergiert kein Lastfluss',
  'no power flow converges at {time}': 'um {time} konvergiert kein Lastfluss',
  'the default envelopes would not hold: {names}': 'die Standardbänder würden nicht halten: {names}',
  '{device} is not reached or not known: counted as switched off':
    '{device} ist nicht erreichbar oder nicht bekannt: als abgeschaltet gezählt',
  '{device} is not reached or not known: counted at what the sun gives, at most {value} kW':
    '{device} ist nicht erreichbar oder nicht bekannt: mit dem gezählt, was die Sonne gibt, höchstens {value} kW',
  '{device} is not reached or not known: counted at its fallback, {value} kW':
    '{device} ist nicht erreichbar oder nicht bekannt: mit seinem Rückfallwert von {value} kW gezählt',
  '{device} is held by a person: counted at {value} kW': '{device} ist in Handbetrieb: mit {value} kW gerechnet',
  '{device} is held by a person: counted as it runs by itself':
    '{device} ist in Handbetrieb: gerechnet, wie es von selbst läuft',
  '{device} is not commanded by plans: counted as it runs by itself':
    '{device} wird von Fahrplänen nicht gesteuert: gerechnet, wie es von selbst läuft',
  '{device}: how often it moved today is not known; it stays where it is until tomorrow':
    '{device}: wie oft es heute geschaltet hat, ist nicht bekannt; es bleibt bis morgen, wo es ist',
  '{device}: no reading of what the sun gives; between overcast and clear sky':
    '{device}: keine Messung dessen, was die Sonne gibt; zwischen bedecktem und klarem Himmel',
  '{device}: no reading of what it wishes; counted without sessions, its floor kept':
    '{device}: keine Messung seines Wunsches; ohne Ladevorgänge gezählt, seine Untergrenze gehalten',
  '{device}: its sessions are not known one by one; counted as one that leaves first':
    '{device}: seine Ladevorgänge sind nicht einzeln bekannt; als einer gezählt, der zuerst abfährt',
  '{device}: no reading of what it wishes; half its rating taken':
    '{device}: keine Messung seines Wunsches; der halbe Nennwert angenommen',
  'forecast of {target} is a fallback ({level})': 'Prognose von {target} ist ein Rückfall ({level})',
  'no forecast of {target} reaches over the horizon: its load of now, within hours {value} kW either way':
    'keine Prognose von {target} reicht über den Horizont: die Last von jetzt, binnen Stunden {value} kW nach beiden Seiten',
  "the month's peak so far is not known: plans avoid any import that the capacity tariff bills":
    'die bisherige Spitze des Monats ist nicht bekannt: Fahrpläne meiden jeden Bezug, den der Leistungspreis berechnet',
  'CO2 intensity of {missing} of {steps} steps is not known: {value} kg/MWh':
    'CO2-Intensität von {missing} der {steps} Schritte ist nicht bekannt: {value} kg/MWh',
  'switch {device} is not in the state that the network model gives: the estimate follows the meters':
    'Schalter {device} steht nicht wie im Netzmodell: die Schätzung folgt den Messungen',
  'meter {device} is {finding}: the estimate stands in': 'Messung {device}: {finding}; die Schätzung springt ein',
  'connection point {id} stands at {buses}: its devices are planned one by one':
    'Anschlusspunkt {id} steht an {buses}: seine Geräte werden einzeln geplant',
  'Room at a limit is shared in proportion to what each connection point could do beyond its plan; points that relieve the limit are not bound by it, and none is cut below plan or floor; behind one meter each device may use what the others leave; a limit that all points load binds all of them.':
    'Was ein Grenzwert übrig lässt, wird nach dem geteilt, was jeder Anschlusspunkt über seinen Fahrplan hinaus könnte; wer entlastet, ist nicht gebunden, niemand wird unter Fahrplan oder Untergrenze gekürzt; hinter einem Zähler darf jedes Gerät nutzen, was die anderen übrig lassen; Grenzwerte, die alle belasten, binden alle.',
};
