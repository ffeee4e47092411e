import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

const Sample = Type.Object({
  time: Type.String({ description: 'time of receipt, plant time' }),
  gateway: Type.String({ description: 'sender according to its topic' }),
  topic: Type.String(),
  code: Type.String(),
  detail: Type.String(),
  payload: Type.String({ description: 'the first 512 bytes, base64' }),
  bytes: Type.Integer({ description: 'size of the whole payload' }),
});
const Journal = Type.Object({
  gateway: Type.String(),
  missing: Type.Integer({ description: 'frames that are neither stored nor accounted for yet' }),
  refused: Type.Integer({ description: 'frames that the cloud rejected' }),
  dropped: Type.Integer({ description: 'frames that the gateway evicted before they were stored' }),
  lost: Type.Integer({ description: 'frames in damaged parts of the journal' }),
  reasons: Type.Record(Type.String(), Type.Integer(), { description: 'frames by code or reason' }),
});
/** Answer of GET /v1/quarantine. */
export const QuarantineView = Type.Object({
  codes: Type.Array(
    Type.Object({ code: Type.String(), count: Type.Integer(), title: Type.String(), remedy: Type.String() }),
    { description: 'the same counts with the meaning and remedy of each code, most frequent first' },
  ),
  journals: Type.Array(Journal, { description: 'gateways with frames that are not stored, over all time' }),
  counts: Type.Record(Type.String(), Type.Integer(), { description: 'messages and frames by code, since the start' }),
  samples: Type.Array(Sample, { description: 'newest first; the cloud keeps the last 200' }),
});
export type QuarantineView = Immutable<Static<typeof QuarantineView>>;
