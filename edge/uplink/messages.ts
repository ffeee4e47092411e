import { Type } from 'typebox';
import { unpackAcknowledgement } from '../../shared/codec/packed-acknowledgement.ts';
import { parseJson } from '../../shared/codec/json.ts';
import { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import { DocumentReport, Heartbeat } from '../../shared/contracts/report.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { good, type Outcome } from '../../shared/outcome/outcome.ts';

/** Sparkplug B 3.0, 6.4.4: the STATE of a host application. */
const HostState = Type.Object({ online: Type.Boolean(), timestamp: Type.Optional(Type.Number()) });

const reader =
  <T>(check: (value: unknown) => Outcome<T>) =>
  (payload: Uint8Array): Outcome<T> => {
    const parsed = parseJson(new TextDecoder().decode(payload), { code: 'LS-INGEST-007' });
    return parsed.ok ? check(parsed.value) : parsed;
  };

const readAcknowledgement = reader(checker(Acknowledgement, 'LS-INGEST-007'));
/** Parses an acknowledgement, packed or as JSON. */
export function parseAcknowledgement(payload: Uint8Array): Outcome<Acknowledgement> {
  const unpacked = unpackAcknowledgement(payload);
  return unpacked === undefined ? readAcknowledgement(payload) : good(unpacked);
}
export const parseHeartbeat = reader(checker(Heartbeat, 'LS-INGEST-007'));
export const parseHostState = reader(checker(HostState, 'LS-INGEST-007'));
export const parseDocumentReports = reader(checker(Type.Array(DocumentReport), 'LS-INGEST-007'));
