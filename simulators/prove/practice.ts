import type { RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { AccessNetwork, type AccessOptions } from '../faces/access-network.ts';
import type { Plant } from '../plant/plant.ts';
import type { DeviceCommand } from '../plant/setpoints.ts';
import type { LimitKw } from './world.ts';

interface Watched {
  readonly meter: string;
  readonly devices: readonly RegionDevice[];
  readonly limit: LimitKw;
  sumKw: number;
  count: number;
  /** True while loads are dimmed. */
  dimmed: boolean;
  /** Index into `FEED_IN` that is in force. */
  stage: number;
  calmMinutes: number;
}

const MINUTE_MS = 60_000;
/** Releases after 15 min below this share of the limit. */
const RELEASE = { share: 0.9, minutes: 15 };
/** Feed-in management in four steps, shares of the rating. */
const FEED_IN = [1, 0.6, 0.3, 0] as const;
const HOLD_S = 900;
const REPEAT_MS = 120_000;

/**
 * Today's practice: each minute the means at transformer and heads are compared with their limits. Above a limit, controllable loads drop
 * to their guaranteed floor (section 14a EnWG) and feed-in is reduced step by step. Tap changer and inverters act on their own.
 */
export class Practice {
  readonly #plant: Plant;
  readonly #access: AccessNetwork;
  readonly #watched: readonly Watched[];
  readonly #commanded = new Map<string, number>();
  #minute = 0;
  #sentMs = 0;
  /** False while its computer is down. */
  alive = true;

  constructor(
    plant: Plant,
    substation: RegionSubstation,
    { share, access }: { share: LimitKw; access: AccessOptions },
  ) {
    this.#plant = plant;
    this.#access = new AccessNetwork(access);
    const { limits, heads = [], devices } = substation;
    const watch = (meter: string, on: readonly RegionDevice[], limit: LimitKw): Watched => ({
      meter,
      devices: on.filter(({ type }) => isLoad(type) || type === 'pv-inverter'),
      limit,
      sumKw: 0,
      count: 0,
      dimmed: false,
      stage: 0,
      calmMinutes: 0,
    });
    this.#watched = [
      watch('transformer', devices, {
        importKw: Math.min(limits.importKw, share.importKw),
        exportKw: Math.min(limits.exportKw, share.exportKw),
      }),
      ...heads.map(({ feeder, importKw, exportKw }) => {
        const own = devices.filter((device) => device.feeder === feeder);
        return watch(feeder.replace(`${substation.id}-`, 'feeder-'), own, { importKw, exportKw });
      }),
    ];
  }

  /** Runs after each step of the plant. */
  async step(nowMs: number): Promise<void> {
    await this.#access.deliver(nowMs);
    if (!this.alive) return;
    for (const { device, values } of this.#plant.readings())
      for (const each of this.#watched) {
        if (each.meter !== device || values.activePowerKw === undefined) continue;
        each.sumKw += values.activePowerKw;
        each.count++;
      }
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute === this.#minute) return;
    this.#minute = minute;
    for (const each of this.#watched) judge(each);
    this.#send(nowMs);
  }

  #send(nowMs: number): void {
    const wanted = new Map<string, number>();
    for (const { devices, dimmed, stage } of this.#watched)
      for (const { id, type, activePowerKw = 0, floorKw = 0 } of devices) {
        const kw = isLoad(type) ? (dimmed ? floorKw : activePowerKw) : FEED_IN[stage]! * activePowerKw;
        wanted.set(id, Math.min(wanted.get(id) ?? Infinity, kw));
      }
    const again = nowMs - this.#sentMs >= REPEAT_MS;
    if (again) this.#sentMs = nowMs;
    for (const [device, kw] of wanted) {
      const full = this.#watched[0]!.devices.find(({ id }) => id === device)?.activePowerKw ?? 0;
      const commanded = this.#commanded.get(device);
      // A device that was never limited gets no command. A released one is sent its full power repeatedly; otherwise it would revert.
      if (commanded === undefined && kw >= full) continue;
      if (commanded === kw && !again) continue;
      this.#commanded.set(device, kw);
      const command: DeviceCommand = { activePowerLimitKw: kw, revertAfterS: HOLD_S };
      this.#access.carry(nowMs, () => void this.#plant.command(device, command));
    }
  }
}

function judge(each: Watched): void {
  if (each.count === 0) return;
  const kw = each.sumKw / each.count;
  each.sumKw = 0;
  each.count = 0;
  const { importKw, exportKw } = each.limit;
  const calm = kw < RELEASE.share * importKw && -kw < RELEASE.share * exportKw;
  each.calmMinutes = calm ? each.calmMinutes + 1 : 0;
  if (kw > importKw) each.dimmed = true;
  if (-kw > exportKw) each.stage = Math.min(FEED_IN.length - 1, each.stage + 1);
  if (each.calmMinutes < RELEASE.minutes) return;
  each.calmMinutes = 0;
  each.dimmed = false;
  each.stage = Math.max(0, each.stage - 1);
}

const isLoad = (type: RegionDevice['type']): boolean => type === 'ev-site' || type === 'flexible-load';

/** The access network of a substation; its loss share changes during an outage. */
export const accessOf = (
  { medianS, lossShare }: { readonly medianS: number; readonly lossShare: number },
  seed: number,
  substation: string,
): AccessOptions & { lossShare: number } => ({
  random: new SeededRandom(seed, `prove/access/${substation}`),
  medianS,
  lossShare,
});
