import type {
  HandedAlarm,
  HandedControl,
  HandedIncident,
  HandOverView,
  ShiftEntry,
} from '../../../../shared/contracts/shift.ts';
import { stateName } from './alarms.ts';
import { actWords } from './acts.ts';
import type { Level } from './assess.ts';
import { controlText } from './control-words.ts';
import { words } from './format.ts';
import { titleText } from './incident-words.ts';
import { near } from './zone.ts';
import { saidOf, t, translate } from '../words/t.ts';

/** Every sentence of the shift log and of a hand-over, for the screen and the saved page. */

/** The reader's clock, time zone and names. */
export interface Reader {
  readonly now: number;
  readonly zone: string;
  readonly nameOf: (substation: string) => string;
}

const at = (time: number, { now, zone }: Reader): string => near(time, now, zone);
const placeOf = (target: string | null): string => target?.slice(target.indexOf(':') + 1) ?? '';
const said = (text: string): string => (text === '' ? '' : `: ${text}`);

export function alarmText(alarm: HandedAlarm, reader: Reader): string {
  const { code, state, acknowledged, shelved, outOfService } = alarm;
  const act = outOfService ?? shelved ?? acknowledged;
  const by = act === null ? '' : ` ${t('by {by}{reason}', { by: act.by, reason: said(act.reason) })}`;
  const until =
    shelved === null || outOfService !== null ? '' : t(', until {until}', { until: at(shelved.until, reader) });
  return `${code}: ${saidOf(alarm)} (${stateName(state)}${by}${until})`;
}

export function handedControlText(item: HandedControl, reader: Reader): string {
  const until = item.until === null ? '' : t(', until {until}', { until: at(item.until, reader) });
  return `${controlText(item)}, ${reader.nameOf(item.substation)}${until}`;
}

export const incidentText = (item: HandedIncident, reader: Reader): string =>
  t('{incident}, since {time}', {
    incident: titleText(item, reader.nameOf(item.substation)),
    time: at(item.startedAt, reader),
  });

export const noteText = ({ text, by, at: time }: ShiftEntry, reader: Reader): string =>
  `${text} (${by ?? ''}, ${at(time, reader)})`;

export function signedText({ signedBy, signedAt, takenBy, takenAt, state }: HandOverView, reader: Reader): string {
  const signed = t('{signedBy} signed off, {signedAt}', { signedBy, signedAt: at(signedAt, reader) });
  if (takenBy !== null && takenAt !== null)
    return t('{signed}; {takenBy} took over, {takenAt}', { signed, takenBy, takenAt: at(takenAt, reader) });
  return state === 'replaced'
    ? t('{signed}; replaced by a later one', { signed })
    : t('{signed}; nobody has taken over yet', { signed });
}

const figure = ({ parameters }: ShiftEntry, name: string): string => String(parameters[name] ?? '');

function actText(entry: ShiftEntry, reader: Reader): string {
  const { target, parameters } = entry;
  const until =
    typeof parameters['until'] === 'number' ? ` ${t('until {until}', { until: at(parameters['until'], reader) })}` : '';
  const approver = figure(entry, 'approver');
  const approved = approver === '' ? '' : t(', approved by {approver}', { approver });
  const act = figure(entry, 'act');
  const mode = figure(entry, 'mode');
  const place = placeOf(target);
  const what =
    act === 'mode' && mode !== ''
      ? t('Set {on} to {mode}', { on: place, mode: words(mode) })
      : (ACTS[act]?.(place) ?? `${words(act)} ${place}`);
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
  override: (place) => t('Override {place}', { place }),
  release: (place) => t('Release the override of {place}', { place }),
  emergency: (place) => t('Raise the limits of {on}', { on: place }),
  'approve-plan': (place) => t('Approve the plan of {on}', { on: place }),
  'refuse-plan': (place) => t('Refuse the plan of {on}', { on: place }),
};

/** An alarm entry carries the code and values of its sentence. */
const ofAlarm = (entry: ShiftEntry): string =>
  saidOf({ code: figure(entry, 'alarmCode'), text: entry.text, parameters: entry.parameters });

const reasonOf = (entry: ShiftEntry): string => said(figure(entry, 'reason'));

const ENTRIES: Readonly<Record<string, (entry: ShiftEntry, reader: Reader) => string>> = {
  note: ({ text }) => text,
  'alarm.raised': (entry) => t('Alarm: {text}', { text: ofAlarm(entry) }),
  'alarm.acknowledged': (entry) => t('Alarm acknowledged: {text}', { text: ofAlarm(entry) }),
  'alarm.shelved': (entry) => t('Alarm shelved: {text}{reason}', { text: ofAlarm(entry), reason: reasonOf(entry) }),
  'alarm.out-of-service': (entry) =>
    t('Alarm out of service: {text}{reason}', { text: ofAlarm(entry), reason: reasonOf(entry) }),
  'alarm.cleared': (entry) => t('Alarm gone: {text}', { text: ofAlarm(entry) }),
  'act.given': actText,
  'act.refused': (entry) =>
    t('{gateway} refused: {act} {target}{reason}', {
      gateway: figure(entry, 'gateway'),
      act: words(figure(entry, 'act')),
      target: placeOf(entry.target),
      reason: said(translate(entry.text)),
    }),
  'override.over': ({ target }) => t('The override of {target} is over.', { target: placeOf(target) }),
  'incident.began': (entry) =>
    t('Incident {id} began: {kind} on {target}', {
      id: figure(entry, 'incident'),
      kind: words(figure(entry, 'kind')),
      target: placeOf(entry.target),
    }),
  'incident.over': (entry) =>
    t('Incident {id} is over: {kind} on {target}', {
      id: figure(entry, 'incident'),
      kind: words(figure(entry, 'kind')),
      target: placeOf(entry.target),
    }),
  'hand-over.signed': (entry) => t('Signed off{text}', { text: said(entry.text) }),
  'hand-over.taken': () => t('Took over.'),
};

/** Text of a log entry; an unknown code is shown as it is. */
export const lineText = (entry: ShiftEntry, reader: Reader): string =>
  ENTRIES[entry.code]?.(entry, reader) ?? entry.code;

/** Priority of a raised alarm. */
export const levelOfLine = ({ code, parameters }: ShiftEntry): Level =>
  code === 'alarm.raised' ? (parameters['priority'] as Level) : null;

/** Path that a log entry links to. */
export function pathOfLine({ code, parameters }: ShiftEntry): string | null {
  if (code.startsWith('incident.')) return `/incidents/${String(parameters['incident'])}`;
  if (code.startsWith('hand-over.')) return `/shift/${String(parameters['handOver'])}`;
  return null;
}
