import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { priorityOf, RuleBook } from './alarm-rules.ts';
import { composeRules } from './compose-rules.ts';

const shipped = { text: readFileSync(new URL('./rules.yaml', import.meta.url), 'utf8'), file: 'rules.yaml' };
const own = (text: string): RuleBook => RuleBook.read(shipped, { text, file: 'own.yaml' });

/** Files that raise alarms; every code in them is an alarm's. */
const RAISERS = [
  '../../edge/cycle/notices.ts',
  '../../edge/cycle/overrun-watch.ts',
  '../../edge/cycle/verify.ts',
  '../estimate/estimate-service.ts',
  '../plan/planner.ts',
  '../gateways/gateway-losses.ts',
  '../ingest/budgets.ts',
  '../ingest/run-budget.ts',
  '../ingest/births.ts',
];

test('every code raised as an alarm has a rule', () => {
  const book = composeRules('');
  const codes = RAISERS.flatMap((file) => [
    ...readFileSync(new URL(file, import.meta.url), 'utf8').matchAll(
      /'(LS-(?:CONTROL|METER|OPT|GATEWAY|BUDGET)-\d{3})'/g,
    ),
  ]).map(([, code]) => code!);
  assert.ok(codes.length >= 10);
  assert.deepEqual(
    [...new Set(codes)].filter((code) => book.of(code) === undefined),
    [],
  );
  assert.ok(book.of('LS-STORE-001') !== undefined);
});

test('the priority comes from the source or from the rule', () => {
  const book = composeRules('');
  const limit = book.of('LS-CONTROL-006')!;
  assert.deepEqual(
    (['high', 'medium', 'low', 'info'] as const).map((severity) => priorityOf(limit, severity)),
    [1, 2, 3, null],
  );
  assert.equal(priorityOf(book.of('LS-GATEWAY-001')!, 'low'), 2);
});

test('the priority follows from the time to respond, and few alarms are urgent', () => {
  const rules = composeRules('')
    .all()
    .filter(({ priority }) => priority !== 'told');
  for (const { code, priority, respondWithinS } of rules)
    assert.equal(priority, respondWithinS <= 600 ? 1 : respondWithinS <= 1800 ? 2 : 3, code);
  const share = (priority: number): number => rules.filter((rule) => rule.priority === priority).length / rules.length;
  assert.ok(share(1) <= 0.1 && share(2) <= 0.24, `${share(1)} and ${share(2)} of the rules`);
});

test('each alarm except expiring certificates calls for action within a shift of eight hours', () => {
  const later = composeRules('')
    .all()
    .filter(({ respondWithinS }) => respondWithinS > 28_800)
    .map(({ code }) => code);
  // A root that expires in half a year is rolled over on a day of its keeper's choice.
  assert.deepEqual(later, ['LS-PKI-008']);
});

const RULE = `
    name: Meter dead here
    priority: 1
    cause: The meter reads nothing at all.
    consequence: Nothing is known of its feeder.
    action: Send somebody who looks at it.
    respondWithinS: 600
    control: feeder
`;

test('a rules file of the operator replaces shipped rules by code and can turn alarms into events', () => {
  const book = own(`alarms:\n  - code: LS-METER-001${RULE}events: [LS-METER-004]\nflood: { above: 20, below: 8 }\n`);
  assert.equal(book.of('LS-METER-001')!.name, 'Meter dead here');
  assert.equal(book.of('LS-METER-004'), undefined);
  assert.equal(book.of('LS-METER-002')!.name, 'Meter reversed');
  assert.deepEqual(book.flood, { above: 20, below: 8 });
});

const FAULTS: readonly (readonly [string, string, RegExp])[] = [
  ['without a cause', 'alarms:\n  - { code: LS-METER-001, name: Meter dead }\n', /own\.yaml:2: alarms/],
  [
    'a misspelt key',
    `alarms:\n  - code: LS-METER-001\n    causes: x${RULE}`,
    /alarms\.0\.causes .*did you mean "cause"/,
  ],
  [
    'an unknown code',
    `alarms:\n  - code: LS-METER-009${RULE}`,
    /is not a code of the catalogue; did you mean LS-METER-00/,
  ],
  [
    'two rules of one code',
    `alarms:\n  - code: LS-METER-001${RULE}  - code: LS-METER-001${RULE}`,
    /has a rule above already/,
  ],
  [
    'its own parent',
    `alarms:\n  - code: LS-METER-001\n    suppressedBy: [LS-METER-001]${RULE}`,
    /cannot suppress itself/,
  ],
  ['a flood without an end', 'flood: { above: 3, below: 5 }\n', /flood\.below must not be above/],
];
for (const [name, text, message] of FAULTS) {
  test(`invalid rules are rejected with their place: ${name}`, () => {
    assert.throws(
      () => own(text),
      (error) => {
        assert.ok(error instanceof LoadstoneError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('a missing rules file is named', () => {
  assert.throws(() => composeRules('/nowhere/rules.yaml'), /alarms\.rulesFile: there is no file \/nowhere/);
});
