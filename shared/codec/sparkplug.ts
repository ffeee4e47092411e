import proto from 'sparkplug-payload/lib/sparkplugPayloadProto.js';
import type { Frame } from '../contracts/frame.ts';
import type { Sample } from '../contracts/sample.ts';
import type { Origin, Quality } from '../contracts/ids.ts';
import { encodingsText, PACKED, readsOf, versionsText, type Reads } from '../contracts/reads.ts';
import { messageOf } from '../outcome/message-of.ts';
import { bad, good, type Outcome } from '../outcome/outcome.ts';
import { decodeFrameBody, encodeFrameBody, FRAME_UUID, type FrameBody } from './frame-body.ts';
import { BD_SEQ_METRIC, datatypes, signedValue } from './sparkplug-types.ts';

/** Sparkplug B 3.0 payloads. Only this file uses the protobuf library. */
const { Payload } = proto.org.eclipse.tahu.protobuf;
type WireMetric = proto.org.eclipse.tahu.protobuf.Payload.IMetric;
type WireProperties = proto.org.eclipse.tahu.protobuf.Payload.IPropertySet;

export const REBIRTH_METRIC = 'Node Control/Rebirth';
export const MAX_PAYLOAD_BYTES = 1_000_000;
const MAX_METRICS = 10_000;

const STALE = 500;
/** The Sparkplug property `Quality` has only 192 good, 0 bad and 500 stale (6.4.11), so uncertain values travel as stale. */
const qualityCode: Record<Quality, number> = { good: 192, uncertain: STALE, bad: 0 };

export interface FrameEncoding {
  readonly frame: Frame;
  readonly body: FrameBody;
  /** 0..255, one counter for all payloads of the edge node. */
  readonly seq: number;
  /** Plant time of sending, ms UTC. */
  readonly sentAt: number;
  /** True for late data: journaled while the link was down, or resent. */
  readonly historical: boolean;
  /** Alias of a metric of this device. The birth must have announced the metric. */
  aliasOf(metric: string): number;
}

/** One frame as a DDATA payload: aliases, Double as in the birth, source time on each metric, identity in the body. */
export function encodeFrame(options: FrameEncoding): Uint8Array {
  const { frame, historical } = options;
  const metrics = frame.values.map((each): WireMetric => {
    const metric: WireMetric = {
      alias: options.aliasOf(each.metric),
      timestamp: frame.time,
      doubleValue: each.value,
    };
    if (historical) metric.isHistorical = true;
    if (each.quality !== 'good' || each.origin !== 'measured') {
      metric.properties = encodeProperties(each.quality, each.origin);
    }
    return metric;
  });
  return Payload.encode({
    timestamp: options.sentAt,
    metrics,
    seq: options.seq,
    uuid: FRAME_UUID,
    body: encodeFrameBody(options.body),
  }).finish();
}

export interface BirthMetric extends Omit<Sample, 'value'> {
  readonly name: string;
  readonly alias: number;
  /** null if not known yet. */
  readonly value: number | null;
}

/** Payload of a DBIRTH: every metric by name and alias, with its last value. */
export function encodeDeviceBirth(options: {
  readonly seq: number;
  readonly sentAt: number;
  readonly metrics: readonly BirthMetric[];
}): Uint8Array {
  const metrics = options.metrics.map((each): WireMetric => {
    const metric: WireMetric = {
      name: each.name,
      alias: each.alias,
      timestamp: each.time,
      datatype: datatypes.double,
      properties: encodeProperties(each.quality, each.origin),
    };
    if (each.value === null) metric.isNull = true;
    else metric.doubleValue = each.value;
    return metric;
  });
  return Payload.encode({ timestamp: options.sentAt, metrics, seq: options.seq }).finish();
}

const ENCODINGS_METRIC = 'Properties/Document Encodings';
const VERSIONS_METRIC = 'Properties/Document Versions';
const ACKNOWLEDGEMENTS_METRIC = 'Properties/Acknowledgements';
const NONCE_METRIC = 'Properties/Heartbeat Nonce';
const GENERATION_METRIC = 'Properties/Key Generation';
const WEATHER_METRIC = 'Properties/Weather';

/**
 * Payload of an NBIRTH: seq 0, bdSeq, the rebirth control, and which documents the node reads. Version 0.1.0 did not announce the latter.
 */
