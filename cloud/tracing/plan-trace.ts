import type { Forecast } from '../../shared/contracts/forecast.ts';
import type { PlanBody } from '../../shared/contracts/plan.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import type { PlanSteps } from '../plan/send/plan-steps.ts';
import type { Span, Tell } from './span.ts';

interface Open {
  readonly plan: PlanBody;
  readonly start: number;
  readonly made: number;
  readonly attributes: Span['attributes'];
  accepted?: number;
}

const WHOLE = 'setpoint';
/** After any of these stages a plan sets nothing. If none is reported, the next plan ends the trace. */
const ENDS = ['rejected', 'expired', 'superseded', 'assumption-failed'];

/** Traces the path from a forecast over the plan based on it to the setpoints that its gateway applies. */
export class PlanTrace implements PlanSteps {
  readonly #tell: Tell;
  readonly #forecastOf: (target: string) => Forecast | undefined;
  /** The newest plan of each gateway, until it is applied or fails. */
  readonly #open = new Map<string, Open>();

  constructor(tell: Tell, forecastOf: (target: string) => Forecast | undefined) {
    this.#tell = tell;
    this.#forecastOf = forecastOf;
  }

  made(gateway: string, plan: PlanBody, begun: number, at: number): void {
    const before = this.#open.get(gateway);
    if (before !== undefined) this.#end(gateway, before, at, 'superseded');
    const forecast = this.#forecastOf(`substation:${plan.substation}`);
    const isRestedOn = plan.forecastId !== undefined && forecast?.id === plan.forecastId;
    const attributes = {
      'loadstone.gateway': gateway,
      'loadstone.substation': plan.substation,
      'loadstone.plan': plan.id,
      'loadstone.trigger': plan.trigger,
      'loadstone.status': plan.status,
      ...(plan.forecastId === undefined ? {} : { 'loadstone.forecast': plan.forecastId }),
    };
    const start = isRestedOn ? Math.min(forecast.issuedAt, begun) : begun;
    const open = { plan, start, made: at, attributes };
    this.#open.set(gateway, open);
    if (isRestedOn) this.#step(open, 'forecast', [start, begun]);
    this.#step(open, 'plan', [begun, at]);
  }

  sent(gateway: string, plan: PlanBody, at: number, fault?: string): void {
    const open = this.#opened(gateway, plan.id);
    if (open === undefined) return;
    this.#step(open, 'send', [open.made, at], fault);
    if (fault !== undefined) this.#end(gateway, open, at, fault);
  }

  reported(gateway: string, { id, stage, time, code }: DocumentReport): void {
    const open = this.#opened(gateway, id);
    if (open === undefined) return;
    if (stage === 'accepted') {
      open.accepted = time;
      this.#step(open, 'accept', [open.made, time]);
    } else if (stage === 'applied') {
      this.#step(open, 'apply', [open.accepted ?? open.made, time]);
      this.#end(gateway, open, time);
    } else if (ENDS.includes(stage)) this.#end(gateway, open, time, code ?? stage);
  }

  #opened(gateway: string, plan: string): Open | undefined {
    const open = this.#open.get(gateway);
    return open?.plan.id === plan ? open : undefined;
  }

  #step({ plan, attributes }: Open, name: string, [start, end]: readonly [number, number], fault?: string): void {
    this.#tell({ of: `plan ${plan.id}`, name, within: WHOLE, start, end, attributes, fault });
  }

  #end(gateway: string, { plan, start, attributes }: Open, end: number, fault?: string): void {
    this.#open.delete(gateway);
    this.#tell({ of: `plan ${plan.id}`, name: WHOLE, start, end, attributes, fault });
  }
}
