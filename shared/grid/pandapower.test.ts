import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPandapower } from './pandapower.ts';
import { importPowerGridModel } from './power-grid-model.ts';
import { solveNetwork } from './solve.ts';
import { pandapowerFile as file } from './testing/pandapower-file.ts';

const near = (actual: number, expected: number, tolerance = 1e-9): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

const bus = (vn_kv: number, more = {}): Record<string, unknown> => ({ vn_kv, in_service: true, ...more });
const ext = [{ bus: 0, vm_pu: 1.02, va_degree: 0, in_service: true }];
const line = (from_bus: number, to_bus: number, more = {}): Record<string, unknown> => ({
  from_bus,
  to_bus,
  length_km: 2,
  r_ohm_per_km: 0.2,
  x_ohm_per_km: 0.1,
  c_nf_per_km: 100,
  parallel: 1,
  in_service: true,
  ...more,
});

test('signs: a load draws, a static generator feeds in, a capacitor raises, a generator holds the voltage', () => {
  const { network, omitted } = importPandapower(
    file({
      bus: [bus(20), bus(20)],
      ext_grid: ext,
      line: [line(0, 1)],
      load: [{ bus: 1, p_mw: 1, q_mvar: 0.2, scaling: 0.5, const_i_p_percent: 40, in_service: true }],
      sgen: [{ bus: 1, p_mw: 0.3, q_mvar: 0.1, scaling: 1, in_service: true }],
      storage: [{ bus: 1, p_mw: 0.1, q_mvar: 0, scaling: 1, in_service: true }],
      shunt: [{ bus: 1, p_mw: 0, q_mvar: -0.2, vn_kv: 10, step: 2, in_service: true }],
      gen: [{ bus: 1, p_mw: 0.2, vm_pu: 1.01, min_q_mvar: -1, max_q_mvar: 2, scaling: 1, in_service: true }],
    }),
  );
  assert.deepEqual(network.loads, [
    { id: 'load-0', bus: '1', activePowerKw: 500, reactivePowerKvar: 100, activeCurrentPct: 40 },
  ]);
  assert.deepEqual(network.generators, [
    { id: 'sgen-0', bus: '1', activePowerKw: -300, reactivePowerKvar: -100 },
    { id: 'gen-0', bus: '1', activePowerKw: -200, voltagePu: 1.01, reactiveMinKvar: -2000, reactiveMaxKvar: 1000 },
  ]);
  assert.equal(network.storages![0]!.activePowerKw, 100);
  near(network.shunts[0]!.bKvar, 0.2 * 1000 * 2 * 4);
  near(solveNetwork(network).buses[1]!.vmPu, 1.01);
  assert.deepEqual(omitted, []);
});

test('a shunt with a table of steps has the power of its step as a whole', () => {
  const stepped = (step: number) =>
    importPandapower(
      file({
        bus: [bus(20), bus(20)],
        ext_grid: ext,
        line: [line(0, 1)],
        shunt: [
          {
            bus: 1,
            p_mw: 0,
            q_mvar: -0.5,
            vn_kv: 10,
            step,
            step_dependency_table: true,
            id_characteristic_table: 4,
            in_service: true,
          },
        ],
        shunt_characteristic_table: [
          { id_characteristic: 3, step: 3, q_mvar: -9, p_mw: 9 },
          { id_characteristic: 4, step: 3, q_mvar: -0.75, p_mw: 0.1 },
        ],
      }),
    );
  const { network, omitted } = stepped(3);
  near(network.shunts[0]!.bKvar, 750 * 4);
  near(network.shunts[0]!.gKw, 100 * 4);
  assert.deepEqual(
    omitted.filter(({ element }) => element.startsWith('shunt ')),
    [],
  );
  assert.throws(() => stepped(2), /shunt 0: shunt_characteristic_table has no row .* and step 2, its step/);
});

