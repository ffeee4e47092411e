import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { IntlMessageFormat } from 'intl-messageformat';
import { parseSync } from 'vite';
import { sayPlan } from '../../shared/sentences/plan-forms.ts';
import { cut, Sentences } from '../../shared/sentences/said.ts';
import { messages as germanMessages } from '../../shared/sentences/de/messages.ts';
import { eventReader } from '../../shared/sentences/event-reader.ts';
import { sentenceForms } from '../../shared/sentences/sentences.ts';
import { catalogue as german } from './web/words/de/index.ts';
import { catalogue as dutch } from './web/words/nl/index.ts';
import { number } from './web/lib/format.ts';
import { day } from './web/lib/zone.ts';
import { saidIn, saidOf, speak, t, translate } from './web/words/t.ts';

const web = fileURLToPath(new URL('./web/', import.meta.url));
const files = globSync('{lib,parts,screens,state,views}/**/*.{ts,tsx}', { cwd: web })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => ({ file, source: readFileSync(`${web}${file}`, 'utf8') }));

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/** Every node of a file with its ancestors, the nearest last. */
function* nodesOf(
  node: Node,
  above: readonly Node[] = [],
): Generator<{ readonly node: Node; readonly above: readonly Node[] }> {
  yield { node, above };
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) yield* nodesOf(child, [...above, node]);
}

const parsed = files.map(({ file, source }) => ({
  file,
  nodes: [...nodesOf(parseSync(file, source).program as unknown as Node)],
}));

/** Names of a message's values: `{count, plural, one {# alarm} other {# alarms}} in {time}` has count and time. */
function valuesOf(message: string): string {
  const names = new Set<string>();
  const look = (parts: readonly unknown[]): void => {
    for (const part of parts as readonly {
      type: number;
      value: string;
      options?: Record<string, { value: unknown[] }>;
    }[]) {
      if (part.type !== 0 && part.type !== 7) names.add(part.value);
      for (const option of Object.values(part.options ?? {})) look(option.value);
    }
  };
  look(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst());
  return [...names].toSorted().join(' ');
}

for (const [name, { texts }] of [
  ['Dutch', dutch],
  ['German', german],
] as const)
  test(`${name}: every text is translated, with the values of the English one`, () => {
    assert.deepEqual(Object.keys(texts).toSorted(), Object.keys(german.texts).toSorted());
    for (const [english, own] of Object.entries(texts)) {
      assert.notEqual(own.trim(), '', english);
      assert.equal(valuesOf(own), valuesOf(english), english);
      assert.ok(!/[—–]/.test(own), english);
    }
  });

test('no text on the page lacks a translation', () => {
  const said = new Set(['title', 'label', 'aria-label', 'placeholder', 'alt', 'data-name', 'hint', 'what', 'text']);
  const isText = (text: unknown): boolean =>
    typeof text === 'string' && /\p{L}{2}/u.test(text) && !UNITS.has(text.trim());
  const found = parsed.flatMap(({ file, nodes }) =>
    nodes.flatMap(({ node, above }) => {
      if (node.type === 'JSXText') return isText(node['value']) ? [`${file}: ${String(node['value']).trim()}`] : [];
      const words = node.type === 'TemplateElement' ? (node['value'] as { cooked: string }).cooked : node['value'];
      if ((node.type !== 'Literal' && node.type !== 'TemplateElement') || !isText(words)) return [];
      const holder = node.type === 'Literal' ? above : above.slice(0, -1);
      const parent = holder.at(-1);
      const attribute = holder.slice(-2).find(({ type }) => type === 'JSXAttribute');
      const name = attribute === undefined ? undefined : (attribute['name'] as { name?: string }).name;
      const isShown = attribute === undefined ? parent?.type === 'JSXExpressionContainer' : said.has(name ?? '');
      return isShown ? [`${file}: ${String(words)}`] : [];
    }),
  );
  assert.deepEqual(found, []);
});

/** Spelled the same in every language. */
const UNITS = new Set(['kWh', 'Loadstone', 'UTC', 'kW', 'pu', 'kvar', 'EUR']);

test('no translation is unused', () => {
  const literals = new Set(
    parsed.flatMap(({ nodes }) =>
      nodes.flatMap(({ node }) =>
        node.type === 'Literal' && typeof node['value'] === 'string' ? [node['value']] : [],
      ),
    ),
  );
  assert.deepEqual(
    Object.keys(german.texts).filter((english) => !literals.has(english)),
    [],
  );
});

test('a text is shown with its values, plural and numbers as in its language', () => {
  speak('de', german);
  assert.equal(
    t('{count, plural, one {# alarm} other {# alarms}} in the last 10 min', { count: 1 }),
    '1 Alarm in den letzten 10 min',
  );
  assert.equal(
    t('{count, plural, one {# alarm} other {# alarms}} in the last 10 min', { count: 12_345 }),
    '12\u202f345 Alarme in den letzten 10 min',
  );
  assert.equal(t('{least} to {most}', { least: 'a', most: 'b' }), 'a bis b');
  assert.equal(number(-1234.5, 1), '\u22121234,5');
  assert.equal(day(Date.UTC(2026, 8, 26), 'UTC'), 'Sa 26. Sep');
  speak('nl', dutch);
  assert.equal(t('Acknowledge'), 'Kwiteren');
  assert.equal(day(Date.UTC(2026, 8, 26), 'UTC'), 'za 26 sep');
  speak('en');
  assert.equal(t('Acknowledge'), 'Acknowledge');
  assert.equal(day(Date.UTC(2026, 8, 26), 'UTC'), 'Sat 26 Sep');
});

