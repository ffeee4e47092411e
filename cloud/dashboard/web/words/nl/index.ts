import type { Catalogue } from '../catalogue.ts';
import type { Text } from '../de/index.ts';
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
import { events } from '../../../../../shared/sentences/nl/events.ts';
import { sentences } from '../../../../../shared/sentences/nl/sentences.ts';
import { rules } from '../../../../../shared/sentences/nl/rules.ts';
import { eventReader } from '../../../../../shared/sentences/event-reader.ts';
import { messages } from '../../../../../shared/sentences/nl/messages.ts';
import { phrases } from './phrases.ts';

/**
 * Dutch. One term for one thing:
 * acknowledge kwiteren · alarm alarm · alarm flood alarmvloed · area (of responsibility, grid) gebied · automatic automatisch ·
 * bus knooppunt · busbar rail · circuit breaker vermogensschakelaar · confirm bevestigen · curtail terugregelen ·
 * device apparaat · envelope vermogensband · estimate schatting · event gebeurtenis · feed-in teruglevering · feeder afgang ·
 * feeder head afgangsveld · forecast prognose · guard bewaker · hand-over overdracht · import afname · incident incident ·
 * limit grenswaarde · load belasting · loading belastingsgraad · manual hand · mode modus · monitor meekijken ·
 * outage onderbreking · override handsturing · plan plan · protection beveiliging · raised, gone opgekomen, verdwenen ·
 * relieve ontlasten · rung regelniveau · setpoint stuurwaarde · shelve tijdelijk onderdrukken · shift dienst ·
 * standing actueel · substation onderstation · tag blokkeren · tap changer trappenschakelaar · trip uitschakeling
 */
const texts: Readonly<Record<Text, string>> = {
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

const words = { ...codes, ...rules, ...phrases };

export const catalogue: Catalogue = {
  texts,
  faults,
  events,
  sentences,
  phrases: words,
  say: eventReader({ events, messages, words, texts }, 'nl'),
};
