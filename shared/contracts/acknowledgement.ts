import { Type, type Static } from 'typebox';
import { MAX_OFFSET, Offset, Run } from './ids.ts';

/** Inclusive range of offsets. */
export const OffsetRange = Type.Tuple([Offset, Offset]);
export type OffsetRange = readonly [number, number];

/**
 * Payload of loadstone/v1/<gateway>/ack. Everything of `run` from its first offset to `upTo` is accounted for: stored, refused, or reported
 * as dropped or lost. So are the `ranges`, which lie above it. `upTo` is -1 if there is nothing yet. It is not signed: where heartbeats are
 * signed, an acknowledgement only delays the gateway's resending.
 */
export const Acknowledgement = Type.Object({
  version: Type.Literal(1),
  stream: Type.Union([Type.Literal('measurements'), Type.Literal('events')]),
  run: Run,
  upTo: Type.Integer({ minimum: -1, maximum: MAX_OFFSET }),
  ranges: Type.Array(OffsetRange, { maxItems: 32 }),
  refused: Type.Array(Type.Object({ offset: Offset, code: Type.String() }), { maxItems: 200 }),
});
export type Acknowledgement = Static<typeof Acknowledgement>;

/** The accounted part of a run, as in an acknowledgement. Under the signature of a heartbeat it lets the gateway delete records. */
export type Accounted = Pick<Acknowledgement, 'stream' | 'run' | 'upTo' | 'ranges'>;

/**
 * Payload of loadstone/v1/<gateway>/reported/ranges: the first offset of each run in the gateway's journal, and what the journal dropped or
 * lost. The ledger closes its gaps with it.
 */
export const RangeReport = Type.Object({
  version: Type.Literal(1),
  stream: Type.Union([Type.Literal('measurements'), Type.Literal('events')]),
  runs: Type.Array(Type.Object({ run: Run, firstOffset: Offset }), { maxItems: 1000 }),
  missing: Type.Array(
    Type.Object({
      run: Run,
      from: Offset,
      to: Offset,
      reason: Type.Union([Type.Literal('dropped'), Type.Literal('lost')]),
      detail: Type.String({ maxLength: 200 }),
    }),
    { maxItems: 1000 },
  ),
});
export type RangeReport = Static<typeof RangeReport>;