export function encodeNodeBirth(options: {
  readonly bdSeq: number;
  readonly sentAt: number;
  readonly software: string;
  readonly reads?: Reads | undefined;
}): Uint8Array {
  const at = { timestamp: options.sentAt };
  const metrics: WireMetric[] = [
    { name: BD_SEQ_METRIC, ...at, datatype: datatypes.int64, longValue: options.bdSeq },
    { name: REBIRTH_METRIC, ...at, datatype: datatypes.boolean, booleanValue: false },
    { name: 'Properties/Software', ...at, datatype: datatypes.string, stringValue: options.software },
  ];
  const { reads } = options;
  if (reads !== undefined)
    metrics.push(
      { name: ENCODINGS_METRIC, ...at, datatype: datatypes.string, stringValue: encodingsText(reads) },
      { name: VERSIONS_METRIC, ...at, datatype: datatypes.string, stringValue: versionsText(reads) },
    );
  if (reads?.packedAcknowledgements === true)
    metrics.push({ name: ACKNOWLEDGEMENTS_METRIC, ...at, datatype: datatypes.string, stringValue: PACKED });
  if (reads?.heartbeatNonce !== undefined)
    metrics.push({ name: NONCE_METRIC, ...at, datatype: datatypes.string, stringValue: reads.heartbeatNonce });
  if (reads?.keyGeneration !== undefined)
    metrics.push({
      name: GENERATION_METRIC,
      ...at,
      datatype: datatypes.string,
      stringValue: String(reads.keyGeneration),
    });
  if (reads?.weatherAt !== undefined)
    metrics.push({ name: WEATHER_METRIC, ...at, datatype: datatypes.string, stringValue: String(reads.weatherAt) });
  return Payload.encode({ timestamp: options.sentAt, metrics, seq: 0 }).finish();
}

/** Payload of an NDEATH (will, or sent before a planned disconnect): bdSeq only, no seq. */
export function encodeNodeDeath(bdSeq: number, sentAt: number): Uint8Array {
  const metrics: WireMetric[] = [
    { name: BD_SEQ_METRIC, timestamp: sentAt, datatype: datatypes.int64, longValue: bdSeq },
  ];
  return Payload.encode({ timestamp: sentAt, metrics }).finish();
}

/** Payload of a DDEATH: a device went silent. */
export const encodeDeviceDeath = (seq: number, sentAt: number): Uint8Array =>
  Payload.encode({ timestamp: sentAt, seq }).finish();

/** Payload of an NCMD that requests an edge node's births. */
export function encodeRebirthCommand(sentAt: number): Uint8Array {
  const metrics: WireMetric[] = [
    { name: REBIRTH_METRIC, timestamp: sentAt, datatype: datatypes.boolean, booleanValue: true },
  ];
  return Payload.encode({ timestamp: sentAt, metrics }).finish();
}

export interface CommandMetric {
  readonly name: string;
  /** Alias from the birth; it then replaces the name (payloads-alias-data-cmd-requirement). */
  readonly alias: number | undefined;
  readonly datatype: number;
  /** The birth used the 64-bit field. Libraries differ in where they put UInt32. */
  readonly inLong: boolean;
  /** Already fitted to the type. */
  readonly value: number;
}

/** Payload of an NCMD or DCMD that sets metrics. Commands have no seq. */
export function encodeCommand(sentAt: number, metrics: readonly CommandMetric[]): Uint8Array {
  const wire = metrics.map(({ name, alias, datatype, inLong, value }): WireMetric => ({
    ...(alias === undefined ? { name } : { alias }),
    timestamp: sentAt,
    datatype,
    ...valueField(datatype, inLong, value),
  }));
  return Payload.encode({ timestamp: sentAt, metrics: wire }).finish();
}

function valueField(datatype: number, inLong: boolean, value: number): Partial<WireMetric> {
  switch (datatype) {
    case datatypes.float:
      return { floatValue: value };
    case datatypes.double:
      return { doubleValue: value };
    case datatypes.int64:
    case datatypes.uint64:
      return { longValue: value };
    default:
      return inLong ? { longValue: value } : { intValue: value >>> 0 };
  }
}

export interface DecodedMetric extends Pick<Sample, 'quality' | 'origin'> {
  /** Present in births, and in data of foreign nodes without aliases. */
  readonly name: string | undefined;
  readonly alias: number | undefined;
  /** null if unknown, or if the type is not a single value. */
  readonly value: number | boolean | string | null;
  /** The node explicitly reports that it has no value. */
  readonly isNull: boolean;
  /** The number came in the 64-bit field. */
  readonly inLong: boolean;
  /** Absent in data of nodes that name types only at birth; see `signedValue`. */
  readonly datatype: number | undefined;
  /** Source time, ms UTC. */
  readonly time: number | undefined;
  readonly historical: boolean;
}

export interface DecodedPayload {
  /** Plant time of sending, ms UTC. */
  readonly sentAt: number | undefined;
  readonly seq: number | undefined;
  /** Identity of a Loadstone frame; absent in births, deaths and all payloads of foreign nodes. */
  readonly body: FrameBody | undefined;
  readonly metrics: readonly DecodedMetric[];
}

