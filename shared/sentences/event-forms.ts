import type { EventParameters, LoadstoneEvent } from '../contracts/event.ts';
import { limitPhrases, type LimitPhrase } from './limit-names.ts';
import { findingForms, type FindingForm } from './estimate-forms.ts';
import { filled, type ValuesOf } from './said.ts';

type Found = `{device}: ${FindingForm}`;

/** Findings about a meter or switch, and the end of one. */
const FOUND: readonly (Found | '{device} fits the others again')[] = [
  ...Object.values(findingForms).flatMap((forms: readonly FindingForm[]) =>
    forms.map((form): Found => `{device}: ${form}`),
  ),
  '{device} fits the others again',
];

/** The findings in a language. */
export const foundOf = (words: Readonly<Record<FindingForm, string>>): Readonly<Record<Found, string>> =>
  Object.fromEntries(Object.entries(words).map(([form, own]) => [`{device}: ${form}`, `{device}: ${own}`])) as Readonly<
    Record<Found, string>
  >;

/** The closing sentences of a plan alarm: the state of the plan now. */
const PLAN_NOW = [
  '{place}: the plan keeps all limits',
  '{place}: a plan is made, though not one that keeps all limits',
  '{place}: no plan is made now',
] as const;

/** Sentences of events and alarms by code. Gateways and cloud send code and values; the reader builds the sentence. */
export const eventForms = {
  'gateway.started': ['the gateway has started'],
  'gateway.rung': ['the gateway goes from {from} to {to}'],
  'document.accepted': ['{type} {id} ({epoch}, {sequence}) is accepted'],
  'cloud.started': ['The cloud has started.'],
  'guard.relief': [
    '{element} at {value} {unit} is past {bound} {unit}: {devices} relieves it',
    '{element} at {value} {unit} is past {bound} {unit}: nothing relieves it',
  ],
  'guard.released': ['the guard has let go of all devices'],
  'limit.lost': [
    'the {limit} is not kept at {devices}: a limit that goes first leaves it no room',
    'the {limit} is not kept at {devices} and {others} more: a limit that goes first leaves it no room',
  ],
  'LS-CONTROL-003': ['{device} does not answer; it counts at its worst until it is back'],
  'LS-CONTROL-004': [
    '{element} at {value} {unit} is past its limit of {bound}, and {why}',
    '{element} at {value} {unit} is past its limit of {bound}, as is one more device of its feeder, and {why}',
    '{element} at {value} {unit} is past its limit of {bound}, as are {others} more devices of its feeder, and {why}',
  ],
  'LS-CONTROL-005': [
    '{device} was told {told} kW and gives {read} kW: its sign, or that of its meter, is turned',
    '{device} was told {told} kW and reads back {read} kW',
    '{device} was told {told} kvar and reads back {read} kvar',
    '{device} was told {told} kW and reads back {read} kW, was told {toldKvar} kvar and reads back {readKvar} kvar',
  ],
  'LS-CONTROL-006': [
    'the heartbeat of the cloud is lost: the fail-safe limit holds',
    'the fail-safe limit has held for its minimum time of {hours} h and goes on: heartbeat or a fresh limit is missing',
  ],
  'LS-CONTROL-011': [
    'relief of {element} by {device} ({lever}) makes it worse: its sign, or that of the meter of {element}, is turned; the guard uses it no more there',
    'relief of {element} by {device} ({lever}) does not show there: it may be behind another feeder; the guard uses it no more there',
    'all relief of {element} seems to make it worse: its meter may be turned; the guard leaves {element} alone',
    "relief of {element} does not come as it should; steps of {device} ({lever}) are too small beside the meter's error to tell whether it is at fault",
  ],
  'LS-DOC-011': ['The document numbers of gateway {gateway} fit again.'],
  'LS-FEEDER-001': [
    '{head} carries nothing and no device behind it has voltage: the feeder is dark',
    '{head} carries nothing, the load of the transformer fell by as much and no device behind it answers: the feeder seems dark',
    'the breaker of {head} is open and it carries nothing: the feeder is dark, unless it is fed from elsewhere',
    '{head} carries nothing and no device behind it answers: the feeder seems dark',
    '{head} carries nothing and the load of the transformer fell by as much: the feeder seems dark, or is fed from elsewhere',
  ],
  'LS-GATEWAY-001': [
    'Gateway {gateway} is lost; it goes on by its plan, then by itself.',
    'Gateway {gateway} has not been heard since the cloud started.',
    'Gateway {gateway} is back.',
  ],
  'LS-GATEWAY-002': [
    'a cycle has come each {mean} s instead of {period} s over the last minute: the gateway has too little processor',
  ],
  'LS-METER-001': [
    'the meter of {device} reads nothing while load flows: the sum of its feeders stands in',
    'the meter of {device} reads nothing while load flows: it counts as silent',
    ...FOUND,
  ],
  'LS-METER-002': ['the meter of {device} counts with the wrong sign: the guard turns it', ...FOUND],
  'LS-METER-003': [
    'the meter of {device} is silent: devices behind it are frozen, after a minute on their safe defaults',
  ],
  'LS-METER-004': FOUND,
  'LS-METER-005': FOUND,
  'LS-METER-006': ['none of the {count} meters answers: all devices are frozen, after a minute on their safe defaults'],
  'LS-OPT-001': [
    '{place}: found no plan that keeps {element} within its {constraint} of {limit} {unit} at {time}: near this one {devices} can do no more',
    '{place}: found no plan that keeps {element} within its {constraint} of {limit} {unit} at {time}: no planned device acts on it',
    '{place}: found no plan that supplies all of the load: {element} has no power flow at {time}',
    '{place}: found no plan that keeps all limits: {element} is {value} pu beyond its voltage band',
    '{place}: found no plan that keeps all limits: {element} is at {value} % of its rating',
    '{place}: found no plan that keeps all limits of power; voltages and ratings are kept',
    ...PLAN_NOW,
  ],
  'LS-OPT-002': PLAN_NOW,
  'LS-OPT-004': PLAN_NOW,
  'LS-OPT-006': PLAN_NOW,
  'plan.room': [
    '{place}: the plan holds at the median of the forecast, not at {quantile} %: {element} passes its {constraint} at {time} with a probability of {share} % before the guard acts',
  ],
  'LS-PREDICT-001': [
    '{place}: the transformer is expected by the forecast at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}',
    '{place}: the transformer is expected by the forecast barely within its limit of {limit} kW: {power} kW {direction} at {time}',
    '{place}: the transformer is expected to stay within its limit',
  ],
  'LS-PREDICT-002': [
    '{place}: the transformer is expected under the plan at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}',
    '{place}: feeder {feeder} is expected under the plan at {power} kW {direction} at {time}, {over} kW beyond its limit of {limit} kW; beyond from {from} to {to}',
    '{place}: the transformer is expected under the plan barely within its limit of {limit} kW: {power} kW {direction} at {time}',
    '{place}: feeder {feeder} is expected under the plan barely within its limit of {limit} kW: {power} kW {direction} at {time}',
    '{place}: the transformer is expected to stay within its limit',
    '{place}: feeder {feeder} is expected to stay within its limit',
  ],
} as const;

