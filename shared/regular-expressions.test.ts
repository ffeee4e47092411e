import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { analyse } from 'scslre';

/**
 * No regular expression backtracks more than in proportion to its text, by an analysis that takes no time of its own into account. It
 * does not see what begins anew behind a fixed start, as `"[^"]*x` does at each quote: the readers of outside bytes meet such texts in
 * the tests of bounded cost.
 */
const root = resolve(fileURLToPath(new URL('..', import.meta.url)));

interface Expression {
  readonly source: string;
  readonly flags: string;
}

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string | undefined =>
  isNode(value) && value['type'] === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined;

/** Literals, what `new RegExp` is given as a text, and the patterns of schemas. */
function* expressionsIn(node: unknown): Generator<Expression> {
  if (!isNode(node)) return;
  const { type, regex, callee, arguments: given, key, value } = node;
  if (type === 'Literal' && isNode(regex)) yield { source: String(regex['pattern']), flags: String(regex['flags']) };
  if (type === 'NewExpression' && isNode(callee) && callee['name'] === 'RegExp' && Array.isArray(given)) {
    const source = textOf(given[0]);
    if (source !== undefined) yield { source, flags: textOf(given[1]) ?? '' };
  }
  if (type === 'Property' && isNode(key) && key['name'] === 'pattern') {
    const source = textOf(value);
    if (source !== undefined) yield { source, flags: 'u' };
  }
  for (const child of Object.values(node)) yield* expressionsIn(child);
}

const inText = (text: string, file = 'text.ts'): Expression[] => [...expressionsIn(parseSync(file, text).program)];

/** Why it may take more than its text is long; '' where it does not. */
const costOf = (expression: Expression): string =>
  analyse(expression, { reportTypes: { Move: true } })
    .reports.map(({ type, exponential }) => `${exponential ? 'exponential' : 'polynomial'} (${type})`)
    .join(', ');

test('expressions are found wherever they stand, and those that backtrack are told', () => {
  const text = String.raw`const a = /^(a+)+$/; const b = new RegExp('\\s+$', 'g'); const c = { pattern: '^(\\w+\\s?)+$' }; const d = /^a+$/u;`;
  assert.deepEqual(
    inText(text)
      .map(costOf)
      .map((cost) => cost.split(' ')[0]),
    ['exponential', 'polynomial', 'exponential', ''],
  );
});

test('no regular expression of cloud, gateway and what they share backtracks without bound', () => {
  const files = globSync('{cloud,edge,shared}/**/*.{ts,tsx}', { cwd: root }).filter(
    (file) => !/\.test\.tsx?$|(^|\/)(testing|node_modules)\//.test(file),
  );
  let count = 0;
  const found = new Set<string>();
  for (const file of files)
    for (const expression of inText(readFileSync(resolve(root, file), 'utf8'), file)) {
      count++;
      const cost = costOf(expression);
      if (cost !== '') found.add(`${file}: /${expression.source}/${expression.flags}`);
    }
  assert.ok(count > 200, `${count} were looked at`);
  assert.deepEqual([...found], []);
});
