import { evaluate, refuse, select, type Matrix, type Scope } from './matlab-expression.ts';

export type { Matrix };

/**
 * The small subset of MATLAB used in MATPOWER case files: assignments of numbers, texts, matrices and cells to variables, to fields of
 * `mpc` and to slices, with arithmetic and comparisons, and "if" on them. Anything else is refused with its line.
 */
export type Value = number | string | Matrix | undefined;

export interface CaseFile {
  readonly fields: ReadonlyMap<string, Value>;
}

interface Statement {
  readonly text: string;
  readonly line: number;
}

/** Names that idx_bus, idx_gen, idx_brch and define_constants bind, with their one-based columns. */
const indexFunctions: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  idx_bus: numbered(
    'PQ 1 PV 2 REF 3 NONE 4 BUS_I 1 BUS_TYPE 2 PD 3 QD 4 GS 5 BS 6 BUS_AREA 7 VM 8 VA 9 BASE_KV 10 ZONE 11 VMAX 12 VMIN 13 LAM_P 14 LAM_Q 15 MU_VMAX 16 MU_VMIN 17',
  ),
  idx_brch: numbered(
    'F_BUS 1 T_BUS 2 BR_R 3 BR_X 4 BR_B 5 RATE_A 6 RATE_B 7 RATE_C 8 TAP 9 SHIFT 10 BR_STATUS 11 PF 14 QF 15 PT 16 QT 17 MU_SF 18 MU_ST 19 ANGMIN 12 ANGMAX 13 MU_ANGMIN 20 MU_ANGMAX 21',
  ),
  idx_gen: numbered(
    'GEN_BUS 1 PG 2 QG 3 QMAX 4 QMIN 5 VG 6 MBASE 7 GEN_STATUS 8 PMAX 9 PMIN 10 MU_PMAX 22 MU_PMIN 23 MU_QMAX 24 MU_QMIN 25 PC1 11 PC2 12 QC1MIN 13 QC1MAX 14 QC2MIN 15 QC2MAX 16 RAMP_AGC 17 RAMP_10 18 RAMP_30 19 RAMP_Q 20 APF 21',
  ),
};

function numbered(text: string): (readonly [string, number])[] {
  const words = text.split(' ');
  return words.flatMap((word, at) => (at % 2 === 0 ? [[word, Number(words[at + 1])] as const] : []));
}

/** Budget of computed or copied matrix elements. The cases of MATPOWER need a fifth of it. */
const MOST_NUMBERS_A_CHARACTER = 1;

/** Runs a case file and returns the fields of `mpc`. Throws LS-GRID-004 with the line that it does not understand. */
export function runCaseFile(text: string): CaseFile {
  const run = new Run(MOST_NUMBERS_A_CHARACTER * text.length);
  for (const statement of statements(text)) run.statement(statement);
  run.end();
  return { fields: run.fields };
}

/**
 * Splits a file into statements. They end at `;`, `,` or a line end outside brackets. `...` continues a line, `%` starts a comment, %{ %}
 * enclose a block comment.
 */
function statements(text: string): Statement[] {
  const found: Statement[] = [];
  let buffer = '';
  let empty = true;
  let start = 1;
  let depth = 0;
  let block = false;
  const flush = (): void => {
    if (!empty) found.push({ text: buffer.trim(), line: start });
    buffer = '';
    empty = true;
  };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const trimmed = raw.trim();
    if (trimmed === '%{' || trimmed === '%}') block = trimmed === '%{';
    if (block) continue;
    let quoted = false;
    let continued = false;
    let from = 0;
    let at = 0;
    const put = (): void => {
      const part = raw.slice(from, at);
      from = at + 1;
      if (empty && part.trim() !== '') {
        empty = false;
        start = index + 1;
      }
      buffer += part;
    };
    for (; at < raw.length; at++) {
      const char = raw[at]!;
      if (char === "'") quoted = !quoted;
      else if (!quoted) {
        if (char === '%') break;
        if (char === '.' && raw.startsWith('...', at)) {
          continued = true;
          break;
        }
        if ('([{'.includes(char)) depth++;
        else if (')]}'.includes(char)) depth--;
        else if (depth === 0 && (char === ';' || char === ',')) {
          put();
          flush();
        }
      }
    }
    put();
    if (quoted) throw refuse(index + 1, 'a string is not closed');
    if (continued) buffer += ' ';
    else if (depth > 0) buffer += '\n';
    else flush();
  }
  if (depth !== 0) throw refuse(start, 'a bracket is not closed');
  return found;
}

/** An open "if", or another block within a part of the file that is not taken. */
interface Block {
  readonly line: number;
  readonly isIf: boolean;
  /** The statements up to the next "else", "elseif" or "end" are executed. */
  runs: boolean;
  /** No later part of it may be taken. */
  done: boolean;
  /** Its "else" has begun. */
  last: boolean;
}

