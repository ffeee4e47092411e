import { encodeDeviceBirth, encodeFrame, encodeNodeBirth } from '../../shared/codec/sparkplug.ts';
import { sparkplugTopic } from '../../shared/topics/topics.ts';

/** Load of the ingest bench as a function of the frame number, so that the baseline writes the same data. */
export const load = {
  group: 'bench',
  gateways: 10,
  devicesPerGateway: 10,
  metricsPerFrame: 20,
  run: 77,
  /** First frame offset: the gateways are not new. */
  firstOffset: 5_000_000,
  startMs: Date.UTC(2021, 8, 25),
} as const;

export const gatewayName = (gateway: number): string => `bench-${gateway}`;
export const deviceName = (device: number): string => `device-${device}`;
export const metricName = (metric: number): string => `metric${metric}`;

export interface LoadFrame {
  readonly offset: number;
  readonly device: number;
  readonly time: number;
}

/** The n-th frame of each gateway; devices take turns, one second per round. */
export const frameAt = (n: number): LoadFrame => ({
  offset: load.firstOffset + n,
  device: n % load.devicesPerGateway,
  time: load.startMs + Math.floor(n / load.devicesPerGateway) * 1000,
});

export const valueAt = (gateway: number, frame: LoadFrame, metric: number): number =>
  Math.round(1e4 * Math.sin(frame.offset * 0.37 + gateway + 3 * metric)) / 100;

const aliasOf = (device: number, metric: number): number => 1 + device * load.metricsPerFrame + metric;
const metricNumbers = Array.from({ length: load.metricsPerFrame }, (_, metric) => metric);

/** Births of a gateway as MQTT packets. */
export function birthPackets(gateway: number): Buffer[] {
  const name = gatewayName(gateway);
  const sentAt = load.startMs;
  const node = encodeNodeBirth({ bdSeq: 0, sentAt, software: 'bench' });
  const devices = Array.from({ length: load.devicesPerGateway }, (_, device) => {
    const metrics = metricNumbers.map((metric) => ({
      name: metricName(metric),
      alias: aliasOf(device, metric),
      value: null,
      time: sentAt,
      quality: 'bad' as const,
      origin: 'measured' as const,
    }));
    const payload = encodeDeviceBirth({ seq: device + 1, sentAt, metrics });
    return publishPacket(sparkplugTopic(load.group, 'DBIRTH', name, deviceName(device)), payload);
  });
  return [publishPacket(sparkplugTopic(load.group, 'NBIRTH', name), node), ...devices];
}

/** The n-th frame of a gateway as an MQTT packet with `metricsPerFrame` metrics. */
export function framePacket(gateway: number, n: number, metricsPerFrame: number = load.metricsPerFrame): Buffer {
  const frame = frameAt(n);
  const values = metricNumbers.slice(0, metricsPerFrame).map((metric) => ({
    metric: metricName(metric),
    value: valueAt(gateway, frame, metric),
    quality: 'good' as const,
    origin: 'measured' as const,
  }));
  const payload = encodeFrame({
    frame: { device: deviceName(frame.device), time: frame.time, values },
    body: { run: load.run, offset: frame.offset, monotonicMs: n },
    seq: (load.devicesPerGateway + 1 + n) % 256,
    sentAt: frame.time + 5,
    historical: false,
    aliasOf: (metric) => aliasOf(frame.device, Number(metric.slice('metric'.length))),
  });
  return publishPacket(sparkplugTopic(load.group, 'DDATA', gatewayName(gateway), deviceName(frame.device)), payload);
}

/** MQTT 3.1.1, 3.3: a PUBLISH of QoS 0. */
function publishPacket(topic: string, payload: Uint8Array): Buffer {
  const name = Buffer.from(topic);
  const header = [0x30];
  let length = 2 + name.length + payload.length;
  do {
    header.push((length % 128) | (length >= 128 ? 0x80 : 0));
    length = Math.floor(length / 128);
  } while (length > 0);
  return Buffer.concat([Buffer.from([...header, name.length >> 8, name.length & 0xff]), name, payload]);
}
