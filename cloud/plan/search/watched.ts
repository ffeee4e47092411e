import { MOST_WATCHED } from '../../../shared/contracts/most-watched.ts';
import type { WatchedLimit } from '../../../shared/contracts/plan.ts';
import { flowOf } from '../problem/ac.ts';
import { headsOf, type Head } from './elements.ts';
import { flowModel, voltageModel, type StepModel } from './model.ts';
import type { Optimised } from './optimised.ts';
import { isStepped } from '../problem/problem.ts';

/** Time ahead within which the worst state of a limit gives its sensitivities, s. */
const LOOK_S = 2 * 3600;
/** The map grows with the square of the devices. A gateway reads 2,000,000 characters, and most of them are for targets and envelopes. */
const MOST_CHARS = 650_000;
/** Characters of an element's id in the id of its limit, which has at most 63. Names differ at their end. */
const NAMED = 50;
const named = (id: string): string => id.slice(-NAMED).replace(/^[^a-z0-9]+/i, '');

/**
 * The guard's map: transformer, heads and the terminals of the devices, with the response of each to every device, from the state of the
 * next hours in which it is nearest to its limit. Limits are the network's own, without the plan's margin. Where a plan cannot carry all
 * terminals, it has those that are nearest to their limits.
 */
export function watchedLimits(optimised: Optimised): WatchedLimit[] {
  const { layout } = optimised;
  const { problem } = layout;
  const watched: WatchedLimit[] = [];
  const near = nearModels(optimised);
  for (const head of headsOf(layout)) {
    const model = worst(near, (one) => size(one, head));
    const { flow, dMw, dMvar } = flowModel(model, head.node, head.end);
    const whole = Math.hypot(flow.mw, flow.mvar);
    const rated = layout.ratings[head.node]! * 1000;
    if (Number.isFinite(rated))
      watched.push({
        id: `${named(head.element)}-kva`,
        element: head.element,
        quantity: 'apparentPowerKva',
        min: 0,
        max: rated,
        ...answers(optimised, (input) =>
          whole < 1e-6 ? dMw[input]! : (flow.mw * dMw[input]! + flow.mvar * dMvar[input]!) / whole,
        ),
      });
    // A share of the region's limit is for one step, and the gateway keeps to it by itself: for the whole plan the widest one stands.
    const [importKw, exportKw] = [Math.max(...problem.limits.importKw), Math.max(...problem.limits.exportKw)];
    if (head.element === 'transformer' && Number.isFinite(importKw) && Number.isFinite(exportKw))
      watched.push({
        id: 'transformer-kw',
        element: 'transformer',
        quantity: 'activePowerKw',
        min: -exportKw,
        max: importKw,
        ...answers(optimised, (input) => dMw[input]!),
      });
  }
  const margin = problem.limits.voltageMarginPu;
  let chars = JSON.stringify(watched).length;
  for (const { device, node, least, most, model } of terminals(optimised, near)) {
    const perInput = voltageModel(model, node);
    const limit: WatchedLimit = {
      id: `${named(device)}-voltage`,
      element: device,
      quantity: 'voltagePu',
      min: least - margin,
      max: most + margin,
      ...answers(optimised, (input) => perInput[input]! / 1000),
    };
    chars += JSON.stringify(limit).length;
    if (watched.length >= MOST_WATCHED || chars > MOST_CHARS) break;
    watched.push(limit);
  }
  return watched.slice(0, MOST_WATCHED);
}

interface Terminal {
  readonly device: string;
  readonly node: number;
  readonly least: number;
  readonly most: number;
  /** The state in which its voltage is nearest to a limit. */
  readonly model: StepModel;
  readonly roomPu: number;
}

/** Terminals with a voltage band, the nearest to its limit first. */
function terminals({ layout }: Optimised, near: readonly StepModel[]): Terminal[] {
  const { grid, problem, bandLow, bandHigh } = layout;
  const found = problem.devices.flatMap((device): Terminal[] => {
    if (isStepped(device)) return [];
    const node = grid.busNode[grid.busIndex.get(device.bus)!]!;
    const [least, most] = [bandLow[node]!, bandHigh[node]!];
    if (!Number.isFinite(most)) return [];
    const off = ({ solved: { workspace } }: StepModel): number =>
      Math.abs(Math.hypot(workspace.vRe[node]!, workspace.vIm[node]!) - (least + most) / 2);
    const model = worst(near, off);
    return [{ device: device.id, node, least, most, model, roomPu: (most - least) / 2 - off(model) }];
  });
  return found.toSorted((a, b) => a.roomPu - b.roomPu);
}

function nearModels({ layout, model }: Optimised): StepModel[] {
  let seconds = 0;
  const steps: number[] = [];
  for (const [step, length] of layout.problem.horizon.stepsS.entries()) {
    if (seconds >= LOOK_S) break;
    steps.push(step);
    seconds += length;
  }
  return model.steps.flatMap((scenario) => steps.map((step) => scenario[step]!));
}

const size = ({ solved }: StepModel, head: Head): number => {
  const flow = flowOf(solved, head.node, head.end);
  return Math.hypot(flow.mw, flow.mvar);
};

function worst(models: readonly StepModel[], measure: (model: StepModel) => number): StepModel {
  let found = models[0]!;
  let most = -Infinity;
  for (const model of models) {
    const here = measure(model);
    if (here <= most) continue;
    most = here;
    found = model;
  }
  return found;
}

/** Response per kW and kvar of consumption at each device. */
function answers(
  { layout }: Optimised,
  coefficient: (input: number) => number,
): Pick<WatchedLimit, 'perKw' | 'perKvar'> {
  const perKw: Record<string, number> = {};
  const perKvar: Record<string, number> = {};
  for (const [index, device] of layout.problem.devices.entries()) {
    if (isStepped(device)) continue;
    const control = layout.controls.find((one) => one.device === index && one.role !== 'reactive')!;
    perKw[device.id] = rounded(coefficient(control.input));
    if (layout.controls.some((one) => one.device === index && one.role === 'reactive'))
      perKvar[device.id] = rounded(coefficient(control.input + layout.nodes.length));
  }
  return { perKw, perKvar };
}

/** Six digits are more than the accuracy of the model. */
const rounded = (value: number): number => Number(value.toPrecision(6));
