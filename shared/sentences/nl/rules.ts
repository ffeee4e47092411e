/** Cause, consequence and action of each built-in alarm rule, in Dutch. */
export const rules = {
  'Gateway lost': 'Gateway weg',
  "The gateway's uplink is down, its substation has no power, or its process has ended.":
    'De verbinding van de gateway is weg, het onderstation is spanningsloos, of het proces is gestopt.',
  'The cloud sees nothing there and cannot command; the gateway goes on by its plan, then by itself.':
    'De cloud ziet daar niets en kan niets sturen; de gateway werkt door volgens zijn plan, daarna zelfstandig.',
  'Look whether neighbours are lost too, call the site, and restart the uplink or the gateway.':
    'Kijk of ook buren weg zijn, bel de locatie en herstart de verbinding of de gateway.',
  'Gateway misses its cycles': 'Gateway mist cycli',
  "The gateway's computer is too slow, too hot or busy with something else.":
    'De computer van de gateway is te traag, te heet of met iets anders bezig.',
  'The guard acts late and devices follow late; the relay may act first.':
    'De bewaker en de apparaten reageren te laat; de beveiliging kan eerder aanspreken.',
  "End what else runs on that computer or restart it, and watch the substation's load meanwhile.":
    'Beëindig wat verder op die computer draait of herstart hem, en houd intussen de belasting van het onderstation in het oog.',
  'Store does not answer': 'Opslag antwoordt niet',
  'The telemetry store or the database does not answer, or its disk is full. The text says which.':
    'De telemetrieopslag of de database antwoordt niet, of de schijf is vol. De tekst zegt welke.',
  'Nothing is estimated, forecast or planned from new values, and acts may be refused; gateways keep their data meanwhile.':
    'Er wordt niets geschat, voorspeld of gepland met nieuwe waarden, en handelingen kunnen geweigerd worden; de gateways bewaren hun data intussen.',
  'Start what the text names or free its disk; gateways send what is missing by themselves.':
    'Start wat de tekst noemt of maak schijfruimte vrij; de gateways sturen het ontbrekende vanzelf na.',
  'Stops only in memory': 'Stops staan alleen in het geheugen',
  'Stops were sent while the disk was full or the database down, and could not be stored.':
    'Stops zijn verzonden terwijl de schijf vol of de database weg was, en konden niet worden weggeschreven.',
  'They hold, but a restart of the cloud would lose that they stand and who gave them.':
    'Ze gelden; een herstart van de cloud zou vergeten wie ze gaf en dat ze gelden.',
  'Free the disk or bring the database back before anything is restarted; the stops are then stored within seconds.':
    'Maak schijfruimte vrij of breng de database terug, en herstart eerder niets; ze worden dan binnen seconden weggeschreven.',
  'Broker of the gateways silent': 'Broker van de gateways zwijgt',
  'RabbitMQ does not answer, refuses the cloud, or another cloud has taken its place there.':
    'RabbitMQ antwoordt niet, weigert de cloud, of een andere cloud heeft daar zijn plaats ingenomen.',
  'The cloud hears and commands no gateway; gateways keep their data and go on by themselves.':
    'De cloud hoort en stuurt geen gateway; de gateways bewaren hun data en werken zelfstandig door.',
  'Start the broker or mend what the text names; gateways come back and send what is missing by themselves.':
    'Start de broker of herstel wat de tekst noemt; de gateways komen terug en sturen het ontbrekende vanzelf na.',
  'No job node makes plans': 'Geen jobnode maakt plannen',
  'No job node runs, none reaches RabbitMQ, or all are of another version than the cloud.':
    'Er draait geen jobnode, geen bereikt RabbitMQ, of alle zijn van een andere versie dan de cloud.',
  'Plans in force go on and no new one is made; a gateway whose plan ends goes on by itself.':
    'Geldende plannen lopen door en er komt geen nieuw; een gateway waarvan het plan eindigt, werkt zelfstandig door.',
  "Start a job node of the cloud's version, or give the cloud the role job; a node's log says why it gets no task.":
    'Start een jobnode van de versie van de cloud, of geef de cloud de rol job; het log van een node zegt waarom hij geen taak krijgt.',
  'Work given up': 'Werk opgegeven',
  "A plan, training or planners' job was tried several times and not finished, because its processes ended, by a bug or for lack of memory, or its nodes lost the broker.":
    'Een plan, training of taak van planners is meermaals geprobeerd en niet voltooid: de processen eindigden door een fout of geheugengebrek, of de nodes verloren de broker.',
  'It is not done; a plan in force goes on to its end, and forecasts use the model before.':
    'Het is niet gedaan; een geldend plan loopt tot zijn einde door, en prognoses gebruiken het vorige model.',
  'Look at the page System and at the logs of the nodes; give them memory or mend their line to the broker, then try it again or discard it.':
    'Kijk op de pagina Systeem en in de logs van de nodes; geef ze geheugen of herstel hun lijn naar de broker, en probeer het dan opnieuw of laat het vallen.',
  'Document number impossible': 'Documentnummer onmogelijk',
  "Somebody writes on the gateway's topics, the gateway is not in our hands, or the cloud was set up anew.":
    'Iemand schrijft op de topics van de gateway, de gateway is niet in onze handen, of de cloud is opnieuw ingericht.',
  'The report is refused; where the gateway truly holds that number, it takes no plan and no command.':
    'Het rapport wordt geweigerd; heeft de gateway dat nummer echt, dan neemt hij geen plan en geen opdracht aan.',
  'Look who can write as this gateway and change its password; clear its folder documents where it is genuine.':
    'Kijk wie als deze gateway kan schrijven en wijzig zijn wachtwoord; wis zijn map documents als hij echt is.',
  'Gateway floods the uplink': 'Gateway overspoelt de verbinding',
  'A gateway sends more messages or bytes than a gateway of ours can, by a fault or by somebody in its place.':
    'Een gateway zendt meer berichten of bytes dan een van onze gateways kan, door een fout of door iemand op zijn plaats.',
  'The excess is not accepted and waits at the gateway; other gateways are not affected.':
    'Wat te veel is, wordt niet opgenomen en wacht bij de gateway; de andere gateways hebben er geen last van.',
  'Look at what it sends and who holds its password; cut it off where it is not ours.':
    'Kijk wat hij zendt en wie zijn wachtwoord heeft; sluit hem af als hij niet van ons is.',
  'Gateway starts too often': 'Gateway start te vaak',
  'A gateway reports more starts than it can have had, or has started every few seconds for days.':
    'Een gateway meldt meer starts dan hij kan hebben gehad, of start al dagen om de paar seconden.',
  'Data of the excess starts waits at the gateway until the budget has room.':
    'Data van de starts die te veel zijn, wacht bij de gateway totdat het budget ruimte heeft.',
  'Find out why its daemon ends and correct that; if it invents its starts, cut it off.':
    'Lees waarom zijn proces eindigt en herstel dat; verzint hij zijn starts, sluit hem dan af.',
  'Gateway leaves gaps': 'Gateway laat gaten',
  'A gateway leaves gaps in what it sends, by an uplink that loses much or by intent.':
    'Een gateway laat gaten in wat hij zendt, door een slechte verbinding of met opzet.',
  'Only data that closes a gap is accepted; the rest waits at the gateway.':
    'Alleen wat een gat sluit, wordt opgenomen; de rest wacht bij de gateway.',
  'Look at its uplink; where the link is well, look at who holds its password.':
    'Kijk naar zijn verbinding; is die goed, kijk dan wie zijn wachtwoord heeft.',
  'Gateway names too much': 'Gateway noemt te veel',
  "A gateway's births name more devices or metrics than a substation has.":
    'De aanmelding van een gateway noemt meer apparaten of meetwaarden dan een onderstation heeft.',
  'Data under the excess names is not accepted and waits at the gateway.':
    'Data onder de namen die te veel zijn, wacht bij de gateway en wordt niet opgenomen.',
  "Correct the gateway's list of devices; where it invents names, cut it off.":
    'Verbeter de apparatenlijst van de gateway; verzint hij namen, sluit hem dan af.',
  'Certificates end soon': 'Certificaten verlopen binnenkort',
  'The issuer of the certificates of gateways and cloud, or their root, ends within half a year.':
    'De uitgever van de certificaten van gateways en cloud, of hun root, verloopt binnen een half jaar.',
  'From that day on no gateway can connect, and the page cannot be served with a certificate of that authority.':
    'Vanaf die dag komt geen gateway meer binnen, en de pagina wordt niet meer onder die autoriteit aangeboden.',
  'Have the issuer rolled (loadstone pki roll issuer, or roll root), with the key of the root; gateways follow by themselves.':
    'Laat de uitgever vernieuwen (loadstone pki roll issuer, of roll root), met de sleutel van de root; gateways volgen vanzelf.',
  'File of gateways not readable': 'Gatewaybestand niet leesbaar',
  'The file of gateways and passwords is away, or a line of it is wrong.':
    'Het bestand met gateways en wachtwoorden is weg, of een regel ervan is fout.',
  'The last good file stays in force; gateways that were removed since can still connect.':
    'Gateways worden toegelaten volgens het laatste goede bestand; wie sindsdien is verwijderd, komt nog binnen.',
  'Correct the line that the text names, or restore the file; it takes effect within seconds.':
    'Herstel de regel die de tekst noemt, of zet het bestand terug; het telt binnen seconden.',
  'Journal file not readable': 'Journaalbestand niet leesbaar',
  'The disk of a gateway does not give a file of its journal, by bad blocks or its file system.':
    'De schijf van een gateway geeft een bestand van zijn journaal niet prijs, door slechte blokken of het bestandssysteem.',
  'What was only in that file is lost, and is listed as lost; the next file may be lost too.':
    'Wat alleen in dat bestand stond, is verloren en staat als verloren te boek; het volgende bestand kan ook verloren gaan.',
  "Read the gateway's log of its disk and replace the disk (edge backup, edge restore); the file is kept until then.":
    'Lees de meldingen van de gateway over zijn schijf en vervang de schijf (edge backup, edge restore); het bestand blijft tot dan bewaard.',
  'Feeder dark': 'Afgang spanningsloos',
  "The breaker of the feeder's head is open, by its protection or by hand, or the busbar section has no voltage.":
    'De vermogensschakelaar van het afgangsveld is open, door de beveiliging of met de hand, of de rail heeft geen spanning.',
  'Its customers have no supply; its devices and meters are silent and raise no alarms of their own.':
    'De klanten hebben geen voorziening; apparaten en meters staan stil en worden niet apart gemeld.',
  'Look at the breaker and at what tripped it, find the fault, and restore the feeder by the switching order.':
    'Kijk naar de schakelaar en naar wat hem uitschakelde, zoek de storing en schakel de afgang in volgens het schakelplan.',
  'Device silent': 'Apparaat zwijgt',
  'A device does not answer its gateway, by its network or its power.':
    'Een apparaat antwoordt zijn gateway niet, door het netwerk of de voeding.',
  'The guard counts it at its worst, so that others give way for it.':
    'De bewaker rekent het op zijn slechtst, zodat andere ervoor wijken.',
  'Open the device at its feeder, and send somebody where it stays silent.':
    'Open het apparaat bij zijn afgang en stuur iemand als het blijft zwijgen.',
  'Limit cannot be kept': 'Grenswaarde niet te houden',
  'The devices of the feeder cannot relieve a limit any further, or limits contradict one another.':
    'De apparaten van de afgang kunnen een grenswaarde niet verder ontlasten, of grenswaarden spreken elkaar tegen.',
  'The element stays beyond its limit, ages, and is tripped by its protection in the end.':
    'Het element blijft boven zijn grenswaarde, veroudert en wordt ten slotte door zijn beveiliging uitgeschakeld.',
  'Shift load by switching, curtail a further connection, or raise the emergency limit with a second person.':
    'Verplaats belasting door schakelen, regel een verdere aansluiting terug, of verhoog de noodgrens met een tweede persoon.',
  'Device does not follow': 'Apparaat volgt niet',
  'A device reads back another value than its setpoint, by local operation or a fault.':
    'Een apparaat leest een andere waarde terug dan zijn stuurwaarde, door bediening ter plaatse of een fout.',
  'The plan counts on relief that does not come.': 'Het plan rekent op ontlasting die niet komt.',
  'Set the device by hand or tag it, so that the plan leaves it out.':
    'Stuur het apparaat met de hand of blokkeer het, zodat het plan het weglaat.',
  'Fail-safe limit holds': 'Fail-safegrens geldt',
  'The heartbeat of the cloud or a fresh limit has been missing at the gateway.':
    'Het levensteken van de cloud of een verse grenswaarde ontbreekt bij de gateway.',
  'The fail-safe limit holds, and more is curtailed than need be.':
    'De fail-safegrens geldt, en er wordt meer teruggeregeld dan nodig.',
  'Mend the uplink of the gateway; the limit ends when heartbeat and a fresh limit are back.':
    'Herstel de verbinding van de gateway; de grens eindigt als levensteken en verse grenswaarde terug zijn.',
  'Relief goes the wrong way': 'Ontlasting werkt averechts',
  'A device or the meter of the element has the wrong sign, or the device is behind another feeder.':
    'Een apparaat of de meter van het element heeft het verkeerde teken, of het apparaat zit achter een andere afgang.',
  'The guard relieves this element without the device, and may lack it in the next spike.':
    'De bewaker ontlast dit element zonder het apparaat en kan het bij de volgende belastingssprong missen.',
  'Step-test the device (edge test), and check its wiring, its feeder and the current transformers of the meter.':
    'Doe een staptest (edge test) en controleer bedrading, afgang en stroomtransformatoren van de meter.',
  'Meter dead': 'Meter dood',
  'A meter reads nothing while what is behind it carries load.': 'Een meter meet niets terwijl erachter belasting is.',
  'The estimate stands in with a wider error, and limits are kept with more room.':
    'De schatting valt in met een grotere fout, en grenswaarden worden met meer marge gehouden.',
  'Have the meter and its current transformers looked at.': 'Laat de meter en zijn stroomtransformatoren nakijken.',
  'Meter reversed': 'Meter omgekeerd',
  'A meter counts with the wrong sign, mostly by turned current transformers.':
    'Een meter telt met het verkeerde teken, meestal door omgedraaide stroomtransformatoren.',
  'The estimate stands in; planners who read the raw value are misled.':
    'De schatting valt in; wie de ruwe waarde leest, wordt misleid.',
  "Turn its current transformers or its sign in the gateway's configuration.":
    'Draai de stroomtransformatoren om, of het teken in de configuratie van de gateway.',
  'Meter silent': 'Meter zwijgt',
  'The meter that the guard watches does not answer its gateway.':
    'De meter die de bewaker volgt, antwoordt zijn gateway niet.',
  'Devices behind it are frozen and fall to their safe defaults after a minute.':
    'Apparaten erachter zijn bevroren en vallen na een minuut terug op hun veilige stand.',
  "Look at the meter's network and power; set the feeder to Manual where it lasts.":
    'Kijk naar netwerk en voeding van de meter; zet de afgang op Hand als het duurt.',
  'Meter implausible': 'Meter ongeloofwaardig',
  'A meter reads what its neighbours rule out, by wiring, ratio or scale.':
    'Een meter meet wat zijn buren uitsluiten, door bedrading, overzetverhouding of schaal.',
  'The estimate leaves it out; its error grows.': 'De schatting laat hem weg; de fout groeit.',
  'Have its wiring, ratio and scale looked at.': 'Laat bedrading, overzetverhouding en schaal nakijken.',
  'Voltage measurement blind': 'Spanningsmeting blind',
  "A fuse of a meter's voltage transformer has blown; the meter shows no voltage while load flows.":
    'Een zekering van de spanningstransformator van een meter is doorgebrand; de meter toont geen spanning terwijl er last vloeit.',
  'The guard sees too little load and no voltage there, so the element may be overloaded.':
    'De bewaker ziet daar te weinig last en geen spanning; het element kan overbelast zijn.',
  'Replace the fuse; lower the limit of the element meanwhile.':
    'Vervang de zekering; verlaag intussen de grens van het element.',
  'Switch state doubtful': 'Schakelstand twijfelachtig',
  'The meters do not fit the switch states of the network model.':
    'De metingen passen niet bij de schakelstanden van het netmodel.',
  'Flows and plan may stand on a network that is not there.':
    'Stromingen en plan kunnen op een net berusten dat er niet is.',
  'Ask for the switch position and correct it; the plan is made anew.':
    'Vraag de schakelstand op en verbeter hem; het plan wordt opnieuw gemaakt.',
  'Substation silent': 'Onderstation zwijgt',
  "None of the substation's meters answers its gateway, by the network or the power of the site.":
    'Geen enkele meter van het onderstation antwoordt zijn gateway, door netwerk of voeding ter plaatse.',
  'Nothing is known of it; its devices are frozen and fall to their safe defaults after a minute.':
    'Er is niets van bekend; de apparaten zijn bevroren en vallen na een minuut terug op hun veilige stand.',
  'Call the site and look at its switch, its power supply and its field bus; the gateway itself answers.':
    'Bel de locatie en kijk naar netwerkswitch, voeding en veldbus; de gateway zelf antwoordt.',
  'Plan passes limits': 'Plan overschrijdt grenswaarden',
  'The search found no dispatch of the devices that keeps all limits over the horizon.':
    'Het zoeken vond geen inzet van de apparaten die alle grenswaarden over de horizon houdt.',
  'The best plan found is in force and passes a limit; the alarm names the element, which is then overloaded.':
    'Het beste gevonden plan geldt en overschrijdt een grenswaarde; het alarm noemt het element, dat dan overbelast is.',
  'Open the plan, see what conflicts, and free capacity by switching or by contract before it begins.':
    'Open het plan, zie wat strijdig is, en maak vooraf ruimte door schakelen of per contract.',
  'No plan can be made': 'Geen plan mogelijk',
  'The network as switched is meshed or leaves a device without supply, the optimiser ended with an error or ran out of time, or the plan cannot be sent.':
    'Het net zoals het geschakeld is, is vermaasd of laat een apparaat zonder voeding, de optimalisatie eindigde met een fout of had te weinig tijd, of het plan kan niet worden verzonden.',
  'Default envelopes stand, at the latest once the plan before has ended; they curtail more than a plan would.':
    'De standaardbanden gelden, uiterlijk zodra het vorige plan is afgelopen; ze regelen meer terug dan een plan.',
  "Check the switches that the text names, have the log of the cloud's optimiser read, or give a plan that is too large fewer devices or longer steps; where the default envelopes curtail too much, set those devices by hand until then.":
    'Controleer de schakelaars die de tekst noemt, laat het log van de optimalisatie in de cloud lezen, of geef een te groot plan minder apparaten of langere stappen; waar de standaardbanden te veel afregelen, stuur die apparaten tot dan met de hand.',
  'Inputs too poor to plan': 'Invoer te slecht om te plannen',
  'The substation has no estimate yet, an old one, or readings that fit no power flow of its network.':
    'Het onderstation heeft nog geen schatting, een oude, of metingen die bij geen loadflow van zijn net passen.',
  'Default envelopes stand until there is an estimate.': 'De standaardbanden gelden totdat er een schatting is.',
  'Look at its readings and at the description of its network; where the estimate is old, at the load of the cloud.':
    'Kijk naar de metingen en naar de beschrijving van het net; is de schatting oud, kijk dan naar de belasting van de cloud.',
  'Optimiser stopped early': 'Optimalisatie te vroeg gestopt',
  'The optimiser ran out of memory or broke down while it sought a plan.':
    'De optimalisatie had geen geheugen meer of stortte in terwijl zij een plan zocht.',
  'The best plan until then stands. It may cost more than it must.':
    'Het beste plan tot dan geldt. Het kan duurder zijn dan nodig.',
  'Look at the memory of the machine. If it comes back, give the substation fewer or longer steps.':
    'Kijk naar het geheugen van de machine. Komt het terug, geef het onderstation dan minder of langere stappen.',
  'Forecast passes a limit': 'Prognose overschrijdt grenswaarde',
  'The forecast load is beyond a limit in hours that no plan covers yet.':
    'De voorspelde belasting ligt boven een grenswaarde in uren die nog geen plan dekt.',
  'Unless the coming plan can relieve it, the limit is passed at the time that is named.':
    'Kan het komende plan niet ontlasten, dan wordt de grenswaarde op de genoemde tijd overschreden.',
  'Look at the forecast, and have flexible load or switching ready for that hour.':
    'Kijk naar de prognose en houd flexibele belasting of schakelen voor dat uur gereed.',
  'Plan passes a limit ahead': 'Plan overschrijdt straks grenswaarde',
  'What is expected under the plan in force is beyond a limit at the time that is named.':
    'Wat onder het geldende plan wordt verwacht, ligt op de genoemde tijd boven een grenswaarde.',
  'The limit is passed then, whatever the devices of the plan do.':
    'De grenswaarde wordt dan overschreden, wat de apparaten van het plan ook doen.',
  'Open the plan, and free capacity by switching or by contract before that time.':
    'Open het plan en maak vóór die tijd ruimte door schakelen of per contract.',
};
