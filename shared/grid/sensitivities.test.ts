import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compileRadial, createWorkspace, nominalInput, solveRadial, type RadialInput } from './radial.ts';
import type { RadialGrid, RadialSolution } from './radial.ts';
import {
  columnOf,
  GridResponses,
  linearise,
  sensitivities,
  type GridResponse,
  type SensitivityColumn,
} from './sensitivities.ts';
import { randomNetwork } from './testing/random-network.ts';

const options = { tolerancePu: 1e-14, maxIterations: 400 };

/** Central differences of the power flow. */
function differences(grid: RadialGrid, input: (step: number) => RadialInput, step: number): SensitivityColumn {
  const [low, high] = [-step, step].map((each): RadialSolution =>
    solveRadial(grid, input(each), createWorkspace(grid), options),
  );
  const slope = (a: number, b: number): number => (b - a) / (2 * step);
  const array = (key: 'vmPu' | 'fromKw' | 'fromKvar' | 'toKw' | 'toKvar'): Float64Array =>
    low![key].map((value, at) => slope(value, high![key][at]!));
  const kva = (end: 'to' | 'from'): Float64Array =>
    low![`${end}Kw`].map((_, at) =>
      slope(
        ...([low, high].map((each) => Math.hypot(each![`${end}Kw`][at]!, each![`${end}Kvar`][at]!)) as [
          number,
          number,
        ]),
      ),
    );
  return {
    vmPu: array('vmPu'),
    fromKw: array('fromKw'),
    fromKvar: array('fromKvar'),
    toKw: array('toKw'),
    toKvar: array('toKvar'),
    fromKva: kva('from'),
    toKva: kva('to'),
    lossesKw: slope(low!.lossesKw, high!.lossesKw),
  };
}

function agree(exact: SensitivityColumn, measured: SensitivityColumn, scale = 1): void {
  for (const key of ['vmPu', 'fromKw', 'fromKvar', 'toKw', 'toKvar', 'fromKva', 'toKva'] as const)
    for (const [at, value] of exact[key].entries()) {
      const tolerance = (key === 'vmPu' ? 1e-7 : key.endsWith('Kva') ? 1e-3 : 1e-5) * scale;
      const gap = Math.abs(value - measured[key][at]!);
      assert.ok(gap <= tolerance, `${key}[${at}]: ${value} against ${measured[key][at]}`);
    }
  assert.ok(
    Math.abs(exact.lossesKw - measured.lossesKw) <= 1e-5 * scale,
    `losses ${exact.lossesKw} ${measured.lossesKw}`,
  );
}

test('sensitivities match the slopes of the power flow', () => {
  fc.assert(
    fc.property(randomNetwork, fc.nat(), (network, pick) => {
      const grid = compileRadial(network);
      const base = nominalInput(grid);
      const workspace = createWorkspace(grid);
      if (!solveRadial(grid, base, workspace, options).converged) return;
      const bus = pick % grid.busIds.length;
      const { perKw, perKvar } = sensitivities(grid, workspace, [bus]);
      for (const [key, column] of [
        ['activePowerKw', perKw[0]!],
        ['reactivePowerKvar', perKvar[0]!],
      ] as const) {
        const input = (step: number): RadialInput => {
          const moved = Float64Array.from(base[key]);
          moved[bus]! += step;
          return { ...base, [key]: moved };
        };
        agree(column, differences(grid, input, 0.05));
      }
      const responses = new GridResponses(linearise(grid, workspace));
      const columnTo = (response: GridResponse): SensitivityColumn => columnOf(grid, workspace, response);
      const voltage = (step: number): RadialInput => ({ ...base, sourceVoltagePu: 1.02 + step });
      agree(columnTo(responses.toSource(0)), differences(grid, voltage, 1e-4), 1000);
      for (const index of grid.transformers.keys()) {
        const taps = (step: number): RadialInput => ({
          ...base,
          tapPositions: Float64Array.from(
            grid.transformers,
            (each, at) => each.tapPosition + (at === index ? step : 0),
          ),
        });
        agree(columnTo(responses.toTap(index)), differences(grid, taps, 1e-3), 10);
      }
    }),
    { numRuns: 60, seed: 2 },
  );
});

test('property: responses after another solve still belong to the linearised state', () => {
  fc.assert(
    fc.property(randomNetwork, fc.nat(), (network, pick) => {
      const grid = compileRadial(network);
      const base = nominalInput(grid);
      const workspace = createWorkspace(grid);
      if (!solveRadial(grid, base, workspace, options).converged) return;
      const linearisation = linearise(grid, workspace);
      const responses = new GridResponses(linearisation);
      const later = {
        ...base,
        activePowerKw: base.activePowerKw.map((kw) => kw / 3),
        sourceVoltagePu: 1.05,
        tapPositions: Float64Array.from(grid.transformers, ({ tapPosition }) => tapPosition + 2),
      };
      solveRadial(grid, later, workspace, options);
      linearise(grid, workspace, linearisation);
      const then = createWorkspace(grid);
      solveRadial(grid, base, then, options);
      const columnTo = (response: GridResponse): SensitivityColumn => columnOf(grid, then, response);
      const bus = pick % grid.busIds.length;
      const loads = (step: number): RadialInput => ({
        ...base,
        activePowerKw: base.activePowerKw.map((kw, at) => kw + (at === bus ? step : 0)),
      });
      agree(columnTo(responses.toLoad(bus, 'activePowerKw')), differences(grid, loads, 0.05));
      for (const index of grid.transformers.keys()) {
        const taps = (step: number): RadialInput => ({
          ...base,
          tapPositions: Float64Array.from(
            grid.transformers,
            (each, at) => each.tapPosition + (at === index ? step : 0),
          ),
        });
        agree(columnTo(responses.toTap(index)), differences(grid, taps, 1e-3), 10);
      }
    }),
    { numRuns: 40, seed: 4 },
  );
});

test('absorbing reactive power lowers the voltage at its bus', () => {
  fc.assert(
    fc.property(randomNetwork, (network) => {
      const grid = compileRadial(network);
      const workspace = createWorkspace(grid);
      if (!solveRadial(grid, nominalInput(grid), workspace, options).converged) return;
      const bus = grid.busIds.length - 1;
      assert.ok(new GridResponses(linearise(grid, workspace)).toLoad(bus, 'reactivePowerKvar').vmPu(bus) < 0);
    }),
    { numRuns: 40, seed: 3 },
  );
});
