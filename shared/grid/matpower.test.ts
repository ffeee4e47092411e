import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importMatpower } from './matpower.ts';

const file = (parts: { bus?: string; gen?: string; branch?: string; base?: string; after?: string } = {}): string => `
function mpc = tiny
%TINY  a case
mpc.version = '2';
mpc.baseMVA = ${parts.base ?? '10'};
mpc.bus = [ %% (in kW here)
${parts.bus ?? '\t1\t3\t0\t0\t0\t0\t1\t1\t0\t12.66\t1\t1\t1;\n\t2\t1\t100\t60\t0\t0\t1\t1\t0\t12.66\t1\t1.1\t0.9;'}
];
mpc.gen = [
${parts.gen ?? '1 0 0 10 -10 1.02 100 1 10 0;'}
];
mpc.branch = [
${parts.branch ?? '1 2 0.0922 0.0470 0 0 0 0 0 0 1 -360 360;'}
];
${parts.after ?? ''}
`;

const constants = `
[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...
    VA, BASE_KV, ZONE, VMAX, VMIN, LAM_P, LAM_Q, MU_VMAX, MU_VMIN] = idx_bus;
[F_BUS, T_BUS, BR_R, BR_X, BR_B, RATE_A, RATE_B, RATE_C, ...
    TAP, SHIFT, BR_STATUS] = idx_brch;
`;
const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);

test('converts ohm to pu and kW to MW, as distribution cases end', () => {
  const after = `${constants}
Vbase = mpc.bus(1, BASE_KV) * 1e3;      %% in Volts
Sbase = mpc.baseMVA * 1e6;              %% in VA
mpc.branch(:, [BR_R BR_X]) = mpc.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);
mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;`;
  const { network } = importMatpower(file({ after }));
  near(network.lines[0]!.rOhm, 0.0922);
  near(network.lines[0]!.xOhm, 0.047);
  near(network.loads[0]!.activePowerKw, 100);
  near(network.loads[0]!.reactivePowerKvar, 60);
  assert.equal(network.name, 'tiny');
});

test('reads kVA with a power factor', () => {
  const after = `${constants}
pf = 0.85;
mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;
mpc.bus(:, QD) = mpc.bus(:, PD) * sin(acos(pf));
mpc.bus(:, PD) = mpc.bus(:, PD) * pf;`;
  const { loads } = importMatpower(file({ after })).network;
  near(loads[0]!.activePowerKw, 85);
  near(loads[0]!.reactivePowerKvar, 100 * Math.sin(Math.acos(0.85)));
});

test('expressions are allowed in place of numbers, as for per-phase bases', () => {
  const bus = '1 3 0 0 0 0 1 1 0 12/sqrt(3) 1 1 1;\n2 1 -0.2 4.43E-05 0 0 1 1 0 12/sqrt(3) 1 1.05 0.95;';
  const { network } = importMatpower(file({ bus, base: '50/3' }));
  near(network.baseMva, 50 / 3);
  near(network.buses[1]!.nominalKv, 12 / Math.sqrt(3));
  near(network.loads[0]!.activePowerKw, -200);
});

test('signs are converted: generation feeds in, a shunt capacitor injects reactive power', () => {
  const bus = '1 3 0 0 0 0 1 1 5 10 1 1 1;\n2 1 0 0 0 0.5 1 1 0 10 1 1.1 0.9;';
  const { network } = importMatpower(file({ bus, gen: '1 0 0 10 -10 1.02 100 1 10 0;\n2 0.3 0.1 1 -1 1 100 1 1 0;' }));
  assert.deepEqual(network.sources, [{ id: 'source-1', bus: '1', voltagePu: 1.02, angleDeg: 5 }]);
  assert.deepEqual(network.loads, [{ id: 'gen-2', bus: '2', activePowerKw: -300, reactivePowerKvar: -100 }]);
  assert.deepEqual(network.shunts, [{ id: 'shunt-2', bus: '2', gKw: 0, bKvar: 500 }]);
});

