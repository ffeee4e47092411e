/** What the cloud and the gateways tell, by its English form. */
export const told = {
  'gone: {what}': 'gegangen: {what}',
  '{device} does not answer': '{device} antwortet nicht',
  '{device} does not answer; it counts at its worst until it is back':
    '{device} antwortet nicht; es zählt mit seinem schlimmsten Fall, bis es zurück ist',
  'the meter of {element} is silent: devices behind it are frozen, after a minute on their safe defaults':
    'die Messung von {element} ist stumm: Geräte dahinter sind eingefroren, nach einer Minute in ihrem sicheren Zustand',
  'none of the {count} meters answers: all devices are frozen, after a minute on their safe defaults':
    'keine der {count} Messungen antwortet: alle Geräte sind eingefroren, nach einer Minute in ihrem sicheren Zustand',
  'the meter of {element} counts with the wrong sign: the guard turns it':
    'die Messung von {element} zählt mit falschem Vorzeichen: der Wächter dreht es',
  'the meter of {element} reads nothing while load flows: {instead}':
    'die Messung von {element} zeigt nichts, obwohl Last fließt: {instead}',
  'the sum of its feeders stands in': 'die Summe der Abgänge springt ein',
  'it counts as silent': 'sie zählt als stumm',
  'relief of {element} by {device} makes it worse: its sign, or that of the meter of {other}, is turned; the guard uses it no more there':
    'Entlastung von {element} durch {device} verschlimmert: sein Vorzeichen oder das der Messung von {other} ist verdreht; der Wächter nutzt es dort nicht mehr',
  'relief of {element} by {device} does not show there: it may be behind another feeder; the guard uses it no more there':
    'Entlastung von {element} durch {device} zeigt sich dort nicht: es liegt vielleicht hinter einem anderen Abgang; der Wächter nutzt es dort nicht mehr',
  'all relief of {element} seems to make it worse: its meter may be turned; the guard leaves {other} alone':
    'alle Entlastung von {element} scheint zu verschlimmern: die Messung ist vielleicht verdreht; der Wächter lässt {other} in Ruhe',
  "relief of {element} does not come as it should; steps of {device} are too small beside the meter's error to tell whether it is at fault":
    'Entlastung von {element} kommt nicht wie sie soll; Schritte von {device} sind neben dem Messfehler zu klein, um zu sagen, ob es daran liegt',
  '{device} (active power)': '{device} (Wirkleistung)',
  '{device} (reactive power)': '{device} (Blindleistung)',
  'the {limit} is not kept at {devices}: a limit that goes first leaves it no room':
    'die Grenze {limit} wird an {devices} nicht gehalten: eine vorrangige Grenze lässt keinen Raum',
  '{names} and {count} more': '{names} und {count} weitere',
  'the fail-safe limit has held for its minimum time of {time} h and goes on: heartbeat or a fresh limit is missing':
    'der Sicherheitsgrenzwert gilt schon seine Mindestzeit von {time} h und weiter: Lebenszeichen oder frischer Grenzwert fehlt',
  'the heartbeat of the cloud is lost: the fail-safe limit holds':
    'das Lebenszeichen der Cloud ist verloren: der Sicherheitsgrenzwert gilt',
  '{element} at {value} {unit} is past {bound} {unit2}: {devices} relieves it':
    '{element} bei {value} {unit} liegt jenseits von {bound} {unit2}: {devices} entlastet',
  'the guard has let go of all devices': 'der Wächter hat alle Geräte losgelassen',
  '{element} at {value} {unit} is past its limit of {bound}, and {why}':
    '{element} bei {value} {unit} liegt jenseits des Grenzwerts von {bound}, und {why}',
  '{element} at {value} {unit} is past its limit of {bound}, as is one more device of its feeder, and {why}':
    '{element} bei {value} {unit} liegt jenseits des Grenzwerts von {bound}, ebenso ein weiteres Gerät des Abgangs, und {why}',
  '{element} at {value} {unit} is past its limit of {bound}, as are {count} more devices of its feeder, and {why}':
    '{element} bei {value} {unit} liegt jenseits des Grenzwerts von {bound}, ebenso {count} weitere Geräte des Abgangs, und {why}',
  'in monitor the guard moves no device': 'im Beobachten bewegt der Wächter kein Gerät',
  'no device can relieve it further': 'kein Gerät kann weiter entlasten',
  'no device can relieve it further without passing another limit':
    'kein Gerät kann weiter entlasten, ohne einen anderen Grenzwert zu überschreiten',
  'what its batteries have left is kept for when a relay would trip':
    'was die Batterien noch haben, bleibt für den Fall, dass ein Schutz auslösen würde',
  'devices that could relieve it do not follow': 'Geräte, die entlasten könnten, folgen nicht',
  'devices that could relieve it were found not to do so':
    'bei Geräten, die entlasten könnten, wurde festgestellt, dass sie es nicht tun',
  'the relief that was asked for does not come': 'die angeforderte Entlastung kommt nicht',
  'a cycle has come each {mean} s instead of {period} s over the last minute: the gateway has too little processor':
    'ein Zyklus kam in der letzten Minute alle {mean} s statt {period} s: das Gateway hat zu wenig Rechenleistung',
  '{device} was told {told} kW and gives {read} kW: its sign, or that of its meter, is turned':
    '{device} bekam {told} kW vorgegeben und gibt {read} kW: sein Vorzeichen oder das seiner Messung ist verdreht',
  '{device} was told {told} kW and reads back {read} kW':
    '{device} bekam {told} kW vorgegeben und liest {read} kW zurück',
  '{device} was told {told} kvar and reads back {read} kvar':
    '{device} bekam {told} kvar vorgegeben und liest {read} kvar zurück',
  '{device} was told {told} kW and reads back {read} kW, was told {told2} kvar and reads back {read2} kvar':
    '{device} bekam {told} kW vorgegeben und liest {read} kW zurück, bekam {told2} kvar und liest {read2} kvar zurück',
  '{head} carries nothing and no device behind it has voltage: the feeder is dark':
    '{head} führt nichts und kein Gerät dahinter hat Spannung: der Abgang ist spannungslos',
  'the gateway has started': 'das Gateway ist gestartet',
  'The cloud has started.': 'Die Cloud ist gestartet.',
  'a plan keeps all limits again': 'ein Fahrplan hält wieder alle Grenzwerte',
  'Gateway {gateway} is back.': 'Gateway {gateway} ist zurück.',
  'Gateway {gateway} is lost; it goes on by its plan, then by itself.':
    'Gateway {gateway} ist verloren; es arbeitet nach seinem Fahrplan weiter, danach selbstständig.',
  'The document numbers of gateway {gateway} fit again.': 'Die Dokumentnummern von Gateway {gateway} stimmen wieder.',
  'The gateway is within its budget again.': 'Das Gateway ist wieder innerhalb seines Budgets.',
  'The telemetry store answers again.': 'Der Telemetriespeicher antwortet wieder.',
  'The file of gateways can be read again.': 'Die Gateway-Datei ist wieder lesbar.',
  '{kind}: more than {rate} a second, and {burst} at once': '{kind}: mehr als {rate} je Sekunde und {burst} auf einmal',
  '{place}: {element} is expected to stay within its limit':
    '{place}: {element} bleibt voraussichtlich innerhalb des Grenzwerts',
  '{place}: {element} is expected {by} at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}':
    '{place}: {element} wird {by} bei {power} kW {direction} um {time} erwartet, {over} kW über dem Grenzwert von {limit} kW; darüber von {from} bis {to}',
  'under the plan': 'unter dem Fahrplan',
  'by the forecast': 'nach der Prognose',
  'the transformer': 'der Transformator',
  'feeder {feeder}': 'Abgang {feeder}',
  nothing: 'nichts',
  'import limit': 'Bezugsgrenze',
  'export limit': 'Einspeisegrenze',
  'plan {id} ({number}) is {stage}': 'Fahrplan {id} ({number}) ist {stage}',
  'plan {id} ({number}) is {stage}: {why}': 'Fahrplan {id} ({number}) ist {stage}: {why}',
  'guard: {limit}': 'Wächter: {limit}',
  '{element} import limit': 'Bezugsgrenze {element}',
  '{element} export limit': 'Einspeisegrenze {element}',
  'voltage upper limit': 'obere Spannungsgrenze',
  'voltage lower limit': 'untere Spannungsgrenze',
  '{element} voltage': 'Spannung {element}',
  'rating of the device': 'Nennwert des Geräts',
  'contract of the connection point': 'Vertrag des Anschlusspunkts',
  'override by {who}: {why}': 'Handvorgabe von {who}: {why}',
  'no local forecast here': 'hier keine lokale Prognose',
  'operating envelope': 'Leistungsband',
};
