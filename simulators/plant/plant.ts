import type { ChargingSession } from '../../shared/contracts/sessions.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import { Baseline, restKvar } from './baseline.ts';
import { ColdLoad } from './cold-load.ts';
import { momentRandom } from './chance.ts';
import type { Values } from './device.ts';
import { silentDevices, trueNetwork } from './differences.ts';
import { BusLoads, FINEST_STEP_S, placeOf } from './loads.ts';
import { Meters, type Reading } from './meters.ts';
import { Observer } from './observer.ts';
import { makeDevices, type PlantDevices } from './plant-devices.ts';
import { OvercurrentRelay } from './relay.ts';
import type { EvSite } from './ev-site.ts';
import type { DeviceCommand } from './setpoints.ts';
import { Sky } from './sky.ts';
import type { PlantOptions, PlantSpec } from './spec.ts';
import type { PlantTruth } from './truth.ts';
import { Winding } from './winding.ts';
import { Wires } from './wires.ts';

interface Spike {
  readonly feeder: string;
  readonly share: number;
  readonly untilMs: number;
}

/** The whole state of a plant, enough to resume it; JSON. */
export interface PlantSnapshot {
  readonly version: 1;
  readonly id: string;
  readonly seed: number;
  readonly timeMs: number;
  readonly devices: Readonly<Record<string, unknown>>;
  readonly loads: unknown;
  readonly sky: unknown;
  readonly meters: unknown;
  readonly relays: readonly (readonly [number, boolean])[];
  readonly wires: ReturnType<Wires['snapshot']>;
  readonly spikes: readonly Spike[];
  readonly busbar: Busbar;
  /** Absent in states written before plants had it. */
  readonly winding?: ReturnType<Winding['snapshot']>;
  readonly coldLoads?: readonly number[];
}

/** What the voltage controller measured in the previous step. */
interface Busbar {
  readonly voltagePu: number;
  readonly importKw: number;
}

/** Daily swing of the 110 kV voltage, as a share of nominal. */
const HV_SWING_PU = 0.006;
const DAY_MS = 86_400_000;
/** Ambient temperature during gaps in the record, C. */
const USUAL_C = 15;

/** One substation as it really is. It advances in steps of plant time and reads no clock. */
export class Plant {
  readonly id: string;
  readonly #spec: PlantSpec;
  readonly #options: PlantOptions;
  readonly #wires: Wires;
  readonly #devices: PlantDevices;
  readonly #loads: BusLoads;
  readonly #sky: Sky;
  readonly #baseline: Baseline;
  readonly #meters: Meters;
  readonly #relays: readonly OvercurrentRelay[];
  readonly #coldLoads: readonly ColdLoad[];
  readonly #winding: Winding | undefined;
  readonly #observer: Observer;
  readonly #silent: ReadonlySet<string>;
  readonly #factors: Float64Array;
  #spikes: Spike[] = [];
  #restKw = 0;
  #busbar: Busbar = { voltagePu: 1, importKw: 0 };
  #timeMs: number;

  constructor(spec: PlantSpec, options: PlantOptions) {
    const { seed, startMs, differs = {}, bites = {} } = options;
    this.id = spec.id;
    this.#spec = spec;
    this.#options = options;
    this.#timeMs = startMs;
    const network = trueNetwork(spec, seed, differs);
    this.#wires = new Wires(network);
    const { grid } = this.#wires;
    this.#silent = silentDevices(spec, seed, differs);
    this.#devices = makeDevices(spec, { seed, startMs, bites }, grid.busIndex);
    this.#loads = new BusLoads({ ...spec, network }, seed, grid.busIndex);
    this.#sky = new Sky(spec.inputs, this.#devices.pvCount);
    this.#baseline = new Baseline(spec, seed, { grid, loads: this.#loads });
    this.#meters = new Meters(spec, this.#silent);
    this.#observer = new Observer(spec, this.#wires, this.#devices);
    this.#coldLoads = bites.coldLoad === true ? network.feeders.map(() => new ColdLoad()) : [];
    this.#winding = bites.hotSpot === true ? new Winding(network.transformers[0]!.ratedKva) : undefined;
    this.#relays = network.feeders.map(() => new OvercurrentRelay());
    this.#factors = new Float64Array(network.feeders.length);
  }

