import { filled, type ValuesOf } from './said.ts';

/**
 * What gateways and cloud tell in sentences that hold all their values: nothing goes beside the text on the wire, and whoever shows it
 * reads the values out of the text, by the forms of its code. `{reason}` and `{error}` are
 * somebody else's words.
 */
export const toldForms = {
  // Of documents, commands and models: the code that stands with them is that of the detail.
  any: [
    '{type} {id} is refused: {detail}',
    '{gateway} refused {type} {id}: {detail}',
    'command {kind} by {user} is rejected: {detail}',
    'plan {id} ({epoch}, {sequence}) is {stage}',
    'plan {id} ({epoch}, {sequence}) is {stage}: {detail}',
    'plan {id} ({epoch}, {sequence}) is assumption-failed: {detail}',
    'override {id} is {stage}',
    'override {id} is {stage}: {detail}',
    'the state before the restart cannot be read: {error}; it starts anew',
    'the state before the restart cannot be read: {error}; control goes on, the rest of it starts anew',
    'Model {model} is refused: {detail}',
    'Model {model} cannot run here: {detail}',
    'Model {model} is put aside, the baseline answers: {detail}',
    'a list of keys is refused: {detail}',
    '{count} {stream} were refused by the cloud, offset {offset} with {refusal}',
    'no uplink to {url}: {error}',
    'no uplink to {url}: {error}; {remedy}',
    'Round {round} of federated learning is not taken: {detail}',
    'An update of federated learning is refused: {detail}',
  ],
  // Commands of people, by the cloud and at the site.
  'command.override': ['override {target} by {user}: {reason}'],
  'command.release': ['release {target} by {user}: {reason}'],
  'command.stop': ['stop {target} by {user}: {reason}'],
  'command.resume': ['resume {target} by {user}: {reason}'],
  'command.tag': ['tag {target} by {user}: {reason}'],
  'command.untag': ['untag {target} by {user}: {reason}'],
  'command.mode': ['mode {mode} at {target} by {user}: {reason}'],
  'command.approve-plan': ['approve-plan {target} by {user}: {reason}'],
  'command.refuse-plan': ['refuse-plan {target} by {user}: {reason}'],
  'command.emergency': ['emergency {target} by {user}: {reason}'],
  'command.normal': ['normal {target} by {user}: {reason}'],
  'command.select': ['select {target} by {user}: {reason}'],
  'command.cancel': ['cancel {target} by {user}: {reason}'],
  'local.change': [
    'mode {mode}: {reason}',
    'stop of {what}: {reason}',
    'stop of {what} lifted: {reason}',
    'tag on {what}: {reason}',
    'tag off {what}: {reason}',
    'manual on for {what}: {reason}',
    'manual off for {what}: {reason}',
  ],
  'clock.stepped': ['the clock was set forward by {seconds} s', 'the clock was set back by {seconds} s'],
  'settings.applied': [
    'settings ({epoch}, {sequence}): {changes}',
    'mode {mode}',
    'mode {mode}, {changes}',
    'grid limit {importKw} kW import, {exportKw} kW export',
    'grid limit {importKw} kW import, {exportKw} kW export, {changes}',
    'the meter of {device} is {finding}',
    'the meter of {device} is {finding}, {changes}',
    'nothing changes',
  ],
  'LS-CONTROL-001': [
    'topology is version {version}, the plan rests on {assumed}',
    '{device} is counted on and silent',
    '{element} at {power} kW, out of its band of {low} to {high} kW for {seconds} s',
  ],
  'LS-CONTROL-002': [
    '{device} to {power} kW by {bound}',
    '{device} to {power} kW by {bound}, {clamps}',
    '{device} to {power} kW by {bound} and {count} more',
  ],
  'LS-CONTROL-007': [
    '{device} is tagged',
    '{device} is stopped',
    '{device} is watched only: its mode is monitor',
    'the customer of {device} allows nothing',
    'the customer of {device} allows the guard only',
  ],
  'LS-CONTROL-008': ['{element} has no emergency limits at this gateway'],
  'LS-CONTROL-009': [
    '{user} has selected {device}, for another {seconds} s at the most',
    "the selection is {user}'s, who alone cancels it",
  ],
  'LS-CONTROL-010': [
    'the selection was used, has lapsed after 30 s, or was dropped in a restart',
    "the selection is {user}'s",
    '{selected} was selected, not {device}',
    'the setpoint is not the one that was selected',
    'the duration is not the one that was selected',
    'there is none to cancel: it was used, has lapsed, or was dropped in a restart',
  ],
  'LS-DOC-001': ['a heartbeat was refused: no key that is pinned here has signed it for this gateway'],
  'LS-DOC-002': ['({epoch}, {sequence}) after ({lastEpoch}, {lastSequence})'],
  'LS-DOC-003': [
    'the command has expired',
    'to be accepted until {until}; it is {now}',
    'valid until {until}; it is {now}',
    'valid for no time at all; it is {now}',
  ],
  'LS-DOC-004': ['for {gateway}; this is {own}', 'for substation {substation}; this is {own}'],
  'LS-DOC-005': [
    'there is no device {device} here',
    'no device lies behind {feeder} here',
    'an override names its device',
    'a cancel names its device',
    'a tag names its device or feeder',
    'it names no mode',
    'it names no plan',
    '{element} is not guarded here',
    'it names no element',
    'an override carries a setpoint',
    '{device} does not take {quantity}',
    'a selection says for how long',
    'a {type} on the topic of a {expected}',
    'the common envelope has not one value for each of the {steps} steps',
    'connection point {point} has not one value for each of the {steps} steps',
    '{device} has not one value for each of the {steps} steps',
  ],
  'LS-DOC-008': ['issued at {from}; it is {now}', 'valid from {from}; it is {now}'],
  'LS-DOC-010': ['accepted, and not carried out before the gateway was started again; give it anew'],
  'LS-DOC-012': ['epoch {epoch} after {last}; up to {most} is taken'],
} as const;

type Table = typeof toldForms;
export type ToldCode = keyof Table;
export type ToldForm<Code extends ToldCode = ToldCode> = Table[Code][number];
/** What a language has to say in them; one that lacks a sentence does not compile. */
export type ToldWords = Readonly<Record<ToldForm, string>>;

export type ToldValues<Form extends string> = [ValuesOf<Form>] extends [never]
  ? readonly []
  : readonly [Readonly<Record<ValuesOf<Form>, string | number>>];

/** A sentence of a code, in English. */
export const tells = <Code extends ToldCode, Form extends ToldForm<Code>>(
  _code: Code,
  form: Form,
  ...[values]: ToldValues<Form>
): string => filled(form, (name) => String((values as Readonly<Record<string, string | number>>)[name]));
