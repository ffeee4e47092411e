import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { analyse } from 'scslre';

/**
 * No regular expression backtracks more than in proportion to its text. The analysis is static; nothing is timed. It does not see an
 * expression that restarts after a fixed prefix, as `"[^"]*x` does at each quote. The tests of bounded cost feed such texts to the readers
 * of outside bytes.
 */
const root = resolve(fileURLToPath(new URL('..', import.meta.url)));

interface Expression {
  readonly source: string;
  readonly flags: string;
}

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** String constants by name. Several files may define the same name. */
type Constants = ReadonlyMap<string, readonly string[]>;

/** All texts that an expression may evaluate to: a literal, a constant, or a template of both. Empty if unknown. */
function textsOf(value: unknown, constants: Constants): readonly string[] {
  if (!isNode(value)) return [];
  const { type, name, quasi, quasis, expressions } = value;
  if (type === 'Literal') return typeof value['value'] === 'string' ? [value['value']] : [];
  if (type === 'Identifier') return constants.get(String(name)) ?? [];
  if (type === 'TaggedTemplateExpression') return textsOf(quasi, constants);
  if (type !== 'TemplateLiteral') return [];
  const parts = (quasis as { value: { raw: string } }[]).map((each) => each.value.raw);
  return (expressions as unknown[]).reduce<readonly string[]>(
    (texts, each, at) =>
      texts.flatMap((text) => textsOf(each, constants).map((inner) => text + inner + parts[at + 1]!)),
    [parts[0]!],
  );
}

function* nodesIn(node: unknown): Generator<Node> {
  if (!isNode(node)) return;
  yield node;
  for (const child of Object.values(node)) yield* nodesIn(child);
}

/** Texts of constants. Templates are resolved once the texts of their parts are known. */
function constantsIn(programs: readonly unknown[]): Constants {
  const found = new Map<string, readonly string[]>();
  const declared = programs.flatMap((each) => [...nodesIn(each)].filter(({ type }) => type === 'VariableDeclarator'));
  for (let round = 0; round < 2; round++)
    for (const { id, init } of declared) {
      if (!isNode(id) || typeof id['name'] !== 'string') continue;
      const texts = textsOf(init, found);
      if (texts.length > 0) found.set(id['name'], [...new Set([...(found.get(id['name']) ?? []), ...texts])]);
    }
  return found;
}

/**
 * Regular expression literals, strings passed to `new RegExp`, and patterns of schemas. Calls `onUnknown` for a `new RegExp` whose text is
 * unknown.
 */
function* expressionsIn(program: unknown, constants: Constants, onUnknown: () => void): Generator<Expression> {
  for (const { type, regex, callee, arguments: given, key, value } of nodesIn(program)) {
    if (type === 'Literal' && isNode(regex)) yield { source: String(regex['pattern']), flags: String(regex['flags']) };
    const isMade = type === 'NewExpression' && isNode(callee) && callee['name'] === 'RegExp' && Array.isArray(given);
    const isPattern = type === 'Property' && isNode(key) && key['name'] === 'pattern';
    if (!isMade && !isPattern) continue;
    const sources = textsOf(isMade ? given[0] : value, constants);
    if (isMade && sources.length === 0) onUnknown();
    const flags = isMade ? (textsOf(given[1], constants)[0] ?? '') : 'u';
    for (const source of sources) yield { source, flags };
  }
}

/** Why matching may take more than linear time; '' if it does not. */
const costOf = (expression: Expression): string =>
  analyse(expression, { reportTypes: { Move: true } })
    .reports.map(({ type, exponential }) => `${exponential ? 'exponential' : 'polynomial'} (${type})`)
    .join(', ');

test('expressions are found wherever they stand, and those that backtrack are told', () => {
  const text = String.raw`const a = /^(a+)+$/; const b = new RegExp('\\s+$', 'g'); const c = { pattern: '^(\\w+\\s?)+$' }; const d = /^a+$/u;
    const NAME = '^(b+)+$'; const g = { pattern: NAME }; const e = new RegExp(NAME + 'c');`;
  const { program } = parseSync('text.ts', text);
  let unknown = 0;
  const costs = [...expressionsIn(program, constantsIn([program]), () => unknown++)].map(costOf);
  assert.deepEqual(
    costs.map((cost) => cost.split(' ')[0]),
    ['exponential', 'polynomial', 'exponential', '', 'exponential'],
  );
  assert.equal(unknown, 1, 'a sum is not followed');
});

test('no regular expression of cloud, gateway and what they share backtracks without bound', () => {
  const files = globSync('{cloud,edge,shared}/**/*.{ts,tsx}', { cwd: root }).filter(
    (file) => !/\.test\.tsx?$|(^|\/)(testing|node_modules)\//.test(file),
  );
  const programs = files.map(
    (file) => [file, parseSync(file, readFileSync(resolve(root, file), 'utf8')).program] as const,
  );
  const constants = constantsIn(programs.map(([, program]) => program));
  let count = 0;
  const found = new Set<string>();
  for (const [file, program] of programs)
    for (const expression of expressionsIn(program, constants, () => found.add(`${file}: a text that is not known`))) {
      count++;
      if (costOf(expression) !== '') found.add(`${file}: /${expression.source}/${expression.flags}`);
    }
  assert.ok(count > 200, `${count} were looked at`);
  assert.deepEqual([...found], []);
});
