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
  /** Number of the gateway, where one is meant. */
  readonly gateway: number;
  /** How long it holds, and how long nothing more happens then, ms. */
  readonly holdMs: number;
  readonly restMs: number;
}

/** Of a hundred rounds. */
const shares: readonly [kind: FaultKind, share: number][] = [
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
  stall: 'uplinks stalled: taken and not carried on',
};

/** Rounds in the order that the seed draws; each kind in its share, so that none is missing from a long run. */
export function drawFaults(rounds: number, gateways: number, random: Random): Fault[] {
  const deck: FaultKind[] = [];
  while (deck.length < rounds) {
    const hundred = shares.flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
    for (let at = hundred.length - 1; at > 0; at--) {
      const other = Math.floor(random.next() * (at + 1));
      [hundred[at], hundred[other]] = [hundred[other]!, hundred[at]!];
    }
    deck.push(...hundred);
  }
  return deck.slice(0, rounds).map((kind) => ({
    kind,
    gateway: Math.floor(random.next() * gateways),
    holdMs: Math.round(300 + 1200 * random.next()),
    restMs: Math.round(400 + 1400 * random.next()),
  }));
}