for (const [language, catalogue] of [
  ['nl', dutch],
  ['de', german],
] as const)
  test(`every sentence form has a text in ${language} with the values of the English one`, () => {
    const places = (text: string): string => (text.match(/\{\w+\}/g) ?? []).toSorted().join(' ');
    const forms = Object.values(sentenceForms).flat();
    assert.deepEqual(Object.keys(catalogue.sentences!).toSorted(), [...new Set<string>(forms)].toSorted());
    for (const [form, own] of Object.entries(catalogue.sentences!)) assert.equal(places(own), places(form), form);
  });

const root = fileURLToPath(new URL('../..', import.meta.url));

const product = globSync(['{edge,cloud,shared}/**/*.ts'], { cwd: root, exclude: ['cloud/dashboard/**'] })
  .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
  .map((file) => ({ file, source: readFileSync(`${root}/${file}`, 'utf8') }));

test('texts of cloud and gateways are translated in both languages, with the same values', () => {
  assert.deepEqual(Object.keys(dutch.phrases), Object.keys(german.phrases));
  const places = (text: string): string => (text.match(/\{\w+\}/g) ?? []).toSorted().join(' ');
  for (const { phrases } of [dutch, german])
    for (const [english, own] of Object.entries(phrases)) assert.equal(places(own), places(english), english);
});

for (const [language, catalogue] of [
  ['nl', dutch],
  ['de', german],
] as const) {
  test(`every shipped alarm rule has name, cause, consequence and action in ${language}`, () => {
    const rules = readFileSync(`${root}/cloud/alarms/rules.yaml`, 'utf8');
    const said = [...rules.matchAll(/^ {4}(?:name|cause|consequence|action): (.+)$/gm)].map(([, text]) => text!);
    assert.ok(said.length > 100);
    assert.deepEqual(
      said.filter((text) => catalogue.phrases[text] === undefined),
      [],
    );
  });

  test(`the text of every alarm is translated to ${language}`, () => {
    const say = catalogue.say!;
    const codes = new Set(
      [...readFileSync(`${root}/cloud/alarms/rules.yaml`, 'utf8').matchAll(/code: (\S+)/g)].map(([, code]) => code!),
    );
    const found = product.flatMap(({ file, source }) =>
      codes.values().some((code) => source.includes(code)) ? alarmTexts(file, source, codes) : [],
    );
    assert.deepEqual(
      // A text that consists only of values is translated by each of them.
      found.filter((text) => /(?:\b[a-z]+ ){3}/.test(text) && say(text) === undefined),
      [],
    );
  });
}

/** Sentences at the code of an alarm, with `x1` for each value. */
function alarmTexts(file: string, source: string, codes: ReadonlySet<string>): string[] {
  const literal = (node: unknown): string[] => {
    if (!isNode(node)) return [];
    if (node.type === 'Literal') return [String(node['value'])];
    if (node.type === 'ConditionalExpression') return [...literal(node['consequent']), ...literal(node['alternate'])];
    if (node.type !== 'TemplateLiteral') return [];
    const quasis = node['quasis'] as { value: { cooked: string } }[];
    return [quasis.map(({ value }) => value.cooked).join('x1')];
  };
  return [...nodesOf(parseSync(file, source).program as unknown as Node)].flatMap(({ node }) => {
    if (node.type !== 'ObjectExpression') return [];
    const properties = node['properties'] as { key?: { name?: string }; value?: Node }[];
    const of = (name: string): Node | undefined => properties.find(({ key }) => key?.name === name)?.value;
    return literal(of('code')).some((code) => codes.has(code)) ? literal(of('text')) : [];
  });
}

