import type { MessageWords } from '../message-forms.ts';
import { models } from './models.ts';

/** Sentences whose values are only in the text, in Dutch. */
export const messages: MessageWords = {
  ...models,
  '{type} {id} is refused: {detail}': '{type} {id} is geweigerd: {detail}',
  '{gateway} refused {type} {id}: {detail}': '{gateway} heeft {type} {id} geweigerd: {detail}',
  'command {kind} by {user} is rejected: {detail}': 'opdracht {kind} van {user} is geweigerd: {detail}',
  'plan {id} ({epoch}, {sequence}) is {stage}': 'plan {id} ({epoch}, {sequence}) is {stage}',
  'plan {id} ({epoch}, {sequence}) is {stage}: {detail}': 'plan {id} ({epoch}, {sequence}) is {stage}: {detail}',
  'plan {id} ({epoch}, {sequence}) is assumption-failed: {detail}':
    'plan {id} ({epoch}, {sequence}) vervalt, want een aanname klopt niet: {detail}',
  'override {id} is {stage}': 'handsturing {id} is {stage}',
  'override {id} is {stage}: {detail}': 'handsturing {id} is {stage}: {detail}',
  'the state before the restart cannot be read: {error}; it starts anew':
    'de toestand van vóór de herstart is niet leesbaar: {error}; hij begint opnieuw',
  'the state before the restart cannot be read: {error}; control goes on, the rest of it starts anew':
    'de toestand van vóór de herstart is niet leesbaar: {error}; de besturing gaat door, de rest begint opnieuw',
  'the disk has not given the state before the restart: until it does, only the guard acts':
    'de schijf geeft de toestand van vóór de herstart niet: tot dan grijpt alleen de bewaking in',
  'Model {model} is refused: {detail}': 'Model {model} is geweigerd: {detail}',
  'Model {model} cannot run here: {detail}': 'Model {model} kan hier niet draaien: {detail}',
  'Model {model} is put aside, the baseline answers: {detail}':
    'Model {model} is terzijde gesteld, de basisprognose antwoordt: {detail}',
  'a list of keys is refused: {detail}': 'een sleutellijst is geweigerd: {detail}',
  '{count} {stream} were refused by the cloud, offset {offset} with {refusal}':
    '{count} {stream} zijn door de cloud geweigerd, offset {offset} met {refusal}',
  'no uplink to {url}: {error}': 'geen verbinding met {url}: {error}',
  'no uplink to {url}: {error}; {remedy}': 'geen verbinding met {url}: {error}; {remedy}',
  'Round {round} of federated learning is not taken: {detail}':
    'Ronde {round} van federatief leren wordt niet uitgevoerd: {detail}',
  'An update of federated learning is refused: {detail}':
    'Een bijdrage aan het federatief leren is geweigerd: {detail}',
  'override {target} by {user}: {reason}': 'handsturing van {target} door {user}: {reason}',
  'release {target} by {user}: {reason}': 'handsturing van {target} opgeheven door {user}: {reason}',
  'stop {target} by {user}: {reason}': 'stop van {target} door {user}: {reason}',
  'resume {target} by {user}: {reason}': 'stop van {target} opgeheven door {user}: {reason}',
  'tag {target} by {user}: {reason}': '{target} geblokkeerd door {user}: {reason}',
  'untag {target} by {user}: {reason}': '{target} gedeblokkeerd door {user}: {reason}',
  'mode {mode} at {target} by {user}: {reason}': 'modus {mode} voor {target} door {user}: {reason}',
  'approve-plan {target} by {user}: {reason}': 'plan {target} goedgekeurd door {user}: {reason}',
  'refuse-plan {target} by {user}: {reason}': 'plan {target} geweigerd door {user}: {reason}',
  'emergency {target} by {user}: {reason}': 'noodgrenzen voor {target} door {user}: {reason}',
  'normal {target} by {user}: {reason}': 'normale grenzen voor {target} door {user}: {reason}',
  'select {target} by {user}: {reason}': '{target} geselecteerd door {user}: {reason}',
  'cancel {target} by {user}: {reason}': 'selectie van {target} opgegeven door {user}: {reason}',
  'mode {mode}: {reason}': 'modus {mode}: {reason}',
  'stop of {what}: {reason}': 'stop van {what}: {reason}',
  'stop of {what} lifted: {reason}': 'stop van {what} opgeheven: {reason}',
  'tag on {what}: {reason}': '{what} geblokkeerd: {reason}',
  'tag off {what}: {reason}': '{what} gedeblokkeerd: {reason}',
  'manual on for {what}: {reason}': 'hand aan voor {what}: {reason}',
  'manual off for {what}: {reason}': 'hand uit voor {what}: {reason}',
  'the clock was set forward by {seconds} s': 'de klok is {seconds} s vooruit gezet',
  'the clock was set back by {seconds} s': 'de klok is {seconds} s teruggezet',
  'settings ({epoch}, {sequence}): {changes}': 'instellingen ({epoch}, {sequence}): {changes}',
  'mode {mode}': 'modus {mode}',
  'mode {mode}, {changes}': 'modus {mode}, {changes}',
  'grid limit {importKw} kW import, {exportKw} kW export': 'netgrens {importKw} kW afname, {exportKw} kW teruglevering',
  'grid limit {importKw} kW import, {exportKw} kW export, {changes}':
    'netgrens {importKw} kW afname, {exportKw} kW teruglevering, {changes}',
  'the meter of {device} is {finding}': 'de meter van {device} is {finding}',
  'the meter of {device} is {finding}, {changes}': 'de meter van {device} is {finding}, {changes}',
  'nothing changes': 'er verandert niets',
  'topology is version {version}, the plan rests on {assumed}':
    'de schakeltoestand is versie {version}, het plan gaat uit van {assumed}',
  '{device} is counted on and silent': 'op {device} wordt gerekend, en het zwijgt',
  '{element} at {power} kW, out of its band of {low} to {high} kW for {seconds} s':
    '{element} op {power} kW, al {seconds} s buiten de band van {low} tot {high} kW',
  '{device} to {power} kW by {bound}': '{device} op {power} kW door {bound}',
  '{device} to {power} kW by {bound}, {clamps}': '{device} op {power} kW door {bound}, {clamps}',
  '{device} to {power} kW by {bound} and {count} more': '{device} op {power} kW door {bound} en nog {count}',
  '{device} is tagged': '{device} is geblokkeerd',
  '{device} is stopped': '{device} is gestopt',
  'the whole gateway is stopped': 'de hele gateway is gestopt',
  '{device} is watched only: its mode is monitor': '{device} wordt alleen gevolgd: de modus is Meekijken',
  'the customer of {device} allows nothing': 'de klant van {device} staat niets toe',
  'the customer of {device} allows the guard only': 'de klant van {device} staat alleen de bewaker toe',
  '{element} has no emergency limits at this gateway': '{element} heeft bij deze gateway geen noodgrenzen',
  '{user} has selected {device}, for another {seconds} s at the most':
    '{user} heeft {device} geselecteerd, nog hoogstens {seconds} s',
  "the selection is {user}'s, who alone cancels it": 'de selectie is van {user}, die haar als enige opgeeft',
  'the selection was used, has lapsed after 30 s, or was dropped in a restart':
    'de selectie is gebruikt, na 30 s verlopen of bij een herstart vervallen',
  "the selection is {user}'s": 'de selectie is van {user}',
  '{selected} was selected, not {device}': '{selected} is geselecteerd, niet {device}',
  'the setpoint is not the one that was selected': 'de stuurwaarde is niet die welke geselecteerd is',
  'the duration is not the one that was selected': 'de duur is niet die welke geselecteerd is',
  'there is none to cancel: it was used, has lapsed, or was dropped in a restart':
    'er is geen selectie om op te geven: ze is gebruikt, verlopen of bij een herstart vervallen',
  'a heartbeat was refused: no key that is pinned here has signed it for this gateway':
    'een levensteken is geweigerd: geen sleutel die hier vastligt heeft het voor deze gateway ondertekend',
  '({epoch}, {sequence}) after ({lastEpoch}, {lastSequence})': '({epoch}, {sequence}) na ({lastEpoch}, {lastSequence})',
  'the command has expired': 'de opdracht is verlopen',
  'to be accepted until {until}; it is {now}': 'te aanvaarden tot {until}; het is {now}',
  'valid until {until}; it is {now}': 'geldig tot {until}; het is {now}',
  'valid for no time at all; it is {now}': 'geen moment geldig; het is {now}',
  'for {gateway}; this is {own}': 'voor {gateway}; dit is {own}',
  'for substation {substation}; this is {own}': 'voor onderstation {substation}; dit is {own}',
  'there is no device {device} here': 'hier is geen apparaat {device}',
  'no device lies behind {feeder} here': 'achter {feeder} ligt hier geen apparaat',
  'an override names its device': 'een handsturing noemt haar apparaat',
  'a cancel names its device': 'wie een selectie opgeeft noemt het apparaat',
  'a tag names its device or feeder': 'een blokkade noemt haar apparaat of afgang',
  'it names no mode': 'er staat geen modus in',
  'it names no plan': 'er staat geen plan in',
  '{element} is not guarded here': '{element} wordt hier niet bewaakt',
  'it names no element': 'er staat niet in wat bewaakt wordt',
  'an override carries a setpoint': 'een handsturing heeft een stuurwaarde',
  '{device} does not take {quantity}': '{device} neemt geen {quantity} aan',
  'a selection says for how long': 'een selectie zegt voor hoe lang',
  'a {type} on the topic of a {expected}': '{type} op het topic van {expected}',
  'the common envelope has not one value for each of the {steps} steps':
    'de gezamenlijke vermogensband heeft niet voor elk van de {steps} stappen een waarde',
  'connection point {point} has not one value for each of the {steps} steps':
    'aansluitpunt {point} heeft niet voor elk van de {steps} stappen een waarde',
  '{device} has not one value for each of the {steps} steps':
    '{device} heeft niet voor elk van de {steps} stappen een waarde',
  'issued at {from}; it is {now}': 'uitgegeven om {from}; het is {now}',
  'valid from {from}; it is {now}': 'geldig vanaf {from}; het is {now}',
  'accepted, and no outcome was stored before the gateway was started again; give it anew':
    'aanvaard, en geen uitkomst opgeslagen voordat de gateway opnieuw startte; geef haar opnieuw',
  'epoch {epoch} after {last}; up to {most} is taken': 'epoch {epoch} na {last}; tot en met {most} wordt aanvaard',
  '{user} asks that model {model} for {target} becomes {state}: {reason}. It waits for a second person.':
    '{user} vraagt dat model {model} voor {target} {state} wordt: {reason}. Het wacht op een tweede persoon.',
  'Model {model} for {target} is {state} (was {before}), by {person}: {grounds}':
    'Model {model} voor {target} is {state} (was {before}), door {person}: {grounds}',
  'trained on schedule': 'getraind volgens schema',
  'LS-MODEL-011: it has expired': 'LS-MODEL-011: het is verlopen',
  '{model} is newer': '{model} is nieuwer',
  'it was never seen to run in shadow': 'het is nooit in schaduw gezien',
  'refused where it was to run: {grounds}': 'geweigerd waar het moest draaien: {grounds}',
  'a canary of its release was rolled back': 'een kanarie van zijn uitgave is teruggedraaid',
  '{grounds}; the canaries have passed': '{grounds}; de kanaries zijn geslaagd',
  "as a canary its loss is {own} kW, the incumbent's {other} kW ({count} targets)":
    'als kanarie is het verlies {own} kW, dat van het huidige {other} kW ({count} doelen)',
  "rolled back: its loss is {own} kW, its predecessor's {other} kW ({count} targets)":
    'teruggedraaid: het verlies is {own} kW, dat van zijn voorganger {other} kW ({count} doelen)',
  'follows for age, not for a duel won: {grounds}': 'volgt op wegens leeftijd, niet door een gewonnen duel: {grounds}',
  'not shown to be better in {days} days: {grounds}': 'in {days} dagen niet aantoonbaar beter: {grounds}',
  'Model {model} is in use, {ms} ms per forecast.': 'Model {model} is in gebruik, {ms} ms per prognose.',
  'Model {model} runs beside the one that answers, to be compared with it.':
    'Model {model} draait naast het model dat antwoordt, om ze te vergelijken.',
  'Model {model} answers again.': 'Model {model} antwoordt weer.',
  'For {target} inputs of {model} are not what it learnt from: {figures}.':
    'Voor {target} is de invoer van {model} niet waarvan het leerde: {figures}.',
  'For {target} inputs of {model} are not what it learnt from: {figures}. It is being retrained.':
    'Voor {target} is de invoer van {model} niet waarvan het leerde: {figures}. Het wordt opnieuw getraind.',
  "For {target} errors of {model} have grown beside a naive forecast's: their sum stands {sum} deviations above the first {days} days, {most} are allowed.":
    'Voor {target} zijn de fouten van {model} gegroeid naast die van een naïeve prognose: hun som ligt {sum} afwijkingen boven de eerste {days} dagen, {most} zijn toegestaan.',
  "For {target} errors of {model} have grown beside a naive forecast's: their sum stands {sum} deviations above the first {days} days, {most} are allowed. It is being retrained.":
    'Voor {target} zijn de fouten van {model} gegroeid naast die van een naïeve prognose: hun som ligt {sum} afwijkingen boven de eerste {days} dagen, {most} zijn toegestaan. Het wordt opnieuw getraind.',
  'Model {model} for {target} expires on {day} and has no successor yet; it is being retrained.':
    'Model {model} voor {target} verloopt op {day} en heeft nog geen opvolger; het wordt opnieuw getraind.',
  'The issuer of the certificates expires on {day}; from then on no gateway can connect.':
    'De uitgever van de certificaten verloopt op {day}; daarna komt geen gateway meer binnen.',
  'The root of the certificates expires on {day}; from then on no gateway can connect.':
    'De root van de certificaten verloopt op {day}; daarna komt geen gateway meer binnen.',
  'The certificates of the authority last for more than half a year again.':
    'De certificaten van de autoriteit zijn weer langer dan een half jaar geldig.',
  "its error is {own} kW, the baseline's {baseline} kW over {count} targets":
    'de fout is {own} kW, die van de basis {baseline} kW over {count} doelen',
  '{device}: {figures} is no finite number and was left out':
    '{device}: {figures} is geen eindig getal en is weggelaten',
  '{count} {stream} are lost': '{count} {stream} zijn verloren',
  '{count} {stream} are lost: {error}': '{count} {stream} zijn verloren: {error}',
  '{file} cannot be read: what it held is sent again':
    '{file} is niet leesbaar: wat erin stond wordt opnieuw verzonden',
  'the voltage of {device} reads zero while load flows: a fuse of its voltage measurement has probably blown; its voltage is not guarded, and its power may read too low':
    'de spanning van {device} meet nul terwijl er last vloeit: waarschijnlijk is een zekering van de spanningsmeting doorgebrand; de spanning wordt niet bewaakt, en het vermogen kan te laag aanwijzen',
  'stops that were sent and are only in memory: {count}; they cannot be stored':
    'stops die verzonden zijn en alleen in het geheugen staan: {count}; ze kunnen niet worden weggeschreven',
  'every stop is stored; the audit list marks the delayed ones as late':
    'elke stop is weggeschreven; de auditlijst markeert die van toen als laat',
  'the disk does not give {file} ({error}): it is kept as {aside}, and what stood in it alone is lost':
    'de schijf geeft {file} niet prijs ({error}): het bestand blijft bewaard als {aside}, en wat alleen daarin stond, is verloren',
  '{file} is damaged; {count} records of it are whole': '{file} is beschadigd; {count} records ervan zijn heel',
  '{file} may not be read ({error}): its records are sent once it may':
    '{file} mag niet worden gelezen ({error}): de records ervan worden verzonden zodra dat mag',
  '{file} is not part of this journal: it is kept as {aside} and ignored':
    '{file} hoort niet bij dit journaal: het bestand blijft bewaard als {aside} en wordt genegeerd',
  'the journal can write again': 'het journaal kan weer schrijven',
  '{count} measurements were dropped, the oldest first, up to offset {offset}':
    '{count} metingen zijn weggegooid, de oudste eerst, tot en met offset {offset}',
  'the keys of generation {generation} count from now on; older ones have ended':
    'de sleutels van generatie {generation} gelden vanaf nu; oudere zijn beëindigd',
  'the uplink has used {share} % of {budget} MB this month; values are reported later and by larger steps, so that the rest lasts':
    'de verbinding heeft deze maand {share} % van {budget} MB gebruikt; waarden worden later en in grotere stappen gemeld, zodat de rest toereikt',
  'Round {round} of federated learning: the network is measured here; losses alone are sent.':
    'Ronde {round} van federatief leren: het netwerk wordt hier gemeten; alleen verliezen worden verzonden.',
  'Round {round} of federated learning: {samples} rows of the own load learnt, {bytes} bytes of clipped weights are offered.':
    'Ronde {round} van federatief leren: {samples} rijen van de eigen belasting geleerd, {bytes} bytes begrensde gewichten worden aangeboden.',
  'Round {round} of federated learning: {samples} rows of the own load learnt, {bytes} bytes of clipped weights are offered, with noise of {noise} times the clip.':
    'Ronde {round} van federatief leren: {samples} rijen van de eigen belasting geleerd, {bytes} bytes begrensde gewichten worden aangeboden, met ruis van {noise} maal de grens.',
  'Round {round} of {rounds} of {campaign}: the updates of {count} gateways are averaged; no load has left them.':
    'Ronde {round} van {rounds} van {campaign}: de bijdragen van {count} gateways zijn gemiddeld; geen belasting heeft ze verlaten.',
  'The job "{job}" failed and is tried again: {error}':
    'De taak "{job}" is mislukt en wordt opnieuw geprobeerd: {error}',
  'The task {task} was given up: it was returned four times, as its job nodes died or lost the broker.':
    'De taak {task} is opgegeven: ze kwam vier keer terug, want haar jobnodes eindigden of verloren de broker.',
  '{task} was given up: it was returned four times, as its nodes died or lost the broker':
    '{task} is opgegeven: het kwam vier keer terug, want de nodes eindigden of verloren de broker',
  'The task {task} was given up, as each job node that took it ended with it.':
    'De taak {task} is opgegeven, want elke jobnode die haar nam, eindigde ermee.',
  'there is no file {file}: gateways are let in by the last good one':
    'er is geen bestand {file}: gateways komen binnen volgens het laatste goede',
  '{task} was given up: every node that took it died': '{task} is opgegeven: elke node die het nam, eindigde ermee',
  'the process ended {count} times during this job': 'het proces eindigde {count} keer tijdens deze opdracht',
  'The clock of the cloud differs from those of most gateways: set it right. Their data waits until then.':
    'De klok van de cloud wijkt af van die van de meeste gateways: zet hem gelijk. Hun gegevens wachten tot dan.',
  'The clock of the cloud agrees with those of the gateways again.':
    'De klok van de cloud komt weer overeen met die van de gateways.',
  'No job node is connected: plans in force go on, and no new one is made.':
    'Geen jobnode is verbonden: geldende plannen lopen door, en er komt geen nieuw.',
  'Job nodes make plans again.': 'Jobnodes maken weer plannen.',
  'Work was given up: the page System lists it, to be tried again or discarded.':
    'Werk is opgegeven: de pagina Systeem noemt het, om het opnieuw te proberen of te laten vallen.',
  'Nothing that was given up is left.': 'Er is niets meer dat is opgegeven.',
  'Nobody confirmed in time what {user} asked for, {what}: it is void. {user} can ask again if it is still wanted.':
    'Niemand heeft tijdig bevestigd wat {user} vroeg, {what}: het is vervallen. {user} vraagt het opnieuw als het nog gewenst is.',
  '{kind} for {target}': '{kind} voor {target}',
  'model {model} to become {state}': 'model {model} tot {state} maken',
  'Gateway {gateway} holds documents that this cloud does not know; what it is sent from now on is of epoch {epoch}.':
    'Gateway {gateway} heeft documenten die deze cloud niet kent; wat hij voortaan krijgt is van epoch {epoch}.',
  'Gateway {gateway} has {most} alarms: no gateway of ours has as many. Further ones are only events.':
    'Gateway {gateway} heeft {most} alarmen: zoveel heeft geen gateway van ons. Verdere zijn alleen gebeurtenissen.',
  'A flood of alarms has begun: {count} in ten minutes.': 'Een alarmvloed is begonnen: {count} in tien minuten.',
  'The flood of alarms has ended.': 'De alarmvloed is voorbij.',
  'Mail is sent again.': 'Mail gaat weer uit.',
  'Webhook {name} accepts messages again.': 'Webhook {name} neemt weer berichten aan.',
  'A message to webhook {name} is given up after a day: {error}':
    'Na een dag wordt een bericht aan webhook {name} opgegeven: {error}',
  'Webhook {name} accepts no messages: {error}': 'Webhook {name} neemt geen bericht aan: {error}',
  'A mail is given up after a day: {error}': 'Na een dag wordt een mail opgegeven: {error}',
  'Mail cannot be sent: {error}': 'Mail gaat niet uit: {error}',
  '{user} takes {units}': '{user} neemt {units} over',
  '{user} takes {units}: {reason}': '{user} neemt {units} over: {reason}',
  '{user} takes {units} from {holders}': '{user} neemt {units} over van {holders}',
  '{user} takes {units} from {holders}: {reason}': '{user} neemt {units} over van {holders}: {reason}',
  '{user} hands over {units} to {to}: {reason}': '{user} draagt {units} over aan {to}: {reason}',
  '{user} declines {units} of {holders}: {reason}': '{user} weigert {units} van {holders}: {reason}',
  '{user} lets {units} go: {reason}': '{user} staat {units} af: {reason}',
  '{user} frees {units} of {holders}: {reason}': '{user} maakt {units} van {holders} vrij: {reason}',
  'Nobody holds {units}: {holders} may not act there.': 'Niemand beheert {units}: {holders} mag daar niet bedienen.',
  '{user} has seen that {units} was {how}': '{user} heeft gezien dat {units} is {how}',
  '{user} has seen that {units} was {how} by {by}': '{user} heeft gezien dat {units} is {how} door {by}',
  'Gateway {gateway} reports a document number that this cloud cannot have issued. {detail}':
    'Gateway {gateway} noemt een documentnummer dat deze cloud niet kan hebben gegeven. {detail}',
  'It names epoch {epoch}; this cloud is at {own}, and a restored one at most {ahead} behind.':
    'Hij noemt epoch {epoch}; deze cloud is bij {own}, en een teruggezette hoogstens {ahead} erachter.',
  '{stream}: more runs than {burst} at once and {rate} a day':
    '{stream}: meer runs dan {burst} tegelijk en {rate} per dag',
  '{stream}: more than {most} gaps between what is stored': '{stream}: meer dan {most} gaten tussen wat is opgeslagen',
  '{stream}: more stretches dropped or lost than {burst} at once and {rate} a day':
    '{stream}: meer stukken weggegooid of verloren dan {burst} tegelijk en {rate} per dag',
  '{device}: its births name more than there is room for': '{device}: de aanmeldingen noemen meer dan er ruimte is',
  '{place}: No plan can be made. {error}': '{place}: een plan is niet mogelijk. {error}',
  '{place}: Solver failed. {error}': '{place}: de solver is mislukt. {error}',
  '{place}: Inputs are too poor to check a limit. {detail}':
    '{place}: de invoer is te slecht om een grenswaarde te toetsen. {detail}',
  '{substation}: there is no estimate yet': '{substation}: er is nog geen schatting',
  '{substation}: the estimate did not converge': '{substation}: de schatting convergeerde niet',
  '{substation}: the estimate is {minutes} min old': '{substation}: de schatting is {minutes} min oud',
  '{place}: Solver aborted. {error}': '{place}: de solver is afgebroken. {error}',
  "the broker's certificate and this clock disagree: look at the clock first":
    'het certificaat van de broker en deze klok zijn het niet eens: kijk eerst naar de klok',
  'TLS: the broker must show a certificate that is trusted here':
    'TLS: de broker moet een certificaat tonen dat hier vertrouwd is',
  'the broker refuses this gateway: its password is in uplink.userFile, its name is gateway.id':
    'de broker weigert deze gateway: het wachtwoord staat in uplink.userFile, de naam is gateway.id',
  'its certificate is probably revoked, expired or of another authority: an admin of the cloud lets it renew, or it is enrolled anew with a new token':
    'het certificaat is waarschijnlijk ingetrokken, verlopen of van een andere autoriteit: een beheerder van de cloud laat het vernieuwen, of de gateway wordt opnieuw aangemeld met een nieuw token',
  'uplink.userFile must be readable for the user of the service':
    'uplink.userFile moet leesbaar zijn voor de gebruiker van de dienst',
  'the name in uplink.url is not known here': 'de naam in uplink.url is hier niet bekend',
  'nothing listens there: look at host and port of uplink.url':
    'daar luistert niets: kijk naar host en poort van uplink.url',
  'no way there: look at network, firewall and uplink.proxy':
    'geen weg erheen: kijk naar netwerk, firewall en uplink.proxy',
  'the cloud is not at this broker, or uplink.hostId is not its name':
    'de cloud is niet bij deze broker, of uplink.hostId is niet zijn naam',
  'the broker ended the connection: gateway.id and gateway.group must be those that it knows':
    'de broker verbrak de verbinding: gateway.id en gateway.group moeten die zijn die hij kent',
  '{what}; {detail}': '{what}; {detail}',
  'the first of its target; {detail}': 'het eerste voor zijn doel; {detail}',
  'fewer than {days} days to compare on: {detail}': 'minder dan {days} dagen om te vergelijken: {detail}',
  'the incumbent expires soon: {detail}': 'het huidige verloopt binnenkort: {detail}',
  'the incumbent': 'het huidige',
  '{share} % better than {who} (95 %: {low} % to {high} %, {days} days)':
    '{share} % beter dan {who} (95 %: {low} % tot {high} %, {days} dagen)',
  '{share} % worse than {who} (95 %: {low} % to {high} %, {days} days)':
    '{share} % slechter dan {who} (95 %: {low} % tot {high} %, {days} dagen)',
  'coverage undecided: {count} targets in {blocks} blocks of 6 h':
    'dekking onbeslist: {count} doelen in {blocks} blokken van 6 h',
  '{share} % of targets are inside P10 to P90 (95 %: {low} % to {high} %, {count} targets in {blocks} blocks of 6 h)':
    '{share} % van de doelen ligt binnen P10 tot P90 (95 %: {low} % tot {high} %, {count} doelen in {blocks} blokken van 6 h)',
  '{share} % of targets are inside P10 to P90, wanted is {least} to {most} % (95 %: {low} % to {high} %, {count} targets in {blocks} blocks of 6 h)':
    '{share} % van de doelen ligt binnen P10 tot P90, gewenst is {least} tot {most} % (95 %: {low} % tot {high} %, {count} doelen in {blocks} blokken van 6 h)',
  'in shadow {detail}': 'in schaduw: {detail}',
  "in shadow its loss is {own} kW, the incumbent's {other} kW ({count} recent targets)":
    'in schaduw is het verlies {own} kW, dat van het huidige {other} kW ({count} recente doelen)',
  "in shadow its loss is {own} kW, the incumbent's {other} kW ({count} recent targets), worse on {days} days":
    'in schaduw is het verlies {own} kW, dat van het huidige {other} kW ({count} recente doelen), slechter over {days} dagen',
  "in shadow its loss is {share} % below the incumbent's on {days} days, {evidence} of what is sure":
    'in schaduw ligt het verlies over {days} dagen {share} % onder dat van het huidige, {evidence} van wat zeker is',
  'no model yet': 'nog geen model',
  'no usable measurement yet': 'nog geen bruikbare meting',
  '{hours} hours of history, needs {needed}': '{hours} uur geschiedenis, nodig zijn er {needed}',
  'connect ECONNREFUSED {address}': '{address} weigert de verbinding (ECONNREFUSED)',
  'connect ETIMEDOUT {address}': '{address} antwoordt niet (ETIMEDOUT)',
  'connect EHOSTUNREACH {address}': '{address} is niet bereikbaar (EHOSTUNREACH)',
  'getaddrinfo ENOTFOUND {host}': 'de naam {host} is niet bekend (ENOTFOUND)',
  'getaddrinfo EAI_AGAIN {host}': 'de naam {host} kan nu niet worden opgezocht (EAI_AGAIN)',
  'read ECONNRESET': 'de andere kant heeft de verbinding verbroken (ECONNRESET)',
  'ENOSPC: no space left on device, {call}': 'geen ruimte meer op de schijf (ENOSPC, {call})',
  'EIO: i/o error, {call}': 'fout bij lezen of schrijven van de schijf (EIO, {call})',
  '{device} does not hold its grid code: {changes}': '{device} houdt zich niet aan zijn netcode: {changes}',
  '{changes} and {count} more': '{changes} en nog {count}',
  'it has no {function}': 'het heeft geen {function}',
  '{what}: {held} instead of {wanted}': '{what}: {held} in plaats van {wanted}',
  '{what} has corners': 'hoekpunten van {what}',
  '{what} counts by': 'rekengrondslag van {what}',
  '{what} responds in s': 'reactietijd van {what} in s',
  '{what} corner {corner} at %': 'hoekpunt {corner} van {what}, ligging in %',
  '{what} corner {corner} to %': 'hoekpunt {corner} van {what}, waarde in %',
  '{what} is switched on': '{what} ingeschakeld',
  '{what} has curve': 'kromme van {what}',
  '{what} dead band above Hz': 'dode band van {what} boven, Hz',
  '{what} dead band below Hz': 'dode band van {what} onder, Hz',
  '{what} slope above': 'helling van {what} boven',
  '{what} slope below': 'helling van {what} onder',
  'frequency droop': 'de frequentiestatiek',
  nothing: 'niets',
  '{device}: {changes}': '{device}: {changes}',
  '{charger} sends no meter values while a car charges, so it counts at what it may take: set {what} at the charger, which the gateway does only where it commands it':
    '{charger} stuurt geen meterwaarden terwijl een auto laadt en telt dus mee met wat het mag afnemen: stel {what} in bij het laadpunt, de gateway doet dat alleen waar hij het aanstuurt',
  'their interval': 'hun interval',
  '{model} needs the temperature, and none is known here':
    '{model} heeft de temperatuur nodig, en die is hier niet bekend',
  'the meter reads one flat value': 'de meter geeft één vaste waarde',
  'what {device} does now is not known: it counts as nothing':
    'wat {device} nu doet is niet bekend: het telt als niets',
  'only {power} kW are there to be limited now: the limit does not bind':
    'er valt nu maar {power} kW te begrenzen: de grens bindt niet',
  'the envelope of {plan} leaves {low} to {high} kW: {device} is held at {power} kW, not {wished} kW':
    'de vermogensband van {plan} laat {low} tot {high} kW: {device} wordt op {power} kW gehouden, niet op {wished} kW',
  '{element} at {value} pu, limits {low} to {high}': '{element} op {value} pu, grenzen {low} tot {high}',
  '{element} at {share} % of its rating': '{element} op {share} % van zijn nominale waarde',
  '{names} at {power} kW, limits {low} to {high} kW': '{names} op {power} kW, grenzen {low} tot {high} kW',
  '{substation} transformer': 'transformator {substation}',
};
