import { Type } from 'typebox';
import { parseJson } from '../../shared/codec/json.ts';
import { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import { DocumentReport, Heartbeat } from '../../shared/contracts/report.ts';
import { checker } from '../../shared/contracts/validate.ts';
import type { Outcome } from '../../shared/outcome/outcome.ts';

/** Sparkplug B 3.0, 6.4.4: the STATE of a host application. */
const HostState = Type.Object({ online: Type.Boolean(), timestamp: Type.Optional(Type.Number()) });

const reader =
  <T>(check: (value: unknown) => Outcome<T>) =>
  (payload: Uint8Array): Outcome<T> => {
    const parsed = parseJson(new TextDecoder().decode(payload), { code: 'LS-INGEST-007' });
    return parsed.ok ? check(parsed.value) : parsed;
  };

export const parseAcknowledgement = reader(checker(Acknowledgement, 'LS-INGEST-007'));
export const parseHeartbeat = reader(checker(Heartbeat, 'LS-INGEST-007'));
export const parseHostState = reader(checker(HostState, 'LS-INGEST-007'));
export const parseDocumentReports = reader(checker(Type.Array(DocumentReport), 'LS-INGEST-007'));