/** Decodes any Sparkplug B payload. Malformed bytes give LS-INGEST-001. Never throws. */
export function decodePayload(bytes: Uint8Array): Outcome<DecodedPayload> {
  if (bytes.length > MAX_PAYLOAD_BYTES) {
    return bad('LS-INGEST-001', `payload of ${bytes.length} bytes; the maximum is ${MAX_PAYLOAD_BYTES}`);
  }
  try {
    const wire = Payload.decode(bytes);
    if (wire.metrics.length > MAX_METRICS) return bad('LS-INGEST-001', `${wire.metrics.length} metrics in one payload`);
    const ours = own(wire, 'uuid') && wire.uuid === FRAME_UUID;
    const body = ours && own(wire, 'body') ? decodeFrameBody(wire.body) : undefined;
    if (ours && body === undefined) return bad('LS-INGEST-001', 'a Loadstone frame without a readable body');
    return good({
      sentAt: own(wire, 'timestamp') ? toNumber(wire.timestamp) : undefined,
      seq: own(wire, 'seq') ? toNumber(wire.seq) : undefined,
      body,
      metrics: wire.metrics.map(decodeMetric),
    });
  } catch (error) {
    return bad('LS-INGEST-001', messageOf(error));
  }
}

/** Finds a metric by name, such as `bdSeq` in a birth or death. */
export const metricNamed = (payload: DecodedPayload, name: string): DecodedMetric | undefined =>
  payload.metrics.find((metric) => metric.name === name);

/** Which documents the node of an NBIRTH reads. */
export const birthReads = (payload: DecodedPayload): Reads =>
  readsOf(metricNamed(payload, ENCODINGS_METRIC)?.value, metricNamed(payload, VERSIONS_METRIC)?.value, {
    acknowledgements: metricNamed(payload, ACKNOWLEDGEMENTS_METRIC)?.value,
    nonce: metricNamed(payload, NONCE_METRIC)?.value,
    generation: metricNamed(payload, GENERATION_METRIC)?.value,
    weather: metricNamed(payload, WEATHER_METRIC)?.value,
  });

/** True for an NCMD that requests births. */
export const asksRebirth = (payload: DecodedPayload): boolean => metricNamed(payload, REBIRTH_METRIC)?.value === true;

function decodeMetric(wire: WireMetric): DecodedMetric {
  const datatype = own(wire, 'datatype') ? (wire.datatype ?? undefined) : undefined;
  return {
    name: own(wire, 'name') ? (wire.name ?? undefined) : undefined,
    alias: own(wire, 'alias') ? toNumber(wire.alias) : undefined,
    value: wire.isNull === true ? null : valueOf(wire, datatype),
    isNull: wire.isNull === true,
    inLong: own(wire, 'longValue'),
    datatype,
    time: own(wire, 'timestamp') ? toNumber(wire.timestamp) : undefined,
    historical: wire.isHistorical === true,
    ...decodeProperties(own(wire, 'properties') ? wire.properties : undefined),
  };
}

function valueOf(wire: WireMetric, datatype: number | undefined): number | boolean | string | null {
  if (own(wire, 'doubleValue')) return wire.doubleValue ?? null;
  if (own(wire, 'floatValue')) return wire.floatValue ?? null;
  if (own(wire, 'booleanValue')) return wire.booleanValue ?? null;
  if (own(wire, 'intValue')) return signedValue(wire.intValue ?? 0, datatype);
  if (own(wire, 'longValue')) return signedValue(signedLong(wire.longValue), datatype);
  if (own(wire, 'stringValue')) return wire.stringValue ?? null;
  return null;
}

type WireLong = proto.org.eclipse.tahu.protobuf.Payload.IMetric['longValue'];

const toNumber = (value: WireLong): number =>
  typeof value === 'object' && value !== null ? value.toUnsigned().toNumber() : (value ?? 0);

const signedLong = (value: WireLong): number =>
  typeof value === 'object' && value !== null ? value.toSigned().toNumber() : (value ?? 0);

const own = (object: object, key: string): boolean => Object.hasOwn(object, key);

const encodeProperties = (quality: Quality, origin: Origin): WireProperties => ({
  keys: ['Quality', 'origin'],
  values: [
    { type: datatypes.int32, intValue: qualityCode[quality] },
    { type: datatypes.string, stringValue: origin },
  ],
});

function decodeProperties(set: WireProperties | null | undefined): { quality: Quality; origin: Origin } {
  let quality: Quality = 'good';
  let origin: Origin = 'measured';
  for (const [index, key] of (set?.keys ?? []).entries()) {
    const value = set?.values?.[index];
    if (key === 'Quality') quality = qualityOf(value?.intValue ?? toNumber(value?.longValue));
    if (key === 'origin' && (value?.stringValue === 'estimated' || value?.stringValue === 'substituted')) {
      origin = value.stringValue;
    }
  }
  return { quality, origin };
}

/** OPC quality: the top two bits of the low byte are bad (0), uncertain (64), good (192); Sparkplug adds stale (500). */
function qualityOf(code: number): Quality {
  if (code === STALE) return 'uncertain';
  const major = code & 0xc0;
  if (code > 255 || major === 0) return 'bad';
  return major === 0xc0 ? 'good' : 'uncertain';
}