/** Values that are our own words, not names. */
export const eventPhrases = [
  'gone: ',
  'plan',
  'model',
  'settings',
  'command',
  'training',
  'weather',
  'active power',
  'reactive power',
  'import',
  'feed-in',
  'dead',
  'reversed',
  'own-plan',
  'autonomous',
  'fail-safe',
  'contract',
  'state-of-charge',
  'run-time',
  'floor',
  'guard',
  'grid-limit',
  'envelope',
  'in monitor the guard moves no device',
  'no device can relieve it further',
  'it comes back too slowly',
  'half of the time of its relay is over',
  'no device can relieve it further without passing another limit',
  'what its batteries have left is kept for when a relay would trip',
  'devices that could relieve it do not follow',
  'devices that could relieve it were found not to do so',
  'the relief that was asked for does not come',
] as const;

/** All phrases, including the generated names of limits. */
export const allEventPhrases: readonly EventPhrase[] = [...eventPhrases, ...limitPhrases];

type EventCode = keyof typeof eventForms;
export type EventForm<Code extends EventCode = EventCode> = (typeof eventForms)[Code][number];
export type EventPhrase = (typeof eventPhrases)[number] | LimitPhrase;
/** All words of a language for events. A language that lacks one does not compile. */
export type EventWords = Readonly<Record<EventForm | EventPhrase, string>>;

