import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { importPandapower } from './pandapower.ts';
import { exportPowerGridModel } from './power-grid-model-export.ts';
import { importPowerGridModel } from './power-grid-model.ts';
import { readProfiles } from './profile.ts';
import { importSimbench } from './simbench.ts';
import type { NetworkSolution } from './solution.ts';
import { prepareNetwork, solveNetwork } from './solve.ts';
import type { Network } from './network.ts';

const grids = resolve(fileURLToPath(import.meta.url), '../../../simulators/data/grids');
const text = (...path: string[]): string => readFileSync(join(grids, ...path), 'utf8');
const json = (...path: string[]): unknown => JSON.parse(text(...path));
const near = (actual: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} is not ${expected} within ${tolerance}`);
const byId = <T extends { readonly id: string }>(items: readonly T[]): Map<string, T> =>
  new Map(items.map((item) => [item.id, item]));

interface Pandapower {
  readonly bus: number[];
  readonly vm_pu: number[];
  readonly va_degree: number[];
  readonly line: number[];
  readonly line_p_from_mw: number[];
  readonly line_loading_percent: number[];
  readonly loss_line_kW: number;
  readonly loss_trafo_kW: number;
  readonly max_trafo_loading_percent: number;
  readonly ext_grid_p_mw: number[];
  readonly ext_grid_q_mvar: number[];
}

for (const name of globSync('pandapower/*/net.json', { cwd: grids })
  .map((path) => path.split('/')[1]!)
  .sort())
  test(`golden: pandapower ${name}`, () => {
    const expected = json('pandapower', name, 'expected.json') as Pandapower;
    const tolerance = json('pandapower', name, 'tolerance.json') as Record<string, number>;
    const { network, omitted } = importPandapower(text('pandapower', name, 'net.json'), name);
    assert.deepEqual(
      omitted.filter(({ changesResult }) => changesResult),
      [],
    );
    for (const method of [undefined, 'newton'] as const) {
      const solution = solveNetwork(network, method === undefined ? {} : { method });
      assert.equal(solution.converged, true);
      const buses = byId(solution.buses);
      const branches = byId(solution.branches);
      for (const [at, bus] of expected.bus.entries()) {
        near(buses.get(String(bus))!.vmPu, expected.vm_pu[at]!, tolerance['vmPu']!, `voltage of bus ${bus}`);
        near(buses.get(String(bus))!.vaDeg, expected.va_degree[at]!, tolerance['vaDeg']!, `angle of bus ${bus}`);
      }
      for (const [at, line] of expected.line.entries()) {
        const flow = branches.get(`line-${line}`)!;
        near(flow.fromKw / 1000, expected.line_p_from_mw[at]!, tolerance['powerMw']!, `line ${line}`);
        near(flow.loadingPct!, expected.line_loading_percent[at]!, tolerance['loadingPct']!, `loading of line ${line}`);
      }
      const trafos = solution.branches.filter(({ id }) => id.startsWith('trafo-'));
      const most = Math.max(...trafos.map(({ loadingPct }) => loadingPct!));
      near(most, expected.max_trafo_loading_percent, tolerance['loadingPct']!, 'loading of a transformer');
      const losses = expected.loss_line_kW + expected.loss_trafo_kW;
      near(solution.lossesKw, losses, tolerance['lossesKw']!, 'losses');
      near(-solution.sources[0]!.activePowerKw / 1000, expected.ext_grid_p_mw[0]!, tolerance['powerMw']!, 'supply');
      near(
        -solution.sources[0]!.reactivePowerKvar / 1000,
        expected.ext_grid_q_mvar[0]!,
        tolerance['powerMw']!,
        'supply',
      );
    }
  });

type Elements = Record<string, (Record<string, number> & { readonly id: number })[]>;

function agree(
  solution: NetworkSolution,
  expected: Elements,
  params: { readonly rtol: number; readonly atol: number },
): void {
  const close = (actual: number, value: number | undefined, what: string): void => {
    if (value !== undefined) near(actual, value, params.atol + params.rtol * Math.abs(value), what);
  };
  const buses = byId(solution.buses);
  const branches = byId(solution.branches);
  for (const node of expected['node'] ?? []) {
    const bus = buses.get(String(node.id))!;
    close(bus.vmPu, node['u_pu'], `voltage of node ${node.id}`);
    if (node['u_pu'] === 0) continue;
    const turn = ((bus.vaDeg * Math.PI) / 180 - node['u_angle']!) / (2 * Math.PI);
    near((turn - Math.round(turn)) * 2 * Math.PI, 0, params.atol, `angle of node ${node.id}`);
  }
  for (const kind of ['line', 'transformer'])
    for (const item of expected[kind] ?? []) {
      const flow = branches.get(String(item.id))!;
      close(flow.fromKw * 1000, item['p_from'], `${kind} ${item.id} p_from`);
      close(flow.fromKvar * 1000, item['q_from'], `${kind} ${item.id} q_from`);
      close(flow.toKw * 1000, item['p_to'], `${kind} ${item.id} p_to`);
      close(flow.toKvar * 1000, item['q_to'], `${kind} ${item.id} q_to`);
      // power-grid-model computes a transformer's loading from apparent power, we from current.
      if (kind === 'line') close(flow.loadingPct! / 100, item['loading'], `line ${item.id} loading`);
    }
  for (const item of expected['three_winding_transformer'] ?? [])
    for (const [at, side] of ['high', 'medium', 'low'].entries()) {
      const flow = branches.get(`${item.id}:${side}`)!;
      close(flow.fromKw * 1000, item[`p_${at + 1}`], `winding ${side} p`);
      close(flow.fromKvar * 1000, item[`q_${at + 1}`], `winding ${side} q`);
    }
  for (const item of expected['source'] ?? []) {
    const source = byId(solution.sources).get(String(item.id))!;
    close(-source.activePowerKw * 1000, item['p'], `source ${item.id} p`);
    close(-source.reactivePowerKvar * 1000, item['q'], `source ${item.id} q`);
  }
}

for (const name of globSync('power-grid-model/*/input.json', { cwd: grids })
  .map((path) => path.split('/')[1]!)
  .sort())
  test(`golden: power-grid-model ${name}, and the same after export and import`, () => {
    const folder = ['power-grid-model', name] as const;
    const input = json(...folder, 'input.json') as { readonly data: Elements };
    const params = json(...folder, 'params.json') as { rtol: number; atol: number };
    const isBatch = existsSync(join(grids, ...folder, 'update_batch.json'));
    const updates = isBatch ? (json(...folder, 'update_batch.json') as { data: Elements[] }).data : [{}];
    const outputs = isBatch
      ? (json(...folder, 'sym_output_batch.json') as { data: Elements[] }).data
      : [(json(...folder, 'sym_output.json') as { data: Elements }).data];
    assert.equal(updates.length, outputs.length);
    for (const [at, update] of updates.entries()) {
      const data = structuredClone(input.data);
      for (const [kind, items] of Object.entries<Elements[string]>(update))
        for (const item of items)
          Object.assign(
            data[kind]!.find(({ id }) => id === item.id)!,
            item,
          );
      const { network, omitted } = importPowerGridModel(JSON.stringify({ ...input, data }));
      assert.deepEqual(
        omitted.filter(({ changesResult }) => changesResult),
        [],
      );
      agree(solveNetwork(network), outputs[at]!, params);
      const back = exportPowerGridModel(network);
      assert.deepEqual(
        back.omitted.filter(({ changesResult }) => changesResult),
        [],
      );
      agree(solveNetwork(importPowerGridModel(back.text).network), outputs[at]!, params);
    }
  });

test('golden: SimBench 1-LV-rural1, the published result and a day of profiles', () => {
  const folder = 'simbench-lv-rural1';
  const expected = json(folder, 'expected.json') as {
    bus: string[];
    steps: { time: string; vm_pu: number[]; ext_p_mw: number }[];
  };
  const tolerance = json(folder, 'tolerance.json') as Record<string, number>;
  const files = new Map(globSync(`${folder}/*.csv`, { cwd: grids }).map((path) => [basename(path), text(path)]));
  const { network, omitted } = importSimbench(files, folder);
  assert.deepEqual(omitted, []);

  const published = files.get('NodePFResult.csv')!.trim().split('\n').slice(1);
  const buses = byId(solveNetwork(network).buses);
  const apart = published.map((row) => {
    const [node, vm, va] = row.split(';') as [string, string, string];
    near(buses.get(node)!.vmPu, Number(vm), tolerance['publishedVmPu']!, `published voltage of ${node}`);
    return buses.get(node)!.vaDeg - Number(va);
  });
  // The published angles omit the shift of the vector group.
  for (const difference of apart)
    near(difference, 30 * Math.round(difference / 30), tolerance['publishedVaDeg']!, 'published angle');

  const profiles = readProfiles(
    network,
    ['LoadProfile.csv', 'RESProfile.csv'].map((name) => ({ name, text: files.get(name)! })),
  );
  assert.deepEqual([profiles.times.length, profiles.unusedColumns], [96, []]);
  const prepared = prepareNetwork(network);
  for (const [at, step] of expected.steps.entries()) {
    assert.equal(profiles.times[at], step.time);
    const solution = prepared.solve(profiles.at(at));
    const solved = byId(solution.buses);
    for (const [position, bus] of expected.bus.entries())
      near(solved.get(bus)!.vmPu, step.vm_pu[position]!, tolerance['vmPu']!, `${bus} at ${step.time}`);
    near(-solution.sources[0]!.activePowerKw / 1000, step.ext_p_mw, tolerance['powerMw']!, `supply at ${step.time}`);
  }
});

const same = (a: Network, b: Network, tolerancePu: number): void => {
  const other = byId(solveNetwork(b).buses);
  for (const { id, vmPu } of solveNetwork(a).buses) near(other.get(id)!.vmPu, vmPu, tolerancePu, `bus ${id}`);
};

test('a network exported to power-grid-model is the same grid there', () => {
  const { network } = importPandapower(text('pandapower', 'cigre_mv', 'net.json'));
  const { text: written, omitted, ids } = exportPowerGridModel(network);
  assert.deepEqual(
    omitted.filter(({ changesResult }) => changesResult),
    [],
  );
  const { network: back } = importPowerGridModel(written);
  const named = new Map([...ids].map(([id, number]) => [String(number), id.replace(/^bus /, '')]));
  const buses = back.buses.map((bus) => ({ ...bus, id: named.get(bus.id)! }));
  const rename = (id: string): string => named.get(id)!;
  const moved = {
    ...back,
    buses,
    lines: back.lines.map((line) => ({ ...line, from: rename(line.from), to: rename(line.to) })),
    transformers: back.transformers.map((each) => ({ ...each, from: rename(each.from), to: rename(each.to) })),
    loads: back.loads.map((load) => ({ ...load, bus: rename(load.bus) })),
    sources: back.sources.map((source) => ({ ...source, bus: rename(source.bus) })),
    switches: back.switches!.map((each) => ({
      ...each,
      bus: rename(each.bus),
      ...(each.toBus === undefined ? {} : { toBus: rename(each.toBus) }),
    })),
  };
  same(network, moved, 1e-6);
});
