import { parseConfig } from '../../edge/config/load.ts';
import type { GatewayConfig } from '../../edge/config/schema.ts';
import type { DeviceImage, ElementImage, Image } from '../../edge/control/image.ts';
import { signedKw, TRANSFORMER } from '../../edge/control/model.ts';
import type { Setpoint } from '../../edge/control/setpoint.ts';
import { initialState, type ControlState } from '../../edge/control/state.ts';
import { siteOf } from '../../edge/cycle/specs.ts';
import { step } from '../../edge/cycle/step.ts';
import type { Site, StepResult } from '../../edge/cycle/step-types.ts';
import type { PlanDocument } from '../../shared/contracts/document.ts';
import type { Metric } from '../../shared/contracts/frame.ts';
import type { WatchedLimit } from '../../shared/contracts/plan.ts';
import { compileRadial, createWorkspace, nominalInput, solveRadial } from '../../shared/grid/radial.ts';
import { sensitivities, type SensitivityColumn } from '../../shared/grid/sensitivities.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { stringify } from 'yaml';
import { Plant } from '../plant/plant.ts';
import { OvercurrentRelay } from '../plant/relay.ts';
import type { PlantSpec } from '../plant/spec.ts';
import type { Values } from '../plant/device.ts';
import { gatewayConfig } from '../region/gateway-config.ts';
import type { SubstationId } from '../data/names.ts';

export interface GuardCase {
  readonly spec: PlantSpec;
  readonly seed: number;
  readonly startMs: number;
  /** 1 or 2. */
  readonly feeder: number;
  /** Spike as a share of the feeder's load. */
  readonly share: number;
  readonly spikeS: number;
  /** Import limit of the feeder head, kW; the region's by default. */
  readonly limitKw?: number;
  /** Export limit of the feeder head, kW, as a magnitude. */
  readonly exportKw?: number;
  /** The only levers that the guard may move. */
  readonly levers?: readonly string[];
  /** Devices whose meter and commands have the opposite sign of what the grid sees. */
  readonly turned?: readonly string[];
  /** Devices that are really on the other feeder. */
  readonly elsewhere?: readonly string[];
  /** Without a plan: levers take equal shares. */
  readonly isUnmapped?: boolean;
  /** The head meter shows the opposite sign. */
  readonly lyingHead?: boolean;
}

/** Controller of a world: maps an image to setpoints by device. */
export interface Controller {
  decide(world: GuardWorld, image: Image): ReadonlyMap<string, Setpoint>;
}

const MAP_ERROR = 0.1;
const STALE_INTERVALS = 4;
const FAR_AWAY_KW = 1e6;

/** One substation of the plant with its meters, read and commanded every second without a broker. */
export class GuardWorld {
  readonly plant: Plant;
  readonly site: Site;
  readonly plan: PlanDocument;
  readonly head: string;
  readonly case: GuardCase;
  readonly #relays = new Map<string, OvercurrentRelay>();
  readonly #intervalS: ReadonlyMap<string, number>;
  readonly #seen = new Map<string, { timeMs: number; values: Values }>();

  constructor(given: GuardCase) {
    const { spec, seed, startMs, lyingHead = false } = given;
    this.case = given;
    this.head = `feeder-${given.feeder}`;
    const meterFaults = lyingHead ? { ...spec.meterFaults, [this.head]: 'reversed' as const } : spec.meterFaults;
    this.plant = new Plant({ ...spec, meterFaults }, { seed, startMs, bites: { curves: 'vde-ar-n-4110' } });
    const config = configOf(given, this.head);
    this.site = siteOf(config);
    this.plan = mapOf(spec, seed);
    this.#intervalS = new Map(spec.meters.map(({ device, intervalS }) => [device, intervalS]));
  }

  get limitKw(): number {
    return this.site.elements.find(({ id }) => id === this.head)!.range.maxKw;
  }

