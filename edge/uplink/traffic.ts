/** Purpose of the bytes between gateway and cloud, both directions. `line` is everything else: TLS, pings, connection set-up. */
export const trafficKinds = [
  'measurements',
  'births',
  'events',
  'health',
  'acknowledgements',
  'heartbeats',
  'plans',
  'models',
  'commands',
  'line',
] as const;
export type TrafficKind = (typeof trafficKinds)[number];

/** Bytes by kind. */
export type Traffic = Readonly<Partial<Record<TrafficKind, number>>>;

export const bytesOf = (traffic: Traffic): number => Object.values(traffic).reduce((sum, bytes) => sum + bytes, 0);
