import type { IncidentView } from '../../shared/contracts/incident.ts';
import type { Moment } from './moment.ts';

type Relief = IncidentView['reliefs'][number];

/** A simulated gateway reports its devices this often, so a relief may be off by this much at its end, s. */
const REPORT_S = 60;
/** Readings of a device, and with them its relief, may be this late, s. */
const READ_S = 30;
/** Errors of meters and of the time between two reports. */
const SHARE = 0.1;
const LEAST_KW = 5;

interface Second {
  readonly atS: number;
  /** The gateway is heard and hears its devices, and none of them is without power. */
  readonly isSeen: boolean;
  /** Power of each device, kW. */
  readonly gives: ReadonlyMap<string, number>;
  /** What sun or customer would give or take without a limit, kW; a battery has no such value. */
  readonly could: ReadonlyMap<string, number>;
  /** What the plan asks of a device, kW; what it takes from that by itself is no relief. */
  readonly planned: ReadonlyMap<string, number>;
}

/** Bounds of what the plant says a device relieved by. */
interface Truth {
  readonly leastKw: number;
  readonly mostKw: number;
  readonly leastKwh: number;
  readonly mostKwh: number;
}

/** Compares what each device relieved by, and its cost, with what the plant could have done without the relief. */
export class ReliefJudge {
  readonly #seconds: Second[] = [];
  readonly #prices = new Map<string, number>();
  /** Power of each battery from full charge to full discharge, kW. */
  readonly #ranges = new Map<string, number>();

  second({ atS, truth, substation, linked, injected, plannedKw }: Moment): void {
    for (const { id, contractEurPerKwh, chargeKw = 0, dischargeKw = 0 } of substation.devices) {
      if (contractEurPerKwh !== undefined) this.#prices.set(id, contractEurPerKwh);
      this.#ranges.set(id, chargeKw + dischargeKw);
    }
    this.#seconds.push({
      atS,
      isSeen:
        linked &&
        !injected.cloudDown &&
        !injected.starved &&
        injected.silent.length === 0 &&
        truth.feeders.every(({ energised }) => energised),
      gives: new Map(truth.devices.map(({ id, activePowerKw }) => [id, activePowerKw])),
      could: new Map(
        truth.devices.flatMap(({ id, values: { availableKw, wishedKw } }) => {
          const kw = availableKw === undefined ? wishedKw : -availableKw;
          return kw === undefined ? [] : [[id, kw] as const];
        }),
      ),
      planned: plannedKw,
    });
  }

  /** Untrue reliefs and costs, in words. */
  faults({ id, reliefs }: Pick<IncidentView, 'id' | 'reliefs'>, secondOf: (at: number) => number): string[] {
    return reliefs.flatMap((relief) => {
      const { device, kw, energyKwh, costEur } = relief;
      const truth = this.#truth(relief, secondOf);
      const price = this.#prices.get(device) ?? 0;
      const judge = (figure: number | null, unit: string, [least, most]: readonly [number, number]): string[] =>
        figure === null || (figure >= least && figure <= most)
          ? []
          : [
              `incident ${id}: ${device} relieves by ${figure} ${unit}, in truth ${least.toFixed(2)} to ${most.toFixed(2)}`,
            ];
      return [
        ...judge(kw, 'kW', [truth.leastKw, truth.mostKw]),
        ...judge(energyKwh, 'kWh', [truth.leastKwh, truth.mostKwh]),
        // Rounded to a tenth of a cent.
        ...judge(costEur, 'EUR', [price * truth.leastKwh - 0.001, price * truth.mostKwh + 0.001]),
      ];
    });
  }

  #truth({ device, since, until }: Relief, secondOf: (at: number) => number): Truth {
    const [fromS, toS] = [secondOf(since), until === null ? Infinity : secondOf(until)];
    const inside = this.#within(fromS, toS);
    const around = this.#within(fromS - READ_S, toS + READ_S);
    const held = inside.map((second) => heldKw(second, device));
    const isFree = held.every((kw) => kw !== undefined);
    // The plant does not know what the plan wants of a battery.
    const mostKw = isFree
      ? Math.max(0, ...around.map((second) => heldKw(second, device)!))
      : (this.#ranges.get(device) ?? 0);
    const lateKwh = (mostKw * REPORT_S) / 3600;
    const energyKwh = isFree
      ? around.reduce((kwh, second) => kwh + heldKw(second, device)! / 3600, 0)
      : (mostKw * inside.length) / 3600;
    const before = this.#seconds.findLast(({ atS }) => atS < fromS);
    // What held it before the incident is not part of it.
    const isWhole =
      isFree && around.every(({ isSeen }) => isSeen) && (before === undefined || heldKw(before, device)! < LEAST_KW);
    const beyond = inside.map((second, at) => Math.max(0, held[at]! - plannedOf(second, device)));
    const leastKwh = isWhole ? beyond.reduce((kwh, kw) => kwh + kw / 3600, 0) : 0;
    return {
      leastKw: isWhole ? (1 - SHARE) * Math.max(...beyond) - LEAST_KW : 0,
      mostKw: (1 + SHARE) * mostKw + LEAST_KW,
      leastKwh: Math.max(0, (1 - SHARE) * leastKwh - lateKwh),
      mostKwh: (1 + SHARE) * energyKwh + lateKwh,
    };
  }

  #within(fromS: number, toS: number): Second[] {
    return this.#seconds.filter(({ atS }) => atS >= fromS && atS <= toS);
  }
}

/** How much less a device gives or takes than it could, kW; undefined for a battery. */
function heldKw({ could, gives }: Second, device: string): number | undefined {
  const kw = could.get(device);
  return kw === undefined ? undefined : Math.abs(kw - (gives.get(device) ?? 0));
}

/** How much less than it could the plan asks a device to give or take, kW. */
function plannedOf({ could, planned }: Second, device: string): number {
  const [kw, asked] = [could.get(device), planned.get(device)];
  if (kw === undefined || asked === undefined) return 0;
  return Math.max(0, kw > 0 ? kw - asked : asked - kw);
}