test('open ties stay open; a ratio, shift or voltage difference makes a transformer', () => {
  const bus = '1 3 0 0 0 0 1 1 0 110 1 1 1;\n2 1 0 0 0 0 1 1 0 10 1 1 1;\n3 1 0 0 0 0 1 1 0 10 1 1 1;';
  const branch = `1 2 0.01 0.1 0 8 0 0 0.98 30 1 -360 360;
2 3 0.1 0.1 0.02 5 0 0 0 0 1 -360 360;
2 3 0.1 0.1 0 0 0 0 0 0 0 -360 360;`;
  const { network } = importMatpower(file({ bus, branch }));
  const [transformer] = network.transformers;
  assert.equal(transformer!.shiftDeg, 30);
  near(transformer!.ratedFromKv, 110 * 0.98);
  near(transformer!.xOhm, 0.1 * 10);
  assert.equal(transformer!.ratedKva, 8000);
  assert.deepEqual(
    network.lines.map(({ id, closed }) => [id, closed]),
    [
      ['l2', undefined],
      ['l3', false],
    ],
  );
  near(network.lines[0]!.bUs!, (0.02 / 10) * 1e6);
});

test('unsupported items are named by element and field', () => {
  const bus = '1 3 0 0 0 0 1 1 0 0 1 1 1;\n2 2 0 0 0 0 1 1 0 10 1 1 1;';
  const gen =
    '1 0 0 1 -1 1 100 1 1 0;\n2 1 0 1 -1 1.01 100 1 1 0;\n2 1 0 1 -1 1.02 100 1 1 0;\n2 1 0 1 -1 1.01 100 0 1 0;';
  const { omitted } = importMatpower(
    file({ bus, gen, after: "mpc.gencost = [ 2 0 0 3 0 20 0; ];\nmpc.bus_name = {'a'; 'b'};" }),
  );
  assert.deepEqual(
    omitted.map(({ element, field, changesResult }) => [element, field, changesResult]),
    [
      ['bus 1', 'BASE_KV', false],
      ['gen 3 (bus 2)', 'VG', true],
      ['gen 4 (bus 2)', 'GEN_STATUS', false],
      ['branch 1 (1-2)', 'RATE_A', false],
      ['mpc.gencost', 'all', false],
      ['mpc.bus_name', 'all', false],
    ],
  );
});

test('unknown syntax is refused with its line', () => {
  const refused: [Parameters<typeof file>[0], RegExp][] = [
    [
      { after: 'mpc = scale_load(2, mpc);' },
      /line 16: the assignment "mpc = scale_load|line 16: "scale_load" has no numeric value here/,
    ],
    [{ after: 'for k = 1:3\nend' }, /line 16/],
    [{ after: 'mpc.bus(:, [3 99]) = 0;' }, /line 16: the slice \(:, \[3 99\]\) is outside the matrix/],
    [{ after: 'mpc.bus(:, 3) = mpc.bus * mpc.bus;' }, /line 16: matrix products are not supported/],
    [{ after: 'x = [1 2' }, /a bracket is not closed/],
    [{ gen: '1 0 0 10\n1 0 0;' }, /a row of 3 in a matrix of 4 columns/],
  ];
  for (const [parts, message] of refused)
    assert.throws(() => importMatpower(file(parts)), { code: 'LS-GRID-004', message });
});

test('invalid data is refused with element and field', () => {
  const refused: [Parameters<typeof file>[0], RegExp][] = [
    [{ branch: '1 7 0.1 0.1 0 0 0 0 0 0 1 -360 360;' }, /branch 1 \(1-7\): bus 7 does not exist/],
    [{ gen: '9 0 0 10 -10 1 100 1 10 0;' }, /gen 1 \(bus 9\): bus 9 does not exist/],
    [{ bus: '1 3 0 0 0 0 1 1 0;' }, /mpc.bus has 9 columns; version 2 has 13/],
    [{ base: '0' }, /mpc.baseMVA must be a number above 0/],
  ];
  for (const [parts, message] of refused)
    assert.throws(() => importMatpower(file(parts)), { code: 'LS-GRID-003', message });
  assert.throws(() => importMatpower("mpc.baseMVA = 1;\nmpc.version = '2';"), { message: 'mpc.bus is missing' });
});

test('a bus of type 4 is out of service, with its load, shunt and branches', () => {
  const bus =
    '1 3 0 0 0 0 1 1 0 12.66 1 1 1;\n2 1 100 60 0 0 1 1 0 12.66 1 1.1 0.9;\n3 4 50 20 1 1 1 1 0 12.66 1 1.1 0.9;';
  const branch = '1 2 0.01 0.02 0 0 0 0 0 0 1 -360 360;\n2 3 0.01 0.02 0 0 0 0 0 0 1 -360 360;';
  const { network, omitted } = importMatpower(file({ bus, branch }));
  assert.deepEqual(
    network.loads.map(({ bus: at }) => at),
    ['2'],
  );
  assert.deepEqual(network.shunts, []);
  assert.equal(network.lines[1]!.closed, false);
  assert.ok(omitted.some(({ element, detail }) => element === 'bus 3' && detail === 'out of service'));
});

