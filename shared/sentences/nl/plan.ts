import type { PlanForm } from '../plan-forms.ts';

/** Sentences of plans, in Dutch. */
export const planWords: Readonly<Record<PlanForm, string>> = {
  'least cost': 'laagste kosten',
  'limits, and the room kept at them': 'grenswaarden, en de ruimte daarbij',
  'what its sessions can take': 'wat de laadsessies kunnen opnemen',
  'energy of its sessions': 'energie van de laadsessies',
  'energy of {who} due by {time}': 'energie van {who} nodig om {time}',
  'energy of {who} due by an unknown departure': 'energie van {who} nodig bij een vertrek dat niet is opgegeven',
  'charging of {who} without a pause': 'laden van {who} zonder pauze',
  '{device}: limits leave no room for charging of {who} without a pause':
    '{device}: grenzen laten geen ruimte voor laden van {who} zonder pauze',
  '{count} sessions': '{count} laadsessies',
  '{element}: {constraint} would bind beyond {power} kW.': '{element}: {constraint} zou binden boven {power} kW.',
  '{element}: {constraint} would bind beyond at least {power} kW.':
    '{element}: {constraint} zou op zijn vroegst binden boven {power} kW.',
  'No limit binds here; this is the cheapest': 'Hier bindt geen grenswaarde; dit is het goedkoopst',
  '{element}: {constraint} binds, and this relieves it': '{element}: {constraint} bindt, en dit ontlast het',
  '{element}: {constraint} binds, and this relieves it; the connection of {date} is cut before older ones':
    '{element}: {constraint} bindt, en dit ontlast het; de aansluiting van {date} wordt vóór oudere afgeregeld',
  'solar plants are cut last in, first out: the newest connection agreement first':
    'zonne-installaties worden afgeregeld volgens last in, first out: de nieuwste aansluitovereenkomst eerst',
  'limits leave no order of connection agreements: older solar plants may be cut before newer ones':
    'grenzen laten geen volgorde van aansluitovereenkomsten toe: oudere zonne-installaties kunnen vóór nieuwere worden afgeregeld',
  'This is the cheapest, and {element}: {constraint} ends it here':
    'Dit is het goedkoopst, en {element}: {constraint} begrenst het hier',
  '{element}: {constraint} binds and leaves no more here': '{element}: {constraint} bindt en laat hier niet meer toe',
  '{element}: {constraint} binds': '{element}: {constraint} bindt',
  '{cause}.': '{cause}.',
  '{cause}. Consumption at {bus} costs {price} EUR/MWh.': '{cause}. Verbruik op {bus} kost {price} EUR/MWh.',
  '{cause}. Consumption at {bus} costs {price} EUR/MWh, besides the penalty of a broken limit.':
    '{cause}. Verbruik op {bus} kost {price} EUR/MWh, naast de strafkosten van een overschreden grenswaarde.',
  '{moves}, from position {from} to {to}: until {time} {saved}.':
    '{moves}, van stand {from} naar {to}: tot {time} {saved}.',
  '{moves}, from position {from} to {to}: to the end of the horizon {saved}.':
    '{moves}, van stand {from} naar {to}: tot het einde van de horizon {saved}.',
  '1 move for {price} EUR': '1 schakeling voor {price} EUR',
  '{count} moves for {price} EUR': '{count} schakelingen voor {price} EUR',
  '{price} EUR less of losses, energy and peak': '{price} EUR minder aan verliezen, energie en piek',
  '{price} EUR more of losses, energy and peak': '{price} EUR meer aan verliezen, energie en piek',
  '{saved}, and less beyond limits and the room kept there':
    '{saved}, en minder voorbij de grenswaarden en de ruimte daarbij',
  'without this: {element} at {value} {unit} at {time}': 'zonder dit: {element} op {value} {unit} om {time}',
  'without this: {element} {passed} at {time}': 'zonder dit: {element} {passed} om {time}',
  'without this: {energy} kWh more of {device} missing at departure, charging from {time}':
    'zonder dit: {energy} kWh meer van {device} ontbreekt bij vertrek, laden vanaf {time}',
  '{value} pu beyond its band': '{value} pu buiten de band',
  'at {value} % of its rating': 'op {value} % van de nominale waarde',
  '{value} kW beyond its limit': '{value} kW boven de grenswaarde',
  '{value} kW beyond its contract': '{value} kW boven het contract',
  '{limit} with load high': '{limit} bij hoge belasting',
  '{limit} with load low and sun high': '{limit} bij lage belasting en veel zon',
  'bus {bus}': 'knooppunt {bus}',
  'line {line}': 'lijn {line}',
  transformer: 'transformator',
  'transformer {name}': 'transformator {name}',
  'feeder {name}': 'afgang {name}',
  'connection point {name}': 'aansluitpunt {name}',
  'above {value} pu': 'boven {value} pu',
  'below {value} pu': 'onder {value} pu',
  'within its rating of {value} kVA': 'binnen de nominale waarde van {value} kVA',
  'within {value} kW of import': 'binnen {value} kW afname',
  'within {value} kW of export': 'binnen {value} kW teruglevering',
  '{limit} at {time}': '{limit} om {time}',
  '{limit} from {from} to {to}': '{limit} van {from} tot {to}',
  '{subject} cannot stay {limit}, because {why}.': '{subject} kan niet {limit} blijven, want {why}.',
  '{subject} cannot stay {limit} while {others}, because {why}.':
    '{subject} kan niet {limit} blijven als geldt: {others}; want {why}.',
  '{subject} stays {limit}': '{subject} blijft {limit}',
  'Nothing fits, because {why}.': 'Niets past, want {why}.',
  'no planned device acts on it': 'geen gepland apparaat werkt erop',
  'bus {bus} has no power flow at {time} at more than {share} % of the load':
    'knooppunt {bus} heeft om {time} bij meer dan {share} % van de belasting geen loadflow',
  '{collapse}, with all that the devices were found to give.': '{collapse}, met alles wat de apparaten kunnen geven.',
  '{least} to {most}': '{least} tot {most}',
  '{one}, {other}': '{one}, {other}',
  '{one} and {other}': '{one} en {other}',
  'at {time}': 'om {time}',
  'from {from} to {to}': 'van {from} tot {to}',
  '{devices} get no more sun {when}': '{devices} hebben {when} niet meer zon',
  '{devices} are curtailed to nothing {when}': '{devices} zijn {when} tot nul teruggeregeld',
  '{devices} can feed in no more reactive power {when}': '{devices} kunnen {when} niet meer blindvermogen leveren',
  '{devices} can absorb no more reactive power {when}': '{devices} kunnen {when} niet meer blindvermogen opnemen',
  '{devices} can charge no faster {when}': '{devices} kunnen {when} niet sneller laden',
  '{devices} can discharge no faster {when}': '{devices} kunnen {when} niet sneller ontladen',
  '{devices} are empty {when}': '{devices} zijn {when} leeg',
  '{devices} are full {when}': '{devices} zijn {when} vol',
  '{devices} stand at their floors {when}': '{devices} staan {when} op hun ondergrens',
  '{devices} take all that they can {when}': '{devices} nemen {when} alles op wat ze kunnen',
  '{devices} have all their energy {when}': '{devices} hebben {when} al hun energie',
  '{devices} can shift no more {when}': '{devices} kunnen {when} niet meer verschuiven',
  '{devices} stand at the lower end of their range {when}': '{devices} staan {when} aan het ondereind van hun bereik',
  '{devices} stand at the upper end of their range {when}': '{devices} staan {when} aan het boveneind van hun bereik',
  '{devices} may move no more {when}': '{devices} mogen {when} niet meer schakelen',
  '{devices} are at the rating of their inverters {when}':
    '{devices} zitten {when} op de nominale waarde van hun omvormers',
  '{device} feeds in at most {value} kvar {when}': '{device} levert {when} hoogstens {value} kvar',
  '{device} absorbs at most {value} kvar {when}': '{device} neemt {when} hoogstens {value} kvar op',
  '{device} is at the rating of its inverter {when}': '{device} zit {when} op de nominale waarde van de omvormer',
  '{device} is curtailed to nothing {when}': '{device} is {when} tot nul teruggeregeld',
  '{device} gets no more sun than for {value} kW {when}': '{device} heeft {when} niet meer zon dan voor {value} kW',
  '{device} charges at most {value} kW {when}': '{device} laadt {when} hoogstens {value} kW',
  '{device} discharges at most {value} kW {when}': '{device} ontlaadt {when} hoogstens {value} kW',
  '{device} may not be emptied below {value} % {when}': '{device} mag {when} niet onder {value} % worden ontladen',
  '{device} may not be charged above {value} % {when}': '{device} mag {when} niet boven {value} % worden geladen',
  '{device} has given its sessions all their energy {when}':
    '{device} heeft zijn laadsessies {when} al hun energie gegeven',
  '{device} may not be held below {value} kW {when}': '{device} mag {when} niet onder {value} kW worden gehouden',
  '{device} takes at most {value} kW {when}': '{device} neemt {when} hoogstens {value} kW',
  '{device} shifts at most {value} kWh {when}': '{device} verschuift {when} hoogstens {value} kWh',
  '{device} sheds no further than {value} kW {when}': '{device} gaat {when} niet onder {value} kW',
  '{device} has no moves left {when}': '{device} heeft {when} geen schakelingen meer over',
  '{device} stands at the lower end of its range {when}': '{device} staat {when} aan het ondereind van zijn bereik',
  '{device} stands at the upper end of its range {when}': '{device} staat {when} aan het boveneind van zijn bereik',
  'Holds at the median of the forecast, not at {quantile}: {element}, {constraint} at {time}, has a breach probability of {share} % before the guard.':
    'Houdt bij de mediaan van de prognose, niet bij {quantile}: {element}, {constraint} om {time}, heeft vóór de bewaker {share} % kans op overschrijding.',
  'planned for less than the load: {collapse}': 'gepland voor minder dan de belasting: {collapse}',
  '{element} by {value} {unit} at {time}': '{element} met {value} {unit} om {time}',
  'no power flow converges without any device': 'zonder apparaten convergeert geen loadflow',
  'no power flow converges at {time}': 'om {time} convergeert geen loadflow',
  'the default envelopes would not hold: {names}': 'de standaardbanden zouden niet houden: {names}',
  '{device} is not reached or not known: counted as switched off':
    '{device} is niet bereikbaar of niet bekend: geteld als uitgeschakeld',
  '{device} is not reached or not known: counted at what the sun gives, at most {value} kW':
    '{device} is niet bereikbaar of niet bekend: geteld als wat de zon geeft, hoogstens {value} kW',
  '{device} is not reached or not known: counted at its fallback, {value} kW':
    '{device} is niet bereikbaar of niet bekend: geteld op zijn terugvalwaarde van {value} kW',
  '{device} is held by a person: counted at {value} kW': '{device} is in handbediening: geteld op {value} kW',
  '{device} is held by a person: counted as it runs by itself':
    '{device} is in handbediening: geteld zoals het uit zichzelf werkt',
  '{device} is not commanded by plans: counted as it runs by itself':
    '{device} wordt niet door plannen aangestuurd: geteld zoals het uit zichzelf werkt',
  '{device}: how often it moved today is not known; it stays where it is until tomorrow':
    '{device}: hoe vaak het vandaag schakelde is niet bekend; het blijft tot morgen staan',
  '{device}: no reading of what the sun gives; between overcast and clear sky':
    '{device}: geen meting van wat de zon geeft; tussen bewolkte en heldere hemel',
  '{device}: no reading of what it wishes; counted without sessions, its floor kept':
    '{device}: geen meting van zijn wens; geteld zonder laadsessies, zijn ondergrens gehouden',
  '{device}: its sessions are not known one by one; counted as one that leaves first':
    '{device}: zijn laadsessies zijn niet een voor een bekend; geteld als één die het eerst vertrekt',
  '{device}: no reading of what it wishes; half its rating taken':
    '{device}: geen meting van zijn wens; de halve nominale waarde aangenomen',
  'forecast of {target} is a fallback ({level})': 'prognose van {target} is een terugval ({level})',
  'no forecast of {target} reaches over the horizon: its load of now, within hours {value} kW either way':
    'geen prognose van {target} reikt over de horizon: de belasting van nu, binnen uren {value} kW naar beide kanten',
  "the month's peak so far is not known: plans avoid any import that the capacity tariff bills":
    'de piek van de maand tot nu is niet bekend: plannen vermijden alle afname die het capaciteitstarief rekent',
  'CO2 intensity of {missing} of {steps} steps is not known: {value} kg/MWh':
    'CO2-intensiteit van {missing} van {steps} stappen is niet bekend: {value} kg/MWh',
  'switch {device} is not in the state that the network model gives: the estimate follows the meters':
    'schakelaar {device} staat niet zoals in het netmodel: de schatting volgt de metingen',
  'meter {device} is {finding}: the estimate stands in': 'meter {device}: {finding}; de schatting neemt het over',
  'connection point {id} stands at {buses}: its devices are planned one by one':
    'aansluitpunt {id} staat op {buses}: zijn apparaten worden een voor een gepland',
  'Room at a limit is shared in proportion to what each connection point could do beyond its plan; points that relieve the limit are not bound by it, and none is cut below plan or floor; behind one meter each device may use what the others leave; a limit that all points load binds all of them.':
    'Wat een grenswaarde overlaat wordt verdeeld naar wat elk aansluitpunt boven zijn plan zou kunnen; wie ontlast is niet gebonden, niemand wordt onder plan of ondergrens gekort; achter één meter mag elk apparaat gebruiken wat de andere overlaten; grenswaarden die allen belasten binden allen.',
};
