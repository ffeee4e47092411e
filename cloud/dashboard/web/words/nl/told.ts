/** What the cloud and the gateways tell, by its English form. */
export const told = {
  'gone: {what}': 'verdwenen: {what}',
  '{device} does not answer': '{device} antwoordt niet',
  '{device} does not answer; it counts at its worst until it is back':
    '{device} antwoordt niet; het telt op zijn slechtst totdat het terug is',
  'the meter of {element} is silent: devices behind it are frozen, after a minute on their safe defaults':
    'de meter van {element} zwijgt: apparaten erachter zijn bevroren, na een minuut op hun veilige stand',
  'none of the {count} meters answers: all devices are frozen, after a minute on their safe defaults':
    'geen van de {count} meters antwoordt: alle apparaten zijn bevroren, na een minuut op hun veilige stand',
  'the meter of {element} counts with the wrong sign: the guard turns it':
    'de meter van {element} telt met het verkeerde teken: de bewaker draait het om',
  'the meter of {element} reads nothing while load flows: {instead}':
    'de meter van {element} meet niets terwijl er belasting is: {instead}',
  'the sum of its feeders stands in': 'de som van de afgangen valt in',
  'it counts as silent': 'hij telt als zwijgend',
  'relief of {element} by {device} makes it worse: its sign, or that of the meter of {other}, is turned; the guard uses it no more there':
    'ontlasting van {element} door {device} maakt het erger: het teken ervan, of dat van de meter van {other}, is omgedraaid; de bewaker gebruikt het daar niet meer',
  'relief of {element} by {device} does not show there: it may be behind another feeder; the guard uses it no more there':
    'ontlasting van {element} door {device} is daar niet te zien: het zit misschien achter een andere afgang; de bewaker gebruikt het daar niet meer',
  'all relief of {element} seems to make it worse: its meter may be turned; the guard leaves {other} alone':
    'alle ontlasting van {element} lijkt het erger te maken: de meter is misschien omgedraaid; de bewaker laat {other} met rust',
  "relief of {element} does not come as it should; steps of {device} are too small beside the meter's error to tell whether it is at fault":
    'ontlasting van {element} komt niet zoals het hoort; stappen van {device} zijn te klein naast de meterfout om te zeggen of het daaraan ligt',
  '{device} (active power)': '{device} (werkzaam vermogen)',
  '{device} (reactive power)': '{device} (blindvermogen)',
  'the {limit} is not kept at {devices}: a limit that goes first leaves it no room':
    'de grens {limit} wordt niet gehouden bij {devices}: een grens die voorgaat laat geen ruimte',
  '{names} and {count} more': '{names} en nog {count}',
  'the fail-safe limit has held for its minimum time of {time} h and goes on: heartbeat or a fresh limit is missing':
    'de fail-safegrens geldt al zijn minimumtijd van {time} h en gaat door: levensteken of verse grenswaarde ontbreekt',
  'the heartbeat of the cloud is lost: the fail-safe limit holds':
    'het levensteken van de cloud is weg: de fail-safegrens geldt',
  '{element} at {value} {unit} is past {bound} {unit2}: {devices} relieves it':
    '{element} op {value} {unit} is voorbij {bound} {unit2}: {devices} ontlast',
  'the guard has let go of all devices': 'de bewaker heeft alle apparaten losgelaten',
  '{element} at {value} {unit} is past its limit of {bound}, and {why}':
    '{element} op {value} {unit} is voorbij de grenswaarde van {bound}, en {why}',
  '{element} at {value} {unit} is past its limit of {bound}, as is one more device of its feeder, and {why}':
    '{element} op {value} {unit} is voorbij de grenswaarde van {bound}, evenals nog een apparaat van de afgang, en {why}',
  '{element} at {value} {unit} is past its limit of {bound}, as are {count} more devices of its feeder, and {why}':
    '{element} op {value} {unit} is voorbij de grenswaarde van {bound}, evenals nog {count} apparaten van de afgang, en {why}',
  'in monitor the guard moves no device': 'in Meekijken stuurt de bewaker geen apparaat',
  'no device can relieve it further': 'geen apparaat kan verder ontlasten',
  'no device can relieve it further without passing another limit':
    'geen apparaat kan verder ontlasten zonder een andere grenswaarde te overschrijden',
  'what its batteries have left is kept for when a relay would trip':
    'wat de batterijen over hebben blijft bewaard voor als een beveiliging zou uitschakelen',
  'devices that could relieve it do not follow': 'apparaten die kunnen ontlasten volgen niet',
  'devices that could relieve it were found not to do so':
    'van apparaten die kunnen ontlasten is vastgesteld dat ze het niet doen',
  'the relief that was asked for does not come': 'de gevraagde ontlasting komt niet',
  'a cycle has come each {mean} s instead of {period} s over the last minute: the gateway has too little processor':
    'een cyclus kwam de laatste minuut om de {mean} s in plaats van {period} s: de gateway heeft te weinig rekenkracht',
  '{device} was told {told} kW and gives {read} kW: its sign, or that of its meter, is turned':
    '{device} kreeg {told} kW opgedragen en geeft {read} kW: het teken ervan, of dat van de meter, is omgedraaid',
  '{device} was told {told} kW and reads back {read} kW':
    '{device} kreeg {told} kW opgedragen en leest {read} kW terug',
  '{device} was told {told} kvar and reads back {read} kvar':
    '{device} kreeg {told} kvar opgedragen en leest {read} kvar terug',
  '{device} was told {told} kW and reads back {read} kW, was told {told2} kvar and reads back {read2} kvar':
    '{device} kreeg {told} kW opgedragen en leest {read} kW terug, kreeg {told2} kvar en leest {read2} kvar terug',
  '{head} carries nothing and no device behind it has voltage: the feeder is dark':
    '{head} voert niets en geen apparaat erachter heeft spanning: de afgang is spanningsloos',
  'the gateway has started': 'de gateway is gestart',
  'The cloud has started.': 'De cloud is gestart.',
  'a plan keeps all limits again': 'een plan houdt alle grenswaarden weer',
  'Gateway {gateway} is back.': 'Gateway {gateway} is terug.',
  'Gateway {gateway} is lost; it goes on by its plan, then by itself.':
    'Gateway {gateway} is weg; hij werkt door volgens zijn plan, daarna zelfstandig.',
  'The document numbers of gateway {gateway} fit again.': 'De documentnummers van gateway {gateway} kloppen weer.',
  'The gateway is within its budget again.': 'De gateway is weer binnen zijn budget.',
  'The telemetry store answers again.': 'De telemetrieopslag antwoordt weer.',
  'The file of gateways can be read again.': 'Het gatewaybestand is weer leesbaar.',
  '{kind}: more than {rate} a second, and {burst} at once': '{kind}: meer dan {rate} per seconde, en {burst} tegelijk',
  '{place}: {element} is expected to stay within its limit':
    '{place}: {element} blijft naar verwachting binnen de grenswaarde',
  '{place}: {element} is expected {by} at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}':
    '{place}: {element} wordt {by} verwacht op {power} kW {direction} om {time}, {over} kW boven de grenswaarde van {limit} kW; erboven van {from} tot {to}',
  'under the plan': 'onder het plan',
  'by the forecast': 'volgens de prognose',
  'the transformer': 'de transformator',
  'feeder {feeder}': 'afgang {feeder}',
  nothing: 'niets',
  'import limit': 'afnamegrens',
  'export limit': 'terugleveringsgrens',
  'plan {id} ({number}) is {stage}': 'plan {id} ({number}) is {stage}',
  'plan {id} ({number}) is {stage}: {why}': 'plan {id} ({number}) is {stage}: {why}',
  'guard: {limit}': 'bewaker: {limit}',
  '{element} import limit': 'afnamegrens {element}',
  '{element} export limit': 'terugleveringsgrens {element}',
  'voltage upper limit': 'bovengrens spanning',
  'voltage lower limit': 'ondergrens spanning',
  '{element} voltage': 'spanning {element}',
  'rating of the device': 'nominale waarde van het apparaat',
  'contract of the connection point': 'contract van het aansluitpunt',
  'override by {who}: {why}': 'handsturing door {who}: {why}',
  'no local forecast here': 'hier geen lokale prognose',
  'operating envelope': 'vermogensband',
};