test('handles parallel lines, an open end and an out-of-service bus', () => {
  const { network, omitted } = importPandapower(
    file({
      bus: [bus(20), bus(20), bus(20, { in_service: false })],
      ext_grid: ext,
      line: [line(0, 1, { parallel: 2, max_i_ka: 0.1, df: 0.9 }), line(1, 2), line(0, 1, { in_service: false })],
      load: [{ bus: 2, p_mw: 1, q_mvar: 0, in_service: true }],
      switch: [
        { bus: 0, element: 0, et: 'l', closed: true },
        { bus: 0, element: 2, et: 'l', closed: false },
      ],
    }),
  );
  near(network.lines[0]!.rOhm, 0.2);
  near(network.lines[0]!.bUs!, 2 * Math.PI * 50 * 100e-3 * 2 * 2);
  near(network.lines[0]!.ratedKva!, Math.sqrt(3) * 20 * 0.1 * 0.9 * 2 * 1000);
  const solution = solveNetwork(network);
  assert.deepEqual(solution.deEnergised, ['2']);
  assert.ok(
    solution.branches[1]!.fromKvar < 0 && Math.abs(solution.branches[1]!.toKw) < 1e-6,
    'the line to it is charged',
  );
  assert.deepEqual(
    omitted.map(({ element, field, changesResult }) => [element, field, changesResult]),
    [
      ['bus 2', 'in_service', false],
      ['load 0', 'bus', false],
      ['line 2', 'in_service', false],
      ['switch 1', 'element', false],
    ],
  );
});

const trafo = {
  hv_bus: 0,
  lv_bus: 1,
  sn_mva: 1,
  vn_hv_kv: 10.5,
  vn_lv_kv: 0.42,
  vk_percent: 10,
  vkr_percent: 1,
  pfe_kw: 1,
  i0_percent: 1,

  shift_degree: 330,
  tap_side: 'lv',
  tap_neutral: 2,
  tap_pos: -1,
  tap_step_percent: 1.5,
  parallel: 1,
  in_service: true,
};
const lowLoad = [{ bus: 1, p_mw: 0.4, q_mvar: 0.1, in_service: true }];

test('a low-side tap matches power-grid-model under the pi model', () => {
  const { network } = importPandapower(
    file(
      { bus: [bus(10), bus(0.4)], ext_grid: ext, trafo: [{ ...trafo, tap_changer_type: 'Ratio' }], load: lowLoad },
      { user_pf_options: { trafo_model: 'pi' } },
    ),
  );
  const other = importPowerGridModel(
    JSON.stringify({
      version: '1.0',
      type: 'input',
      is_batch: false,
      attributes: {},
      data: {
        node: [
          { id: 1, u_rated: 10_000 },
          { id: 2, u_rated: 400 },
        ],
        source: [{ id: 3, node: 1, status: 1, u_ref: 1.02, sk: 1e15 }],
        transformer: [
          {
            id: 4,
            from_node: 1,
            to_node: 2,
            from_status: 1,
            to_status: 1,
            u1: 10_500,
            u2: 420,
            sn: 1e6,
            uk: 0.1,
            pk: 1e4,
            i0: 0.01,
            p0: 1000,

            winding_from: 2,
            winding_to: 1,
            clock: 11,
            tap_side: 1,
            tap_pos: -1,
            tap_min: -5,
            tap_max: 5,
            tap_nom: 2,
            tap_size: 6.3,
          },
        ],
        sym_load: [{ id: 5, node: 2, status: 1, type: 0, p_specified: 4e5, q_specified: 1e5 }],
      },
    }),
  );
  const [ours, theirs] = [solveNetwork(network), solveNetwork(other.network)];
  near(ours.buses[1]!.vmPu, theirs.buses[1]!.vmPu);
  near(ours.branches[0]!.fromKvar, theirs.branches[0]!.fromKvar, 1e-5);
  near(solveNetwork(network, { method: 'newton' }).branches[0]!.fromKw, ours.branches[0]!.fromKw, 1e-7);
});

test('a tap without a type is ignored; a phase-shifting one sets ratio and shift', () => {
  const read = (more: object): ReturnType<typeof importPandapower> =>
    importPandapower(file({ bus: [bus(10), bus(0.4)], ext_grid: ext, trafo: [{ ...trafo, ...more }], load: lowLoad }));
  const none = read({ tap_changer_type: null });
  assert.equal(none.network.transformers[0]!.tapPosition, undefined);
  assert.deepEqual(
    none.omitted.map(({ element, field }) => [element, field]),
    [['trafo 0', 'tap_pos']],
  );
  const ideal = read({ tap_changer_type: 'Ideal', tap_step_percent: null, tap_step_degree: 2 }).network
    .transformers[0]!;
  near(ideal.shiftDeg!, 330 + 6);
  const across = read({ tap_changer_type: 'Ratio', tap_step_degree: 90 }).network.transformers[0]!;
  near(across.ratedToKv, 0.42 * Math.hypot(1, 0.045));
});

