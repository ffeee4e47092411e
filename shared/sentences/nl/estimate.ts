import type { EstimateForm, FindingForm } from '../estimate-forms.ts';

export const findingWords: Readonly<Record<FindingForm, string>> = {
  'was found {finding} before the cloud was started again, and no reading has refuted it':
    'is vóór de herstart van de cloud {finding} bevonden, en geen meting heeft dat weerlegd',
  'reads {value} kW, where its device can have {least} to {most} kW':
    'meet {value} kW, waar het apparaat {least} tot {most} kW kan hebben',
  'reads {least} to {most} kW for {hours} h on end, within {share} % of its rating; a net load of a substation is never that still':
    'meet {hours} h lang {least} tot {most} kW, binnen {share} % van de nominale waarde; zo stil is de nettobelasting van een onderstation nooit',
  'rises with the sun (correlation {correlation}, {anomaly} between bright and dull days at the same hour) and shows {value} kW of feed-in by night: it counts with the wrong sign':
    'stijgt met de zon (correlatie {correlation}, {anomaly} tussen heldere en doffe dagen op hetzelfde uur) en toont {value} kW teruglevering bij nacht: het telt met het verkeerde teken',
  'reads {value} kW without a change for {minutes} min, while the other meters moved by {moved} kW in all':
    'meet {minutes} min onveranderd {value} kW, terwijl de andere meters samen {moved} kW bewogen',
  'moves against its feeder heads: {slope} kW for each kW of theirs, where +1 is right (t {confidence})':
    'beweegt tegen de afgangsvelden in: {slope} kW voor elke kW daarvan, waar +1 juist is (t {confidence})',
  'last value is {age} s old; one each {interval} s is expected':
    'laatste waarde is {age} s oud; één per {interval} s wordt verwacht',
  '{value} kW is three times what the transformer is rated for':
    '{value} kW is driemaal de nominale waarde van de transformator',
  '{value} pu is no voltage that a network in service has': '{value} pu is geen spanning die een net in bedrijf heeft',
  'shows {value} pu, which is {difference} pu above what all other meters say':
    'toont {value} pu, {difference} pu boven wat alle andere meters zeggen',
  'shows {value} pu, which is {difference} pu below what all other meters say':
    'toont {value} pu, {difference} pu onder wat alle andere meters zeggen',
  'moves {slope} kW of {element} for each kW of its own, where 1 is right':
    'beweegt {slope} kW van {element} voor elke eigen kW, waar 1 juist is',
  'shows {value} kW over the last hour, where all others together say {expected} kW':
    'toont {value} kW over het laatste uur, waar alle andere samen {expected} kW zeggen',
  'shows {value} pu over the last hour, where all others together say {expected} pu':
    'toont {value} pu over het laatste uur, waar alle andere samen {expected} pu zeggen',
  'shows {value} kWh, where its device took in {expected} kWh by its own account':
    'toont {value} kWh, waar het apparaat naar eigen zeggen {expected} kWh opnam',
  'the meters fit only with {closed} closed and {open}, or a line beside it, open':
    'de metingen passen alleen met {closed} gesloten en {open}, of een lijn ernaast, open',
  'the last day fits {times} times better with {closed} closed and {open}, or a line beside it, open: worth a look; the estimate stays as it is':
    'de laatste dag past {times} keer beter met {closed} gesloten en {open}, of een lijn ernaast, open: een blik waard; de schatting blijft zoals ze is',
};

/** Sentences of the estimate about meters, switches and substitutions, in Dutch. */
export const estimateWords: Readonly<Record<EstimateForm, string>> = {
  ...findingWords,
  'no power flow fits these readings: the state is not known':
    'geen loadflow past bij deze metingen: de toestand is niet bekend',
  'its measured voltages do not fit the model: look at switch states and impedances':
    'gemeten spanningen passen niet bij het model: controleer schakelstanden en impedanties',
  'meter is {finding}: sum of the feeder heads stands in; the rest by habit':
    'meter is {finding}: de som van de afgangsvelden neemt het over; de rest uit gewoonte',
  'meter is {finding}: sum of the feeder heads stands in; nothing tells what else the busbar carries':
    'meter is {finding}: de som van de afgangsvelden neemt het over; niets zegt wat de rail verder draagt',
  'without a reading': 'zonder meetwaarde',
  'meter counts with the wrong sign: its value is turned':
    'meter telt met het verkeerde teken: de waarde is omgedraaid',
  measured: 'gemeten',
  'measured at its terminal': 'gemeten op de klem',
  'last value, its error grows with its age': 'laatste waarde; de fout groeit met de ouderdom',
  'no usable head meter: half of the nominal load and the metered devices':
    'geen bruikbare meter in het afgangsveld: de helft van de nominale belasting en de gemeten apparaten',
  'never read: the middle of {least} to {most} kW': 'nooit gelezen: het midden van {least} tot {most} kW',
  'no usable voltage at the busbar: from the source and the tap':
    'geen bruikbare spanning op de rail: uit de bron en de trap',
  'tap position is not read: as in the network': 'trapstand wordt niet gelezen: zoals in het net',
  '{names} ({how})': '{names} ({how})',
  '{one}; {other}': '{one}; {other}',
  '{one}, {other}': '{one}, {other}',
  '{one} and {other}': '{one} en {other}',
  'this feeder': 'deze afgang',
  'feeder head': 'afgangsveld',
  '1 device': '1 apparaat',
  '{count} devices': '{count} apparaten',
  'the model alone': 'alleen het model',
};
