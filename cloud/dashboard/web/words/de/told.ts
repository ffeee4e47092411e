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
  transformer: 'Transformator',
  'feeder {feeder}': 'Abgang {feeder}',
  nothing: 'nichts',
  'No voltage and no rating is passed (loading at most {loading} %), but a limit of power is, and nothing that the devices can do heals it.':
    'Keine Spannung und kein Nennwert ist überschritten (Auslastung höchstens {loading} %), wohl aber eine Leistungsgrenze, und nichts, was die Geräte können, behebt das.',
  '{element}: voltage {voltage} pu beyond its band, loading at most {loading} %':
    '{element}: Spannung {voltage} pu außerhalb des Bands, Auslastung höchstens {loading} %',
  '{element}: voltage {voltage} pu beyond its band, loading at most {loading} %; {conflict}':
    '{element}: Spannung {voltage} pu außerhalb des Bands, Auslastung höchstens {loading} %; {conflict}',
  '{element}: {constraint} would bind beyond {power} kW.':
    '{element}: {constraint} würde jenseits von {power} kW binden.',
  '{element}: {constraint} would bind beyond at the least {power} kW.':
    '{element}: {constraint} würde frühestens jenseits von {power} kW binden.',
  'No limit binds here; this is the cheapest.': 'Hier bindet kein Grenzwert; dies ist am günstigsten.',
  'No limit binds here; this is the cheapest. Consumption at {bus} costs {price} EUR/MWh.':
    'Hier bindet kein Grenzwert; dies ist am günstigsten. Bezug an {bus} kostet {price} EUR/MWh.',
  '{cause}. Consumption at {bus} costs {price} EUR/MWh.': '{cause}. Bezug an {bus} kostet {price} EUR/MWh.',
  '{cause}. Consumption at {bus} costs {price} EUR/MWh, besides the penalty of a broken limit.':
    '{cause}. Bezug an {bus} kostet {price} EUR/MWh, neben den Strafkosten eines verletzten Grenzwerts.',
  '{element}: {constraint} binds, and this relieves it': '{element}: {constraint} bindet, und dies entlastet',
  'This is the cheapest, and {element}: {constraint} ends it here':
    'Dies ist am günstigsten, und {element}: {constraint} begrenzt es hier',
  '{element}: {constraint} binds and leaves no more here':
    '{element}: {constraint} bindet und lässt hier nicht mehr zu',
  '{element}: {constraint} binds': '{element}: {constraint} bindet',
  '{element}: {constraint} binds, and this relieves it.': '{element}: {constraint} bindet, und dies entlastet.',
  'This is the cheapest, and {element}: {constraint} ends it here.':
    'Dies ist am günstigsten, und {element}: {constraint} begrenzt es hier.',
  '{element}: {constraint} binds and leaves no more here.':
    '{element}: {constraint} bindet und lässt hier nicht mehr zu.',
  '{element}: {constraint} binds.': '{element}: {constraint} bindet.',
  'No limit binds here; this is the cheapest': 'Hier bindet kein Grenzwert; dies ist am günstigsten',
  'without this: {element} at {value} {unit} at {time}': 'ohne dies: {element} bei {value} {unit} um {time}',
  'without this: {element} at {value} % of its rating at {time}':
    'ohne dies: {element} bei {value} % des Nennwerts um {time}',
  'without this: {element} {value} pu beyond its band at {time}':
    'ohne dies: {element} {value} pu außerhalb des Bands um {time}',
  'without this: {element} {value} kW beyond its contract at {time}':
    'ohne dies: {element} {value} kW über dem Vertrag um {time}',
  'without this: {energy} kWh more of {device} missing at departure, charging from {time}':
    'ohne dies: {energy} kWh mehr von {device} fehlen bei Abfahrt, Laden ab {time}',
  'Holds at the median of the forecast, not at {quantile}: {element}, {constraint} at {time}, has a breach probability of {share} % before the guard.':
    'Hält beim Median der Prognose, nicht bei {quantile}: {element}, {constraint} um {time}, hat vor dem Wächter eine Überschreitungswahrscheinlichkeit von {share} %.',
  'least cost': 'geringste Kosten',
  'voltage maximum': 'Spannungsmaximum',
  'voltage minimum': 'Spannungsminimum',
  'voltage maximum with load high': 'Spannungsmaximum bei hoher Last',
  'voltage minimum with load high': 'Spannungsminimum bei hoher Last',
  'voltage maximum with load low and sun high': 'Spannungsmaximum bei niedriger Last und viel Sonne',
  'voltage minimum with load low and sun high': 'Spannungsminimum bei niedriger Last und viel Sonne',
  rating: 'Nennwert',
  'rating with load high': 'Nennwert bei hoher Last',
  'rating with load low and sun high': 'Nennwert bei niedriger Last und viel Sonne',
  'imported power at the meter': 'bezogene Leistung am Zähler',
  'exported power at the meter': 'eingespeiste Leistung am Zähler',
  'imported power': 'bezogene Leistung',
  'exported power': 'eingespeiste Leistung',
  'import limit': 'Bezugsgrenze',
  'export limit': 'Einspeisegrenze',
  'limits, and the room kept at them': 'Grenzwerte, und der Raum dabei',
  'what its sessions can take': 'was seine Ladevorgänge aufnehmen können',
  'energy of its sessions': 'Energie seiner Ladevorgänge',
  'energy of {who} due by {time}': 'Energie von {who} fällig um {time}',
  '{count} sessions': '{count} Ladevorgänge',
  '{subject} cannot stay {limit}, because {why}.': '{subject} kann nicht {limit} bleiben, denn {why}.',
  '{subject} cannot stay {limit} while {other} stays {otherLimit}, because {why}.':
    '{subject} kann nicht {limit} bleiben, während {other} {otherLimit} bleibt, denn {why}.',
  '{subject} stays {limit}': '{subject} bleibt {limit}',
  'Nothing fits, because {why}.': 'Nichts passt, denn {why}.',
  'no planned device acts on it': 'kein geplantes Gerät wirkt darauf',
  'above {value} pu at {time}': 'über {value} pu um {time}',
  'below {value} pu at {time}': 'unter {value} pu um {time}',
  'above {value} pu from {from} to {to}': 'über {value} pu von {from} bis {to}',
  'below {value} pu from {from} to {to}': 'unter {value} pu von {from} bis {to}',
  'above {value} pu with load high at {time}': 'über {value} pu bei hoher Last um {time}',
  'above {value} pu with load high from {from} to {to}': 'über {value} pu bei hoher Last von {from} bis {to}',
  'below {value} pu with load low and sun high at {time}':
    'unter {value} pu bei niedriger Last und viel Sonne um {time}',
  'below {value} pu with load low and sun high from {from} to {to}':
    'unter {value} pu bei niedriger Last und viel Sonne von {from} bis {to}',
  'within its rating of {value} kVA at {time}': 'innerhalb des Nennwerts von {value} kVA um {time}',
  'within its rating of {value} kVA from {from} to {to}': 'innerhalb des Nennwerts von {value} kVA von {from} bis {to}',
  'within its rating of {value} kVA with load high from {from} to {to}':
    'innerhalb des Nennwerts von {value} kVA bei hoher Last von {from} bis {to}',
  'within {value} kW of import at {time}': 'innerhalb von {value} kW Bezug um {time}',
  'within {value} kW of import from {from} to {to}': 'innerhalb von {value} kW Bezug von {from} bis {to}',
  'within {value} kW of export at {time}': 'innerhalb von {value} kW Einspeisung um {time}',
  'within {value} kW of export from {from} to {to}': 'innerhalb von {value} kW Einspeisung von {from} bis {to}',
  'bus {bus}': 'Knoten {bus}',
  'line {line}': 'Leitung {line}',
  'transformer {name}': 'Transformator {name}',
  'connection point {name}': 'Anschlusspunkt {name}',
  '{one} and {other}': '{one} und {other}',
  '{device} may not be emptied below {value} % at {time}':
    '{device} darf um {time} nicht unter {value} % entladen werden',
  '{device} may not be emptied below {value} % from {from} to {to}':
    '{device} darf von {from} bis {to} nicht unter {value} % entladen werden',
  '{device} may not be charged above {value} % at {time}':
    '{device} darf um {time} nicht über {value} % geladen werden',
  '{device} may not be charged above {value} % from {from} to {to}':
    '{device} darf von {from} bis {to} nicht über {value} % geladen werden',
  '{device} charges at most {value} kW at {time}': '{device} lädt um {time} höchstens {value} kW',
  '{device} charges at most {value} kW from {from} to {to}': '{device} lädt von {from} bis {to} höchstens {value} kW',
  '{device} discharges at most {value} kW at {time}': '{device} entlädt um {time} höchstens {value} kW',
  '{device} discharges at most {value} kW from {from} to {to}':
    '{device} entlädt von {from} bis {to} höchstens {value} kW',
  '{device} gets no more sun than for {value} kW at {time}':
    '{device} hat um {time} nicht mehr Sonne als für {value} kW',
  '{device} gets no more sun than for {value} kW from {from} to {to}':
    '{device} hat von {from} bis {to} nicht mehr Sonne als für {value} kW',
  '{device} is curtailed to nothing at {time}': '{device} ist um {time} auf null abgeregelt',
  '{device} is curtailed to nothing from {from} to {to}': '{device} ist von {from} bis {to} auf null abgeregelt',
  '{device} takes at most {value} kW at {time}': '{device} nimmt um {time} höchstens {value} kW',
  '{device} takes at most {value} kW from {from} to {to}': '{device} nimmt von {from} bis {to} höchstens {value} kW',
  '{device} may not be held below {value} kW at {time}':
    '{device} darf um {time} nicht unter {value} kW gehalten werden',
  '{device} may not be held below {value} kW from {from} to {to}':
    '{device} darf von {from} bis {to} nicht unter {value} kW gehalten werden',
  '{device} has no moves left at {time}': '{device} hat um {time} keine Schaltungen mehr übrig',
  '{device} has no moves left from {from} to {to}': '{device} hat von {from} bis {to} keine Schaltungen mehr übrig',
  '{device} is at the rating of its inverter at {time}': '{device} ist um {time} am Nennwert des Wechselrichters',
  '{device} is at the rating of its inverter from {from} to {to}':
    '{device} ist von {from} bis {to} am Nennwert des Wechselrichters',
  '{device} feeds in at most {value} kvar at {time}': '{device} speist um {time} höchstens {value} kvar ein',
  '{device} feeds in at most {value} kvar from {from} to {to}':
    '{device} speist von {from} bis {to} höchstens {value} kvar ein',
  '{device} absorbs at most {value} kvar at {time}': '{device} nimmt um {time} höchstens {value} kvar auf',
  '{device} absorbs at most {value} kvar from {from} to {to}':
    '{device} nimmt von {from} bis {to} höchstens {value} kvar auf',
  '{devices} charge no faster at {time}': '{devices} laden um {time} nicht schneller',
  'plan {id} ({number}) is {stage}': 'Fahrplan {id} ({number}) ist {stage}',
  'plan {id} ({number}) is {stage}: {why}': 'Fahrplan {id} ({number}) ist {stage}: {why}',
  '{device}: {finding}': '{device}: {finding}',
  '{device} fits the others again': '{device} passt wieder zu den anderen',
  'shows {value} pu, which is {by} pu above what all other meters say':
    'zeigt {value} pu, {by} pu über dem, was alle anderen Messungen sagen',
  'shows {value} pu, which is {by} pu below what all other meters say':
    'zeigt {value} pu, {by} pu unter dem, was alle anderen Messungen sagen',
  'the meters fit only with {closed} closed and {open}, or a line beside it, open':
    'die Messungen passen nur mit {closed} geschlossen und {open}, oder einer Leitung daneben, offen',
  'reads {value} kW without a change for {minutes} min, while the other meters moved by {moved} kW in all':
    'zeigt {minutes} min unverändert {value} kW, während sich die anderen Messungen zusammen um {moved} kW bewegten',
  '{one}, {other} and {last}': '{one}, {other} und {last}',
  'guard: {limit}': 'Wächter: {limit}',
  '{element} import limit': 'Bezugsgrenze {element}',
  '{element} export limit': 'Einspeisegrenze {element}',
  'voltage upper limit': 'obere Spannungsgrenze',
  'voltage lower limit': 'untere Spannungsgrenze',
  '{element} voltage': 'Spannung {element}',
  'transformer, feeder head and {count} devices (measured)': 'Transformator, Abgangsfeld und {count} Geräte (gemessen)',
  '{one} (measured)': '{one} (gemessen)',
  '{one}; {other}': '{one}; {other}',
  '{count} devices': '{count} Geräte',
  'rating of the device': 'Nennwert des Geräts',
  'contract of the connection point': 'Vertrag des Anschlusspunkts',
  'override by {who}: {why}': 'Handvorgabe von {who}: {why}',
  'no local forecast here': 'hier keine lokale Prognose',
  'operating envelope': 'Leistungsband',
  'no usable head meter: half of the nominal load and the metered devices':
    'keine brauchbare Messung im Abgangsfeld: die halbe Nennlast und die gemessenen Geräte',
  'no usable voltage at the busbar: from the source and the tap':
    'keine brauchbare Spannung an der Sammelschiene: aus Quelle und Stufe',
  'tap position is not read: as in the network': 'Stufenstellung wird nicht gelesen: wie im Netz',
};
