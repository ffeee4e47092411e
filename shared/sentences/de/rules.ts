/** Cause, consequence and action of each built-in alarm rule, in German. */
export const rules = {
  'Gateway lost': 'Gateway verloren',
  "The gateway's uplink is down, its substation has no power, or its process has ended.":
    'Die Verbindung des Gateways ist weg, das Umspannwerk ist spannungslos, oder sein Prozess ist beendet.',
  'The cloud sees nothing there and cannot command; the gateway goes on by its plan, then by itself.':
    'Die Cloud sieht dort nichts und kann nichts steuern; das Gateway arbeitet nach seinem Fahrplan weiter, danach selbstständig.',
  'Look whether neighbours are lost too, call the site, and restart the uplink or the gateway.':
    'Prüfen, ob auch Nachbarn verloren sind, die Anlage anrufen und Verbindung oder Gateway neu starten.',
  'Gateway misses its cycles': 'Gateway verpasst Zyklen',
  "The gateway's computer is too slow, too hot or busy with something else.":
    'Der Rechner des Gateways ist zu langsam, zu heiß oder anderweitig beschäftigt.',
  'The guard acts late and devices follow late; the relay may act first.':
    'Wächter und Geräte reagieren zu spät; der Schutz kann zuerst ansprechen.',
  "End what else runs on that computer or restart it, and watch the substation's load meanwhile.":
    'Beenden, was sonst auf dem Rechner läuft, oder ihn neu starten; inzwischen die Last des Umspannwerks beobachten.',
  'Store does not answer': 'Speicher antwortet nicht',
  'The telemetry store or the database does not answer, or its disk is full. The text says which.':
    'Der Telemetriespeicher oder die Datenbank antwortet nicht, oder der Datenträger ist voll. Der Text sagt, welcher.',
  'Nothing is estimated, forecast or planned from new values, and acts may be refused; gateways keep their data meanwhile.':
    'Nichts wird aus neuen Werten geschätzt, prognostiziert oder geplant, und Handlungen können abgelehnt werden; die Gateways behalten ihre Daten inzwischen.',
  'Start what the text names or free its disk; gateways send what is missing by themselves.':
    'Was der Text nennt starten oder Platz schaffen; die Gateways senden das Fehlende von selbst nach.',
  'Stops only in memory': 'Stopps stehen nur im Arbeitsspeicher',
  'Stops were sent while the disk was full or the database down, and could not be stored.':
    'Stopps sind hinausgegangen, während der Datenträger voll oder die Datenbank nicht da war, und konnten nicht geschrieben werden.',
  'They hold, but a restart of the cloud would lose that they stand and who gave them.':
    'Sie gelten; ein Neustart der Cloud vergäße, wer sie gab und dass sie bestehen.',
  'Free the disk or bring the database back before anything is restarted; the stops are then stored within seconds.':
    'Platz schaffen oder die Datenbank zurückbringen und vorher nichts neu starten; sie werden dann binnen Sekunden geschrieben.',
  'Broker of the gateways silent': 'Broker der Gateways stumm',
  'RabbitMQ does not answer, refuses the cloud, or another cloud has taken its place there.':
    'RabbitMQ antwortet nicht, weist die Cloud ab, oder eine andere Cloud hat dort ihren Platz eingenommen.',
  'The cloud hears and commands no gateway; gateways keep their data and go on by themselves.':
    'Die Cloud hört und steuert kein Gateway; die Gateways behalten ihre Daten und arbeiten selbstständig weiter.',
  'Start the broker or mend what the text names; gateways come back and send what is missing by themselves.':
    'Den Broker starten oder beheben, was der Text nennt; die Gateways kommen zurück und senden das Fehlende von selbst nach.',
  'No job node makes plans': 'Kein Job-Knoten macht Fahrpläne',
  'No job node runs, none reaches RabbitMQ, or all are of another version than the cloud.':
    'Kein Job-Knoten läuft, keiner erreicht RabbitMQ, oder alle haben eine andere Version als die Cloud.',
  'Plans in force go on and no new one is made; a gateway whose plan ends goes on by itself.':
    'Geltende Fahrpläne laufen weiter, und es entsteht kein neuer; ein Gateway, dessen Fahrplan endet, arbeitet selbstständig weiter.',
  "Start a job node of the cloud's version, or give the cloud the role job; a node's log says why it gets no task.":
    'Einen Job-Knoten in der Version der Cloud starten oder der Cloud die Rolle job geben; das Log eines Knotens sagt, warum er keine Aufgabe bekommt.',
  'Work given up': 'Arbeit aufgegeben',
  "A plan, training or planners' job was tried several times and not finished, because its processes ended, by a bug or for lack of memory, or its nodes lost the broker.":
    'Ein Fahrplan, Training oder Job der Planer wurde mehrmals versucht und nicht fertig: seine Prozesse endeten durch einen Fehler oder Speichermangel, oder seine Knoten verloren den Broker.',
  'It is not done; a plan in force goes on to its end, and forecasts use the model before.':
    'Sie ist nicht getan; ein geltender Fahrplan läuft bis zu seinem Ende, und Prognosen nutzen das vorige Modell.',
  'Look at the page System and at the logs of the nodes; give them memory or mend their line to the broker, then try it again or discard it.':
    'Auf der Seite System und in den Logs der Knoten nachsehen; ihnen Speicher geben oder ihre Leitung zum Broker in Ordnung bringen, dann erneut versuchen oder verwerfen.',
  'Document number impossible': 'Dokumentnummer unmöglich',
  "Somebody writes on the gateway's topics, the gateway is not in our hands, or the cloud was set up anew.":
    'Jemand schreibt auf die Topics des Gateways, das Gateway ist nicht in unserer Hand, oder die Cloud wurde neu aufgesetzt.',
  'The report is refused; where the gateway truly holds that number, it takes no plan and no command.':
    'Der Bericht wird abgelehnt; hat das Gateway die Nummer wirklich, nimmt es keinen Fahrplan und keinen Befehl an.',
  'Look who can write as this gateway and change its password; clear its folder documents where it is genuine.':
    'Prüfen, wer als dieses Gateway schreiben kann, und sein Passwort ändern; ist es echt, seinen Ordner documents leeren.',
  'Gateway floods the uplink': 'Gateway überflutet die Verbindung',
  'A gateway sends more messages or bytes than a gateway of ours can, by a fault or by somebody in its place.':
    'Ein Gateway sendet mehr Nachrichten oder Bytes, als ein Gateway von uns kann, durch einen Fehler oder jemand an seiner Stelle.',
  'The excess is not accepted and waits at the gateway; other gateways are not affected.':
    'Was zu viel ist, wird nicht aufgenommen und wartet am Gateway; die anderen Gateways leiden nicht darunter.',
  'Look at what it sends and who holds its password; cut it off where it is not ours.':
    'Prüfen, was es sendet und wer sein Passwort hat; es trennen, wenn es nicht unseres ist.',
  'Gateway starts too often': 'Gateway startet zu oft',
  'A gateway reports more starts than it can have had, or has started every few seconds for days.':
    'Ein Gateway meldet mehr Starts, als es gehabt haben kann, oder startet seit Tagen alle paar Sekunden.',
  'Data of the excess starts waits at the gateway until the budget has room.':
    'Daten der überzähligen Starts warten am Gateway, bis das Budget Raum hat.',
  'Find out why its daemon ends and correct that; if it invents its starts, cut it off.':
    'Lesen, warum sein Prozess endet, und das beheben; erfindet es seine Starts, es trennen.',
  'Gateway leaves gaps': 'Gateway lässt Lücken',
  'A gateway leaves gaps in what it sends, by an uplink that loses much or by intent.':
    'Ein Gateway lässt Lücken in dem, was es sendet, durch eine schlechte Verbindung oder mit Absicht.',
  'Only data that closes a gap is accepted; the rest waits at the gateway.':
    'Nur was eine Lücke schließt, wird aufgenommen; der Rest wartet am Gateway.',
  'Look at its uplink; where the link is well, look at who holds its password.':
    'Seine Verbindung prüfen; ist sie gut, prüfen, wer sein Passwort hat.',
  'Gateway names too much': 'Gateway nennt zu viel',
  "A gateway's births name more devices or metrics than a substation has.":
    'Die Anmeldung eines Gateways nennt mehr Geräte oder Messgrößen, als ein Umspannwerk hat.',
  'Data under the excess names is not accepted and waits at the gateway.':
    'Daten unter den überzähligen Namen warten am Gateway und werden nicht aufgenommen.',
  "Correct the gateway's list of devices; where it invents names, cut it off.":
    'Die Geräteliste des Gateways berichtigen; erfindet es Namen, es trennen.',
  'Certificates end soon': 'Zertifikate laufen bald ab',
  'The issuer of the certificates of gateways and cloud, or their root, ends within half a year.':
    'Der Aussteller der Zertifikate von Gateways und Cloud, oder ihre Wurzel, läuft innerhalb eines halben Jahres ab.',
  'From that day on no gateway can connect, and the page cannot be served with a certificate of that authority.':
    'Von diesem Tag an kommt kein Gateway mehr herein, und die Seite wird nicht mehr unter dieser Zertifizierungsstelle angeboten.',
  'Have the issuer rolled (loadstone pki roll issuer, or roll root), with the key of the root; gateways follow by themselves.':
    'Lassen Sie den Aussteller erneuern (loadstone pki roll issuer oder roll root), mit dem Schlüssel der Wurzel; Gateways folgen von selbst.',
  'File of gateways not readable': 'Gateway-Datei nicht lesbar',
  'The file of gateways and passwords is away, or a line of it is wrong.':
    'Die Datei mit Gateways und Passwörtern ist weg, oder eine Zeile darin ist falsch.',
  'The last good file stays in force; gateways that were removed since can still connect.':
    'Gateways werden nach der letzten guten Datei eingelassen; wer seither entfernt wurde, kommt noch herein.',
  'Correct the line that the text names, or restore the file; it takes effect within seconds.':
    'Die Zeile berichtigen, die der Text nennt, oder die Datei zurücklegen; es gilt binnen Sekunden.',
  'Journal file not readable': 'Journaldatei nicht lesbar',
  'The disk of a gateway does not give a file of its journal, by bad blocks or its file system.':
    'Das Speichermedium eines Gateways gibt eine Datei seines Journals nicht heraus, wegen defekter Blöcke oder seines Dateisystems.',
  'What was only in that file is lost, and is listed as lost; the next file may be lost too.':
    'Was nur in dieser Datei stand, ist verloren und als verloren verzeichnet; die nächste Datei kann auch verloren gehen.',
  "Read the gateway's log of its disk and replace the disk (edge backup, edge restore); the file is kept until then.":
    'Die Meldungen des Gateways zum Speichermedium lesen und es ersetzen (edge backup, edge restore); die Datei bleibt bis dahin liegen.',
  'Feeder dark': 'Abgang spannungslos',
  "The breaker of the feeder's head is open, by its protection or by hand, or the busbar section has no voltage.":
    'Der Leistungsschalter des Abgangsfelds ist offen, durch den Schutz oder von Hand, oder die Sammelschiene hat keine Spannung.',
  'Its customers have no supply; its devices and meters are silent and raise no alarms of their own.':
    'Die Kunden sind unversorgt; Geräte und Messungen stehen still und werden nicht einzeln gemeldet.',
  'Look at the breaker and at what tripped it, find the fault, and restore the feeder by the switching order.':
    'Leistungsschalter und Auslöseursache prüfen, den Fehler suchen und den Abgang nach Schaltanweisung wieder zuschalten.',
  'Device silent': 'Gerät stumm',
  'A device does not answer its gateway, by its network or its power.':
    'Ein Gerät antwortet seinem Gateway nicht, durch sein Netzwerk oder seine Versorgung.',
  'The guard counts it at its worst, so that others give way for it.':
    'Der Wächter rechnet mit seinem schlimmsten Fall, sodass andere dafür weichen.',
  'Open the device at its feeder, and send somebody where it stays silent.':
    'Das Gerät an seinem Abgang öffnen und jemanden schicken, wenn es stumm bleibt.',
  'Limit cannot be kept': 'Grenzwert nicht zu halten',
  'The devices of the feeder cannot relieve a limit any further, or limits contradict one another.':
    'Die Geräte des Abgangs können einen Grenzwert nicht weiter entlasten, oder Grenzwerte widersprechen einander.',
  'The element stays beyond its limit, ages, and is tripped by its protection in the end.':
    'Das Betriebsmittel bleibt über seinem Grenzwert, altert und wird am Ende von seinem Schutz ausgelöst.',
  'Shift load by switching, curtail a further connection, or raise the emergency limit with a second person.':
    'Last durch Schalten verlagern, einen weiteren Anschluss abregeln oder den Notgrenzwert mit einer zweiten Person anheben.',
  'Device does not follow': 'Gerät folgt nicht',
  'A device reads back another value than its setpoint, by local operation or a fault.':
    'Ein Gerät liest einen anderen Wert zurück als seinen Sollwert, durch Bedienung vor Ort oder einen Fehler.',
  'The plan counts on relief that does not come.': 'Der Fahrplan rechnet mit Entlastung, die nicht kommt.',
  'Set the device by hand or tag it, so that the plan leaves it out.':
    'Das Gerät von Hand stellen oder sperren, damit der Fahrplan es auslässt.',
  'Fail-safe limit holds': 'Sicherheitsgrenzwert gilt',
  'The heartbeat of the cloud or a fresh limit has been missing at the gateway.':
    'Das Lebenszeichen der Cloud oder ein frischer Grenzwert fehlt am Gateway.',
  'The fail-safe limit holds, and more is curtailed than need be.':
    'Der Sicherheitsgrenzwert gilt, und es wird mehr abgeregelt als nötig.',
  'Mend the uplink of the gateway; the limit ends when heartbeat and a fresh limit are back.':
    'Die Verbindung des Gateways wiederherstellen; die Grenze endet, wenn Lebenszeichen und frischer Grenzwert zurück sind.',
  'Relief goes the wrong way': 'Entlastung wirkt verkehrt',
  'A device or the meter of the element has the wrong sign, or the device is behind another feeder.':
    'Ein Gerät oder die Messung des Betriebsmittels hat das falsche Vorzeichen, oder das Gerät liegt hinter einem anderen Abgang.',
  'The guard relieves this element without the device, and may lack it in the next spike.':
    'Der Wächter entlastet dieses Betriebsmittel ohne das Gerät; es kann beim nächsten Lastsprung fehlen.',
  'Step-test the device (edge test), and check its wiring, its feeder and the current transformers of the meter.':
    'Sprungtest des Geräts ausführen (edge test) und Verdrahtung, Abgang und Stromwandler der Messung prüfen.',
  'Meter dead': 'Messung tot',
  'A meter reads nothing while what is behind it carries load.':
    'Eine Messung zeigt nichts, obwohl dahinter Last fließt.',
  'The estimate stands in with a wider error, and limits are kept with more room.':
    'Die Schätzung springt mit größerem Fehler ein, und Grenzwerte werden mit mehr Abstand gehalten.',
  'Have the meter and its current transformers looked at.': 'Messung und Stromwandler prüfen lassen.',
  'Meter reversed': 'Messung verkehrt',
  'A meter counts with the wrong sign, mostly by turned current transformers.':
    'Eine Messung zählt mit falschem Vorzeichen, meist durch verdrehte Stromwandler.',
  'The estimate stands in; planners who read the raw value are misled.':
    'Die Schätzung springt ein; wer den Rohwert liest, wird irregeführt.',
  "Turn its current transformers or its sign in the gateway's configuration.":
    'Die Stromwandler drehen oder das Vorzeichen in der Konfiguration des Gateways.',
  'Meter silent': 'Messung stumm',
  'The meter that the guard watches does not answer its gateway.':
    'Die vom Wächter beobachtete Messung antwortet ihrem Gateway nicht.',
  'Devices behind it are frozen and fall to their safe defaults after a minute.':
    'Geräte dahinter sind eingefroren und fallen nach einer Minute in ihren sicheren Zustand.',
  "Look at the meter's network and power; set the feeder to Manual where it lasts.":
    'Netzwerk und Versorgung der Messung prüfen; den Abgang auf Hand stellen, wenn es dauert.',
  'Meter implausible': 'Messung unplausibel',
  'A meter reads what its neighbours rule out, by wiring, ratio or scale.':
    'Eine Messung zeigt, was ihre Nachbarn ausschließen, durch Verdrahtung, Übersetzung oder Skalierung.',
  'The estimate leaves it out; its error grows.': 'Die Schätzung lässt sie aus; ihr Fehler wächst.',
  'Have its wiring, ratio and scale looked at.': 'Verdrahtung, Übersetzung und Skalierung prüfen lassen.',
  'Voltage measurement blind': 'Spannungsmessung blind',
  "A fuse of a meter's voltage transformer has blown; the meter shows no voltage while load flows.":
    'Eine Sicherung des Spannungswandlers einer Messung ist durchgebrannt; sie zeigt keine Spannung, während Last fließt.',
  'The guard sees too little load and no voltage there, so the element may be overloaded.':
    'Der Wächter sieht dort zu wenig Last und keine Spannung; das Betriebsmittel kann überlastet sein.',
  'Replace the fuse; lower the limit of the element meanwhile.':
    'Sicherung ersetzen; den Grenzwert des Betriebsmittels inzwischen senken.',
  'Switch state doubtful': 'Schaltzustand zweifelhaft',
  'The meters do not fit the switch states of the network model.':
    'Die Messungen passen nicht zu den Schaltzuständen des Netzmodells.',
  'Flows and plan may stand on a network that is not there.':
    'Flüsse und Fahrplan können auf einem Netz beruhen, das es nicht gibt.',
  'Ask for the switch position and correct it; the plan is made anew.':
    'Die Schalterstellung erfragen und berichtigen; der Fahrplan wird neu erstellt.',
  'Substation silent': 'Umspannwerk stumm',
  "None of the substation's meters answers its gateway, by the network or the power of the site.":
    'Keine Messung des Umspannwerks antwortet ihrem Gateway, durch Netzwerk oder Versorgung vor Ort.',
  'Nothing is known of it; its devices are frozen and fall to their safe defaults after a minute.':
    'Nichts ist bekannt; die Geräte sind eingefroren und fallen nach einer Minute in ihren sicheren Zustand.',
  'Call the site and look at its switch, its power supply and its field bus; the gateway itself answers.':
    'Die Anlage anrufen und Netzwerk-Switch, Versorgung und Feldbus prüfen; das Gateway selbst antwortet.',
  'Plan passes limits': 'Fahrplan verletzt Grenzwerte',
  'The search found no dispatch of the devices that keeps all limits over the horizon.':
    'Die Suche fand keinen Einsatz der Geräte, der alle Grenzwerte über den Horizont hält.',
  'The best plan found is in force and passes a limit; the alarm names the element, which is then overloaded.':
    'Der beste gefundene Fahrplan gilt und verletzt einen Grenzwert; der Alarm nennt das Betriebsmittel, das dann überlastet ist.',
  'Open the plan, see what conflicts, and free capacity by switching or by contract before it begins.':
    'Den Fahrplan öffnen, den Widerspruch ansehen und vorher durch Schalten oder Vertrag Kapazität schaffen.',
  'No plan can be made': 'Kein Fahrplan möglich',
  'The network as switched is meshed or leaves a device without supply, the optimiser ended with an error or ran out of time, or the plan cannot be sent.':
    'Das Netz ist, wie es geschaltet ist, vermascht oder lässt ein Gerät ohne Versorgung, die Optimierung endete mit einem Fehler oder hatte zu wenig Zeit, oder der Fahrplan lässt sich nicht senden.',
  'Default envelopes stand, at the latest once the plan before has ended; they curtail more than a plan would.':
    'Die Standardbänder gelten, spätestens wenn der vorige Fahrplan endet; sie regeln mehr ab als ein Fahrplan.',
  "Check the switches that the text names, have the log of the cloud's optimiser read, or give a plan that is too large fewer devices or longer steps; where the default envelopes curtail too much, set those devices by hand until then.":
    'Die Schalter prüfen, die der Text nennt, das Protokoll der Optimierung in der Cloud lesen lassen, oder einem zu großen Fahrplan weniger Geräte oder längere Schritte geben; wo die Standardbänder zu viel abregeln, diese Geräte bis dahin von Hand führen.',
  'Inputs too poor to plan': 'Eingaben zu schlecht für einen Fahrplan',
  'The substation has no estimate yet, an old one, or readings that fit no power flow of its network.':
    'Das Umspannwerk hat noch keine Schätzung, eine alte, oder Messwerte, die zu keinem Lastfluss seines Netzes passen.',
  'Default envelopes stand until there is an estimate.': 'Die Standardbänder gelten, bis es eine Schätzung gibt.',
  'Look at its readings and at the description of its network; where the estimate is old, at the load of the cloud.':
    'Die Messwerte und die Beschreibung des Netzes ansehen; ist die Schätzung alt, die Last der Cloud.',
  'Optimiser stopped early': 'Optimierung vorzeitig beendet',
  'The optimiser ran out of memory or broke down while it sought a plan.':
    'Der Optimierung ging der Speicher aus, oder sie brach ab, während sie einen Fahrplan suchte.',
  'The best plan until then stands. It may cost more than it must.':
    'Der bis dahin beste Fahrplan gilt. Er kann teurer sein als nötig.',
  'Look at the memory of the machine. If it comes back, give the substation fewer or longer steps.':
    'Den Speicher des Rechners prüfen. Kommt es wieder, dem Umspannwerk weniger oder längere Schritte geben.',
  'Forecast passes a limit': 'Prognose überschreitet Grenzwert',
  'The forecast load is beyond a limit in hours that no plan covers yet.':
    'Die prognostizierte Last liegt über einem Grenzwert in Stunden, die noch kein Fahrplan deckt.',
  'Unless the coming plan can relieve it, the limit is passed at the time that is named.':
    'Kann der kommende Fahrplan nicht entlasten, wird der Grenzwert zur genannten Zeit überschritten.',
  'Look at the forecast, and have flexible load or switching ready for that hour.':
    'Die Prognose ansehen und flexible Last oder Schaltungen für diese Stunde bereithalten.',
  'Plan passes a limit ahead': 'Fahrplan überschreitet bald Grenzwert',
  'What is expected under the plan in force is beyond a limit at the time that is named.':
    'Was unter dem gültigen Fahrplan erwartet wird, liegt zur genannten Zeit über einem Grenzwert.',
  'The limit is passed then, whatever the devices of the plan do.':
    'Der Grenzwert wird dann überschritten, was die Geräte des Fahrplans auch tun.',
  'Open the plan, and free capacity by switching or by contract before that time.':
    'Den Fahrplan öffnen und vor dieser Zeit durch Schalten oder Vertrag Kapazität schaffen.',
};
