import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

const Sample = Type.Object({
  time: Type.String({ description: 'when it came, plant time' }),
  gateway: Type.String({ description: 'who sent it, as far as its topic says' }),
  topic: Type.String(),
  code: Type.String(),
  detail: Type.String(),
  payload: Type.String({ description: 'the first 512 bytes, base64' }),
  bytes: Type.Integer({ description: 'of the whole payload' }),
});
const Journal = Type.Object({
  gateway: Type.String(),
  missing: Type.Integer({ description: 'frames that are neither stored nor accounted for yet' }),
  refused: Type.Integer({ description: 'frames that the cloud could not take' }),
  dropped: Type.Integer({ description: 'frames that the gateway evicted before they were stored' }),
  lost: Type.Integer({ description: 'frames in damaged parts of the journal' }),
  reasons: Type.Record(Type.String(), Type.Integer(), { description: 'frames by code or reason' }),
});
/** Answer of GET /v1/quarantine. */
export const QuarantineView = Type.Object({
  codes: Type.Array(
    Type.Object({ code: Type.String(), count: Type.Integer(), title: Type.String(), remedy: Type.String() }),
    { description: 'the same counts with what each code means and what to do, most frequent first' },
  ),
  journals: Type.Array(Journal, { description: 'gateways of which frames are not stored, ever' }),
  counts: Type.Record(Type.String(), Type.Integer(), { description: 'messages and frames by code, since the start' }),
  samples: Type.Array(Sample, { description: 'newest first; the cloud keeps the last 200' }),
});
export type QuarantineView = Immutable<Static<typeof QuarantineView>>;
