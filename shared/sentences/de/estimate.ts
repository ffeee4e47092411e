import type { EstimateForm, FindingForm } from '../estimate-forms.ts';

export const findingWords: Readonly<Record<FindingForm, string>> = {
  'was found {finding} before the cloud was started again, and no reading has refuted it':
    'wurde vor dem Neustart der Cloud als {finding} befunden, und keine Messung hat es widerlegt',
  'reads {value} kW, where its device can have {least} to {most} kW':
    'zeigt {value} kW, wo sein Gerät {least} bis {most} kW haben kann',
  'reads {least} to {most} kW for {hours} h on end, within {share} % of its rating; a net load of a substation is never that still':
    'zeigt {hours} h lang {least} bis {most} kW, innerhalb von {share} % des Nennwerts; so still ist die Nettolast eines Umspannwerks nie',
  'rises with the sun (correlation {correlation}, {anomaly} between bright and dull days at the same hour) and shows {value} kW of feed-in by night: it counts with the wrong sign':
    'steigt mit der Sonne (Korrelation {correlation}, {anomaly} zwischen hellen und trüben Tagen zur selben Stunde) und zeigt nachts {value} kW Einspeisung: sie zählt mit falschem Vorzeichen',
  'reads {value} kW without a change for {minutes} min, while the other meters moved by {moved} kW in all':
    'zeigt {minutes} min unverändert {value} kW, während sich die anderen Messungen zusammen um {moved} kW bewegten',
  'moves against its feeder heads: {slope} kW for each kW of theirs, where +1 is right (t {confidence})':
    'bewegt sich gegen ihre Abgangsfelder: {slope} kW für jedes kW von ihnen, wo +1 richtig ist (t {confidence})',
  'last value is {age} s old; one each {interval} s is expected':
    'letzter Wert ist {age} s alt; einer alle {interval} s wird erwartet',
  '{value} kW is three times what the transformer is rated for':
    '{value} kW ist das Dreifache des Nennwerts des Transformators',
  '{value} pu is no voltage that a network in service has':
    '{value} pu ist keine Spannung, die ein Netz in Betrieb hat',
  'shows {value} pu, which is {difference} pu above what all other meters say':
    'zeigt {value} pu, {difference} pu über dem, was alle anderen Messungen sagen',
  'shows {value} pu, which is {difference} pu below what all other meters say':
    'zeigt {value} pu, {difference} pu unter dem, was alle anderen Messungen sagen',
  'moves {slope} kW of {element} for each kW of its own, where 1 is right':
    'bewegt {slope} kW von {element} für jedes eigene kW, wo 1 richtig ist',
  'shows {value} kW over the last hour, where all others together say {expected} kW':
    'zeigt {value} kW über die letzte Stunde, wo alle anderen zusammen {expected} kW sagen',
  'shows {value} pu over the last hour, where all others together say {expected} pu':
    'zeigt {value} pu über die letzte Stunde, wo alle anderen zusammen {expected} pu sagen',
  'shows {value} kWh, where its device took in {expected} kWh by its own account':
    'zeigt {value} kWh, wo sein Gerät nach eigener Rechnung {expected} kWh aufgenommen hat',
  'the meters fit only with {closed} closed and {open}, or a line beside it, open':
    'die Messungen passen nur mit {closed} geschlossen und {open}, oder einer Leitung daneben, offen',
  'the last day fits {times} times better with {closed} closed and {open}, or a line beside it, open: worth a look; the estimate stays as it is':
    'der letzte Tag passt {times}-mal besser mit {closed} geschlossen und {open}, oder einer Leitung daneben, offen: einen Blick wert; die Schätzung bleibt, wie sie ist',
};

/** Sentences of the estimate about meters, switches and substitutions, in German. */
export const estimateWords: Readonly<Record<EstimateForm, string>> = {
  ...findingWords,
  'no power flow fits these readings: the state is not known':
    'kein Lastfluss passt zu diesen Messungen: der Zustand ist nicht bekannt',
  'its measured voltages do not fit the model: look at switch states and impedances':
    'gemessene Spannungen passen nicht zum Modell: Schalterstellungen und Impedanzen prüfen',
  'meter is {finding}: sum of the feeder heads stands in; the rest by habit':
    'Messung ist {finding}: die Summe der Abgangsfelder springt ein; der Rest nach Gewohnheit',
  'meter is {finding}: sum of the feeder heads stands in; nothing tells what else the busbar carries':
    'Messung ist {finding}: die Summe der Abgangsfelder springt ein; nichts sagt, was die Sammelschiene sonst trägt',
  'without a reading': 'ohne Messwert',
  'meter counts with the wrong sign: its value is turned':
    'Messung zählt mit falschem Vorzeichen: ihr Wert ist gedreht',
  measured: 'gemessen',
  'measured at its terminal': 'an der Klemme gemessen',
  'last value, its error grows with its age': 'letzter Wert; sein Fehler wächst mit seinem Alter',
  'no usable head meter: half of the nominal load and the metered devices':
    'keine brauchbare Messung im Abgangsfeld: die halbe Nennlast und die gemessenen Geräte',
  'never read: the middle of {least} to {most} kW': 'nie gelesen: die Mitte von {least} bis {most} kW',
  'no usable voltage at the busbar: from the source and the tap':
    'keine brauchbare Spannung an der Sammelschiene: aus Quelle und Stufe',
  'tap position is not read: as in the network': 'Stufenstellung wird nicht gelesen: wie im Netz',
  '{names} ({how})': '{names} ({how})',
  '{one}; {other}': '{one}; {other}',
  '{one}, {other}': '{one}, {other}',
  '{one} and {other}': '{one} und {other}',
  'this feeder': 'dieser Abgang',
  'feeder head': 'Abgangsfeld',
  '1 device': '1 Gerät',
  '{count} devices': '{count} Geräte',
  'the model alone': 'das Modell allein',
};
