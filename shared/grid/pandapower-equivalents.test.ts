import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPandapower } from './pandapower.ts';
import { solveNetwork } from './solve.ts';
import { pandapowerFile } from './testing/pandapower-file.ts';

type Cells = Readonly<Record<string, unknown>>;

const trafo = {
  hv_bus: 0,
  lv_bus: 1,
  sn_mva: 40,
  vn_hv_kv: 110,
  vn_lv_kv: 20,
  vk_percent: 10,
  vkr_percent: 0.55,
  pfe_kw: 30,
  i0_percent: 0.1,
  shift_degree: 30,
  tap_side: 'hv',
  tap_neutral: 0,
  tap_pos: 2,
  tap_step_percent: 1.5,
  tap_changer_type: 'Ratio',
  in_service: true,
};
const impedance = {
  from_bus: 1,
  to_bus: 2,
  rft_pu: 0.01,
  xft_pu: 0.04,
  rtf_pu: 0.01,
  xtf_pu: 0.04,
  gf_pu: 0.001,
  bf_pu: 0.002,
  gt_pu: 0.0005,
  bt_pu: -0.001,
  sn_mva: 25,
  in_service: true,
};
const between = { from_bus: 2, to_bus: 3, rft_pu: 0.02, xft_pu: 0.05, rtf_pu: 0.02, xtf_pu: 0.05, sn_mva: 5 };
const xward = { bus: 2, ps_mw: 1.5, qs_mvar: -0.4, pz_mw: 0.4, qz_mvar: 0.3, r_ohm: 0.5, x_ohm: 12, vm_pu: 1.01 };
/** Rows of the file's own unit: percent at the present tap. */
const steps = [
  { id_characteristic: 7, step: 2, voltage_ratio: 1.05, angle_deg: 0, vk_percent: 11.5, vkr_percent: 0.6 },
  { id_characteristic: 7, step: -1, voltage_ratio: 0.97, angle_deg: 2, vk_percent: 9, vkr_percent: 0.5 },
  { id_characteristic: 8, step: 2, voltage_ratio: 1.2, angle_deg: 9, vk_percent: 20, vkr_percent: 2 },
];

/** 110 kV, a transformer, an impedance at 20 kV with the ward behind it, and an impedance to 10 kV. */
const net = (more: Cells = {}, tables: Readonly<Record<string, readonly Cells[]>> = {}): string =>
  pandapowerFile({
    bus: [110, 20, 20, 10].map((vn_kv) => ({ vn_kv, in_service: true })),
    ext_grid: [{ bus: 0, vm_pu: 1.02, va_degree: 0, in_service: true }],
    load: [{ bus: 3, p_mw: 3, q_mvar: 1, scaling: 1, in_service: true }],
    trafo: [Object.fromEntries(Object.entries({ ...trafo, ...more }).filter(([, cell]) => cell !== undefined))],
    impedance: [impedance, between],
    xward: [{ ...xward, slack_weight: 0, in_service: true }],
    ...tables,
  });

/** From an independent calculation: complex admittances by pandapower's formulas, solved by scipy's fsolve. */
const expected = {
  nameplate: [
    [1.02, 1.01647623, 1.012708517, 0.990149153, 1.01],
    [0, -30.6832887, -31.100266, -32.5860634, -31.0938811],
  ],
  high: [
    [1.02, 0.971364459, 0.969761455, 0.946119123, 1.01],
    [0, -30.8712627, -31.3584177, -32.9822582, -31.4574791],
  ],
  low: [
    [1.02, 0.988245867, 0.985834913, 0.962610311, 1.01],
    [0, -28.6170911, -29.0769887, -30.6469741, -29.1355088],
  ],
} as const;

function expectVoltages(text: string, [pu, deg]: readonly [readonly number[], readonly number[]]): void {
  const { network, omitted } = importPandapower(text);
  assert.deepEqual(
    omitted.filter(({ changesResult }) => changesResult),
    [],
  );
  const { converged, buses } = solveNetwork(network);
  assert.equal(converged, true);
  assert.deepEqual(
    buses.map(({ id }) => id),
    ['0', '1', '2', '3', 'xward-0'],
  );
  for (const [at, bus] of buses.entries()) {
    assert.ok(Math.abs(bus.vmPu - pu[at]!) < 1e-8, `bus ${bus.id}: ${bus.vmPu} pu is not ${pu[at]}`);
    assert.ok(Math.abs(bus.vaDeg - deg[at]!) < 1e-6, `bus ${bus.id}: ${bus.vaDeg} degrees is not ${deg[at]}`);
  }
}

