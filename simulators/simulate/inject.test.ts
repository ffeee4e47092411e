import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../shared/ports/random.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { RegionSim } from '../sim/region-sim.ts';
import { SimDisk } from '../sim/sim-disk.ts';
import { goodNetwork, SimNetwork, type NetworkFaults } from '../sim/sim-network.ts';
import type { Trouble } from './faults.ts';
import { Injector } from './inject.ts';

/** A region of two gateways that only remembers what was done to it. */
function bench() {
  const clock = new VirtualClock(0);
  const network = new SimNetwork({ clock, random: new SeededRandom(1, 'network') });
  const store = { down: false, flakyShare: 0 };
  const cloud = { alive: true };
  const gateways = ['a', 'b'].map((id) => ({
    id,
    alive: true,
    offMs: 0,
    disk: new SimDisk(),
    devices: { faults: goodNetwork },
    kill(): void {
      this.alive = false;
    },
    async start(): Promise<void> {
      this.alive = true;
    },
    setClock(ms: number): void {
      this.offMs = ms;
    },
  }));
  const sim = {
    clock,
    network,
    gateways,
    killCloud: () => void (cloud.alive = false),
    restartCloud: async () => void (cloud.alive = true),
  } as unknown as RegionSim;
  const injector = new Injector({
    seed: 1,
    sim,
    store,
    onDies: async () => undefined,
    onOverride: () => undefined,
    onCancel: () => undefined,
  });
  const hears = (clientId: string): Promise<boolean> => network.accept(network.link(), { clientId, subscriptions: [] });
  return { clock, network, store, cloud, gateway: gateways[0]!, injector, hears };
}

type Bench = ReturnType<typeof bench>;

const drops = (drop: number): NetworkFaults => ({ ...goodNetwork, drop });

/** Two faults of one effect, and how to see which of them stands: 'first', 'second' or neither. */
const pairs: readonly [first: Trouble, second: Trouble, seen: (of: Bench) => unknown][] = [
  [
    { kind: 'bad-network', faults: drops(0.1) },
    { kind: 'bad-network', faults: drops(0.2) },
    ({ network }) => ['', 'first', 'second'][network.faults.drop * 10],
  ],
  [
    { kind: 'bad-devices', gateway: 0, faults: drops(0.1) },
    { kind: 'bad-devices', gateway: 0, faults: drops(0.2) },
    ({ gateway }) => ['', 'first', 'second'][gateway.devices.faults.drop * 10],
  ],
  [
    { kind: 'clock-off', gateway: 0, byMs: 1 },
    { kind: 'clock-off', gateway: 0, byMs: 2 },
    ({ gateway }) => ['', 'first', 'second'][gateway.offMs],
  ],
  [
    { kind: 'store-flaky', share: 0.1 },
    { kind: 'store-flaky', share: 0.2 },
    ({ store }) => ['', 'first', 'second'][store.flakyShare * 10],
  ],
  [{ kind: 'partition', gateway: 0 }, { kind: 'partition', gateway: 0 }, async ({ hears }) => !(await hears('a'))],
  [
    { kind: 'partition', gateway: 'all' },
    { kind: 'partition', gateway: 'all' },
    async ({ hears }) => !(await hears('a')) && !(await hears('cloud')),
  ],
  [{ kind: 'partition', gateway: 0 }, { kind: 'partition', gateway: 'all' }, async ({ hears }) => !(await hears('a'))],
  [{ kind: 'partition', gateway: 'all' }, { kind: 'partition', gateway: 0 }, async ({ hears }) => !(await hears('a'))],
  [{ kind: 'broker-gone' }, { kind: 'broker-gone' }, async ({ hears }) => !(await hears('a'))],
  [{ kind: 'gateway-killed', gateway: 0 }, { kind: 'gateway-killed', gateway: 0 }, ({ gateway }) => !gateway.alive],
  [{ kind: 'gateway-killed', gateway: 0 }, { kind: 'power-lost', gateway: 0 }, ({ gateway }) => !gateway.alive],
  [{ kind: 'power-lost', gateway: 0 }, { kind: 'gateway-killed', gateway: 0 }, ({ gateway }) => !gateway.alive],
  [
    { kind: 'disk-full', gateway: 0 },
    { kind: 'disk-full', gateway: 0 },
    ({ gateway }) => Number.isFinite(gateway.disk.capacity),
  ],
  [{ kind: 'disk-failing', gateway: 0 }, { kind: 'disk-failing', gateway: 0 }, ({ gateway }) => gateway.disk.failing],
  [{ kind: 'sync-failing', gateway: 0 }, { kind: 'sync-failing', gateway: 0 }, ({ gateway }) => gateway.disk.syncFails],
  [{ kind: 'store-down' }, { kind: 'store-down' }, ({ store }) => store.down],
  [{ kind: 'cloud-killed' }, { kind: 'cloud-killed' }, ({ cloud }) => !cloud.alive],
];

const named = (trouble: Trouble): string =>
  'gateway' in trouble ? `${trouble.kind} of ${trouble.gateway}` : trouble.kind;

for (const [first, second, seen] of pairs)
  test(`${named(first)} and ${named(second)} that overlap last until the later one ends`, async () => {
    for (const [firstEndsS, secondEndsS] of [
      [40, 30],
      [30, 40],
    ] as const) {
      const of = bench();
      of.injector.schedule([
        { atS: 10, untilS: firstEndsS, ...first },
        { atS: 20, untilS: secondEndsS, ...second },
      ]);
      await of.clock.advance(25_000);
      assert.ok(await seen(of), 'both stand');
      await of.clock.advance(10_000);
      const left = await seen(of);
      assert.ok(left, 'one has ended');
      if (typeof left === 'string') assert.equal(left, firstEndsS > secondEndsS ? 'first' : 'second');
      await of.clock.advance(10_000);
      assert.ok(!(await seen(of)), 'both have ended');
    }
  });

test('the end of a fault leaves the same fault at another gateway in place', async () => {
  const of = bench();
  of.injector.schedule([
    { atS: 10, untilS: 20, kind: 'disk-failing', gateway: 0 },
    { atS: 10, untilS: 30, kind: 'disk-failing', gateway: 1 },
  ]);
  await of.clock.advance(25_000);
  assert.equal(of.gateway.disk.failing, false);
});
