import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { IntlMessageFormat } from 'intl-messageformat';
import { parseSync } from 'vite';
import { catalogue as german } from './web/words/de/index.ts';
import { catalogue as dutch } from './web/words/nl/index.ts';
import { number } from './web/lib/format.ts';
import { day } from './web/lib/zone.ts';
import { speak, t } from './web/words/t.ts';

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

/** Every node of a file with the nodes that hold it, the nearest last. */
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

/** Names of the values of a message: `{count, plural, one {# alarm} other {# alarms}} in {time}` has count and time. */
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

test('no text stands on the page untranslated', () => {
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

/** Written alike in every language. */
const UNITS = new Set(['kWh', 'Loadstone', 'UTC', 'kW', 'pu', 'kvar', 'EUR']);

test('no translation is left over', () => {
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

test('a text is said with its values and its plural, numbers as the language writes them', () => {
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