test('reads impedances and extended wards', () => {
  expectVoltages(net({ tap_pos: 0 }), expected.nameplate);
});

test('a tap with a table has the ratio, angle and impedance of its position', () => {
  const table = { trafo_characteristic_table: steps };
  const at = { tap_dependency_table: true, id_characteristic_table: 7, tap_changer_type: 'Tabular' };
  expectVoltages(net(at, table), expected.high);
  expectVoltages(net({ ...at, tap_side: 'lv', tap_pos: -1 }, table), expected.low);
  expectVoltages(
    net({ ...at, tap_dependency_table: false, tap_changer_type: 'Ratio', tap_pos: 0 }, table),
    expected.nameplate,
  );
});

test('a tap changer of type None has no ratio, even with a table; its impedance follows the table', () => {
  const rated = (text: string): unknown[] =>
    importPandapower(text).network.transformers.map((each) => [each.ratedFromKv, each.ratedToKv, each.shiftDeg]);
  const none = net(
    { tap_dependency_table: true, id_characteristic_table: 7, tap_changer_type: 'None' },
    { trafo_characteristic_table: steps },
  );
  assert.deepEqual(rated(none), rated(net({ tap_pos: 0 })));
  const [trafo] = importPandapower(none).network.transformers;
  assert.notEqual(trafo!.xOhm, importPandapower(net({ tap_pos: 0 })).network.transformers[0]!.xOhm);
});

test('a tap position that the table lacks is refused', () => {
  const at = { tap_dependency_table: true, id_characteristic_table: 7, tap_pos: 3 };
  assert.throws(() => importPandapower(net(at, { trafo_characteristic_table: steps })), {
    code: 'LS-GRID-003',
    message: /^trafo 0: trafo_characteristic_table has no row with id_characteristic 7 and step 3, its tap_pos$/,
  });
});

test('version 2: the impedance follows a characteristic, the ratio the steps', () => {
  const curve = (kind: string, xs: unknown, ys: readonly number[]): Cells => ({
    object: { _class: kind, _object: JSON.stringify({ x_vals: xs, y_vals: ys }) },
  });
  const at = {
    tap_changer_type: undefined,
    tap_step_percent: 2.5,
    tap_dependent_impedance: true,
    vk_percent_characteristic: 1,
    vkr_percent_characteristic: 0,
  };
  const [first, second] = [
    curve('Characteristic', [0, 4], [0.5, 0.7]),
    curve('SplineCharacteristic', [-2, 2], [9, 11.5]),
  ];
  expectVoltages(net(at, { characteristic: [first, second] }), expected.high);
  const array = { _module: 'numpy', _class: 'array', _object: '[-2, 2]' };
  expectVoltages(net(at, { characteristic: [first, curve('SplineCharacteristic', array, [9, 11.5])] }), expected.high);

  const off = importPandapower(net(at, { characteristic: [first, curve('SplineCharacteristic', [0, 4], [9, 11.5])] }));
  assert.deepEqual(
    off.omitted.filter(({ changesResult }) => changesResult).map(({ element, field }) => [element, field]),
    [['trafo 0', 'vk_percent_characteristic']],
  );
  assert.throws(() => importPandapower(net(at, { characteristic: [first] })), {
    code: 'LS-GRID-003',
    message: /^trafo 0: vk_percent_characteristic 1 must be a row of the table characteristic with x_vals and y_vals$/,
  });
});

