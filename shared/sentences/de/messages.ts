import type { MessageWords } from '../message-forms.ts';
import { models } from './models.ts';

/** Sentences whose values are only in the text, in German. */
export const messages: MessageWords = {
  ...models,
  '{type} {id} is refused: {detail}': '{type} {id} ist abgelehnt: {detail}',
  '{gateway} refused {type} {id}: {detail}': '{gateway} hat {type} {id} abgelehnt: {detail}',
  'command {kind} by {user} is rejected: {detail}': 'Befehl {kind} von {user} ist abgelehnt: {detail}',
  'plan {id} ({epoch}, {sequence}) is {stage}': 'Fahrplan {id} ({epoch}, {sequence}) ist {stage}',
  'plan {id} ({epoch}, {sequence}) is {stage}: {detail}': 'Fahrplan {id} ({epoch}, {sequence}) ist {stage}: {detail}',
  'plan {id} ({epoch}, {sequence}) is assumption-failed: {detail}':
    'Fahrplan {id} ({epoch}, {sequence}) entfällt, denn eine Annahme trifft nicht zu: {detail}',
  'override {id} is {stage}': 'Handvorgabe {id} ist {stage}',
  'override {id} is {stage}: {detail}': 'Handvorgabe {id} ist {stage}: {detail}',
  'the state before the restart cannot be read: {error}; it starts anew':
    'der Zustand von vor dem Neustart ist nicht lesbar: {error}; er beginnt neu',
  'the state before the restart cannot be read: {error}; control goes on, the rest of it starts anew':
    'der Zustand von vor dem Neustart ist nicht lesbar: {error}; die Regelung geht weiter, der Rest beginnt neu',
  'the disk has not given the state before the restart: until it does, only the guard acts':
    'die Platte gibt den Zustand von vor dem Neustart nicht her: bis dahin greift nur der Wächter ein',
  'Model {model} is refused: {detail}': 'Modell {model} ist abgelehnt: {detail}',
  'Model {model} cannot run here: {detail}': 'Modell {model} kann hier nicht laufen: {detail}',
  'Model {model} is put aside, the baseline answers: {detail}':
    'Modell {model} ist beiseitegestellt, die Basisprognose antwortet: {detail}',
  'a list of keys is refused: {detail}': 'eine Schlüsselliste ist abgelehnt: {detail}',
  '{count} {stream} were refused by the cloud, offset {offset} with {refusal}':
    '{count} {stream} hat die Cloud abgelehnt, Offset {offset} mit {refusal}',
  'no uplink to {url}: {error}': 'keine Verbindung zu {url}: {error}',
  'no uplink to {url}: {error}; {remedy}': 'keine Verbindung zu {url}: {error}; {remedy}',
  'Round {round} of federated learning is not taken: {detail}':
    'Runde {round} des föderierten Lernens wird nicht ausgeführt: {detail}',
  'An update of federated learning is refused: {detail}': 'Ein Beitrag zum föderierten Lernen ist abgelehnt: {detail}',
  'override {target} by {user}: {reason}': 'Handvorgabe für {target} von {user}: {reason}',
  'release {target} by {user}: {reason}': 'Handvorgabe für {target} aufgehoben von {user}: {reason}',
  'stop {target} by {user}: {reason}': 'Stopp von {target} durch {user}: {reason}',
  'resume {target} by {user}: {reason}': 'Stopp von {target} aufgehoben durch {user}: {reason}',
  'tag {target} by {user}: {reason}': '{target} gesperrt durch {user}: {reason}',
  'untag {target} by {user}: {reason}': '{target} entsperrt durch {user}: {reason}',
  'mode {mode} at {target} by {user}: {reason}': 'Betriebsart {mode} für {target} durch {user}: {reason}',
  'approve-plan {target} by {user}: {reason}': 'Fahrplan {target} freigegeben von {user}: {reason}',
  'refuse-plan {target} by {user}: {reason}': 'Fahrplan {target} abgelehnt von {user}: {reason}',
  'emergency {target} by {user}: {reason}': 'Notgrenzen für {target} durch {user}: {reason}',
  'normal {target} by {user}: {reason}': 'normale Grenzen für {target} durch {user}: {reason}',
  'select {target} by {user}: {reason}': '{target} ausgewählt von {user}: {reason}',
  'cancel {target} by {user}: {reason}': 'Auswahl von {target} aufgegeben von {user}: {reason}',
  'mode {mode}: {reason}': 'Betriebsart {mode}: {reason}',
  'stop of {what}: {reason}': 'Stopp von {what}: {reason}',
  'stop of {what} lifted: {reason}': 'Stopp von {what} aufgehoben: {reason}',
  'tag on {what}: {reason}': '{what} gesperrt: {reason}',
  'tag off {what}: {reason}': '{what} entsperrt: {reason}',
  'manual on for {what}: {reason}': 'Hand ein für {what}: {reason}',
  'manual off for {what}: {reason}': 'Hand aus für {what}: {reason}',
  'the clock was set forward by {seconds} s': 'die Uhr wurde um {seconds} s vorgestellt',
  'the clock was set back by {seconds} s': 'die Uhr wurde um {seconds} s zurückgestellt',
  'settings ({epoch}, {sequence}): {changes}': 'Einstellungen ({epoch}, {sequence}): {changes}',
  'mode {mode}': 'Betriebsart {mode}',
  'mode {mode}, {changes}': 'Betriebsart {mode}, {changes}',
  'grid limit {importKw} kW import, {exportKw} kW export': 'Netzgrenze {importKw} kW Bezug, {exportKw} kW Einspeisung',
  'grid limit {importKw} kW import, {exportKw} kW export, {changes}':
    'Netzgrenze {importKw} kW Bezug, {exportKw} kW Einspeisung, {changes}',
  'the meter of {device} is {finding}': 'die Messung von {device} ist {finding}',
  'the meter of {device} is {finding}, {changes}': 'die Messung von {device} ist {finding}, {changes}',
  'nothing changes': 'nichts ändert sich',
  'topology is version {version}, the plan rests on {assumed}':
    'der Schaltzustand hat Version {version}, der Fahrplan beruht auf {assumed}',
  '{device} is counted on and silent': 'mit {device} wird gerechnet, und es schweigt',
  '{element} at {power} kW, out of its band of {low} to {high} kW for {seconds} s':
    '{element} bei {power} kW, seit {seconds} s außerhalb des Bands von {low} bis {high} kW',
  '{device} to {power} kW by {bound}': '{device} auf {power} kW durch {bound}',
  '{device} to {power} kW by {bound}, {clamps}': '{device} auf {power} kW durch {bound}, {clamps}',
  '{device} to {power} kW by {bound} and {count} more': '{device} auf {power} kW durch {bound} und {count} weitere',
  '{device} is tagged': '{device} ist gesperrt',
  '{device} is stopped': '{device} ist gestoppt',
  'the whole gateway is stopped': 'das ganze Gateway ist gestoppt',
  '{device} is watched only: its mode is monitor': '{device} wird nur beobachtet: die Betriebsart ist Beobachten',
  'the customer of {device} allows nothing': 'der Kunde von {device} erlaubt nichts',
  'the customer of {device} allows the guard only': 'der Kunde von {device} erlaubt nur den Wächter',
  '{element} has no emergency limits at this gateway': '{element} hat an diesem Gateway keine Notgrenzen',
  '{user} has selected {device}, for another {seconds} s at the most':
    '{user} hat {device} ausgewählt, noch höchstens {seconds} s',
  "the selection is {user}'s, who alone cancels it": 'die Auswahl gehört {user}, nur von dort wird sie aufgegeben',
  'the selection was used, has lapsed after 30 s, or was dropped in a restart':
    'die Auswahl ist benutzt, nach 30 s verfallen oder bei einem Neustart entfallen',
  "the selection is {user}'s": 'die Auswahl gehört {user}',
  '{selected} was selected, not {device}': '{selected} ist ausgewählt, nicht {device}',
  'the setpoint is not the one that was selected': 'der Sollwert ist nicht der ausgewählte',
  'the duration is not the one that was selected': 'die Dauer ist nicht die ausgewählte',
  'there is none to cancel: it was used, has lapsed, or was dropped in a restart':
    'es gibt keine Auswahl aufzugeben: sie ist benutzt, verfallen oder bei einem Neustart entfallen',
  'a heartbeat was refused: no key that is pinned here has signed it for this gateway':
    'ein Lebenszeichen ist abgelehnt: kein hier hinterlegter Schlüssel hat es für dieses Gateway signiert',
  '({epoch}, {sequence}) after ({lastEpoch}, {lastSequence})':
    '({epoch}, {sequence}) nach ({lastEpoch}, {lastSequence})',
  'the command has expired': 'der Befehl ist abgelaufen',
  'to be accepted until {until}; it is {now}': 'anzunehmen bis {until}; es ist {now}',
  'valid until {until}; it is {now}': 'gültig bis {until}; es ist {now}',
  'valid for no time at all; it is {now}': 'keinen Augenblick gültig; es ist {now}',
  'for {gateway}; this is {own}': 'für {gateway}; dies ist {own}',
  'for substation {substation}; this is {own}': 'für Umspannwerk {substation}; dies ist {own}',
  'there is no device {device} here': 'hier gibt es kein Gerät {device}',
  'no device lies behind {feeder} here': 'hinter {feeder} liegt hier kein Gerät',
  'an override names its device': 'eine Handvorgabe nennt ihr Gerät',
  'a cancel names its device': 'wer eine Auswahl aufgibt, nennt ihr Gerät',
  'a tag names its device or feeder': 'eine Sperre nennt ihr Gerät oder ihren Abgang',
  'it names no mode': 'es ist keine Betriebsart genannt',
  'it names no plan': 'es ist kein Fahrplan genannt',
  '{element} is not guarded here': '{element} wird hier nicht bewacht',
  'it names no element': 'es ist nicht genannt, was bewacht wird',
  'an override carries a setpoint': 'eine Handvorgabe hat einen Sollwert',
  '{device} does not take {quantity}': '{device} nimmt {quantity} nicht an',
  'a selection says for how long': 'eine Auswahl sagt, für wie lange',
  'a {type} on the topic of a {expected}': '{type} auf dem Topic von {expected}',
  'the common envelope has not one value for each of the {steps} steps':
    'das gemeinsame Leistungsband hat nicht für jeden der {steps} Schritte einen Wert',
  'connection point {point} has not one value for each of the {steps} steps':
    'Anschlusspunkt {point} hat nicht für jeden der {steps} Schritte einen Wert',
  '{device} has not one value for each of the {steps} steps':
    '{device} hat nicht für jeden der {steps} Schritte einen Wert',
  'issued at {from}; it is {now}': 'ausgestellt um {from}; es ist {now}',
  'valid from {from}; it is {now}': 'gültig ab {from}; es ist {now}',
  'accepted, and no outcome was stored before the gateway was started again; give it anew':
    'angenommen, und vor dem Neustart des Gateways kein Ergebnis gespeichert; neu geben',
  'epoch {epoch} after {last}; up to {most} is taken': 'Epoche {epoch} nach {last}; bis {most} wird angenommen',
  '{user} asks that model {model} for {target} becomes {state}: {reason}. It waits for a second person.':
    '{user} bittet, dass Modell {model} für {target} {state} wird: {reason}. Es wartet auf eine zweite Person.',
  'Model {model} for {target} is {state} (was {before}), by {person}: {grounds}':
    'Modell {model} für {target} ist {state} (war {before}), durch {person}: {grounds}',
  'trained on schedule': 'nach Zeitplan trainiert',
  'LS-MODEL-011: it has expired': 'LS-MODEL-011: es ist abgelaufen',
  '{model} is newer': '{model} ist neuer',
  'it was never seen to run in shadow': 'es wurde nie im Schatten gesehen',
  'refused where it was to run: {grounds}': 'abgelehnt, wo es laufen sollte: {grounds}',
  'a canary of its release was rolled back': 'ein Kanarienmodell seiner Ausgabe wurde zurückgenommen',
  '{grounds}; the canaries have passed': '{grounds}; die Kanarienmodelle haben bestanden',
  "as a canary its loss is {own} kW, the incumbent's {other} kW ({count} targets)":
    'als Kanarienmodell ist sein Verlust {own} kW, der des bisherigen {other} kW ({count} Ziele)',
  "rolled back: its loss is {own} kW, its predecessor's {other} kW ({count} targets)":
    'zurückgenommen: sein Verlust ist {own} kW, der seines Vorgängers {other} kW ({count} Ziele)',
  'follows for age, not for a duel won: {grounds}':
    'folgt wegen des Alters nach, nicht wegen eines gewonnenen Duells: {grounds}',
  'not shown to be better in {days} days: {grounds}': 'in {days} Tagen nicht nachweislich besser: {grounds}',
  'Model {model} is in use, {ms} ms per forecast.': 'Modell {model} ist im Einsatz, {ms} ms je Prognose.',
  'Model {model} runs beside the one that answers, to be compared with it.':
    'Modell {model} läuft neben dem antwortenden, um sie zu vergleichen.',
  'Model {model} answers again.': 'Modell {model} antwortet wieder.',
  'For {target} inputs of {model} are not what it learnt from: {figures}.':
    'Für {target} sind die Eingaben von {model} nicht, woraus es lernte: {figures}.',
  'For {target} inputs of {model} are not what it learnt from: {figures}. It is being retrained.':
    'Für {target} sind die Eingaben von {model} nicht, woraus es lernte: {figures}. Es wird neu trainiert.',
  "For {target} errors of {model} have grown beside a naive forecast's: their sum stands {sum} deviations above the first {days} days, {most} are allowed.":
    'Für {target} sind die Fehler von {model} neben denen einer naiven Prognose gewachsen: ihre Summe liegt {sum} Abweichungen über den ersten {days} Tagen, {most} sind erlaubt.',
  "For {target} errors of {model} have grown beside a naive forecast's: their sum stands {sum} deviations above the first {days} days, {most} are allowed. It is being retrained.":
    'Für {target} sind die Fehler von {model} neben denen einer naiven Prognose gewachsen: ihre Summe liegt {sum} Abweichungen über den ersten {days} Tagen, {most} sind erlaubt. Es wird neu trainiert.',
  'Model {model} for {target} expires on {day} and has no successor yet; it is being retrained.':
    'Modell {model} für {target} läuft am {day} ab und hat noch keinen Nachfolger; es wird neu trainiert.',
  'The issuer of the certificates expires on {day}; from then on no gateway can connect.':
    'Der Aussteller der Zertifikate läuft am {day} ab; danach kommt kein Gateway mehr herein.',
  'The root of the certificates expires on {day}; from then on no gateway can connect.':
    'Die Wurzel der Zertifikate läuft am {day} ab; danach kommt kein Gateway mehr herein.',
  'The certificates of the authority last for more than half a year again.':
    'Die Zertifikate der Zertifizierungsstelle gelten wieder länger als ein halbes Jahr.',
  "its error is {own} kW, the baseline's {baseline} kW over {count} targets":
    'sein Fehler ist {own} kW, der der Basis {baseline} kW über {count} Ziele',
  '{device}: {figures} is no finite number and was left out':
    '{device}: {figures} ist keine endliche Zahl und wurde weggelassen',
  '{count} {stream} are lost': '{count} {stream} sind verloren',
  '{count} {stream} are lost: {error}': '{count} {stream} sind verloren: {error}',
  '{file} cannot be read: what it held is sent again': '{file} ist nicht lesbar: was darin stand, wird erneut gesendet',
  'the voltage of {device} reads zero while load flows: a fuse of its voltage measurement has probably blown; its voltage is not guarded, and its power may read too low':
    'die Spannung von {device} zeigt null, während Last fließt: wahrscheinlich ist eine Sicherung der Spannungsmessung durchgebrannt; die Spannung wird nicht überwacht, und die Leistung kann zu niedrig anzeigen',
  'stops that were sent and are only in memory: {count}; they cannot be stored':
    'Stopps, die hinausgegangen sind und nur im Arbeitsspeicher stehen: {count}; sie können nicht geschrieben werden',
  'every stop is stored; the audit list marks the delayed ones as late':
    'jeder Stopp ist geschrieben; das Prüfprotokoll kennzeichnet die von damals als verspätet',
  'the disk does not give {file} ({error}): it is kept as {aside}, and what stood in it alone is lost':
    'das Speichermedium gibt {file} nicht heraus ({error}): die Datei bleibt als {aside} liegen, und was nur darin stand, ist verloren',
  '{file} is damaged; {count} records of it are whole': '{file} ist beschädigt; {count} Datensätze davon sind heil',
  '{file} may not be read ({error}): its records are sent once it may':
    '{file} darf nicht gelesen werden ({error}): ihre Datensätze gehen hinaus, sobald das erlaubt ist',
  '{file} is not part of this journal: it is kept as {aside} and ignored':
    '{file} gehört nicht zu diesem Journal: die Datei bleibt als {aside} liegen und wird nicht beachtet',
  'the journal can write again': 'das Journal kann wieder schreiben',
  '{count} measurements were dropped, the oldest first, up to offset {offset}':
    '{count} Messungen wurden verworfen, die ältesten zuerst, bis Offset {offset}',
  'the keys of generation {generation} count from now on; older ones have ended':
    'die Schlüssel der Generation {generation} gelten ab jetzt; ältere sind beendet',
  'the uplink has used {share} % of {budget} MB this month; values are reported later and by larger steps, so that the rest lasts':
    'die Verbindung hat diesen Monat {share} % von {budget} MB verbraucht; Werte werden später und in größeren Schritten gemeldet, damit der Rest reicht',
  'Round {round} of federated learning: the network is measured here; losses alone are sent.':
    'Runde {round} des föderierten Lernens: das Netz wird hier gemessen; nur Verluste werden gesendet.',
  'Round {round} of federated learning: {samples} rows of the own load learnt, {bytes} bytes of clipped weights are offered.':
    'Runde {round} des föderierten Lernens: {samples} Zeilen der eigenen Last gelernt, {bytes} Bytes begrenzter Gewichte werden angeboten.',
  'Round {round} of federated learning: {samples} rows of the own load learnt, {bytes} bytes of clipped weights are offered, with noise of {noise} times the clip.':
    'Runde {round} des föderierten Lernens: {samples} Zeilen der eigenen Last gelernt, {bytes} Bytes begrenzter Gewichte werden angeboten, mit Rauschen vom {noise}-Fachen der Grenze.',
  'Round {round} of {rounds} of {campaign}: the updates of {count} gateways are averaged; no load has left them.':
    'Runde {round} von {rounds} von {campaign}: die Beiträge von {count} Gateways sind gemittelt; keine Last hat sie verlassen.',
  'The job "{job}" failed and is tried again: {error}':
    'Die Aufgabe „{job}“ ist gescheitert und wird erneut versucht: {error}',
  'The task {task} was given up: it was returned four times, as its job nodes died or lost the broker.':
    'Die Aufgabe {task} wurde aufgegeben: Sie kam viermal zurück, da ihre Job-Knoten endeten oder den Broker verloren.',
  '{task} was given up: it was returned four times, as its nodes died or lost the broker':
    '{task} wurde aufgegeben: Es kam viermal zurück, da seine Knoten endeten oder den Broker verloren',
  'The task {task} was given up, as each job node that took it ended with it.':
    'Die Aufgabe {task} wurde aufgegeben, da jeder Job-Knoten, der sie nahm, damit endete.',
  'there is no file {file}: gateways are let in by the last good one':
    'es gibt keine Datei {file}: Gateways kommen nach der letzten guten herein',
  '{task} was given up: every node that took it died':
    '{task} wurde aufgegeben: Jeder Knoten, der es nahm, endete damit',
  'the process ended {count} times during this job': 'der Prozess endete {count}-mal während dieses Auftrags',
  'The clock of the cloud differs from those of most gateways: set it right. Their data waits until then.':
    'Die Uhr der Cloud weicht von denen der meisten Gateways ab: sie muss gestellt werden. Deren Daten warten bis dahin.',
  'The clock of the cloud agrees with those of the gateways again.':
    'Die Uhr der Cloud stimmt wieder mit denen der Gateways überein.',
  'No job node is connected: plans in force go on, and no new one is made.':
    'Kein Job-Knoten ist verbunden: geltende Fahrpläne laufen weiter, und es entsteht kein neuer.',
  'Job nodes make plans again.': 'Job-Knoten machen wieder Fahrpläne.',
  'Work was given up: the page System lists it, to be tried again or discarded.':
    'Arbeit wurde aufgegeben: Die Seite System nennt sie, um sie erneut zu versuchen oder zu verwerfen.',
  'Nothing that was given up is left.': 'Nichts Aufgegebenes ist mehr übrig.',
  'Nobody confirmed in time what {user} asked for, {what}: it is void. {user} can ask again if it is still wanted.':
    'Niemand hat rechtzeitig bestätigt, worum {user} bat, {what}: es ist verfallen. {user} bittet erneut, wo es noch gewünscht ist.',
  '{kind} for {target}': '{kind} für {target}',
  'model {model} to become {state}': 'Modell {model} zu {state} machen',
  'Gateway {gateway} holds documents that this cloud does not know; what it is sent from now on is of epoch {epoch}.':
    'Gateway {gateway} hält Dokumente, die diese Cloud nicht kennt; was es ab jetzt bekommt, ist von Epoche {epoch}.',
  'Gateway {gateway} has {most} alarms: no gateway of ours has as many. Further ones are only events.':
    'Gateway {gateway} hat {most} Alarme: So viele hat kein Gateway von uns. Weitere sind nur Ereignisse.',
  'A flood of alarms has begun: {count} in ten minutes.': 'Eine Alarmflut hat begonnen: {count} in zehn Minuten.',
  'The flood of alarms has ended.': 'Die Alarmflut ist vorbei.',
  'Mail is sent again.': 'E-Mail geht wieder hinaus.',
  'Webhook {name} accepts messages again.': 'Webhook {name} nimmt wieder Nachrichten an.',
  'A message to webhook {name} is given up after a day: {error}':
    'Nach einem Tag wird eine Nachricht an Webhook {name} aufgegeben: {error}',
  'Webhook {name} accepts no messages: {error}': 'Webhook {name} nimmt keine Nachricht an: {error}',
  'A mail is given up after a day: {error}': 'Nach einem Tag wird eine E-Mail aufgegeben: {error}',
  'Mail cannot be sent: {error}': 'E-Mail geht nicht hinaus: {error}',
  '{user} takes {units}': '{user} übernimmt {units}',
  '{user} takes {units}: {reason}': '{user} übernimmt {units}: {reason}',
  '{user} takes {units} from {holders}': '{user} übernimmt {units} von {holders}',
  '{user} takes {units} from {holders}: {reason}': '{user} übernimmt {units} von {holders}: {reason}',
  '{user} hands over {units} to {to}: {reason}': '{user} übergibt {units} an {to}: {reason}',
  '{user} declines {units} of {holders}: {reason}': '{user} lehnt {units} von {holders} ab: {reason}',
  '{user} lets {units} go: {reason}': '{user} gibt {units} ab: {reason}',
  '{user} frees {units} of {holders}: {reason}': '{user} gibt {units} von {holders} frei: {reason}',
  'Nobody holds {units}: {holders} may not act there.': 'Niemand führt {units}: {holders} darf dort nicht bedienen.',
  '{user} has seen that {units} was {how}': '{user} hat gesehen, dass {units} {how} wurde',
  '{user} has seen that {units} was {how} by {by}': '{user} hat gesehen, dass {units} von {by} {how} wurde',
  'Gateway {gateway} reports a document number that this cloud cannot have issued. {detail}':
    'Gateway {gateway} nennt eine Dokumentnummer, die diese Cloud nicht vergeben haben kann. {detail}',
  'It names epoch {epoch}; this cloud is at {own}, and a restored one at most {ahead} behind.':
    'Es nennt Epoche {epoch}; diese Cloud ist bei {own}, und eine wiederhergestellte höchstens {ahead} dahinter.',
  '{stream}: more runs than {burst} at once and {rate} a day':
    '{stream}: mehr Läufe als {burst} auf einmal und {rate} am Tag',
  '{stream}: more than {most} gaps between what is stored':
    '{stream}: mehr als {most} Lücken zwischen dem Gespeicherten',
  '{stream}: more stretches dropped or lost than {burst} at once and {rate} a day':
    '{stream}: mehr Strecken verworfen oder verloren als {burst} auf einmal und {rate} am Tag',
  '{device}: its births name more than there is room for': '{device}: seine Anmeldungen nennen mehr, als Platz ist',
  '{place}: No plan can be made. {error}': '{place}: ein Fahrplan ist nicht möglich. {error}',
  '{place}: Solver failed. {error}': '{place}: der Solver ist gescheitert. {error}',
  '{place}: Inputs are too poor to check a limit. {detail}':
    '{place}: die Eingaben sind zu schlecht, um einen Grenzwert zu prüfen. {detail}',
  '{substation}: there is no estimate yet': '{substation}: es gibt noch keine Schätzung',
  '{substation}: the estimate did not converge': '{substation}: die Schätzung ist nicht konvergiert',
  '{substation}: the estimate is {minutes} min old': '{substation}: die Schätzung ist {minutes} min alt',
  '{place}: Solver aborted. {error}': '{place}: der Solver ist abgebrochen. {error}',
  "the broker's certificate and this clock disagree: look at the clock first":
    'das Zertifikat des Brokers und diese Uhr widersprechen sich: zuerst nach der Uhr sehen',
  'TLS: the broker must show a certificate that is trusted here':
    'TLS: der Broker muss ein Zertifikat zeigen, dem hier vertraut wird',
  'the broker refuses this gateway: its password is in uplink.userFile, its name is gateway.id':
    'der Broker lehnt dieses Gateway ab: sein Passwort steht in uplink.userFile, sein Name ist gateway.id',
  'its certificate is probably revoked, expired or of another authority: an admin of the cloud lets it renew, or it is enrolled anew with a new token':
    'das Zertifikat ist wahrscheinlich widerrufen, abgelaufen oder von einer anderen Stelle: ein Administrator der Cloud lässt es erneuern, oder das Gateway wird mit einem neuen Token neu angemeldet',
  'uplink.userFile must be readable for the user of the service':
    'uplink.userFile muss für den Benutzer des Dienstes lesbar sein',
  'the name in uplink.url is not known here': 'der Name in uplink.url ist hier nicht bekannt',
  'nothing listens there: look at host and port of uplink.url':
    'dort lauscht nichts: Host und Port von uplink.url ansehen',
  'no way there: look at network, firewall and uplink.proxy':
    'kein Weg dorthin: Netz, Firewall und uplink.proxy ansehen',
  'the cloud is not at this broker, or uplink.hostId is not its name':
    'die Cloud ist nicht an diesem Broker, oder uplink.hostId ist nicht ihr Name',
  'the broker ended the connection: gateway.id and gateway.group must be those that it knows':
    'der Broker hat die Verbindung beendet: gateway.id und gateway.group müssen die sein, die er kennt',
  '{what}; {detail}': '{what}; {detail}',
  'the first of its target; {detail}': 'das erste für sein Ziel; {detail}',
  'fewer than {days} days to compare on: {detail}': 'weniger als {days} Tage zum Vergleichen: {detail}',
  'the incumbent expires soon: {detail}': 'das bisherige läuft bald ab: {detail}',
  'the incumbent': 'das bisherige',
  '{share} % better than {who} (95 %: {low} % to {high} %, {days} days)':
    '{share} % besser als {who} (95 %: {low} % bis {high} %, {days} Tage)',
  '{share} % worse than {who} (95 %: {low} % to {high} %, {days} days)':
    '{share} % schlechter als {who} (95 %: {low} % bis {high} %, {days} Tage)',
  'coverage undecided: {count} targets in {blocks} blocks of 6 h':
    'Abdeckung unentschieden: {count} Ziele in {blocks} Blöcken von 6 h',
  '{share} % of targets are inside P10 to P90 (95 %: {low} % to {high} %, {count} targets in {blocks} blocks of 6 h)':
    '{share} % der Ziele liegen zwischen P10 und P90 (95 %: {low} % bis {high} %, {count} Ziele in {blocks} Blöcken von 6 h)',
  '{share} % of targets are inside P10 to P90, wanted is {least} to {most} % (95 %: {low} % to {high} %, {count} targets in {blocks} blocks of 6 h)':
    '{share} % der Ziele liegen zwischen P10 und P90, gewollt sind {least} bis {most} % (95 %: {low} % bis {high} %, {count} Ziele in {blocks} Blöcken von 6 h)',
  'in shadow {detail}': 'im Schatten: {detail}',
  "in shadow its loss is {own} kW, the incumbent's {other} kW ({count} recent targets)":
    'im Schatten ist der Verlust {own} kW, der des bisherigen {other} kW ({count} jüngste Ziele)',
  "in shadow its loss is {own} kW, the incumbent's {other} kW ({count} recent targets), worse on {days} days":
    'im Schatten ist der Verlust {own} kW, der des bisherigen {other} kW ({count} jüngste Ziele), schlechter an {days} Tagen',
  "in shadow its loss is {share} % below the incumbent's on {days} days, {evidence} of what is sure":
    'im Schatten liegt der Verlust an {days} Tagen {share} % unter dem des bisherigen, {evidence} dessen, was sicher ist',
  'no model yet': 'noch kein Modell',
  'no usable measurement yet': 'noch kein brauchbarer Messwert',
  '{hours} hours of history, needs {needed}': '{hours} Stunden Verlauf, nötig sind {needed}',
  'connect ECONNREFUSED {address}': '{address} weist die Verbindung ab (ECONNREFUSED)',
  'connect ETIMEDOUT {address}': '{address} antwortet nicht (ETIMEDOUT)',
  'connect EHOSTUNREACH {address}': '{address} ist nicht erreichbar (EHOSTUNREACH)',
  'getaddrinfo ENOTFOUND {host}': 'der Name {host} ist nicht bekannt (ENOTFOUND)',
  'getaddrinfo EAI_AGAIN {host}': 'der Name {host} kann jetzt nicht nachgeschlagen werden (EAI_AGAIN)',
  'read ECONNRESET': 'die Gegenstelle hat die Verbindung abgebrochen (ECONNRESET)',
  'ENOSPC: no space left on device, {call}': 'kein Platz mehr auf der Platte (ENOSPC, {call})',
  'EIO: i/o error, {call}': 'Fehler beim Lesen oder Schreiben der Platte (EIO, {call})',
  '{device} does not hold its grid code: {changes}': '{device} hält seine Netzanschlussregel nicht ein: {changes}',
  '{changes} and {count} more': '{changes} und {count} weitere',
  'it has no {function}': 'es hat kein {function}',
  '{what}: {held} instead of {wanted}': '{what}: {held} statt {wanted}',
  '{what} has corners': 'Eckpunkte von {what}',
  '{what} counts by': 'Bezugsgröße von {what}',
  '{what} responds in s': 'Antwortzeit von {what} in s',
  '{what} corner {corner} at %': 'Eckpunkt {corner} von {what}, Lage in %',
  '{what} corner {corner} to %': 'Eckpunkt {corner} von {what}, Wert in %',
  '{what} is switched on': '{what} eingeschaltet',
  '{what} has curve': 'Kennlinie von {what}',
  '{what} dead band above Hz': 'Totband von {what} oben, Hz',
  '{what} dead band below Hz': 'Totband von {what} unten, Hz',
  '{what} slope above': 'Steigung von {what} oben',
  '{what} slope below': 'Steigung von {what} unten',
  'frequency droop': 'Frequenzstatik',
  nothing: 'nichts',
  '{device}: {changes}': '{device}: {changes}',
  '{charger} sends no meter values while a car charges, so it counts at what it may take: set {what} at the charger, which the gateway does only where it commands it':
    '{charger} sendet keine Zählerwerte, während ein Auto lädt, und zählt daher mit dem, was es beziehen darf: {what} am Ladepunkt einstellen, das Gateway tut es nur, wo es ihn steuert',
  'their interval': 'ihr Intervall',
  '{model} needs the temperature, and none is known here': '{model} braucht die Temperatur, und keine ist hier bekannt',
  'the meter reads one flat value': 'der Zähler liefert einen festen Wert',
  'what {device} does now is not known: it counts as nothing':
    'was {device} jetzt tut, ist nicht bekannt: es zählt als nichts',
  'only {power} kW are there to be limited now: the limit does not bind':
    'jetzt sind nur {power} kW da, die begrenzt werden können: die Grenze bindet nicht',
  'the envelope of {plan} leaves {low} to {high} kW: {device} is held at {power} kW, not {wished} kW':
    'das Leistungsband von {plan} lässt {low} bis {high} kW: {device} wird bei {power} kW gehalten, nicht bei {wished} kW',
  '{element} at {value} pu, limits {low} to {high}': '{element} bei {value} pu, Grenzwerte {low} bis {high}',
  '{element} at {share} % of its rating': '{element} bei {share} % des Bemessungswerts',
  '{names} at {power} kW, limits {low} to {high} kW': '{names} bei {power} kW, Grenzwerte {low} bis {high} kW',
  '{substation} transformer': 'Transformator {substation}',
};