test('an impossible tap ratio is refused with its branch', () => {
  const branch = '1 2 0.01 0.02 0 0 0 0 0.01 0 1 -360 360;';
  assert.throws(() => importMatpower(file({ branch })), /branch 1 \(1-2\): TAP is 0\.01.*between 0\.2 and 5/);
});

test('an "if" on a number is evaluated, and unsupported code in a taken branch is refused with its line', () => {
  const after = (fixed: number, inner: string): string =>
    `fixed = ${fixed};\nif fixed\n${inner}\nend\nmpc.bus(2, 3) = 7;`;
  const load = (text: string): number => importMatpower(file({ after: text })).network.loads[0]!.activePowerKw;
  assert.equal(load(after(0, 'k = find(isinf(mpc.gen(:, 4)));')), 7000);
  assert.equal(load(after(1, 'mpc.bus(2, 4) = 1;')), 7000);
  assert.throws(() => load(after(1, 'k = find(isinf(mpc.gen(:, 4)));')), {
    code: 'LS-GRID-004',
    message: /^line 18: /,
  });
});

test('a second voltage at the reference bus is reported as changing the result', () => {
  const gen = '1 0 0 10 -10 1.02 100 1 10 0;\n1 0 0 10 -10 1.05 100 1 10 0;';
  const { network, omitted } = importMatpower(file({ gen }));
  assert.equal(network.sources[0]!.voltagePu, 1.02);
  assert.ok(
    omitted.some(({ element, field, changesResult }) => element === 'gen 2 (bus 1)' && field === 'VG' && changesResult),
  );
});

test('"if" with "elseif" and "else" is evaluated: comparisons, nargin, exist, not, and, or', () => {
  const load = (after: string): number => importMatpower(file({ after })).network.loads[0]!.activePowerKw;
  const chosen = (condition: string): boolean =>
    load(`k = 2;\nif ${condition}\n  mpc.bus(2, 3) = 1;\nelse\n  mpc.bus(2, 3) = 2;\nend`) === 1000;
  for (const condition of [
    'k == 2',
    'k ~= 3 && k != 3',
    'nargin < 1',
    "~exist('scale', 'var')",
    "exist('k') && k >= 2",
    "exist('scale', 'var') && scale > 1 || true",
    'mpc.bus(2, 3) > 50 & mpc.bus(2, 3) <= 100',
    'mpc.gen(:, 4) > 1',
    '(k + 1) * 2 == 6',
    '1 & 0 || 1',
    '0 && 1 | 1 || 1',
    '1 || 0 & 0',
  ])
    assert.equal(chosen(condition), true, condition);
  for (const condition of [
    'k > 2',
    'nargin',
    "exist('scale', 'var')",
    'mpc.bus(:, 3) > 1',
    '~k',
    'false || k == 1',
    '1 | 1 && 0',
  ])
    assert.equal(chosen(condition), false, condition);

  const part = (k: number): number =>
    load(`k = ${k};
if k == 1, mpc.bus(2, 3) = 1;
elseif k == 2
  if k > 5, for j = 1:3, x = j; end, else mpc.bus(2, 3) = 2; end
elseif k == 2, mpc.bus(2, 3) = 99;
else
  mpc.bus(2, 3) = 3;
end
mpc.bus(2, 4) = 1;`);
  assert.deepEqual([1, 2, 7].map(part), [1000, 2000, 3000]);
});

test('an "if" that cannot be evaluated is refused with its line', () => {
  const refused: [string, RegExp][] = [
    ["if strcmp(mpc.version, '2')\nend", /^line 16: /],
    ['if scale > 1\nend', /^line 16: "scale" has no numeric value here/],
    ['if exist(mpc)\nend', /^line 16: exist takes the name of a variable/],
    ['if 1\nmpc.bus(2, 3) = 1;', /^line 16: the "if" has no "end"/],
    ['else', /^line 16: "else" without "if"/],
    [`if 1\nelse ${'else '.repeat(1e5)}`, /^line 17: "else" without "if"/],
    [`if ${'~'.repeat(1e5)}`, /^line 16: the expression "~+" is not supported/],
    ['while 1\nend', /^line 16: "while" is not supported/],
  ];
  for (const [after, message] of refused)
    assert.throws(() => importMatpower(file({ after })), { code: 'LS-GRID-004', message });
});
