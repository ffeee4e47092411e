import { fromWire } from '../faces/wire.ts';
import type { DeviceCommand } from '../plant/setpoints.ts';
import { stepAt } from '../sim/plan-step.ts';
import type { RegionSim } from '../sim/region-sim.ts';
import { passedLimits, type Passed } from './limits.ts';
import type { PlantSpec } from '../plant/spec.ts';
import { TAKES_S, type CommandHistory, type Injected, type Moment } from './moment.ts';

const REVERT_S = 60;

/** Observes the world of a scenario once a second. */
export class Watcher {
  readonly #sim: RegionSim;
  readonly #injected: Injected;
  readonly #spec: PlantSpec;
  readonly #startMs: number;
  readonly #commands = new Map<string, CommandHistory>();
  /** By subject and side: when a limit was first exceeded, s. */
  #passed = new Map<string, number>();
  #unheardSince: number | undefined;

  constructor(sim: RegionSim, injected: Injected, spec: PlantSpec) {
    this.#sim = sim;
    this.#injected = injected;
    this.#spec = spec;
    this.#startMs = sim.clock.plant.now();
  }

  /** Records a message that reached a device. */
  commanded(topic: string, payload: Uint8Array): void {
    const device = topic.split('/')[0]!;
    const command = fromWire(device, JSON.parse(new TextDecoder().decode(payload)));
    if (!command.ok) return;
    const atS = this.#atS();
    const before = this.#commands.get(device);
    const untilS = atS + (command.value.revertAfterS ?? REVERT_S);
    const known = before === undefined || before.untilS <= atS ? [] : before.stood;
    const last = known.at(-1);
    const same = last !== undefined && isNear(last.command, command.value);
    // A command that has hardly changed keeps its start time, and is compared by its newest value.
    const stood = same
      ? [...known.slice(0, -1), { command: command.value, sinceS: last.sinceS }]
      : [...known, { command: command.value, sinceS: atS }];
    // Drops commands that were replaced more than a few seconds ago.
    const first = Math.max(
      0,
      stood.findLastIndex(({ sinceS }) => atS - sinceS >= TAKES_S),
    );
    this.#commands.set(device, { stood: stood.slice(first), untilS });
  }

  look(): Moment {
    const [plant, gateway] = [this.#sim.plant.plants[0]!, this.#sim.gateways[0]!.id];
    const clients = this.#sim.network.clients();
    const linked = clients.includes(gateway);
    const atS = this.#atS();
    if (linked && !this.#injected.cloudDown) this.#unheardSince = undefined;
    else this.#unheardSince ??= atS;
    const substation = this.#sim.region.substations[0]!;
    const truth = plant.truth();
    const keys = passedLimits({ substation }, truth, -1).map(sideOf);
    const passed = new Map(keys.map((key) => [key, this.#passed.get(key) ?? atS]));
    this.#passed = passed;
    return {
      atS,
      gateway,
      substation,
      spec: this.#spec,
      plant,
      truth,
      injected: this.#injected,
      linked,
      unheardS: this.#unheardSince === undefined ? 0 : atS - this.#unheardSince,
      pastS: (limit) => atS - (passed.get(sideOf(limit)) ?? atS),
      plannedKw: this.#plannedKw(substation.id),
      commands: this.#commands,
    };
  }

  #plannedKw(substation: string): Map<string, number> {
    const plan = this.#sim.cloud.dispatch.planFor(substation)?.plan;
    const step = plan === undefined ? null : stepAt(plan, this.#sim.clock.plant.now());
    if (plan === undefined || step === null) return new Map();
    const types = new Map(this.#sim.region.substations[0]!.devices.map(({ id, type }) => [id, type]));
    return new Map(
      plan.devices.flatMap(({ device, activePowerKw, activePowerLimitKw }) => {
        const limitKw = activePowerLimitKw?.[step] ?? null;
        const kw =
          activePowerKw?.[step] ?? (limitKw === null ? null : limitKw * (types.get(device) === 'pv-inverter' ? -1 : 1));
        return kw === null ? [] : [[device, kw] as const];
      }),
    );
  }

  #atS(): number {
    return (this.#sim.clock.plant.now() - this.#startMs) / 1000;
  }
}

const sideOf = ({ about, side }: Pick<Passed, 'about' | 'side'>): string => `${about} ${side}`;

const isNear = (a: DeviceCommand, b: DeviceCommand): boolean =>
  (['activePowerKw', 'activePowerLimitKw', 'reactivePowerKvar'] as const).every(
    (key) => Math.abs((a[key] ?? 0) - (b[key] ?? 0)) <= 0.02 * Math.max(50, Math.abs(b[key] ?? 0)),
  );