test('a lossless three-winding transformer matches power-grid-model', () => {
  const { network } = importPandapower(
    file(
      {
        bus: [bus(110), bus(20), bus(10)],
        ext_grid: ext,
        trafo3w: [
          {
            hv_bus: 0,
            mv_bus: 1,
            lv_bus: 2,
            vn_hv_kv: 110,
            vn_mv_kv: 21,
            vn_lv_kv: 10.5,
            sn_hv_mva: 60,
            sn_mv_mva: 50,
            sn_lv_mva: 10,

            vk_hv_percent: 9,
            vk_mv_percent: 6,
            vk_lv_percent: 3.5,
            vkr_hv_percent: 0,
            vkr_mv_percent: 0,
            vkr_lv_percent: 0,

            pfe_kw: 50,
            i0_percent: 0.1,
            shift_mv_degree: 330,
            shift_lv_degree: 330,
            tap_side: 'mv',
            tap_neutral: 0,
            tap_pos: 3,
            tap_step_percent: 2,
            in_service: true,
          },
        ],
        load: [
          { bus: 1, p_mw: 20, q_mvar: 5, in_service: true },
          { bus: 2, p_mw: 5, q_mvar: 1, in_service: true },
        ],
      },
      { user_pf_options: { trafo_model: 'pi' } },
    ),
  );
  const other = importPowerGridModel(
    JSON.stringify({
      version: '1.0',
      type: 'input',
      is_batch: false,
      attributes: {},
      data: {
        node: [
          { id: 1, u_rated: 110_000 },
          { id: 2, u_rated: 20_000 },
          { id: 3, u_rated: 10_000 },
        ],
        source: [{ id: 7, node: 1, status: 1, u_ref: 1.02, sk: 1e17 }],
        three_winding_transformer: [
          {
            id: 4,
            node_1: 1,
            node_2: 2,
            node_3: 3,
            status_1: 1,
            status_2: 1,
            status_3: 1,
            u1: 110_000,
            u2: 21_000,
            u3: 10_500,

            sn_1: 6e7,
            sn_2: 5e7,
            sn_3: 1e7,
            uk_12: 0.09,
            uk_13: 0.035,
            uk_23: 0.06,
            pk_12: 0,
            pk_13: 0,
            pk_23: 0,
            i0: 0.001,
            p0: 50_000,

            winding_1: 2,
            winding_2: 1,
            winding_3: 1,
            clock_12: 11,
            clock_13: 11,
            tap_side: 1,
            tap_pos: 3,
            tap_min: -8,
            tap_max: 8,
            tap_nom: 0,
            tap_size: 420,
          },
        ],
        sym_load: [
          { id: 5, node: 2, status: 1, type: 0, p_specified: 2e7, q_specified: 5e6 },
          { id: 6, node: 3, status: 1, type: 0, p_specified: 5e6, q_specified: 1e6 },
        ],
      },
    }),
  );
  const [ours, theirs] = [solveNetwork(network), solveNetwork(other.network)];
  assert.equal(ours.converged && theirs.converged, true);
  for (const at of [1, 2]) near(ours.buses[at]!.vmPu, theirs.buses[at]!.vmPu, 1e-8);
  for (const at of [0, 1, 2]) near(ours.branches[at]!.fromKvar, theirs.branches[at]!.fromKvar, 1e-2);
});

test('unsupported items are named by element and field; invalid ones are refused', () => {
  const { omitted } = importPandapower(
    file({
      bus: [bus(20, { zone: 'north' })],
      ext_grid: ext,
      dcline: [{ from_bus: 0, to_bus: 0, p_mw: 1, in_service: true }],
      poly_cost: [{ element: 0, et: 'gen' }],
    }),
  );
  assert.deepEqual(
    omitted.map(({ element, field, changesResult }) => [element, field, changesResult]),
    [
      ['bus 0', 'zone', false],
      ['dcline 0', 'all', true],
      ['poly_cost 0', 'all', false],
    ],
  );
  assert.throws(() => importPandapower('{"buses": []}'), { code: 'LS-GRID-004' });
  assert.throws(() => importPandapower(file({ bus: [{ vn_kv: 'high' }] })), {
    code: 'LS-GRID-003',
    message: 'bus 0: vn_kv must be a number',
  });
  assert.throws(
    () => importPandapower(file({ bus: [bus(20)], switch: [{ bus: 0, element: 5, et: 'l', closed: true }] })),
    {
      message: 'switch 0: element 5 does not exist in table line',
    },
  );
});
