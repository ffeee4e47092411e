import type { CommandDocument } from '../../../shared/contracts/document.ts';
import type { RegionDevice, RegionSubstation } from '../../../shared/contracts/region.ts';
import type { DeviceHealth, DocumentReport, HealthReport, LastSet } from '../../../shared/contracts/report.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { TRANSFORMER, type DeviceSpec, type ElementSpec } from '../../../edge/control/model.ts';
import { initialState, modeOf, type ControlState } from '../../../edge/control/state.ts';
import { isToVerify } from '../../../edge/cycle/act-tracker.ts';
import { refOf, reportOf, type CommandSite } from '../../../edge/cycle/desk.ts';
import { Selections } from '../../../edge/cycle/selections.ts';
import { health } from '../../dashboard/testing/fixture-reports.ts';
import { setpointRanges } from '../setpoint-ranges.ts';

const STEP_MS = 150;

export interface ScriptedOptions {
  readonly substation: RegionSubstation;
  readonly clock: Clock;
  readonly report: (report: DocumentReport) => Promise<void>;
}

/** A minimal gateway: judges commands with the gateway's own code, follows them at once, and reports each step. */
export class ScriptedGateway {
  readonly #options: ScriptedOptions;
  readonly #numbers = new Map<string, { epoch: number; sequence: number }>();
  readonly #site: CommandSite;
  #selections = new Selections();
  state: ControlState;
  /** While true, nothing sent arrives. */
  deaf = false;
  /** False: its software predates selections. */
  selects = true;
  /** False: its software predates cancelling a selection. */
  cancels = true;
  link: 'up' | 'down' = 'up';
  readonly links = new Map<string, 'up' | 'stale'>();
  readonly powers = new Map<string, number>();
  /** Last setpoint to report, by device; absent: none is reported. */
  readonly lastSets = new Map<string, LastSet>();

  constructor(options: ScriptedOptions) {
    this.#options = options;
    const { id, devices, network, limits } = options.substation;
    this.#site = {
      substation: id,
      specs: devices.map(specOf),
      elements: [TRANSFORMER, ...network.feeders.map((feeder) => feeder.id.replace(`${id}-`, 'feeder-'))].map(
        (element) => elementOf(element, limits.importKw),
      ),
    };
    this.state = initialState('automatic', options.clock.plant.now());
    for (const { id, type } of options.substation.devices)
      this.powers.set(id, type === 'pv-inverter' ? -600 : type === 'ev-site' ? 200 : 0);
  }

  /** Loses what was only in memory. */
  restart(): void {
    this.#selections = new Selections();
  }

  take(document: CommandDocument): void {
    if (this.deaf || this.link !== 'up') return;
    const { clock, report } = this.#options;
    const ref = refOf(document);
    this.#numbers.set(ref.id, { epoch: ref.epoch, sequence: ref.sequence });
    clock.machine.after(STEP_MS, async () => {
      await report(reportOf(ref, 'accepted', this.#now()));
      clock.machine.after(STEP_MS, () => this.#apply(document));
    });
  }

  async #apply(document: CommandDocument): Promise<void> {
    const { clock, report } = this.#options;
    const { body } = document;
    const ref = refOf(document);
    const moment = { ...this.#site, time: this.#now(), elapsedMs: clock.machine.elapsed() };
    const effect = this.#selections.apply(document, this.state, moment);
    this.state = effect.state;
    for (const each of effect.reports) await report({ ...each, ...this.#numbers.get(each.id) });
    if (effect.reports[0]?.stage !== 'applied' || (body.kind !== 'override' && !isToVerify(document))) return;
    if (body.setpoint?.activePowerKw !== undefined) this.powers.set(body.device!, body.setpoint.activePowerKw);
    clock.machine.after(STEP_MS, () => report(reportOf(ref, 'verified', this.#now())));
  }

  health(): HealthReport {
    const { substation } = this.#options;
    return {
      ...health(substation.id, this.#now(), 0),
      ...(this.selects ? { selects: true } : {}),
      ...(this.cancels ? { cancels: true } : {}),
      mode: this.state.mode,
      stopped: this.state.stopped.gateway,
      emergency: (this.state.emergency ?? []).map(({ element, expiresAt }) => ({ element, expiresAt })),
      devices: substation.devices.map((device) => this.#device(device)),
    };
  }

  #device({ id, feeder }: RegionDevice): DeviceHealth {
    const stopped = this.state.stopped.gateway || this.state.stopped.devices.includes(id);
    const override = this.state.overrides.find(({ device, expiresAt }) => device === id && expiresAt > this.#now());
    const lastSet = this.lastSets.get(id);
    const kw = stopped ? 0 : (override?.setpoint.activePowerKw ?? this.powers.get(id) ?? null);
    return {
      device: id,
      link: this.links.get(id) ?? 'up',
      lastSeen: this.#now(),
      source:
        lastSet !== undefined ? 'none' : stopped ? 'safe-default' : override === undefined ? 'cloud-plan' : 'override',
      ...(lastSet === undefined ? {} : { lastSet }),
      stopped,
      tagged: this.state.tagged.includes(id),
      mode: modeOf(this.state, `feeder-${feeder.split('-').at(-1)}`),
      setpointKw: kw,
      wishedKw: kw,
      limitedBy: null,
      envelope: { minKw: -500, maxKw: 500, by: 'pl-1' },
    };
  }

  #now(): number {
    return Math.round(this.#options.clock.plant.now());
  }
}

const elementOf = (id: string, importKw: number): ElementSpec => ({
  id,
  range: { minKw: -importKw, maxKw: importKw },
  ratedKva: null,
  currentA: null,
  voltageBand: null,
  failsafe: null,
  thermal: null,
  emergency: { minKw: -1.15 * importKw, maxKw: 1.15 * importKw },
});

function specOf(device: RegionDevice): DeviceSpec {
  const { id, type, feeder, authority } = device;
  const ranges = setpointRanges(device);
  const takes = (key: string): boolean => ranges.some((range) => range.key === key);
  const most = device.activePowerKw ?? 0;
  return {
    id,
    type,
    feeder: `feeder-${feeder.split('-').at(-1)}`,
    authority,
    lever: takes('activePowerKw')
      ? 'power'
      : !takes('activePowerLimitKw')
        ? 'none'
        : type === 'pv-inverter'
          ? 'export-limit'
          : 'import-limit',
    rating:
      type === 'battery'
        ? { minKw: -500, maxKw: 500 }
        : type === 'pv-inverter'
          ? { minKw: -most, maxKw: 0 }
          : { minKw: 0, maxKw: most },
    contract: { minKw: -Infinity, maxKw: Infinity },
    floorKw: device.floorKw ?? 0,
    maxReactiveKvar: device.maxReactiveKvar ?? 0,
    apparentKva: null,
    battery: null,
    rampKwPerS: Infinity,
    run: null,
    safeKw: 0,
    safeVoltagePu: null,
    takesVoltageTarget: takes('voltageTargetPu'),
    capacitorSteps: takes('capacitorStep') ? (device.steps ?? 0) : 0,
    safeStep: null,
    voltageBand: null,
  };
}
