import { foundOf, type EventWords } from '../event-forms.ts';
import { limitWords } from '../limit-names.ts';
import { findingWords } from './estimate.ts';

/** Sentences of events and alarms, in Dutch. */
export const events: EventWords = {
  '{type} {id} ({epoch}, {sequence}) is accepted': '{type} {id} ({epoch}, {sequence}) is aanvaard',
  plan: 'plan',
  model: 'model',
  settings: 'instellingen',
  command: 'opdracht',
  training: 'training',
  weather: 'weer',
  'the gateway goes from {from} to {to}': 'de gateway gaat van {from} naar {to}',
  'own-plan': 'eigen plan',
  autonomous: 'zelfstandig',
  'fail-safe': 'fail-safe',
  'the gateway has started': 'de gateway is gestart',
  'The cloud has started.': 'De cloud is gestart.',
  '{element} at {value} {unit} is past {bound} {unit}: {devices} relieves it':
    '{element} op {value} {unit} is voorbij {bound} {unit}: {devices} ontlast',
  '{element} at {value} {unit} is past {bound} {unit}: nothing relieves it':
    '{element} op {value} {unit} is voorbij {bound} {unit}: niets ontlast',
  'the guard has let go of all devices': 'de bewaker heeft alle apparaten losgelaten',
  'the {limit} is not kept at {devices}: a limit that goes first leaves it no room':
    'de grens {limit} wordt niet gehouden bij {devices}: een grens die voorgaat laat geen ruimte',
  'the {limit} is not kept at {devices} and {others} more: a limit that goes first leaves it no room':
    'de grens {limit} wordt niet gehouden bij {devices} en nog {others}: een grens die voorgaat laat geen ruimte',
  '{device} does not answer; it counts at its worst until it is back':
    '{device} antwoordt niet; het telt op zijn slechtst totdat het terug is',
  '{element} at {value} {unit} is past its limit of {bound}, and {why}':
    '{element} op {value} {unit} is voorbij de grenswaarde van {bound}, en {why}',
  '{element} at {value} {unit} is past its limit of {bound}, as is one more device of its feeder, and {why}':
    '{element} op {value} {unit} is voorbij de grenswaarde van {bound}, evenals nog een apparaat van de afgang, en {why}',
  '{element} at {value} {unit} is past its limit of {bound}, as are {others} more devices of its feeder, and {why}':
    '{element} op {value} {unit} is voorbij de grenswaarde van {bound}, evenals nog {others} apparaten van de afgang, en {why}',
  '{device} was told {told} kW and gives {read} kW: its sign, or that of its meter, is turned':
    '{device} kreeg {told} kW opgedragen en geeft {read} kW: het teken ervan, of dat van de meter, is omgedraaid',
  '{device} was told {told} kW and reads back {read} kW':
    '{device} kreeg {told} kW opgedragen en leest {read} kW terug',
  '{device} was told {told} kvar and reads back {read} kvar':
    '{device} kreeg {told} kvar opgedragen en leest {read} kvar terug',
  '{device} was told {told} kW and reads back {read} kW, was told {toldKvar} kvar and reads back {readKvar} kvar':
    '{device} kreeg {told} kW opgedragen en leest {read} kW terug, kreeg {toldKvar} kvar en leest {readKvar} kvar terug',
  'the heartbeat of the cloud is lost: the fail-safe limit holds':
    'het levensteken van de cloud is weg: de fail-safegrens geldt',
  'the fail-safe limit has held for its minimum time of {hours} h and goes on: heartbeat or a fresh limit is missing':
    'de fail-safegrens geldt al zijn minimumtijd van {hours} h en gaat door: levensteken of verse grenswaarde ontbreekt',
  'relief of {element} by {device} ({lever}) makes it worse: its sign, or that of the meter of {element}, is turned; the guard uses it no more there':
    'ontlasting van {element} door {device} ({lever}) maakt het erger: het teken ervan, of dat van de meter van {element}, is omgedraaid; de bewaker gebruikt het daar niet meer',
  'relief of {element} by {device} ({lever}) does not show there: it may be behind another feeder; the guard uses it no more there':
    'ontlasting van {element} door {device} ({lever}) is daar niet te zien: het zit misschien achter een andere afgang; de bewaker gebruikt het daar niet meer',
  'all relief of {element} seems to make it worse: its meter may be turned; the guard leaves {element} alone':
    'alle ontlasting van {element} lijkt het erger te maken: de meter is misschien omgedraaid; de bewaker laat {element} met rust',
  "relief of {element} does not come as it should; steps of {device} ({lever}) are too small beside the meter's error to tell whether it is at fault":
    'ontlasting van {element} komt niet zoals het hoort; stappen van {device} ({lever}) zijn te klein naast de meterfout om te zeggen of het daaraan ligt',
  'The document numbers of gateway {gateway} fit again.': 'De documentnummers van gateway {gateway} kloppen weer.',
  '{head} carries nothing and no device behind it has voltage: the feeder is dark':
    '{head} voert niets en geen apparaat erachter heeft spanning: de afgang is spanningsloos',
  '{head} carries nothing, the load of the transformer fell by as much and no device behind it answers: the feeder seems dark':
    '{head} voert niets, de belasting van de transformator daalde met evenveel en geen apparaat erachter antwoordt: de afgang lijkt spanningsloos',
  'the breaker of {head} is open and it carries nothing: the feeder is dark, unless it is fed from elsewhere':
    'de schakelaar van {head} staat open en er loopt niets: de afgang is spanningsloos, tenzij hij van elders wordt gevoed',
  '{head} carries nothing and no device behind it answers: the feeder seems dark':
    '{head} voert niets en geen apparaat erachter antwoordt: de afgang lijkt spanningsloos',
  '{head} carries nothing and the load of the transformer fell by as much: the feeder seems dark, or is fed from elsewhere':
    '{head} voert niets en de belasting van de transformator daalde met evenveel: de afgang lijkt spanningsloos, of wordt van elders gevoed',
  'Gateway {gateway} is lost; it goes on by its plan, then by itself.':
    'Gateway {gateway} is weg; hij werkt door volgens zijn plan, daarna zelfstandig.',
  'Gateway {gateway} has not been heard since the cloud started.':
    'Gateway {gateway} is sinds de start van de cloud niet gehoord.',
  'Gateway {gateway} is back.': 'Gateway {gateway} is terug.',
  'a cycle has come each {mean} s instead of {period} s over the last minute: the gateway has too little processor':
    'een cyclus kwam de laatste minuut om de {mean} s in plaats van {period} s: de gateway heeft te weinig rekenkracht',
  'the meter of {device} reads nothing while load flows: the sum of its feeders stands in':
    'de meter van {device} meet niets terwijl er belasting is: de som van de afgangen valt in',
  'the meter of {device} reads nothing while load flows: it counts as silent':
    'de meter van {device} meet niets terwijl er belasting is: hij telt als zwijgend',
  'the meter of {device} counts with the wrong sign: the guard turns it':
    'de meter van {device} telt met het verkeerde teken: de bewaker draait het om',
  'the meter of {device} is silent: devices behind it are frozen, after a minute on their safe defaults':
    'de meter van {device} zwijgt: apparaten erachter zijn bevroren, na een minuut op hun veilige stand',
  'none of the {count} meters answers: all devices are frozen, after a minute on their safe defaults':
    'geen van de {count} meters antwoordt: alle apparaten zijn bevroren, na een minuut op hun veilige stand',
  '{place}: the transformer is expected by the forecast at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}':
    '{place}: de transformator wordt volgens de prognose verwacht op {power} kW {direction} om {time}, {over} kW boven de grenswaarde van {limit} kW; erboven van {from} tot {to}',
  '{place}: the transformer is expected by the forecast barely within its limit of {limit} kW: {power} kW {direction} at {time}':
    '{place}: de transformator wordt volgens de prognose net binnen de grenswaarde van {limit} kW verwacht: {power} kW {direction} om {time}',
  '{place}: the transformer is expected under the plan barely within its limit of {limit} kW: {power} kW {direction} at {time}':
    '{place}: de transformator wordt onder het plan net binnen de grenswaarde van {limit} kW verwacht: {power} kW {direction} om {time}',
  '{place}: feeder {feeder} is expected under the plan barely within its limit of {limit} kW: {power} kW {direction} at {time}':
    '{place}: afgang {feeder} wordt onder het plan net binnen de grenswaarde van {limit} kW verwacht: {power} kW {direction} om {time}',
  '{place}: the transformer is expected to stay within its limit':
    '{place}: de transformator blijft naar verwachting binnen de grenswaarde',
  '{place}: the transformer is expected under the plan at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}':
    '{place}: de transformator wordt onder het plan verwacht op {power} kW {direction} om {time}, {over} kW boven de grenswaarde van {limit} kW; erboven van {from} tot {to}',
  '{place}: feeder {feeder} is expected under the plan at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}':
    '{place}: afgang {feeder} wordt onder het plan verwacht op {power} kW {direction} om {time}, {over} kW boven de grenswaarde van {limit} kW; erboven van {from} tot {to}',
  '{place}: feeder {feeder} is expected to stay within its limit':
    '{place}: afgang {feeder} blijft naar verwachting binnen de grenswaarde',
  'gone: ': 'verdwenen: ',
  'active power': 'werkzaam vermogen',
  'reactive power': 'blindvermogen',
  import: 'afname',
  'feed-in': 'teruglevering',
  contract: 'contract',
  'state-of-charge': 'laadtoestand',
  'run-time': 'looptijd',
  floor: 'ondergrens',
  guard: 'bewaker',
  'grid-limit': 'netgrens',
  envelope: 'vermogensband',
  'in monitor the guard moves no device': 'in Meekijken stuurt de bewaker geen apparaat',
  'it comes back too slowly': 'hij komt te langzaam terug',
  'half of the time of its relay is over': 'de helft van de tijd van zijn beveiliging is om',
  'no device can relieve it further': 'geen apparaat kan verder ontlasten',
  'no device can relieve it further without passing another limit':
    'geen apparaat kan verder ontlasten zonder een andere grenswaarde te overschrijden',
  'what its batteries have left is kept for when a relay would trip':
    'wat de batterijen over hebben blijft bewaard voor als een beveiliging zou uitschakelen',
  'devices that could relieve it do not follow': 'apparaten die kunnen ontlasten volgen niet',
  'devices that could relieve it were found not to do so':
    'van apparaten die kunnen ontlasten is vastgesteld dat ze het niet doen',
  'the relief that was asked for does not come': 'de gevraagde ontlasting komt niet',
  '{place}: found no plan that keeps {element} within its {constraint} of {limit} {unit} at {time}: near this one {devices} can do no more':
    '{place}: geen plan gevonden dat {element} binnen {constraint} {limit} {unit} houdt om {time}: dicht bij dit plan kunnen {devices} niet meer doen',
  '{place}: found no plan that keeps {element} within its {constraint} of {limit} {unit} at {time}: no planned device acts on it':
    '{place}: geen plan gevonden dat {element} binnen {constraint} {limit} {unit} houdt om {time}: geen gepland apparaat werkt erop',
  '{place}: found no plan that supplies all of the load: {element} has no power flow at {time}':
    '{place}: geen plan gevonden dat alle belasting levert: {element} heeft om {time} geen loadflow',
  '{place}: found no plan that keeps all limits: {element} is {value} pu beyond its voltage band':
    '{place}: geen plan gevonden dat alle grenswaarden houdt: {element} is {value} pu buiten de spanningsband',
  '{place}: found no plan that keeps all limits: {element} is at {value} % of its rating':
    '{place}: geen plan gevonden dat alle grenswaarden houdt: {element} zit op {value} % van de nominale waarde',
  '{place}: found no plan that keeps all limits of power; voltages and ratings are kept':
    '{place}: geen plan gevonden dat alle vermogensgrenzen houdt; spanningen en nominale waarden worden gehouden',
  '{place}: the plan keeps all limits': '{place}: het plan houdt alle grenswaarden',
  '{place}: a plan is made, though not one that keeps all limits':
    '{place}: er komt een plan, maar niet een dat alle grenswaarden houdt',
  '{place}: no plan is made now': '{place}: er komt nu geen plan',
  '{place}: the plan holds at the median of the forecast, not at {quantile} %: {element} passes its {constraint} at {time} with a probability of {share} % before the guard acts':
    '{place}: het plan houdt bij de mediaan van de prognose, niet bij {quantile} %: {element} overschrijdt {constraint} om {time} met een kans van {share} % voordat de bewaker ingrijpt',
  '{device} fits the others again': '{device} past weer bij de andere',
  ...foundOf(findingWords),
  dead: 'dood',
  reversed: 'omgekeerd',
  ...limitWords(
    {
      'voltage maximum': 'spanningsmaximum',
      'voltage minimum': 'spanningsminimum',
      rating: 'nominale waarde',
      'imported power': 'afgenomen vermogen',
      'exported power': 'teruggeleverd vermogen',
      'imported power at the meter': 'afgenomen vermogen bij de meter',
      'exported power at the meter': 'teruggeleverd vermogen bij de meter',
    },
    {
      '': '',
      ' with load high': ' bij hoge belasting',
      ' with load low and sun high': ' bij lage belasting en veel zon',
    },
  ),
};
