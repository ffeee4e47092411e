import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import type { DeviceSource } from './ports.ts';
import type { CapacityTariff } from './problem.ts';
import type { DispatchTariff } from './prices.ts';
import { stepTimes } from './series.ts';

/** Meters of a capacity tariff read a mean each quarter of an hour. */
export const BILLED_S = 900;

const DAY_MS = 86_400_000;

/** The local date without its day, as a number that grows by 1 a month. */
function monthOf(calendar: LocalCalendar, time: number): number {
  const local = new Date(time + calendar.offsetMs(time));
  return 12 * local.getUTCFullYear() + local.getUTCMonth();
}

/** Start of the local month of a time, ms UTC. */
export function monthStart(calendar: LocalCalendar, time: number): number {
  const local = new Date(time + calendar.offsetMs(time));
  const first = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), 1);
  const near = first - calendar.offsetMs(first);
  // The offset may change between local and UTC midnight.
  return first - calendar.offsetMs(near);
}

/** The highest quarter-hour of each substation's running month, read again for each quarter. */
export class MonthPeaks {
  readonly #calendar: LocalCalendar;
  readonly #devices: Pick<DeviceSource, 'highestMean'>;
  readonly #read = new Map<string, { readonly quarter: number; readonly kw: Promise<number | undefined> }>();

  constructor(calendar: LocalCalendar, devices: Pick<DeviceSource, 'highestMean'>) {
    this.#calendar = calendar;
    this.#devices = devices;
  }

  /** Undefined without a capacity tariff. A peak that is not known counts as 0: the plan then avoids more than it must. */
  async tariff(
    substation: RegionSubstation,
    { monthPeakEurPerKw }: Pick<DispatchTariff, 'monthPeakEurPerKw'>,
    { now, start, stepsS }: { readonly now: number; readonly start: number; readonly stepsS: readonly number[] },
  ): Promise<(CapacityTariff & { readonly isKnown: boolean }) | undefined> {
    if (monthPeakEurPerKw === 0) return undefined;
    const running = monthOf(this.#calendar, now);
    const months = stepTimes(start, stepsS).map((time) => Math.max(running, monthOf(this.#calendar, time)));
    const kw = await this.#highest(substation, now);
    return {
      eurPerKw: monthPeakEurPerKw,
      intervalS: BILLED_S,
      peakSoFarKw: Math.max(0, kw ?? 0),
      laterMonths: months.flatMap((month, step) => (month > (months[step - 1] ?? running) ? [step] : [])),
      // In the first days of a month without a whole quarter hour, 0 is what is known.
      isKnown: kw !== undefined || now - monthStart(this.#calendar, now) < DAY_MS,
    };
  }

  #highest({ id, gateway, meters }: RegionSubstation, now: number): Promise<number | undefined> {
    const meter = meters.find(({ kind }) => kind === 'transformer')?.device;
    if (meter === undefined) return Promise.resolve(undefined);
    const quarter = Math.floor(now / (1000 * BILLED_S));
    const known = this.#read.get(id);
    if (known?.quarter === quarter) return known.kw;
    const kw = this.#devices.highestMean(gateway, meter, 'activePowerKw', {
      since: monthStart(this.#calendar, now),
      resolutionS: BILLED_S,
    });
    this.#read.set(id, { quarter, kw });
    return kw;
  }
}