test('a sentence is translated by code and values, including nested ones; text alone stays English', () => {
  const words = new Sentences();
  const limit = { element: 'owd-b18', constraint: 'voltage minimum with load high' };
  const reason = words.add(
    sayPlan('{cause}. Consumption at {bus} costs {price} EUR/MWh.', {
      cause: sayPlan('{element}: {constraint} binds, and this relieves it', limit),
      bus: 'owd-b18',
      price: '71.20',
    }),
  );
  const when = sayPlan('from {from} to {to}', { from: '16:00Z', to: '18:15Z' });
  const conflict = sayPlan('{subject} cannot stay {limit}, because {why}.', {
    subject: sayPlan('bus {bus}', { bus: 'owd-b18' }),
    limit: sayPlan('{limit} at {time}', { limit: sayPlan('above {value} pu', { value: 0.95 }), time: '18:30Z' }),
    why: sayPlan('{device} charges at most {value} kW {when}', { device: 'battery-1', value: 500, when }),
  });
  const whole = words.add(conflict);
  const short = words.add(cut(conflict, 40));
  assert.equal(
    reason,
    'owd-b18: voltage minimum with load high binds, and this relieves it. Consumption at owd-b18 costs 71.20 EUR/MWh.',
  );
  assert.equal(saidIn(whole, words.list), whole);
  assert.equal(saidIn(short, words.list), whole, 'a cut text is shown whole');
  speak('de', german);
  assert.equal(
    saidIn(reason, words.list),
    'owd-b18: Spannungsminimum bei hoher Last bindet, und dies entlastet. Bezug an owd-b18 kostet 71,20 EUR/MWh.',
  );
  assert.equal(
    saidIn(short, words.list),
    'Knoten owd-b18 kann nicht über 0,95 pu um 18:30Z bleiben, denn battery-1 lädt von 16:00Z bis 18:15Z höchstens 500 kW.',
  );
  assert.equal(saidIn(reason), reason);
  const [sentence] = words.list;
  const other = [
    { ...sentence!, text: 'owd-b18: all is well' },
    { code: 'constructor', text: 'so it is' },
  ];
  assert.equal(
    saidIn('owd-b18: all is well', other),
    'owd-b18: all is well',
    'a text that its values do not give is unchanged',
  );
  assert.equal(saidIn('so it is', other), 'so it is');
  const endless = { code: 'plan.list', text: 'a and a and a', parameters: { one: 'a', other: 'a and a' } };
  const round = { code: 'plan.reason', text: 'a and a.', parameters: { cause: 'a and a.' } };
  assert.equal(saidIn(endless.text, [endless, round]), 'a und a and a');
  const unknown = 'plan pl-1 (3, 14) is rejected: some words that nobody has translated';
  assert.equal(translate(unknown), unknown);
  assert.equal(translate('constructor'), 'constructor');
  speak('en');
  assert.equal(translate('setpoint'), 'setpoint');
});

test('a hostile text costs a bounded amount of matching', () => {
  let characters = 0;
  const { texts, phrases, events } = german;
  const say = eventReader(
    { events: events!, words: phrases, texts, messages: germanMessages },
    'de',
    (length) => (characters += length),
  );
  const costOf = (text: string): number => {
    characters = 0;
    assert.equal(say(text), undefined, text.slice(0, 60));
    return characters;
  };
  const hostile = [
    'gone: ',
    'guard: ',
    'a and ',
    'plan a (b) is c: ',
    'override by a: ',
    ' import limit',
    ' voltage',
    'some words ',
    'a: more than b per second and ',
  ].flatMap((part) => [
    part.repeat(200).slice(0, 590) + ' no words of ours',
    'no words of ours ' + part.repeat(200).slice(-580),
  ]);
  for (const text of hostile) assert.ok(costOf(text) <= 200 * 600, `${costOf(text)} for ${text.slice(0, 60)}`);
  assert.equal(costOf('gone: '.repeat(1e5)), 0, 'a text that is too long is not matched');
});

test('counts of one use the singular', () => {
  const counted =
    /\{\w+\} (alarms|areas|devices|entries|feeders|forecasts|frames|gateways|limits|places|rollouts|sources|steps|substations|tokens|users)\b/;
  assert.deepEqual(
    Object.keys(german.texts).filter((text) => counted.test(text)),
    // Always more than one, or a priority.
    ['priority {priority} alarms:', '{open} areas', '{parts} areas'],
  );
  speak('nl', dutch);
  assert.equal(
    t('{share} % of {n, plural, one {# step} other {# steps}} (80 wanted)', { share: 100, n: 1 }),
    '100 % van 1 stap (80 gewenst)',
  );
  assert.equal(t(', {silent} silent', { silent: 1 }), ', 1 zwijgt');
  assert.equal(t(', {silent} silent', { silent: 2 }), ', 2 zwijgen');
  assert.equal(
    translate('guard: owd-1-b18 voltage'),
    'bewaker: spanning owd-1-b18',
    'a limit within the guard, not the other way round',
  );
  speak('en');
});

test('events of older gateways, without values, are translated by the forms of their code', () => {
  const silent = 'battery-1 does not answer; it counts at its worst until it is back';
  const relief = 'feeder-2 at 7606 kW is past 7200 kW: battery-1, pv-2 relieves it';
  speak('de', german);
  assert.match(saidOf({ code: 'LS-CONTROL-003', text: silent }), /^battery-1 antwortet nicht;/);
  assert.match(saidOf({ code: 'LS-CONTROL-003', text: `gone: ${silent}` }), /^gegangen: battery-1 antwortet nicht;/);
  assert.equal(
    saidOf({ code: 'guard.relief', text: relief }),
    'feeder-2 bei 7606 kW liegt jenseits von 7200 kW: battery-1, pv-2 entlastet',
  );
  assert.equal(saidOf({ code: 'LS-CONTROL-004', text: silent }), silent, 'a sentence of another code');
  speak('en');
});