  /** Plant time reached so far, ms UTC. */
  get timeMs(): number {
    return this.#timeMs;
  }

  /** Ids of the devices that take commands. */
  get commandable(): readonly string[] {
    return [...this.#devices.commandable.keys()];
  }

  /** True once the series have ended. */
  get ended(): boolean {
    const { startMs, stepMs, count } = this.#spec.inputs;
    return this.#timeMs >= startMs + count * stepMs;
  }

  /** Advances by `dtS`. Steps above a minute carry interval means, without clouds, motors or noise. */
  step(dtS = 1): void {
    const middleMs = this.#timeMs + dtS * 500;
    this.#timeMs += dtS * 1000;
    const timeMs = this.#timeMs;
    const place = placeOf(this.#spec.inputs, middleMs);
    const random = momentRandom(this.#options.seed, this.id, timeMs);
    const wires = this.#wires;
    const p = wires.p.fill(0);
    const q = wires.q.fill(0);

    this.#sky.step(dtS, random);
    this.#loads.step(dtS, timeMs, random);
    this.#applySpikes(dtS);
    this.#loads.add(place, this.#factors, { p, q });
    this.#followVoltage(p, q);
    const rest = this.#baseline.restKw(place.from);
    this.#restKw = rest + (this.#baseline.restKw(place.to) - rest) * place.share;
    p[wires.busbar]! += this.#restKw;
    q[wires.busbar]! += restKvar(this.#restKw);

    const { vmPu } = wires.solution;
    for (const { device, bus, plant } of this.#devices.placed) {
      const sun = plant === undefined ? 0 : this.#sky.sun(place, plant);
      device.step({ timeMs, dtS, voltagePu: vmPu[bus]!, sun, random });
      p[bus]! += device.activePowerKw;
      q[bus]! += device.reactivePowerKvar;
    }
    this.#regulate(dtS);
    wires.solve(this.#sourceVoltagePu(middleMs), this.#trueTap());
    const { voltagePu, activePowerKw } = wires.transformerTruth();
    this.#busbar = { voltagePu, importKw: activePowerKw };
    if (this.#options.bites?.relays === true) this.#protect(dtS);
    this.#heat(dtS, place.from);
    if (dtS > FINEST_STEP_S) return;
    const meterRandom = momentRandom(this.#options.seed, `${this.id}/meters`, timeMs);
    this.#meters.step({ timeMs, stepS: dtS }, meterRandom, (device) => this.#observe(device));
  }

  /** Readings that reach the gateway in the step just made. */
  readings(): readonly Reading[] {
    return this.#meters.due();
  }

  /** Charging sessions that a site reports now; undefined for other devices and for silent ones. */
  sessions(device: string): readonly ChargingSession[] | undefined {
    if (this.#silent.has(device)) return undefined;
    return this.#devices.ev.find(({ id }) => id === device)?.sessions();
  }

  /** Reads all meters at once, with their errors, as of the step just made; `timeMs` is the start of its interval. */
  archive(timeMs: number): Reading[] {
    const random = momentRandom(this.#options.seed, `${this.id}/archive`, this.#timeMs);
    return this.#meters.readAll(timeMs, random, (device) => this.#observe(device));
  }

  /** A charging site, for the simulators of its chargers. */
  chargingSite(id: string): EvSite | undefined {
    return this.#devices.ev.find((site) => site.id === id);
  }

  /** Passes a command to a device; load convention. A silent device accepts it and does nothing. */
  command(device: string, command: DeviceCommand): Outcome<void> {
    const target = this.#devices.commandable.get(device);
    if (target === undefined) return bad('LS-CONTROL-003', `${this.id} has no device "${device}"`);
    if (!this.#silent.has(device)) target.command(command, this.#timeMs);
    return good(undefined);
  }

  /** Adds `share` of a feeder's load within the next second, for `durationS`. */
  spike(event: { readonly feeder: string; readonly share: number; readonly durationS: number }): Outcome<void> {
    const { feeder, share, durationS } = event;
    if (!this.#wires.network.feeders.some(({ id }) => id === feeder))
      return bad('LS-GRID-003', `${this.id} has no feeder "${feeder}"`);
    this.#spikes.push({ feeder, share, untilMs: this.#timeMs + durationS * 1000 });
    return good(undefined);
  }

  /** Opens or closes a line; refused when the network would no longer be radial. */
  setSwitch(line: string, closed: boolean): Outcome<void> {
    return this.#wires.setSwitch(line, closed);
  }

  /** Resets a tripped feeder relay and closes the feeder head. */
  resetRelay(feeder: string): Outcome<void> {
    const at = this.#wires.network.feeders.findIndex(({ id }) => id === feeder);
    if (at < 0) return bad('LS-GRID-003', `${this.id} has no feeder "${feeder}"`);
    this.#relays[at]!.reset();
    return this.setSwitch(this.#wires.network.feeders[at]!.headBranch, true);
  }

  /** For tests, the proof and the demo's display; never for a controller. */
  truth(): PlantTruth {
    const wires = this.#wires;
    const { fromKw, fromKvar, lossesKw, vmPu, loadingPct } = wires.solution;
    return {
      id: this.id,
      timeMs: this.#timeMs,
      sourceKw: fromKw[wires.transformer]!,
      sourceKvar: fromKvar[wires.transformer]!,
      loadKw: wires.p.reduce((sum, kw, bus) => (vmPu[bus]! > 0 ? sum + kw : sum), 0),
      lossesKw,
      interruptedKw: wires.p.reduce((sum, kw, bus) => (vmPu[bus]! > 0 ? sum : sum + Math.max(0, kw)), 0),
      transformer: wires.transformerTruth(),
      winding:
        this.#winding === undefined ? null : { hotSpotC: this.#winding.hotSpotC, agedHours: this.#winding.agedHours },
      feeders: wires.network.feeders.map(({ id }, at) => ({
        id,
        ...wires.headTruth(at),
        energised: wires.energised(wires.heads[at]!),
        tripped: this.#relays[at]!.tripped,
      })),
      restKw: this.#restKw,
      tapPosition: this.#trueTap(),
      tapMoves: this.#devices.tap?.moves ?? 0,
      busIds: wires.grid.busIds,
      voltagePu: vmPu,
      branchIds: wires.grid.branchIds,
      loadingPct,
      devices: this.#devices.placed.map(({ device, bus }) => ({
        id: device.id,
        activePowerKw: device.activePowerKw,
        reactivePowerKvar: device.reactivePowerKvar,
        voltagePu: vmPu[bus]!,
        values: device.values(),
      })),
      energyNotServedKwh: this.#devices.ev.reduce((sum, site) => sum + site.notServedKwh, 0),
      spikes: this.#spikes,
    };
  }

  snapshot(): PlantSnapshot {
    const { placed, tap } = this.#devices;
    const devices = Object.fromEntries(placed.map(({ device }) => [device.id, device.snapshot()]));
    return {
      version: 1,
      id: this.id,
      seed: this.#options.seed,
      timeMs: this.#timeMs,
      devices: tap === undefined ? devices : { ...devices, [tap.id]: tap.snapshot() },
      loads: this.#loads.snapshot(),
      sky: this.#sky.snapshot(),
      meters: this.#meters.snapshot(),
      relays: this.#relays.map((relay) => relay.snapshot()),
      wires: this.#wires.snapshot(),
      spikes: [...this.#spikes],
      busbar: this.#busbar,
      ...(this.#coldLoads.length === 0 ? {} : { coldLoads: this.#coldLoads.map((each) => each.snapshot()) }),
      ...(this.#winding === undefined ? {} : { winding: this.#winding.snapshot() }),
    };
  }

  /** A copy of this plant in its present state, for what-if runs. */
  fork(): Plant {
    const twin = new Plant(this.#spec, this.#options);
    twin.restore(this.snapshot());
    return twin;
  }

  /** Loads the state of a plant with the same substation and seed; throws if it belongs to another plant. */
  restore(from: PlantSnapshot): void {
    if (from.version !== 1 || from.id !== this.id || from.seed !== this.#options.seed)
      throw new Error(`the saved state is of plant ${from.id}, seed ${from.seed}, version ${from.version}`);
    this.#timeMs = from.timeMs;
    const { placed, tap } = this.#devices;
    for (const { device } of placed) device.restore(from.devices[device.id]);
    tap?.restore(from.devices[tap.id]);
    this.#loads.restore(from.loads);
    this.#sky.restore(from.sky);
    this.#meters.restore(from.meters);
    for (const [at, relay] of this.#relays.entries()) relay.restore(from.relays[at]!);
    this.#wires.restore(from.wires);
    this.#spikes = [...from.spikes];
    this.#busbar = from.busbar;
    for (const [at, extra] of (from.coldLoads ?? []).entries()) this.#coldLoads[at]?.restore(extra);
    if (from.winding !== undefined) this.#winding?.restore(from.winding);
  }

  #applySpikes(dtS: number): void {
    this.#spikes = this.#spikes.filter(({ untilMs }) => untilMs >= this.#timeMs);
    for (const [at, { id }] of this.#wires.network.feeders.entries()) {
      const own = this.#spikes.filter(({ feeder }) => feeder === id);
      const cold = this.#coldLoads[at]?.step(this.#wires.energised(this.#wires.heads[at]!), dtS) ?? 1;
      this.#factors[at] = cold * own.reduce((factor, { share }) => factor + share, 1);
    }
  }

  /** Scales the loads with the voltage of the previous step. */
  #followVoltage(p: Float64Array, q: Float64Array): void {
    const { zip } = this.#options.differs ?? {};
    if (zip === undefined) return;
    const { vmPu } = this.#wires.solution;
    for (let bus = 0; bus < p.length; bus++) {
      const pu = vmPu[bus]!;
      if (!(pu > 0)) continue;
      const factor = zip.impedance * pu * pu + zip.current * pu + (1 - zip.impedance - zip.current);
      p[bus]! *= factor;
      q[bus]! *= factor;
    }
  }

  #regulate(dtS: number): void {
    const { tap } = this.#devices;
    if (tap === undefined) return;
    const { ratedKva } = this.#wires.network.transformers[0]!;
    const { voltagePu, importKw } = this.#busbar;
    tap.step({ timeMs: this.#timeMs, dtS, voltagePu, importPu: importKw / ratedKva });
  }

  #trueTap(): number {
    return (this.#devices.tap?.position ?? 0) + (this.#options.differs?.tapSteps ?? 0);
  }

  #sourceVoltagePu(timeMs: number): number {
    const base = this.#wires.network.sources[0]!.voltagePu;
    return base + HV_SWING_PU * Math.cos((2 * Math.PI * (timeMs % DAY_MS)) / DAY_MS);
  }

  #protect(dtS: number): void {
    for (const [at, relay] of this.#relays.entries()) {
      const { loadingPct } = this.#wires.headTruth(at);
      if (relay.step(loadingPct / 100, dtS)) this.setSwitch(this.#wires.network.feeders[at]!.headBranch, false);
    }
  }

  #heat(dtS: number, at: number): void {
    const { activePowerKw, reactivePowerKvar } = this.#wires.transformerTruth();
    const measured = this.#spec.inputs.temperatureC[at] ?? Number.NaN;
    const kva = Math.hypot(activePowerKw, reactivePowerKvar);
    const ambientC = Number.isFinite(measured) ? measured : USUAL_C;
    if (this.#winding?.step({ kva, ambientC, dtS }) !== true) return;
    for (const [index, relay] of this.#relays.entries()) {
      if (relay.tripped) continue;
      relay.trip();
      this.setSwitch(this.#wires.network.feeders[index]!.headBranch, false);
    }
  }

  #observe(id: string): Values | undefined {
    return this.#observer.observe(id, this.#timeMs);
  }
}