  /** Advances the plant by one second under the controller. */
  second(controller: Controller): Image {
    this.plant.step(1);
    for (const { device, timeMs, values } of this.plant.readings())
      this.#seen.set(device, { timeMs, values: this.#reported(device, values) });
    for (const { id, loadingPct } of this.plant.truth().feeders) {
      const relay = this.#relays.get(id) ?? new OvercurrentRelay();
      this.#relays.set(id, relay);
      relay.step(loadingPct / 100, 1);
    }
    const image = this.#image();
    for (const [device, setpoint] of controller.decide(this, image))
      this.plant.command(device, this.#isTurned(device) ? negated(setpoint) : setpoint);
    return image;
  }

  spike(): void {
    const { spec, feeder, share, spikeS } = this.case;
    this.plant.spike({ feeder: `${spec.id}-${feeder}`, share, durationS: spikeS });
  }

  get tripped(): boolean {
    return [...this.#relays.values()].some(({ tripped }) => tripped);
  }

  /** True power at the feeder head, kW; positive flows into the feeder. */
  headKw(): number {
    const { feeders, devices } = this.plant.truth();
    const away = devices
      .filter(({ id }) => this.case.elsewhere?.includes(id) === true)
      .reduce((sum, { activePowerKw }) => sum + activePowerKw, 0);
    return feeders[this.case.feeder - 1]!.activePowerKw - away;
  }

  /** Highest true bus voltage, pu. */
  highestPu(): number {
    return this.plant.truth().voltagePu.reduce((most, pu) => Math.max(most, pu), 0);
  }

  #isTurned = (device: string): boolean => this.case.turned?.includes(device) === true;

  #reported(device: string, values: Values): Values {
    if (this.#isTurned(device)) return negatedValues(values);
    const away = this.case.elsewhere ?? [];
    const head = /^feeder-(\d)$/.exec(device);
    if (head === null || away.length === 0 || values.activePowerKw === undefined) return values;
    const moved = this.plant
      .truth()
      .devices.filter(({ id }) => away.includes(id))
      .reduce((sum, { activePowerKw }) => sum + activePowerKw, 0);
    return { ...values, activePowerKw: values.activePowerKw + (Number(head[1]) === this.case.feeder ? -moved : moved) };
  }

  #image(): Image {
    const time = this.plant.timeMs;
    const read = (id: string) => {
      const seen = this.#seen.get(id);
      const ageS = seen === undefined ? 1e9 : (time - seen.timeMs) / 1000;
      const fresh = ageS <= STALE_INTERVALS * (this.#intervalS.get(id) ?? 10) + 2;
      const value = (metric: Metric): number | null => (fresh ? (seen?.values[metric] ?? null) : null);
      return { fresh, ageS, value };
    };
    const devices = this.site.specs.map((spec): [string, DeviceImage] => {
      const { fresh, ageS, value } = read(spec.id);
      const free = spec.lever === 'import-limit' ? value('wishedKw') : value('availableKw');
      const readback = signedKw(spec.lever, {
        ...(value('activePowerLimitKw') === null ? {} : { activePowerLimitKw: value('activePowerLimitKw')! }),
        ...(value('activePowerSetpointKw') === null ? {} : { activePowerKw: value('activePowerSetpointKw')! }),
      });
      return [
        spec.id,
        {
          id: spec.id,
          fresh,
          lastSeen: time - 1000 * ageS,
          heardS: ageS,
          activePowerKw: value('activePowerKw'),
          powerAgeS: ageS,
          reactivePowerKvar: value('reactivePowerKvar'),
          voltagePu: value('voltagePu'),
          socPct: value('socPct'),
          freeKw: free === null || spec.lever === 'power' ? null : spec.lever === 'import-limit' ? free : -free,
          readbackKw: readback ?? null,
        },
      ];
    });
    const elements = this.site.elements.map(({ id }): [string, ElementImage] => {
      const { fresh, ageS, value } = read(id);
      return [
        id,
        {
          id,
          fresh,
          lastSeen: time - 1000 * ageS,
          heardS: ageS,
          activePowerKw: value('activePowerKw'),
          reactivePowerKvar: value('reactivePowerKvar'),
          voltagePu: value('voltagePu'),
          currentA: value('currentA'),
        },
      ];
    });
    return { time, stepS: 1, devices: new Map(devices), elements: new Map(elements), ambientC: 15 };
  }
}

/** The gateway's own control as shipped, with a plan's sensitivities and no targets. */
export class OwnGuard implements Controller {
  #state: ControlState | undefined;
  last: StepResult | undefined;

  decide({ site, plan: map, case: { levers, isUnmapped } }: GuardWorld, image: Image): ReadonlyMap<string, Setpoint> {
    const { time } = image;
    const start = initialState('automatic', time);
    const tagged = levers === undefined ? [] : site.specs.map(({ id }) => id).filter((id) => !levers.includes(id));
    const state = this.#state ?? { ...start, tagged, heartbeatAgeS: 0 };
    const plan = isUnmapped === true ? null : map;
    this.last = step({ site, image, state: { ...state, heartbeatAgeS: 0 }, plan, forecast: null, chance: 0.5 });
    this.#state = this.last.state;
    return new Map(
      this.last.decisions.flatMap(({ device, setpoint }) =>
        Object.keys(setpoint).length === 0 ? [] : [[device, setpoint] as const],
      ),
    );
  }
}

/** Commands nothing. */
export const idle: Controller = { decide: () => new Map() };

function configOf({ spec, limitKw, exportKw }: GuardCase, head: string): GatewayConfig {
  const yaml = stringify(
    gatewayConfig(spec.id as SubstationId, {
      uplinkUrl: 'mqtt://cloud',
      localListen: '127.0.0.1:18830',
      journalPath: 'journal',
      cyclePeriodMs: 1000,
    }),
  );
  const config = parseConfig(yaml, `${spec.id}.yaml`);
  for (const guarded of config.guarded) {
    if (guarded.id !== head) continue;
    if (limitKw !== undefined) guarded.limits.importKw = limitKw;
    if (exportKw !== undefined) guarded.limits.exportKw = exportKw;
  }
  return config;
}

/** The plan that the cloud would have sent: expired, with the model's sensitivities, each off by up to a tenth. */
function mapOf(spec: PlantSpec, seed: number): PlanDocument {
  const grid = compileRadial(spec.network);
  const workspace = createWorkspace(grid);
  const nominal = nominalInput(grid);
  const scaled = (values: Float64Array): Float64Array => values.map((value) => value * spec.loadFactor);
  solveRadial(
    grid,
    {
      ...nominal,
      activePowerKw: scaled(nominal.activePowerKw),
      reactivePowerKvar: scaled(nominal.reactivePowerKvar),
    },
    workspace,
    { tolerancePu: 1e-9 },
  );
  const devices = spec.devices.filter(({ type }) => type !== 'tap-changer' && type !== 'capacitor-bank');
  const columns = sensitivities(
    grid,
    workspace,
    devices.map(({ bus }) => grid.busIndex.get(bus)!),
  );
  const random = new SeededRandom(seed);
  const wrong = devices.map(() => 1 + MAP_ERROR * (2 * random.next() - 1));
  const row = (of: (column: SensitivityColumn) => number, from: readonly SensitivityColumn[]) =>
    Object.fromEntries(devices.map(({ id }, at) => [id, wrong[at]! * of(from[at]!)]).filter(([, per]) => per !== 0));
  const watched = (
    id: string,
    {
      element,
      quantity,
      of,
    }: Pick<WatchedLimit, 'element' | 'quantity'> & { of: (column: SensitivityColumn) => number },
  ): WatchedLimit => {
    const [min, max] = quantity === 'voltagePu' ? [0, 2] : [-FAR_AWAY_KW, FAR_AWAY_KW];
    return { id, element, quantity, min, max, perKw: row(of, columns.perKw), perKvar: row(of, columns.perKvar) };
  };
  const transformer = grid.branchIndex.get(spec.network.transformers[0]!.id)!;
  const limits = [
    watched('import', { element: `${spec.id}-t1`, quantity: 'activePowerKw', of: ({ toKw }) => -toKw[transformer]! }),
    ...spec.network.feeders.map(({ id, headBranch }) => {
      const branch = grid.branchIndex.get(headBranch)!;
      return watched(`${id}-p`, { element: id, quantity: 'activePowerKw', of: ({ fromKw }) => fromKw[branch]! });
    }),
    ...devices.map(({ id, bus }) => {
      const at = grid.busIndex.get(bus)!;
      return watched(`${id}-v`, { element: id, quantity: 'voltagePu', of: ({ vmPu }) => vmPu[at]! });
    }),
  ];
  return {
    type: 'plan',
    version: 1,
    gateway: `${spec.id}-01`,
    epoch: 1,
    sequence: 1,
    issuedAt: 0,
    acceptUntil: 1,
    validFrom: 0,
    validUntil: 1,
    body: {
      id: 'map',
      substation: spec.id,
      trigger: 'schedule',
      status: 'optimal',
      horizon: { start: 0, stepsS: [1] },
      devices: [],
      expected: [],
      watched: limits,
      assumptions: {
        topologyVersion: spec.network.topologyVersion,
        devices: [],
        heads: [],
        substitutions: [],
      },
      binding: [],
      cost: { totalEur: 0, doNothingEur: 0, lossesEur: 0, interventionEur: 0, violationEur: 0 },
      verified: { maxVoltageViolationPu: 0, maxLoadingPct: 0, worstElement: TRANSFORMER },
      solveMs: 0,
    },
  };
}

const negated = ({ activePowerKw, ...rest }: Setpoint): Setpoint =>
  activePowerKw === undefined ? rest : { ...rest, activePowerKw: -activePowerKw };

function negatedValues(values: Values): Values {
  const { activePowerKw, activePowerSetpointKw } = values;
  return {
    ...values,
    ...(activePowerKw === undefined ? {} : { activePowerKw: -activePowerKw }),
    ...(activePowerSetpointKw === undefined ? {} : { activePowerSetpointKw: -activePowerSetpointKw }),
  };
}
