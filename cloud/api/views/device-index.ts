import type { CommandView } from '../../../shared/contracts/command.ts';
import type { DevicePageView, DeviceRowView } from '../../../shared/contracts/desk.ts';
import { meterIntervalS, type RegionDevice, type RegionSubstation } from '../../../shared/contracts/region.ts';
import type { DeviceHealth, HealthReport } from '../../../shared/contracts/report.ts';
import { setpointRanges } from '../../desk/setpoint-ranges.ts';
import { measuredView, momentOf, round, type ViewSources } from './sources.ts';

export const deviceStates = ['override', 'manual', 'limited', 'stopped', 'tagged', 'stale', 'unknown'] as const;
export type DeviceState = (typeof deviceStates)[number];

export interface DeviceQuery {
  /** Words that must all occur in id, name, type, feeder or substation. */
  readonly q?: string | undefined;
  readonly substation?: string | undefined;
  readonly feeder?: string | undefined;
  readonly type?: string | undefined;
  readonly state?: DeviceState | undefined;
  readonly limit: number;
  /** Position at which the page starts. */
  readonly from: number;
}

export interface DevicePage extends Pick<DevicePageView, 'items' | 'total'> {
  /** Position at which the next page starts; undefined on the last page. */
  readonly next: number | undefined;
}

interface Entry {
  readonly id: string;
  readonly substation: RegionSubstation;
  readonly device: RegionDevice;
  readonly text: string;
}

/** All devices of the region, prepared once: one pass finds a page among 50,000, and only that page is rendered. */
export class DeviceIndex {
  readonly #sources: ViewSources;
  readonly #entries: readonly Entry[];
  readonly #byId: ReadonlyMap<string, Entry>;
  /** Devices of a health report by id, built on first use. */
  readonly #reported = new WeakMap<HealthReport, ReadonlyMap<string, DeviceHealth>>();

  constructor(sources: ViewSources) {
    this.#sources = sources;
    this.#entries = sources.region.substations.flatMap((substation) =>
      substation.devices.map((device): Entry => {
        const id = `${substation.gateway}/${device.id}`;
        const text = [id, device.name, device.type, device.feeder, substation.id, substation.name].join(' ');
        return { id, substation, device, text: text.toLowerCase() };
      }),
    );
    this.#byId = new Map(this.#entries.map((entry) => [entry.id, entry]));
  }

  page(query: DeviceQuery): DevicePage {
    const words = (query.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.#entries.filter(
      ({ substation, device, text }) =>
        (query.substation === undefined || substation.id === query.substation) &&
        (query.feeder === undefined || device.feeder === query.feeder) &&
        (query.type === undefined || device.type === query.type) &&
        words.every((word) => text.includes(word)) &&
        (query.state === undefined || this.#is(query.state, substation, device)),
    );
    const overrides = this.#standing();
    const end = query.from + query.limit;
    const next = end < found.length ? end : undefined;
    const items = found.slice(query.from, end).map((entry) => this.#row(entry, overrides));
    return { items, total: found.length, next };
  }

  one(gateway: string, device: string): DeviceRowView | undefined {
    const entry = this.#byId.get(`${gateway}/${device}`);
    return entry === undefined ? undefined : this.#row(entry, this.#standing());
  }

  #standing(): ReadonlyMap<string, CommandView> {
    return new Map(this.#sources.overrides().map((each) => [`${each.gateway}/${each.device ?? ''}`, each]));
  }

  #is(state: DeviceState, { gateway }: RegionSubstation, { id }: RegionDevice): boolean {
    const health = this.#sources.health(gateway)?.report;
    const own = health === undefined ? undefined : this.#own(health, id);
    switch (state) {
      case 'override':
        return own?.source === 'override';
      case 'manual':
        return own?.source === 'local-manual';
      case 'limited':
        return (own?.limitedBy ?? null) !== null;
      case 'stopped':
        return own?.stopped === true || health?.stopped === true;
      case 'tagged':
        return own?.tagged === true;
      case 'stale':
        return own?.link === 'stale';
      case 'unknown':
        return own === undefined || own.link === 'never';
    }
  }

  #own(health: HealthReport, device: string): DeviceHealth | undefined {
    let known = this.#reported.get(health);
    if (known === undefined) {
      known = new Map(health.devices.map((each) => [each.device, each]));
      this.#reported.set(health, known);
    }
    return known.get(device);
  }

  #row({ id, substation, device }: Entry, overrides: ReadonlyMap<string, CommandView>): DeviceRowView {
    const { gateway } = substation;
    const sources = this.#sources;
    const health = sources.health(gateway)?.report;
    const own = health === undefined ? undefined : this.#own(health, device.id);
    const override = overrides.get(id);
    const power = sources.live(gateway, device.id, 'activePowerKw');
    return {
      id,
      gateway,
      device: device.id,
      name: device.name,
      type: device.type,
      substation: substation.id,
      feeder: device.feeder,
      authority: device.authority,
      activePowerKw: measuredView(power, momentOf(sources), meterIntervalS(substation, device.id)),
      setpointKw: rounded(own?.setpointKw),
      wishedKw: rounded(own?.wishedKw),
      source: own?.source ?? 'unknown',
      ...(own?.lastSet === undefined ? {} : { lastSet: own.lastSet }),
      limitedBy: own?.limitedBy ?? null,
      envelope:
        own?.envelope === undefined
          ? null
          : { minKw: round(own.envelope.minKw), maxKw: round(own.envelope.maxKw), by: own.envelope.by },
      lastSeen: own?.lastSeen ?? null,
      link: own?.link ?? 'never',
      gatewayLink: sources.link(gateway).state,
      mode: own?.mode ?? health?.mode ?? null,
      stopped: own?.stopped ?? health?.stopped ?? null,
      tagged: own?.tagged ?? null,
      override: override === undefined ? null : { id: override.id, user: override.user, expiresAt: override.expiresAt },
      takes: setpointRanges(device),
    };
  }
}

const rounded = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : round(value);
