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
  transformer: 'transformator',
  'feeder {feeder}': 'afgang {feeder}',
  nothing: 'niets',
  'No voltage and no rating is passed (loading at most {loading} %), but a limit of power is, and nothing that the devices can do heals it.':
    'Geen spanning en geen nominale waarde is overschreden (belastingsgraad hoogstens {loading} %), maar wel een vermogensgrens, en niets wat de apparaten kunnen, verhelpt dat.',
  '{element}: voltage {voltage} pu beyond its band, loading at most {loading} %':
    '{element}: spanning {voltage} pu buiten de band, belastingsgraad hoogstens {loading} %',
  '{element}: voltage {voltage} pu beyond its band, loading at most {loading} %; {conflict}':
    '{element}: spanning {voltage} pu buiten de band, belastingsgraad hoogstens {loading} %; {conflict}',
  '{element}: {constraint} would bind beyond {power} kW.': '{element}: {constraint} zou binden boven {power} kW.',
  '{element}: {constraint} would bind beyond at the least {power} kW.':
    '{element}: {constraint} zou op zijn vroegst boven {power} kW binden.',
  'No limit binds here; this is the cheapest.': 'Geen grenswaarde bindt hier; dit is het goedkoopst.',
  'No limit binds here; this is the cheapest. Consumption at {bus} costs {price} EUR/MWh.':
    'Geen grenswaarde bindt hier; dit is het goedkoopst. Afname op {bus} kost {price} EUR/MWh.',
  '{cause}. Consumption at {bus} costs {price} EUR/MWh.': '{cause}. Afname op {bus} kost {price} EUR/MWh.',
  '{cause}. Consumption at {bus} costs {price} EUR/MWh, besides the penalty of a broken limit.':
    '{cause}. Afname op {bus} kost {price} EUR/MWh, naast de boete voor een overschreden grenswaarde.',
  '{element}: {constraint} binds, and this relieves it': '{element}: {constraint} bindt, en dit ontlast',
  'This is the cheapest, and {element}: {constraint} ends it here':
    'Dit is het goedkoopst, en {element}: {constraint} begrenst het hier',
  '{element}: {constraint} binds and leaves no more here': '{element}: {constraint} bindt en laat hier niet meer toe',
  '{element}: {constraint} binds': '{element}: {constraint} bindt',
  '{element}: {constraint} binds, and this relieves it.': '{element}: {constraint} bindt, en dit ontlast.',
  'This is the cheapest, and {element}: {constraint} ends it here.':
    'Dit is het goedkoopst, en {element}: {constraint} begrenst het hier.',
  '{element}: {constraint} binds and leaves no more here.': '{element}: {constraint} bindt en laat hier niet meer toe.',
  '{element}: {constraint} binds.': '{element}: {constraint} bindt.',
  'No limit binds here; this is the cheapest': 'Geen grenswaarde bindt hier; dit is het goedkoopst',
  'without this: {element} at {value} {unit} at {time}': 'zonder dit: {element} op {value} {unit} om {time}',
  'without this: {element} at {value} % of its rating at {time}':
    'zonder dit: {element} op {value} % van de nominale waarde om {time}',
  'without this: {element} {value} pu beyond its band at {time}':
    'zonder dit: {element} {value} pu buiten de band om {time}',
  'without this: {element} {value} kW beyond its contract at {time}':
    'zonder dit: {element} {value} kW boven het contract om {time}',
  'without this: {energy} kWh more of {device} missing at departure, charging from {time}':
    'zonder dit: {energy} kWh meer van {device} ontbreekt bij vertrek, laden vanaf {time}',
  'Holds at the median of the forecast, not at {quantile}: {element}, {constraint} at {time}, has a breach probability of {share} % before the guard.':
    'Houdt bij de mediaan van de prognose, niet bij {quantile}: {element}, {constraint} om {time}, heeft vóór de bewaker {share} % kans op overschrijding.',
  'least cost': 'laagste kosten',
  'voltage maximum': 'spanningsmaximum',
  'voltage minimum': 'spanningsminimum',
  'voltage maximum with load high': 'spanningsmaximum bij hoge belasting',
  'voltage minimum with load high': 'spanningsminimum bij hoge belasting',
  'voltage maximum with load low and sun high': 'spanningsmaximum bij lage belasting en veel zon',
  'voltage minimum with load low and sun high': 'spanningsminimum bij lage belasting en veel zon',
  rating: 'nominale waarde',
  'rating with load high': 'nominale waarde bij hoge belasting',
  'rating with load low and sun high': 'nominale waarde bij lage belasting en veel zon',
  'imported power at the meter': 'afgenomen vermogen bij de meter',
  'exported power at the meter': 'teruggeleverd vermogen bij de meter',
  'imported power': 'afgenomen vermogen',
  'exported power': 'teruggeleverd vermogen',
  'import limit': 'afnamegrens',
  'export limit': 'terugleveringsgrens',
  'limits, and the room kept at them': 'grenswaarden, en de ruimte daarbij',
  'what its sessions can take': 'wat de laadsessies kunnen opnemen',
  'energy of its sessions': 'energie van de laadsessies',
  'energy of {who} due by {time}': 'energie van {who} nodig om {time}',
  '{count} sessions': '{count} laadsessies',
  '{subject} cannot stay {limit}, because {why}.': '{subject} kan niet {limit} blijven, want {why}.',
  '{subject} cannot stay {limit} while {other} stays {otherLimit}, because {why}.':
    '{subject} kan niet {limit} blijven terwijl {other} {otherLimit} blijft, want {why}.',
  '{subject} stays {limit}': '{subject} blijft {limit}',
  'Nothing fits, because {why}.': 'Niets past, want {why}.',
  'no planned device acts on it': 'geen gepland apparaat werkt erop',
  'above {value} pu at {time}': 'boven {value} pu om {time}',
  'below {value} pu at {time}': 'onder {value} pu om {time}',
  'above {value} pu from {from} to {to}': 'boven {value} pu van {from} tot {to}',
  'below {value} pu from {from} to {to}': 'onder {value} pu van {from} tot {to}',
  'above {value} pu with load high at {time}': 'boven {value} pu bij hoge belasting om {time}',
  'above {value} pu with load high from {from} to {to}': 'boven {value} pu bij hoge belasting van {from} tot {to}',
  'below {value} pu with load low and sun high at {time}': 'onder {value} pu bij lage belasting en veel zon om {time}',
  'below {value} pu with load low and sun high from {from} to {to}':
    'onder {value} pu bij lage belasting en veel zon van {from} tot {to}',
  'within its rating of {value} kVA at {time}': 'binnen de nominale waarde van {value} kVA om {time}',
  'within its rating of {value} kVA from {from} to {to}':
    'binnen de nominale waarde van {value} kVA van {from} tot {to}',
  'within its rating of {value} kVA with load high from {from} to {to}':
    'binnen de nominale waarde van {value} kVA bij hoge belasting van {from} tot {to}',
  'within {value} kW of import at {time}': 'binnen {value} kW afname om {time}',
  'within {value} kW of import from {from} to {to}': 'binnen {value} kW afname van {from} tot {to}',
  'within {value} kW of export at {time}': 'binnen {value} kW teruglevering om {time}',
  'within {value} kW of export from {from} to {to}': 'binnen {value} kW teruglevering van {from} tot {to}',
  'bus {bus}': 'knooppunt {bus}',
  'line {line}': 'lijn {line}',
  'transformer {name}': 'transformator {name}',
  'connection point {name}': 'aansluitpunt {name}',
  '{one} and {other}': '{one} en {other}',
  '{device} may not be emptied below {value} % at {time}':
    '{device} mag om {time} niet onder {value} % worden ontladen',
  '{device} may not be emptied below {value} % from {from} to {to}':
    '{device} mag van {from} tot {to} niet onder {value} % worden ontladen',
  '{device} may not be charged above {value} % at {time}': '{device} mag om {time} niet boven {value} % worden geladen',
  '{device} may not be charged above {value} % from {from} to {to}':
    '{device} mag van {from} tot {to} niet boven {value} % worden geladen',
  '{device} charges at most {value} kW at {time}': '{device} laadt om {time} hoogstens {value} kW',
  '{device} charges at most {value} kW from {from} to {to}': '{device} laadt van {from} tot {to} hoogstens {value} kW',
  '{device} discharges at most {value} kW at {time}': '{device} ontlaadt om {time} hoogstens {value} kW',
  '{device} discharges at most {value} kW from {from} to {to}':
    '{device} ontlaadt van {from} tot {to} hoogstens {value} kW',
  '{device} gets no more sun than for {value} kW at {time}':
    '{device} heeft om {time} niet meer zon dan voor {value} kW',
  '{device} gets no more sun than for {value} kW from {from} to {to}':
    '{device} heeft van {from} tot {to} niet meer zon dan voor {value} kW',
  '{device} is curtailed to nothing at {time}': '{device} is om {time} tot nul teruggeregeld',
  '{device} is curtailed to nothing from {from} to {to}': '{device} is van {from} tot {to} tot nul teruggeregeld',
  '{device} takes at most {value} kW at {time}': '{device} neemt om {time} hoogstens {value} kW',
  '{device} takes at most {value} kW from {from} to {to}': '{device} neemt van {from} tot {to} hoogstens {value} kW',
  '{device} may not be held below {value} kW at {time}': '{device} mag om {time} niet onder {value} kW worden gehouden',
  '{device} may not be held below {value} kW from {from} to {to}':
    '{device} mag van {from} tot {to} niet onder {value} kW worden gehouden',
  '{device} has no moves left at {time}': '{device} heeft om {time} geen schakelingen meer over',
  '{device} has no moves left from {from} to {to}': '{device} heeft van {from} tot {to} geen schakelingen meer over',
  '{device} is at the rating of its inverter at {time}': '{device} zit om {time} op de nominale waarde van de omvormer',
  '{device} is at the rating of its inverter from {from} to {to}':
    '{device} zit van {from} tot {to} op de nominale waarde van de omvormer',
  '{device} feeds in at most {value} kvar at {time}': '{device} levert om {time} hoogstens {value} kvar',
  '{device} feeds in at most {value} kvar from {from} to {to}':
    '{device} levert van {from} tot {to} hoogstens {value} kvar',
  '{device} absorbs at most {value} kvar at {time}': '{device} neemt om {time} hoogstens {value} kvar op',
  '{device} absorbs at most {value} kvar from {from} to {to}':
    '{device} neemt van {from} tot {to} hoogstens {value} kvar op',
  '{devices} charge no faster at {time}': '{devices} laden om {time} niet sneller',
  'plan {id} ({number}) is {stage}': 'plan {id} ({number}) is {stage}',
  'plan {id} ({number}) is {stage}: {why}': 'plan {id} ({number}) is {stage}: {why}',
  '{device}: {finding}': '{device}: {finding}',
  '{device} fits the others again': '{device} past weer bij de andere',
  'shows {value} pu, which is {by} pu above what all other meters say':
    'toont {value} pu, {by} pu boven wat alle andere meters zeggen',
  'shows {value} pu, which is {by} pu below what all other meters say':
    'toont {value} pu, {by} pu onder wat alle andere meters zeggen',
  'the meters fit only with {closed} closed and {open}, or a line beside it, open':
    'de metingen passen alleen met {closed} gesloten en {open}, of een lijn ernaast, open',
  'reads {value} kW without a change for {minutes} min, while the other meters moved by {moved} kW in all':
    'meet {minutes} min onveranderd {value} kW, terwijl de andere meters samen {moved} kW bewogen',
  '{one}, {other} and {last}': '{one}, {other} en {last}',
  'guard: {limit}': 'bewaker: {limit}',
  '{element} import limit': 'afnamegrens {element}',
  '{element} export limit': 'terugleveringsgrens {element}',
  'voltage upper limit': 'bovengrens spanning',
  'voltage lower limit': 'ondergrens spanning',
  '{element} voltage': 'spanning {element}',
  'transformer, feeder head and {count} devices (measured)':
    'transformator, afgangsveld en {count} apparaten (gemeten)',
  '{one} (measured)': '{one} (gemeten)',
  '{one}; {other}': '{one}; {other}',
  '{count} devices': '{count} apparaten',
  'rating of the device': 'nominale waarde van het apparaat',
  'contract of the connection point': 'contract van het aansluitpunt',
  'override by {who}: {why}': 'handsturing door {who}: {why}',
  'no local forecast here': 'hier geen lokale prognose',
  'operating envelope': 'vermogensband',
  'no usable head meter: half of the nominal load and the metered devices':
    'geen bruikbare meter in het afgangsveld: de helft van de nominale belasting en de gemeten apparaten',
  'no usable voltage at the busbar: from the source and the tap':
    'geen bruikbare spanning op de rail: uit de bron en de trap',
  'tap position is not read: as in the network': 'trapstand wordt niet gelezen: zoals in het net',
};
