import type { PlanBody } from '../../shared/contracts/plan.ts';
import type { AccessNetwork } from '../faces/access-network.ts';
import type { Plant } from '../plant/plant.ts';
import type { DeviceCommand } from '../plant/setpoints.ts';
import { stepAt } from '../sim/plan-step.ts';

const REPEAT_MS = 120_000;
const HOLD_S = 900;
/** Above every rating: no limit, kW. */
const ANYTHING_KW = 1e6;

/** Forwards a plan unchanged to the devices of a site; nothing on site monitors it. */
export class Forwarding {
  readonly #plant: Plant;
  readonly #access: AccessNetwork;
  #sent = '';
  #sentMs = -Infinity;

  constructor(plant: Plant, access: AccessNetwork) {
    this.#plant = plant;
    this.#access = access;
  }

  /** Runs after each step of the plant, with the newest plan that the cloud can send to the site. */
  async step(nowMs: number, plan: PlanBody | undefined): Promise<void> {
    await this.#access.deliver(nowMs);
    const step = plan === undefined ? null : stepAt(plan, nowMs);
    if (plan === undefined || step === null) return;
    const key = `${plan.id} ${step}`;
    if (key === this.#sent && nowMs - this.#sentMs < REPEAT_MS) return;
    this.#sent = key;
    this.#sentMs = nowMs;
    for (const device of plan.devices) {
      const command = commandOf(device, step);
      this.#access.carry(nowMs, () => void this.#plant.command(device.device, { ...command, revertAfterS: HOLD_S }));
    }
  }
}

function commandOf(device: PlanBody['devices'][number], step: number): DeviceCommand {
  const { activePowerKw, reactivePowerKvar, activePowerLimitKw, voltageTargetPu, capacitorStep } = device;
  const schedules = { activePowerKw, reactivePowerKvar, voltageTargetPu, capacitorStep };
  return {
    ...Object.fromEntries(
      Object.entries(schedules).flatMap(([key, values]) => {
        const value = values?.[step] ?? null;
        return value === null ? [] : [[key, value]];
      }),
    ),
    ...(activePowerLimitKw === undefined ? {} : { activePowerLimitKw: activePowerLimitKw[step] ?? ANYTHING_KW }),
  };
}
