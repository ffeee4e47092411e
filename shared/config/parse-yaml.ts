import { isAlias, LineCounter, parseDocument, visit, type Alias, type Document, type YAMLParseError } from 'yaml';
import { LoadstoneError } from '../outcome/outcome.ts';

export interface ParsedYaml {
  readonly document: Document;
  readonly lines: LineCounter;
}

/** What would be right, by what the parser found wrong. */
const remedies: Partial<Record<YAMLParseError['code'], string>> = {
  TAB_AS_INDENT: 'indent with spaces, not with a tab',
  DUPLICATE_KEY: 'the key is there before; keep it once',
  MULTILINE_IMPLICIT_KEY: 'write "key: value", with a space behind the colon',
  MISSING_CHAR: 'close what is open: a bracket ] or }, or a quote',
  BLOCK_AS_IMPLICIT_KEY: 'give the line the indentation of its neighbours',
  BLOCK_IN_FLOW: 'close the bracket of the line before',
  BAD_INDENT: 'close the bracket, or give the line the indentation of its neighbours',
};
const LOOK = 'look at indentation, brackets and quotes of this line';
const MOST_SHOWN = 60;

/** The document; throws LS-CONFIG-003 with file, line, what is wrong and what would be right. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
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
  const aliases: Alias[] = [];
  visit(document, { Alias: (_, node) => void aliases.push(node) });
  for (const alias of aliases.filter(isAlias)) {
    const at = alias.range?.[0] ?? 0;
    const meant = alias.resolve(document);
    if (meant === undefined) refuse(at, `there is no anchor &${alias.source} above this alias; quote a text with a *`);
    const [from = 0, , to = 0] = meant?.range ?? [];
    if (from <= at && at < to) refuse(at, `the alias *${alias.source} stands within itself; write the value out`);
  }
  return { document, lines };
}