test('a three-winding transformer takes ratio, angle and impedance from its table', () => {
  const windings = { hv_bus: 0, mv_bus: 1, lv_bus: 2, vn_hv_kv: 110, vn_mv_kv: 20, vn_lv_kv: 10 };
  const rated = { sn_hv_mva: 40, sn_mv_mva: 40, sn_lv_mva: 10, pfe_kw: 30, i0_percent: 0.1, in_service: true };
  const short = { vk_hv_percent: 10, vk_mv_percent: 11, vk_lv_percent: 12, vkr_hv_percent: 0.5 };
  const ohmic = { vkr_mv_percent: 0.5, vkr_lv_percent: 0.5, tap_neutral: 0 };
  const three = (more: Cells): Cells => ({ ...windings, ...rated, ...short, ...ohmic, ...more });
  const solved = (row: Cells): unknown => {
    const { network } = importPandapower(
      pandapowerFile({
        bus: [110, 20, 10].map((vn_kv) => ({ vn_kv, in_service: true })),
        ext_grid: [{ bus: 0, vm_pu: 1.02, va_degree: 0, in_service: true }],
        load: [1, 2].map((bus) => ({ bus, p_mw: 3, q_mvar: 1, in_service: true })),
        trafo3w: [row],
        trafo_characteristic_table: [
          {
            id_characteristic: 0,
            step: 3,
            voltage_ratio: 1.03,
            angle_deg: 1.5,
            vk_hv_percent: 13,
            vkr_hv_percent: 0.8,
          },
        ],
      }),
    );
    return solveNetwork(network).buses.map(({ vmPu, vaDeg }) => [vmPu.toFixed(9), vaDeg.toFixed(7)]);
  };
  for (const [tap_side, turned] of [
    ['hv', { vn_hv_kv: 110, shift_mv_degree: 1.5, shift_lv_degree: 1.5 }],
    ['mv', { vn_mv_kv: 20.6, shift_mv_degree: -1.5 }],
    ['lv', { vn_lv_kv: 10.3, shift_lv_degree: -1.5 }],
  ] as const)
    assert.deepEqual(
      solved(three({ tap_side, tap_pos: 3, tap_dependency_table: true, id_characteristic_table: 0 })),
      solved(
        three({
          ...turned,
          vk_hv_percent: 13,
          vkr_hv_percent: 0.8,
          ...(tap_side === 'hv'
            ? { tap_side, tap_pos: 3, tap_step_percent: 1, tap_changer_type: 'Ratio' }
            : { tap_side: null }),
        }),
      ),
      tap_side,
    );
});

test('an impedance that depends on the direction is left out by its key, and named as changing the result', () => {
  for (const [field, more] of [
    ['rtf_pu', { rtf_pu: 0.02, xtf_pu: 0.09 }],
    ['xtf_pu', { xtf_pu: 0.09 }],
  ] as const) {
    const { network, omitted } = importPandapower(net({}, { impedance: [{ ...impedance, ...more }, between] }));
    assert.deepEqual(
      network.transformers.map(({ id }) => id),
      ['trafo-0', 'impedance-1'],
    );
    assert.deepEqual(
      omitted.filter(({ changesResult }) => changesResult).map(({ element, field: at }) => [element, at]),
      [['impedance 0', field]],
    );
  }
});

test('impedances and wards out of service, or at a bus out of service, take no part', () => {
  const out = { in_service: false };
  const { network, omitted } = importPandapower(
    net({}, { impedance: [impedance, { ...between, ...out }], xward: [{ ...xward, bus: 2, ...out }] }),
  );
  assert.deepEqual(
    [network.buses.length, network.lines.length, network.generators, network.shunts.length],
    [4, 1, [], 2],
  );
  const dead = importPandapower(
    net({}, { bus: [110, 20, 20, 10].map((vn_kv, at) => ({ vn_kv, in_service: at !== 2 })) }),
  ).network;
  assert.deepEqual([dead.buses.length, dead.lines, dead.shunts, dead.transformers.length], [4, [], [], 1]);
  assert.ok(omitted.every(({ changesResult }) => !changesResult));
});

test('a file of pandapower 1 is refused, with the remedy', () => {
  assert.throws(() => importPandapower(pandapowerFile({ bus: [] }, { sn_kva: 1000 })), {
    code: 'LS-GRID-004',
    message: /^a file of pandapower 1, in kW: load and save it with pandapower 2 or later$/,
  });
});
