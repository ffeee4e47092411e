import { Type } from 'typebox';
import { parseJson } from '../../shared/codec/json.ts';
import { RangeReport } from '../../shared/contracts/acknowledgement.ts';
import { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { TrainingReport } from '../../shared/contracts/federated.ts';
import { Offset, Run } from '../../shared/contracts/ids.ts';
import { ChunkRequest } from '../../shared/contracts/model.ts';
import { mayHide, plainValues } from '../../shared/contracts/plain-text.ts';
import { DocumentReport, HealthReport } from '../../shared/contracts/report.ts';
import { SessionsReport } from '../../shared/contracts/sessions.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';

/** Code of every fault of the readers below, which parse the JSON that gateways send; the fault names the place. */
const code = 'LS-INGEST-007';
const EventEnvelope = Type.Object({
  version: Type.Literal(1),
  run: Run,
  items: Type.Array(Type.Object({ offset: Offset, event: Type.Unknown() }), { maxItems: 200 }),
});
const checks = {
  ranges: checker(RangeReport, code),
  health: checker(HealthReport, code),
  report: checker(DocumentReport, code),
  sessions: checker(SessionsReport, code),
  chunk: checker(ChunkRequest, code),
  training: checker(TrainingReport, code),
  events: checker(EventEnvelope, code),
};
const checkEvent = checker(LoadstoneEvent, code);

type Check<T> = (value: unknown) => Outcome<T>;

/** Reads names and sentences shown to people; strips what a hostile gateway could use to mislead them or break a screen. */
const readShown = <T>(payload: Uint8Array, check: Check<T>): Outcome<T> =>
  read(payload, check, (parsed, text) => (mayHide(text) ? plainValues(parsed) : parsed));

function read<T>(
  payload: Uint8Array,
  check: Check<T>,
  cleaned: (parsed: unknown, text: string) => unknown = (parsed) => parsed,
): Outcome<T> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return bad(code, 'the payload is not UTF-8');
  }
  const parsed = parseJson(text, { code });
  return parsed.ok ? check(cleaned(parsed.value, text)) : parsed;
}

/** An impossible epoch or sequence has a code of its own: LS-DOC-011. */
function readNumbered<T>(payload: Uint8Array, check: Check<T>): Outcome<T> {
  const outcome = readShown(payload, check);
  if (outcome.ok || !/\/(?:epoch|sequence)$/.test(outcome.fault.pointer ?? '')) return outcome;
  return bad('LS-DOC-011', outcome.fault.detail, outcome.fault.pointer);
}

export const readRanges = (payload: Uint8Array): Outcome<RangeReport> => readShown(payload, checks.ranges);
export const readHealth = (payload: Uint8Array): Outcome<HealthReport> => readNumbered(payload, checks.health);
export const readSessions = (payload: Uint8Array): Outcome<SessionsReport> => readShown(payload, checks.sessions);
export const readReport = (payload: Uint8Array): Outcome<DocumentReport> => readNumbered(payload, checks.report);
export const readChunkRequest = (payload: Uint8Array): Outcome<ChunkRequest> => read(payload, checks.chunk);

export const readTraining = (payload: Uint8Array): Outcome<TrainingReport> => read(payload, checks.training);

export interface ReadEvents {
  readonly run: number;
  /** Each checked by itself: a bad one is refused without stopping the others. */
  readonly items: readonly { readonly offset: number; readonly event: Outcome<LoadstoneEvent> }[];
}

export function readEvents(payload: Uint8Array): Outcome<ReadEvents> {
  const envelope = readShown(payload, checks.events);
  if (!envelope.ok) return envelope;
  const { run, items } = envelope.value;
  return good({ run, items: items.map(({ offset, event }) => ({ offset, event: checkEvent(event) })) });
}

export const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
