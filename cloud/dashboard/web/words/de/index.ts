import type { Catalogue } from '../catalogue.ts';
import { alarms } from './alarms.ts';
import { areas } from './areas.ts';
import { control } from './control.ts';
import { faults } from './faults.ts';
import { forecast } from './forecast.ts';
import { frame } from './frame.ts';
import { gateways } from './gateways.ts';
import { grid } from './grid.ts';
import { people } from './people.ts';
import { plan } from './plan.ts';
import { story } from './story.ts';
import { system } from './system.ts';
import { codes } from './codes.ts';
import { events } from '../../../../../shared/sentences/de/events.ts';
import { sentences } from '../../../../../shared/sentences/de/sentences.ts';
import { rules } from '../../../../../shared/sentences/de/rules.ts';
import { eventReader } from '../../../../../shared/sentences/event-reader.ts';
import { messages } from '../../../../../shared/sentences/de/messages.ts';
import { phrases } from './phrases.ts';

/**
 * German. One term for one thing:
 * acknowledge quittieren · alarm Alarm · alarm flood Alarmflut · area (of responsibility) Bereich · area (grid) Netzgebiet ·
 * automatic Automatik · bus Knoten · busbar Sammelschiene · circuit breaker Leistungsschalter · confirm bestätigen ·
 * curtail abregeln · device Gerät · envelope Leistungsband · estimate Schätzung · event Ereignis · feed-in Einspeisung ·
 * feeder Abgang · feeder head Abgangsfeld · forecast Prognose · guard Wächter · hand-over Übergabe · import Bezug ·
 * incident Vorfall · limit Grenzwert · load Last · loading Auslastung · manual Hand · mode Betriebsart · monitor Beobachten ·
 * outage Ausfall · override Handvorgabe · plan Fahrplan · protection Schutz · raised, gone gekommen, gegangen ·
 * relieve entlasten · rung Regelebene · setpoint Sollwert · shelve zurückstellen · shift Schicht · standing anstehend ·
 * substation Umspannwerk · tag sperren · tap changer Stufenschalter · trip Auslösung
 */
const texts = {
  ...frame,
  ...alarms,
  ...grid,
  ...control,
  ...areas,
  ...plan,
  ...forecast,
  ...gateways,
  ...story,
  ...people,
  ...system,
};

/** A text of the page, by its English sentence. A text without German is not one, and a text without Dutch does not compile. */
export type Text = keyof typeof texts;

const words = { ...codes, ...rules, ...phrases };

export const catalogue: Catalogue = {
  texts,
  faults,
  events,
  sentences,
  phrases: words,
  say: eventReader({ events, messages, words, texts }, 'de'),
};
