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
    '{user} asks that model {model} for {target} becomes {state}: {reason}. It waits for a second person.',
    'Model {model} for {target} is {state} (was {before}), by {person}: {grounds}',
    'trained on schedule',
    'LS-MODEL-011: it has expired',
    '{model} is newer',
    'it was never seen to run in shadow',
    'refused where it was to run: {grounds}',
    'a canary of its release was rolled back',
    '{grounds}; the canaries have passed',
    "as a canary its loss is {own} kW, the incumbent's {other} kW ({count} targets)",
    "rolled back: its loss is {own} kW, its predecessor's {other} kW ({count} targets)",
    'not shown to be better in {days} days: {grounds}',
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
  'model.activated': ['Model {model} is in use, {ms} ms per forecast.'],
  'model.beside': ['Model {model} runs beside the one that answers, to be compared with it.'],
  'model.back': ['Model {model} answers again.'],
  'LS-MODEL-001': ['the bytes of {model} do not have the hash of its manifest'],
  'LS-MODEL-011': ['{model} has expired'],
  'LS-MODEL-012': [
    'For {target} inputs of {model} are not what it learnt from: {figures}.',
    'For {target} inputs of {model} are not what it learnt from: {figures}. It is trained anew.',
  ],
  'LS-MODEL-013': [
    "For {target} errors of {model} have grown beside a naive forecast's: their sum stands {sum} deviations above the first {days} days, {most} are allowed.",
    "For {target} errors of {model} have grown beside a naive forecast's: their sum stands {sum} deviations above the first {days} days, {most} are allowed. It is trained anew.",
  ],
  'LS-MODEL-014': ['Model {model} for {target} expires on {day} and has no successor yet; it is trained anew.'],
  'LS-FORECAST-005': ["its error is {own} kW, the baseline's {baseline} kW over {count} targets"],
  'LS-INGEST-002': ['{device}: {figures} is no finite number and was left out'],
  'LS-JOURNAL-001': [
    '{count} {stream} are lost',
    '{count} {stream} are lost: {error}',
    '{file} cannot be read: what it held is sent again',
    '{file} is damaged; {count} records of it are whole',
  ],
  'LS-JOURNAL-002': ['the journal can write again'],
  'LS-JOURNAL-003': ['{count} measurements were dropped, the oldest first, up to offset {offset}'],
  'keys.taken': ['the keys of generation {generation} count from now on; older ones have ended'],
  'uplink.budget': [
    'the uplink has used {share} % of {budget} MB this month; values are reported later and by larger steps, so that the rest lasts',
  ],
  'federated.trained': [
    'Round {round} of federated learning: the network is measured here; losses alone are sent.',
    'Round {round} of federated learning: {samples} rows of the own load learnt, {bytes} bytes of clipped weights are offered.',
    'Round {round} of federated learning: {samples} rows of the own load learnt, {bytes} bytes of clipped weights are offered, with noise of {noise} times the clip.',
  ],
  'federated.averaged': [
    'Round {round} of {rounds} of {campaign}: the updates of {count} gateways are averaged; no load has left them.',
  ],
  'cloud.job-failed': ['The job "{job}" failed and is tried again: {error}'],
  'request.lapsed': [
    'Nobody seconded in time what {user} asked for, {what}: it is void. {user} asks again where it is still wanted.',
    '{kind} for {target}',
    'model {model} to become {state}',
  ],
  'document.epoch': [
    'Gateway {gateway} holds documents that this cloud does not know; what it is sent from now on is of epoch {epoch}.',
  ],
  'alarms.flood': ['A flood of alarms has begun: {count} in ten minutes.', 'The flood of alarms has ended.'],
  'mail.leaves': ['Mail leaves again.'],
  'mail.given-up': ['After a day a mail is given up: {error}'],
  'LS-NOTIFY-001': ['Mail does not leave: {error}'],
  'area.taken': [
    '{user} takes {units}',
    '{user} takes {units}: {reason}',
    '{user} takes {units} from {holders}',
    '{user} takes {units} from {holders}: {reason}',
  ],
  'area.offered': ['{user} hands over {units} to {to}: {reason}'],
  'area.declined': ['{user} declines {units} of {holders}: {reason}'],
  'area.released': [
    '{user} lets {units} go: {reason}',
    '{user} frees {units} of {holders}: {reason}',
    'Nobody holds {units}: {holders} may not act there.',
  ],
  'area.seen': ['{user} has seen that {units} was {how}', '{user} has seen that {units} was {how} by {by}'],
  'LS-DOC-011': [
    'Gateway {gateway} names a document number that this cloud cannot have given. {detail}',
    'It names epoch {epoch}; this cloud is at {own}, and a restored one at most {ahead} behind.',
  ],
  'LS-BUDGET-002': ['{stream}: more runs than {burst} at once and {rate} a day'],
  'LS-BUDGET-003': [
    '{stream}: more than {most} gaps between what is stored',
    '{stream}: more stretches dropped or lost than {burst} at once and {rate} a day',
  ],
  'LS-BUDGET-004': ['{device}: its births name more than there is room for'],
  'LS-OPT-002': ['{place}: Solver failed. {error}'],
  'LS-OPT-003': ['{place}: AC power flow did not confirm the plan. {error}'],
  'LS-OPT-004': [
    '{place}: Inputs are too poor to check a limit. {detail}',
    '{substation}: there is no estimate yet',
    '{substation}: the estimate did not converge',
    '{substation}: the estimate is {minutes} min old',
  ],
  'LS-OPT-006': ['{place}: Solver aborted. {error}'],
  'uplink.down': [
    "the broker's certificate and this clock disagree: look at the clock first",
    'TLS: the broker must show a certificate that is trusted here',
    'the broker refuses this gateway: its password is in uplink.userFile, its name is gateway.id',
    'uplink.userFile must be readable for the user of the service',
    'the name in uplink.url is not known here',
    'nothing listens there: look at host and port of uplink.url',
    'no way there: look at network, firewall and uplink.proxy',
    'the cloud is not at this broker, or uplink.hostId is not its name',
    'the broker ended the connection: gateway.id and gateway.group must be those that it knows',
  ],
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
