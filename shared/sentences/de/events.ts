import { foundOf, type EventWords } from '../event-forms.ts';
import { limitWords } from '../limit-names.ts';
import { findingWords } from './estimate.ts';

/** Sentences of events and alarms, in German. */
export const events: EventWords = {
  '{type} {id} ({epoch}, {sequence}) is accepted': '{type} {id} ({epoch}, {sequence}) ist angenommen',
  plan: 'Fahrplan',
  model: 'Modell',
  settings: 'Einstellungen',
  command: 'Befehl',
  training: 'Training',
  weather: 'Wetter',
  'the gateway goes from {from} to {to}': 'das Gateway geht von {from} zu {to}',
  'own-plan': 'eigener Fahrplan',
  autonomous: 'selbstständig',
  'fail-safe': 'Fail-safe',
  'the gateway has started': 'das Gateway ist gestartet',
  'The cloud has started.': 'Die Cloud ist gestartet.',
  '{element} at {value} {unit} is past {bound} {unit}: {devices} relieves it':
    '{element} bei {value} {unit} liegt jenseits von {bound} {unit}: {devices} entlastet',
  '{element} at {value} {unit} is past {bound} {unit}: nothing relieves it':
    '{element} bei {value} {unit} liegt jenseits von {bound} {unit}: nichts entlastet',
  'the guard has let go of all devices': 'der Wächter hat alle Geräte losgelassen',
  'the {limit} is not kept at {devices}: a limit that goes first leaves it no room':
    'die Grenze {limit} wird an {devices} nicht gehalten: eine vorrangige Grenze lässt keinen Raum',
  'the {limit} is not kept at {devices} and {others} more: a limit that goes first leaves it no room':
    'die Grenze {limit} wird an {devices} und {others} weiteren nicht gehalten: eine vorrangige Grenze lässt keinen Raum',
  '{device} does not answer; it counts at its worst until it is back':
    '{device} antwortet nicht; es zählt mit seinem schlimmsten Fall, bis es zurück ist',
  '{element} at {value} {unit} is past its limit of {bound}, and {why}':
    '{element} bei {value} {unit} liegt jenseits des Grenzwerts von {bound}, und {why}',
  '{element} at {value} {unit} is past its limit of {bound}, as is one more device of its feeder, and {why}':
    '{element} bei {value} {unit} liegt jenseits des Grenzwerts von {bound}, ebenso ein weiteres Gerät des Abgangs, und {why}',
  '{element} at {value} {unit} is past its limit of {bound}, as are {others} more devices of its feeder, and {why}':
    '{element} bei {value} {unit} liegt jenseits des Grenzwerts von {bound}, ebenso {others} weitere Geräte des Abgangs, und {why}',
  '{device} was told {told} kW and gives {read} kW: its sign, or that of its meter, is turned':
    '{device} bekam {told} kW vorgegeben und gibt {read} kW: sein Vorzeichen oder das seiner Messung ist verdreht',
  '{device} was told {told} kW and reads back {read} kW':
    '{device} bekam {told} kW vorgegeben und liest {read} kW zurück',
  '{device} was told {told} kvar and reads back {read} kvar':
    '{device} bekam {told} kvar vorgegeben und liest {read} kvar zurück',
  '{device} was told {told} kW and reads back {read} kW, was told {toldKvar} kvar and reads back {readKvar} kvar':
    '{device} bekam {told} kW vorgegeben und liest {read} kW zurück, bekam {toldKvar} kvar und liest {readKvar} kvar zurück',
  'the heartbeat of the cloud is lost: the fail-safe limit holds':
    'das Lebenszeichen der Cloud ist verloren: der Sicherheitsgrenzwert gilt',
  'the fail-safe limit has held for its minimum time of {hours} h and goes on: heartbeat or a fresh limit is missing':
    'der Sicherheitsgrenzwert gilt schon seine Mindestzeit von {hours} h und weiter: Lebenszeichen oder frischer Grenzwert fehlt',
  'relief of {element} by {device} ({lever}) makes it worse: its sign, or that of the meter of {element}, is turned; the guard uses it no more there':
    'Entlastung von {element} durch {device} ({lever}) verschlimmert: sein Vorzeichen oder das der Messung von {element} ist verdreht; der Wächter nutzt es dort nicht mehr',
  'relief of {element} by {device} ({lever}) does not show there: it may be behind another feeder; the guard uses it no more there':
    'Entlastung von {element} durch {device} ({lever}) zeigt sich dort nicht: es liegt vielleicht hinter einem anderen Abgang; der Wächter nutzt es dort nicht mehr',
  'all relief of {element} seems to make it worse: its meter may be turned; the guard leaves {element} alone':
    'alle Entlastung von {element} scheint zu verschlimmern: die Messung ist vielleicht verdreht; der Wächter lässt {element} in Ruhe',
  "relief of {element} does not come as it should; steps of {device} ({lever}) are too small beside the meter's error to tell whether it is at fault":
    'Entlastung von {element} kommt nicht wie sie soll; Schritte von {device} ({lever}) sind neben dem Messfehler zu klein, um zu sagen, ob es daran liegt',
  'The document numbers of gateway {gateway} fit again.': 'Die Dokumentnummern von Gateway {gateway} stimmen wieder.',
  '{head} carries nothing and no device behind it has voltage: the feeder is dark':
    '{head} führt nichts und kein Gerät dahinter hat Spannung: der Abgang ist spannungslos',
  '{head} carries nothing, the load of the transformer fell by as much and no device behind it answers: the feeder seems dark':
    '{head} führt nichts, die Last des Transformators fiel um ebenso viel und kein Gerät dahinter antwortet: der Abgang scheint spannungslos',
  'the breaker of {head} is open and it carries nothing: the feeder is dark, unless it is fed from elsewhere':
    'der Schalter von {head} ist offen und es fließt nichts: der Abgang ist spannungslos, sofern er nicht von anderswo gespeist wird',
  '{head} carries nothing and no device behind it answers: the feeder seems dark':
    '{head} führt nichts und kein Gerät dahinter antwortet: der Abgang scheint spannungslos',
  '{head} carries nothing and the load of the transformer fell by as much: the feeder seems dark, or is fed from elsewhere':
    '{head} führt nichts und die Last des Transformators fiel um ebenso viel: der Abgang scheint spannungslos oder wird von anderswo gespeist',
  'Gateway {gateway} is lost; it goes on by its plan, then by itself.':
    'Gateway {gateway} ist verloren; es arbeitet nach seinem Fahrplan weiter, danach selbstständig.',
  'Gateway {gateway} has not been heard since the cloud started.':
    'Gateway {gateway} wurde seit dem Start der Cloud nicht gehört.',
  'Gateway {gateway} is back.': 'Gateway {gateway} ist zurück.',
  'a cycle has come each {mean} s instead of {period} s over the last minute: the gateway has too little processor':
    'ein Zyklus kam in der letzten Minute alle {mean} s statt {period} s: das Gateway hat zu wenig Rechenleistung',
  'the meter of {device} reads nothing while load flows: the sum of its feeders stands in':
    'die Messung von {device} zeigt nichts, obwohl Last fließt: die Summe der Abgänge springt ein',
  'the meter of {device} reads nothing while load flows: it counts as silent':
    'die Messung von {device} zeigt nichts, obwohl Last fließt: sie zählt als stumm',
  'the meter of {device} counts with the wrong sign: the guard turns it':
    'die Messung von {device} zählt mit falschem Vorzeichen: der Wächter dreht es',
  'the meter of {device} is silent: devices behind it are frozen, after a minute on their safe defaults':
    'die Messung von {device} ist stumm: Geräte dahinter sind eingefroren, nach einer Minute in ihrem sicheren Zustand',
  'none of the {count} meters answers: all devices are frozen, after a minute on their safe defaults':
    'keine der {count} Messungen antwortet: alle Geräte sind eingefroren, nach einer Minute in ihrem sicheren Zustand',
  '{place}: the transformer is expected by the forecast at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}':
    '{place}: der Transformator wird nach der Prognose bei {power} kW {direction} um {time} erwartet, {over} kW über dem Grenzwert von {limit} kW; darüber von {from} bis {to}',
  '{place}: the transformer is expected by the forecast barely within its limit of {limit} kW: {power} kW {direction} at {time}':
    '{place}: der Transformator wird nach der Prognose knapp innerhalb des Grenzwerts von {limit} kW erwartet: {power} kW {direction} um {time}',
  '{place}: the transformer is expected under the plan barely within its limit of {limit} kW: {power} kW {direction} at {time}':
    '{place}: der Transformator wird unter dem Fahrplan knapp innerhalb des Grenzwerts von {limit} kW erwartet: {power} kW {direction} um {time}',
  '{place}: feeder {feeder} is expected under the plan barely within its limit of {limit} kW: {power} kW {direction} at {time}':
    '{place}: Abgang {feeder} wird unter dem Fahrplan knapp innerhalb des Grenzwerts von {limit} kW erwartet: {power} kW {direction} um {time}',
  '{place}: the transformer is expected to stay within its limit':
    '{place}: der Transformator bleibt voraussichtlich innerhalb des Grenzwerts',
  '{place}: the transformer is expected under the plan at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}':
    '{place}: der Transformator wird unter dem Fahrplan bei {power} kW {direction} um {time} erwartet, {over} kW über dem Grenzwert von {limit} kW; darüber von {from} bis {to}',
  '{place}: feeder {feeder} is expected under the plan at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}':
    '{place}: Abgang {feeder} wird unter dem Fahrplan bei {power} kW {direction} um {time} erwartet, {over} kW über dem Grenzwert von {limit} kW; darüber von {from} bis {to}',
  '{place}: feeder {feeder} is expected to stay within its limit':
    '{place}: Abgang {feeder} bleibt voraussichtlich innerhalb des Grenzwerts',
  'gone: ': 'gegangen: ',
  'active power': 'Wirkleistung',
  'reactive power': 'Blindleistung',
  import: 'Bezug',
  'feed-in': 'Einspeisung',
  contract: 'Vertrag',
  'state-of-charge': 'Ladezustand',
  'run-time': 'Laufzeit',
  floor: 'Untergrenze',
  guard: 'Wächter',
  'grid-limit': 'Netzgrenzwert',
  envelope: 'Leistungsband',
  'in monitor the guard moves no device': 'im Beobachten bewegt der Wächter kein Gerät',
  'it comes back too slowly': 'er kommt zu langsam zurück',
  'half of the time of its relay is over': 'die Hälfte der Zeit seines Schutzes ist um',
  'no device can relieve it further': 'kein Gerät kann weiter entlasten',
  'no device can relieve it further without passing another limit':
    'kein Gerät kann weiter entlasten, ohne einen anderen Grenzwert zu überschreiten',
  'what its batteries have left is kept for when a relay would trip':
    'was die Batterien noch haben, bleibt für den Fall, dass ein Schutz auslösen würde',
  'devices that could relieve it do not follow': 'Geräte, die entlasten könnten, folgen nicht',
  'devices that could relieve it were found not to do so':
    'bei Geräten, die entlasten könnten, wurde festgestellt, dass sie es nicht tun',
  'the relief that was asked for does not come': 'die angeforderte Entlastung kommt nicht',
  '{place}: found no plan that keeps {element} within its {constraint} of {limit} {unit} at {time}: near this one {devices} can do no more':
    '{place}: kein Fahrplan gefunden, der {element} bei {constraint} {limit} {unit} um {time} hält: nahe diesem können {devices} nicht mehr tun',
  '{place}: found no plan that keeps {element} within its {constraint} of {limit} {unit} at {time}: no planned device acts on it':
    '{place}: kein Fahrplan gefunden, der {element} bei {constraint} {limit} {unit} um {time} hält: kein geplantes Gerät wirkt darauf',
  '{place}: found no plan that supplies all of the load: {element} has no power flow at {time}':
    '{place}: kein Fahrplan gefunden, der die ganze Last versorgt: {element} hat um {time} keinen Lastfluss',
  '{place}: found no plan that keeps all limits: {element} is {value} pu beyond its voltage band':
    '{place}: kein Fahrplan gefunden, der alle Grenzwerte hält: {element} liegt {value} pu jenseits des Spannungsbands',
  '{place}: found no plan that keeps all limits: {element} is at {value} % of its rating':
    '{place}: kein Fahrplan gefunden, der alle Grenzwerte hält: {element} liegt bei {value} % des Nennwerts',
  '{place}: found no plan that keeps all limits of power; voltages and ratings are kept':
    '{place}: kein Fahrplan gefunden, der alle Leistungsgrenzen hält; Spannungen und Nennwerte werden gehalten',
  '{place}: the plan keeps all limits': '{place}: der Fahrplan hält alle Grenzwerte',
  '{place}: a plan is made, though not one that keeps all limits':
    '{place}: es entsteht ein Fahrplan, aber keiner, der alle Grenzwerte hält',
  '{place}: no plan is made now': '{place}: jetzt entsteht kein Fahrplan',
  '{place}: the plan holds at the median of the forecast, not at {quantile} %: {element} passes its {constraint} at {time} with a probability of {share} % before the guard acts':
    '{place}: der Fahrplan hält beim Median der Prognose, nicht bei {quantile} %: {element} überschreitet {constraint} um {time} mit einer Wahrscheinlichkeit von {share} %, bevor der Wächter eingreift',
  '{device} fits the others again': '{device} passt wieder zu den anderen',
  ...foundOf(findingWords),
  dead: 'tot',
  reversed: 'verkehrt',
  ...limitWords(
    {
      'voltage maximum': 'Spannungsmaximum',
      'voltage minimum': 'Spannungsminimum',
      rating: 'Nennwert',
      'imported power': 'bezogene Leistung',
      'exported power': 'eingespeiste Leistung',
      'imported power at the meter': 'bezogene Leistung am Zähler',
      'exported power at the meter': 'eingespeiste Leistung am Zähler',
    },
    {
      '': '',
      ' with load high': ' bei hoher Last',
      ' with load low and sun high': ' bei niedriger Last und viel Sonne',
    },
  ),
};
