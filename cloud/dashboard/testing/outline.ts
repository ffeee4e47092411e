import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { diff } from 'node:util';
import type { Locator } from 'playwright-core';
import { until } from '../../../shared/testing/until.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Outlines that somebody has reviewed and committed. */
const KEPT_OUTLINES = 'cloud/dashboard/testing/outlines';
/** Outlines that differ from the committed ones. */
const CHANGED = '.cache/outlines';

/** Roles by which screen reader users navigate. Values and running text are left out. */
const KEPT =
  /^(?:heading|region|navigation|search|form|group|dialog|table|columnheader|list|figure|img|link|button|textbox|searchbox|combobox|slider|checkbox|radio|spinbutton|tablist|tab)$/;
const ENTRY = /^(?:rowgroup|row|listitem)$/;
const DIFFER_BY_FIGURES = /^(?:link|button|img)$/;
/** A number, a time, or the name of a day. */
const FIGURE = /[−+-]?\d+(?:[.,:]\d+)*|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b/g;
/** Alarm marks come and go. */
const MARK = /\bPriority \d ?/g;
/** Role, name and states; text after the name is a value. */
const LINE = /^(?<role>\w+)(?<name> "(?:[^"\\]|\\.)*")?(?<states>(?: \[[^\]]+\])*)(?::(?: (?<text>.+))?)?$/;

interface Part {
  readonly role: string;
  /** With its states, without figures. */
  readonly name: string;
  /** Equal for neighbours that one entry stands for: they differ by a figure, or their names start with one. Otherwise empty. */
  readonly alike: string;
  readonly parts: Part[];
}

/**
 * Reduces an accessibility tree to landmarks, headings, tables with their columns, and controls. Of a table's or list's entries, the first
 * of each shape stands for all. Figures become #.
 */
export function outlineOf(tree: string): string {
  const root: Part = { role: 'root', name: '', alike: '', parts: [] };
  let above: { readonly depth: number; readonly part: Part }[] = [];
  for (const line of tree.split('\n')) {
    const depth = line.search(/\S/);
    const part = partOf(line);
    above = above.filter((each) => each.depth < depth);
    (above.at(-1)?.part ?? root).parts.push(part);
    above.push({ depth, part });
  }
  return `${linesOf(root, false).join('\n')}\n`;
}

function partOf(line: string): Part {
  // A name with a colon is quoted as a whole.
  const said = line
    .trim()
    .slice(2)
    .replace(/^'((?:[^']|'')*)'/, (_, quoted: string) => quoted.replaceAll("''", "'"));
  const { role = '', name, states = '', text } = LINE.exec(said)?.groups ?? {};
  const own = (name ?? (text === undefined ? '' : ` "${text}"`)).replaceAll(MARK, '');
  const masked = own.replaceAll(FIGURE, '#');
  const isOfFigures = masked !== own && DIFFER_BY_FIGURES.test(role);
  const alike = isOfFigures ? `${role}${masked.startsWith(' "#') ? ' #' : masked}` : '';
  return { role, name: `${masked}${states}`, alike, parts: [] };
}

function linesOf({ role, parts }: Part, isInEntry: boolean): string[] {
  // The options of a combobox are not controls.
  if (role === 'combobox') return [];
  const lines: string[] = [];
  const shapes = new Set<string>();
  let before = '';
  for (const part of parts) {
    const isEntry = ENTRY.test(part.role);
    const inner = linesOf(part, isInEntry || isEntry);
    const isMark = part.role === 'img' && part.name === ' ""';
    const isKept = KEPT.test(part.role) && !isMark && (part.alike === '' || part.alike !== before);
    before = part.alike;
    const shape = inner
      .map((line) => line.trim().split(' ', 1)[0])
      .filter((of) => of !== 'img')
      .join();
    if (isEntry && shapes.has(shape)) continue;
    if (isEntry) shapes.add(shape);
    // The text of a link in an entry changes all the time.
    const name = isInEntry && part.role === 'link' ? '' : part.name;
    lines.push(...(isKept ? [`${part.role}${name}`, ...inner.map((line) => `  ${line}`)] : inner));
  }
  return lines.filter((line, n) => line !== lines[n - 1]);
}

/** Returns the differences between two outlines, line by line: + is new, - is gone. */
export function changesOf(kept: string, outline: string): string {
  return diff(kept.split('\n'), outline.split('\n'))
    .filter(([, line]) => line !== '')
    .map(([sign, line]) => `${['+', ' ', '-'][sign + 1]} ${line}`)
    .join('\n');
}

/** Checks the content of `part` against its committed outline. A screen that still loads gets some time. */
export async function assertOutline(part: Locator, name: string): Promise<void> {
  const file = `${KEPT_OUTLINES}/${name}.txt`;
  const kept = existsSync(`${root}${file}`) ? readFileSync(`${root}${file}`, 'utf8') : '';
  let outline = '';
  const isAsKept = async (): Promise<boolean> => {
    outline = outlineOf(await part.ariaSnapshot());
    return outline === kept;
  };
  // The difference is reported below.
  await until(name, isAsKept, { withinS: 60 }).catch(() => undefined);
  const changed = `${CHANGED}/${name}.txt`;
  if (outline === kept) {
    rmSync(`${root}${changed}`, { force: true });
    return;
  }
  mkdirSync(`${root}${CHANGED}`, { recursive: true });
  writeFileSync(`${root}${changed}`, outline);
  assert.fail(
    `Who listens to ${name} hears something else than before (- before, + now):\n\n${changesOf(kept, outline)}\n\n` +
      `Every control, table and part needs its name. If what is new reads well, keep it: cp ${changed} ${file}`,
  );
}
