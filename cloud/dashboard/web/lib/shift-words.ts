import type {
  HandedAlarm,
  HandedControl,
  HandedIncident,
  HandOverView,
  ShiftEntry,
} from '../../../../shared/contracts/shift.ts';
import { STATE_NAMES } from './alarms.ts';
import { actWords } from './acts.ts';
import type { Level } from './assess.ts';
import { controlText } from './control-words.ts';
import { words } from './format.ts';
import { titleText } from './incident-words.ts';
import { near } from './zone.ts';

/** Every sentence of the shift log and of a hand-over: on the screen and on the page that is saved. */

/** How a reader sees times and names. */
export interface Reader {
  readonly now: number;
  readonly zone: string;
  readonly nameOf: (substation: string) => string;
}

const at = (time: number, { now, zone }: Reader): string => near(time, now, zone);
const placeOf = (target: string | null): string => target?.slice(target.indexOf(':') + 1) ?? '';
const said = (text: string): string => (text === '' ? '' : `: ${text}`);

export function alarmText(
  { code, text, state, acknowledged, shelved, outOfService }: HandedAlarm,
  reader: Reader,
): string {
  const act = outOfService ?? shelved ?? acknowledged;
  const by = act === null ? '' : ` by ${act.by}${said(act.reason)}`;
  const until = shelved === null || outOfService !== null ? '' : `, until ${at(shelved.until, reader)}`;
  return `${code}: ${text} (${STATE_NAMES[state]}${by}${until})`;
}

export function handedControlText(item: HandedControl, reader: Reader): string {
  const until = item.until === null ? '' : `, until ${at(item.until, reader)}`;
  return `${controlText(item)}, ${reader.nameOf(item.substation)}${until}`;
}

export const incidentText = (item: HandedIncident, reader: Reader): string =>
  `${titleText(item, reader.nameOf(item.substation))}, since ${at(item.startedAt, reader)}`;

export const noteText = ({ text, by, at: time }: ShiftEntry, reader: Reader): string =>
  `${text} (${by ?? ''}, ${at(time, reader)})`;

export function signedText({ signedBy, signedAt, takenBy, takenAt, state }: HandOverView, reader: Reader): string {
  const signed = `${signedBy} signed off, ${at(signedAt, reader)}`;
  if (takenBy !== null && takenAt !== null) return `${signed}; ${takenBy} took over, ${at(takenAt, reader)}`;
  return state === 'replaced' ? `${signed}; replaced by a later one` : `${signed}; nobody has taken over yet`;
}

const figure = ({ parameters }: ShiftEntry, name: string): string => String(parameters[name] ?? '');

function actText(entry: ShiftEntry, reader: Reader): string {
  const { target, parameters } = entry;
  const until = typeof parameters['until'] === 'number' ? ` until ${at(parameters['until'], reader)}` : '';
  const approver = figure(entry, 'approver');
  const approved = approver === '' ? '' : `, approved by ${approver}`;
  const act = figure(entry, 'act');
  const mode = figure(entry, 'mode');
  const place = placeOf(target);
  const what =
    act === 'mode' && mode !== '' ? `Set ${place} to ${mode}` : (ACTS[act]?.(place) ?? `${words(act)} ${place}`);
  return `${what}${until}${approved}${said(entry.text)}`;
}

const titleOf =
  (kind: 'stop' | 'resume' | 'tag' | 'untag' | 'normal') =>
  (place: string): string =>
    actWords({ kind, target: `:${place}` }).title;

const ACTS: Readonly<Record<string, (place: string) => string>> = {
  stop: titleOf('stop'),
  resume: titleOf('resume'),
  tag: titleOf('tag'),
  untag: titleOf('untag'),
  normal: titleOf('normal'),
  override: (place) => `Override ${place}`,
  release: (place) => `Release the override of ${place}`,
  emergency: (place) => `Raise the limits of ${place}`,
  'approve-plan': (place) => `Approve the plan of ${place}`,
  'refuse-plan': (place) => `Refuse the plan of ${place}`,
};

const reasonOf = (entry: ShiftEntry): string => said(figure(entry, 'reason'));

const ENTRIES: Readonly<Record<string, (entry: ShiftEntry, reader: Reader) => string>> = {
  note: ({ text }) => text,
  'alarm.raised': (entry) => `Alarm: ${entry.text}`,
  'alarm.acknowledged': (entry) => `Alarm acknowledged: ${entry.text}`,
  'alarm.shelved': (entry) => `Alarm shelved: ${entry.text}${reasonOf(entry)}`,
  'alarm.out-of-service': (entry) => `Alarm out of service: ${entry.text}${reasonOf(entry)}`,
  'alarm.cleared': (entry) => `Alarm gone: ${entry.text}`,
  'act.given': actText,
  'act.refused': (entry) =>
    `${figure(entry, 'gateway')} refused: ${words(figure(entry, 'act'))} ${placeOf(entry.target)}${said(entry.text)}`,
  'override.over': ({ target }) => `The override of ${placeOf(target)} is over.`,
  'incident.began': (entry) =>
    `Incident ${figure(entry, 'incident')} began: ${words(figure(entry, 'kind'))} on ${placeOf(entry.target)}`,
  'incident.over': (entry) =>
    `Incident ${figure(entry, 'incident')} is over: ${words(figure(entry, 'kind'))} on ${placeOf(entry.target)}`,
  'hand-over.signed': (entry) => `Signed off${said(entry.text)}`,
  'hand-over.taken': () => 'Took over.',
};

/** What a line of the log says; a code that this page does not know is shown as it is. */
export const lineText = (entry: ShiftEntry, reader: Reader): string =>
  ENTRIES[entry.code]?.(entry, reader) ?? entry.code;

/** Priority of an alarm that came. */
export const levelOfLine = ({ code, parameters }: ShiftEntry): Level =>
  code === 'alarm.raised' ? (parameters['priority'] as Level) : null;

/** Where a line of the log leads. */
export function pathOfLine({ code, parameters }: ShiftEntry): string | null {
  if (code.startsWith('incident.')) return `/incidents/${String(parameters['incident'])}`;
  if (code.startsWith('hand-over.')) return `/shift/${String(parameters['handOver'])}`;
  return null;
}
