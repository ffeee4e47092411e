import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { LoadstoneError } from '../outcome/outcome.ts';

export interface ParsedYaml {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly value: unknown;
}

/** Suggested fixes by the parser's error code. */
const remedies: Partial<Record<YAMLParseError['code'], string>> = {
  TAB_AS_INDENT: 'indent with spaces, not with a tab',
  DUPLICATE_KEY: 'the key is repeated; keep it once',
  MULTILINE_IMPLICIT_KEY: 'write "key: value", with a space after the colon',
  MISSING_CHAR: 'close the open bracket or quote',
  BLOCK_AS_IMPLICIT_KEY: 'indent the line like its neighbours',
  BLOCK_IN_FLOW: 'close the bracket of the previous line',
  BAD_INDENT: 'close the bracket, or indent the line like its neighbours',
};
const LOOK = 'check indentation, brackets and quotes of this line';
const MOST_SHOWN = 60;
/** A gateway with a thousand devices uses a fifth of it. */
const MOST_CHARS = 1_000_000;
const MOST_ALIASES = 1000;

/** Parses YAML. Throws LS-CONFIG-003 with file, line, what is wrong and how to fix it. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lines = new LineCounter();
  if (text.length > MOST_CHARS)
    throw new LoadstoneError('LS-CONFIG-003', `${file}: ${text.length} characters; the maximum is ${MOST_CHARS}`);
  const document = parsed(text, file, lines);
  const refuse = (offset: number, why: string): never => {
    const { line } = lines.linePos(offset);
    const shown = (text.split('\n')[line - 1] ?? '').trim().slice(0, MOST_SHOWN);
    throw new LoadstoneError('LS-CONFIG-003', `${file}:${line}: "${shown}": ${why}`);
  };
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const [what = ''] = syntax.message.split(/ at line \d|\n/);
    refuse(syntax.pos[0], `${what}; ${remedies[syntax.code] ?? LOOK}`);
  }
  // For each key and alias the library searches everything above it, which would take minutes for large numbers of them.
  const anchors = new Map<string, Node>();
  let aliases = 0;
  visit(document, (_, node) => {
    const again = isMap(node) ? repeated(node) : undefined;
    if (again !== undefined) refuse(again.range?.[0] ?? 0, `Map keys must be unique; ${remedies.DUPLICATE_KEY}`);
    if (!isNode(node)) return;
    if (!isAlias(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      return;
    }
    const at = node.range?.[0] ?? 0;
    const meant = anchors.get(node.source);
    if (meant === undefined)
      refuse(at, `there is no anchor &${node.source} above this alias; quote text that begins with *`);
    const [from = 0, , to = 0] = meant?.range ?? [];
    if (from <= at && at < to) refuse(at, `the alias *${node.source} refers to itself; write the value out`);
    if (++aliases > MOST_ALIASES) refuse(at, `more than ${MOST_ALIASES} aliases; write the values out`);
  });
  try {
    return { document, lines, value: document.toJS() };
  } catch {
    throw new LoadstoneError('LS-CONFIG-003', `${file}: its aliases expand to too many values; write the values out`);
  }
}

/** Deep nesting overflows the parser's stack, which is the file's fault and not a bug. */
function parsed(text: string, file: string, lines: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  } catch {
    throw new LoadstoneError('LS-CONFIG-003', `${file}: is nested too deeply; close brackets, or indent less`);
  }
}

/** The first key that repeats an earlier one. */
function repeated({ items }: YAMLMap): Node | undefined {
  const seen = new Set<unknown>();
  for (const { key } of items) {
    const told: unknown = isScalar(key) ? key.value : key;
    if (seen.has(told)) return isNode(key) ? key : undefined;
    seen.add(told);
  }
  return undefined;
}
