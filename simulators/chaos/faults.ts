import type { Random } from '../../shared/ports/random.ts';

export type FaultKind =
  | 'kill-gateway'
  | 'kill-cloud'
  | 'kill-store'
  | 'freeze-gateway'
  | 'freeze-cloud'
  | 'freeze-store'
  | 'store-down'
  | 'full-gateway-disk'
  | 'full-cloud-disk'
  | 'cut'
  | 'stall';

export interface Fault {
  readonly kind: FaultKind;
  /** Index of the gateway, for faults of one gateway. */
  readonly gateway: number;
  /** Duration of the fault, and of the quiet time after it, ms. */
  readonly holdMs: number;
  readonly restMs: number;
}

/** Rounds of each kind per hundred. */
export const shares: readonly [kind: FaultKind, share: number][] = [
  ['kill-gateway', 18],
  ['kill-cloud', 12],
  ['kill-store', 10],
  ['freeze-gateway', 9],
  ['freeze-cloud', 7],
  ['freeze-store', 6],
  ['store-down', 6],
  ['full-gateway-disk', 9],
  ['full-cloud-disk', 5],
  ['cut', 10],
  ['stall', 8],
];

export const faultWords: Readonly<Record<FaultKind, string>> = {
  'kill-gateway': 'kill -9 of a gateway',
  'kill-cloud': 'kill -9 of the cloud',
  'kill-store': 'kill -9 of InfluxDB',
  'freeze-gateway': 'SIGSTOP of a gateway',
  'freeze-cloud': 'SIGSTOP of the cloud',
  'freeze-store': 'SIGSTOP of InfluxDB',
  'store-down': 'InfluxDB down',
  'full-gateway-disk': 'full disk of a gateway',
  'full-cloud-disk': 'full disk of the cloud',
  cut: 'uplinks cut',
  stall: 'uplinks stalled: accepted but not forwarded',
};

/**
 * Rounds in an order drawn from the seed. Each hundred holds each kind in its share and starts with one of each, so that a short run misses
 * none.
 */
export function drawFaults(rounds: number, gateways: number, random: Random): Fault[] {
  const deck: FaultKind[] = [];
  while (deck.length < rounds) {
    const kinds = shares.map(([kind]) => kind);
    const others = shares.flatMap(([kind, share]) => Array.from({ length: share - 1 }, () => kind));
    deck.push(...shuffled(kinds, random), ...shuffled(others, random));
  }
  return deck.slice(0, rounds).map((kind) => ({
    kind,
    gateway: Math.floor(random.next() * gateways),
    holdMs: Math.round(300 + 1200 * random.next()),
    restMs: Math.round(400 + 1400 * random.next()),
  }));
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random.next() * left.length), 1)[0]!);
}