type Value = EventParameters[string];
type ContractParameters = NonNullable<LoadstoneEvent['parameters']>;
type Values<Form extends string> = [ValuesOf<Form>] extends [never]
  ? readonly []
  : readonly [Readonly<Record<ValuesOf<Form>, Value>> & EventParameters];

/** Code, English text and parameters of an event. `values` may contain more than the sentence needs. */
export function eventSays<Code extends EventCode, Form extends EventForm<Code>>(
  code: Code,
  form: Form,
  ...[values]: Values<Form>
): { readonly code: Code; readonly text: string; readonly parameters?: ContractParameters } {
  return values === undefined
    ? { code, text: form }
    : {
        code,
        text: filled(form, (name) => plain((values as EventParameters)[name]!)),
        parameters: { ...values } as ContractParameters,
      };
}

/** The content of an event: what happened. */
export type EventSaid = Pick<LoadstoneEvent, 'code' | 'text' | 'parameters'>;

/** An event, an alarm, or a log line about one. */
export interface SaidEvent {
  readonly code: string;
  readonly text: string;
  readonly parameters?: EventParameters | undefined;
}

export interface Speech {
  /** Words by their English text; undefined for English. */
  readonly own?: Readonly<Record<string, string>> | undefined;
  /** Formats a text that is a number. */
  readonly number: (text: string) => string;
  /** Formats a text that may be a time in UTC. */
  readonly time: (text: string) => string;
}

/**
 * The text of an event in a language, by the form that gives its English text with its parameters. If no form matches, as from a gateway of
 * another version, the text is shown unchanged: a reader never sees a sentence that the source did not send.
 */
export function eventText({ code, text, parameters = {} }: SaidEvent, { own, number, time }: Speech): string {
  const value = (name: string): Value => (Object.hasOwn(parameters, name) ? parameters[name]! : '');
  const forms: readonly string[] = Object.hasOwn(eventForms, code) ? eventForms[code as EventCode] : [];
  const english = (form: string): string => filled(form, (name) => plain(value(name)));
  const form = forms.find((each) => [english(each), GONE + english(each)].includes(text));
  if (form === undefined) return text;
  const wordOf = (english: string): string =>
    own !== undefined && Object.hasOwn(own, english) ? own[english]! : english;
  const said = (word: string): string => (NUMBER.test(word) ? number(word) : time(wordOf(word)));
  const sentence = filled(wordOf(form), (name) => {
    const of = value(name);
    return typeof of === 'object' ? of.join(', ') : said(plain(of));
  });
  return text === english(form) ? sentence : wordOf(GONE) + sentence;
}

/** Formats a time, ms UTC, for a sentence: `2021-09-25 17:45Z`. */
export const minuteUtc = (time: number): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')}Z`;

/** Prefix of the text of an alarm whose condition is gone. */
const GONE = 'gone: ' satisfies EventPhrase;
const NUMBER = /^-?\d+(\.\d+)?$/;

const plain = (value: Value): string =>
  typeof value === 'number' ? numberText(value) : typeof value === 'string' ? value : value.join(', ');

/** Three decimals below ten, none from ten on. Integers stay as they are. */
const numberText = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 3 : 0);