class Run implements Scope {
  readonly fields = new Map<string, Value>();
  readonly #variables = new Map<string, number | Matrix>([
    ['pi', Math.PI],
    ['Inf', Infinity],
    ['NaN', NaN],
    ['true', 1],
    ['false', 0],
    // A case file is called without arguments, for one result.
    ['nargin', 0],
    ['nargout', 1],
  ]);
  readonly #blocks: Block[] = [];
  /** Matrix elements that may still be computed or copied. */
  #left: number;

  constructor(mostNumbers: number) {
    this.#left = mostNumbers;
  }

  statement({ text, line }: Statement): void {
    if (this.#control(text, line) || this.#blocks.at(-1)?.runs === false) return;
    const assigned = /^(mpc\.)?([A-Za-z]\w*)\s*(?:(\(([^=]*?)\))\s*)?=(?!=)\s*(\S[\s\S]*)$/.exec(text);
    if (assigned === null) return this.#other(text, line);
    const [, field, name, slice, inner, right] = assigned;
    if (slice !== undefined) {
      this.#assignSlice({ field: field !== undefined, name: name!, inner: inner!, line }, right!);
    } else if (field !== undefined) {
      this.fields.set(name!, this.#literal(right!, line));
    } else {
      this.#variables.set(name!, evaluate(right!, line, this));
    }
  }

  /** Refuses a file whose last "if" is not closed. */
  end(): void {
    const open = this.#blocks.at(-1);
    if (open !== undefined) throw refuse(open.line, 'the "if" has no "end"');
  }

  /** Opens, continues and closes blocks. Returns whether the statement was one of these. */
  #control(text: string, line: number): boolean {
    const word = /^(?:if|elseif|else|end|for|while|switch|try)\b/.exec(text)?.[0];
    if (word === undefined) return false;
    const rest = text.slice(word.length).trimStart();
    const block = this.#blocks.at(-1);
    const skipped = block?.runs === false;
    if (word === 'if') {
      const runs = !skipped && this.#holds(rest, line);
      this.#blocks.push({ line, isIf: true, runs, done: skipped || runs, last: false });
    } else if (word === 'end') this.#blocks.pop();
    else if (!word.startsWith('else')) {
      if (!skipped) throw refuse(line, `"${word}" is not supported`);
      this.#blocks.push({ line, isIf: false, runs: false, done: true, last: false });
    } else if (block?.isIf === true && !block.last) {
      block.runs = !block.done && (word === 'else' || this.#holds(rest, line));
      block.done ||= block.runs;
      block.last = word === 'else';
      if (word === 'else' && rest !== '') this.statement({ text: rest, line });
    } else if (block?.isIf !== false) throw refuse(line, `"${word}" without "if"`);
    return true;
  }

  /** A matrix holds if it is not empty and none of its elements is 0. */
  #holds(condition: string, line: number): boolean {
    const value = evaluate(condition, line, this);
    return typeof value === 'number' ? value !== 0 : value.length > 0 && value.flat().every((each) => each !== 0);
  }

  /** Statements other than assignments, and the binding of column names. */
  #other(text: string, line: number): void {
    if (/^function\b/.test(text) || text === 'return') return;
    if (text === 'define_constants') {
      for (const names of Object.values(indexFunctions))
        for (const [name, value] of names) this.#variables.set(name, value);
      return;
    }
    const bound = /^\[([\s\S]*)\]\s*=\s*(idx_\w+)$/.exec(text);
    if (bound === null) throw refuse(line, `the assignment "${text.slice(0, 60)}" is not supported`);
    const names = indexFunctions[bound[2]!];
    if (names === undefined) throw refuse(line, `unknown function ${bound[2]}`);
    const targets = bound[1]!.split(/[\s,]+/).filter((name) => name !== '');
    for (const [at, name] of targets.entries()) this.#variables.set(name, names[at]?.[1] ?? NaN);
  }

  #literal(text: string, line: number): Value {
    if (text.startsWith("'")) return text.slice(1, -1);
    if (text.startsWith('{')) return undefined;
    return evaluate(text, line, this);
  }

  read(name: string, line: number): number | Matrix {
    const value = name.startsWith('mpc.') ? this.fields.get(name.slice(4)) : this.#variables.get(name);
    if (typeof value === 'number' || Array.isArray(value)) return value;
    throw refuse(line, `"${name}" has no numeric value here`);
  }

  knows(name: string): boolean {
    return name === 'mpc' || this.#variables.has(name);
  }

  spend(numbers: number, line: number): void {
    this.#left -= numbers;
    if (this.#left < 0) throw refuse(line, 'the file computes more with its matrices than the importer allows');
  }

  #assignSlice(target: { field: boolean; name: string; inner: string; line: number }, right: string): void {
    const { line } = target;
    const matrix = this.read(target.field ? `mpc.${target.name}` : target.name, line);
    if (typeof matrix === 'number') throw refuse(line, `"${target.name}" is not a matrix`);
    const { rows, columns } = select(matrix, target.inner, line, this);
    const value = evaluate(right, line, this);
    const fits = typeof value === 'number' || (value.length === rows.length && value[0]?.length === columns.length);
    if (!fits) throw refuse(line, 'both sides of the assignment must have the same shape');
    this.spend(rows.length * columns.length, line);
    for (const [i, row] of rows.entries())
      for (const [j, column] of columns.entries())
        matrix[row]![column] = typeof value === 'number' ? value : value[i]![j]!;
  }
}
