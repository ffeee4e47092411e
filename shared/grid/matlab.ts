import { LoadstoneError } from '../outcome/outcome.ts';

/**
 * The small part of MATLAB that MATPOWER case files are written in: assignments of numbers, texts, matrices and cells to
 * variables, fields of `mpc` and column slices, with arithmetic. Anything else is refused with its line.
 */
export type Matrix = number[][];
export type Value = number | string | Matrix | undefined;

export interface CaseFile {
  readonly fields: ReadonlyMap<string, Value>;
}

interface Statement {
  readonly text: string;
  readonly line: number;
}

/** Names that idx_bus, idx_gen, idx_brch and define_constants bind, with their columns counted from 1. */
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

const functions: Readonly<Record<string, (x: number) => number>> = {
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  abs: Math.abs,
  exp: Math.exp,
};

/** Runs a case file and answers with the fields of `mpc`. Throws LS-GRID-004 with the line that it does not understand. */
export function runCaseFile(text: string): CaseFile {
  const run = new Run();
  for (const statement of statements(text)) run.statement(statement);
  return { fields: run.fields };
}

const refuse = (line: number, what: string): LoadstoneError =>
  new LoadstoneError('LS-GRID-004', `line ${line}: ${what}`);

/** Statements end at `;`, `,` or a line's end outside brackets; `...` continues a line; `%` comments, and %{ %} blocks. */
function statements(text: string): Statement[] {
  const found: Statement[] = [];
  let buffer = '';
  let start = 1;
  let depth = 0;
  let block = false;
  const flush = (): void => {
    if (buffer.trim() !== '') found.push({ text: buffer.trim(), line: start });
    buffer = '';
  };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const trimmed = raw.trim();
    if (trimmed === '%{' || trimmed === '%}') block = trimmed === '%{';
    if (block) continue;
    let quoted = false;
    let continued = false;
    for (let at = 0; at < raw.length; at++) {
      const char = raw[at]!;
      if (buffer.trim() === '') start = index + 1;
      if (char === "'") quoted = !quoted;
      else if (!quoted) {
        if (char === '%') break;
        if (raw.startsWith('...', at)) {
          continued = true;
          break;
        }
        if ('([{'.includes(char)) depth++;
        if (')]}'.includes(char)) depth--;
        if (depth === 0 && (char === ';' || char === ',')) {
          flush();
          continue;
        }
      }
      buffer += char;
    }
    if (quoted) throw refuse(index + 1, 'a text does not end');
    if (continued) buffer += ' ';
    else if (depth > 0) buffer += '\n';
    else flush();
  }
  if (depth !== 0) throw refuse(start, 'a bracket does not close');
  return found;
}

class Run {
  readonly fields = new Map<string, Value>();
  readonly #variables = new Map<string, number | Matrix>([
    ['pi', Math.PI],
    ['Inf', Infinity],
    ['NaN', NaN],
  ]);

  statement({ text, line }: Statement): void {
    if (/^function\b/.test(text) || text === 'end' || text === 'return') return;
    if (text === 'define_constants') {
      for (const names of Object.values(indexFunctions))
        for (const [name, value] of names) this.#variables.set(name, value);
      return;
    }
    const bound = /^\[([\s\S]*)\]\s*=\s*(idx_\w+)$/.exec(text);
    if (bound !== null) {
      const names = indexFunctions[bound[2]!];
      if (names === undefined) throw refuse(line, `function ${bound[2]} is not known`);
      const targets = bound[1]!.split(/[\s,]+/).filter((name) => name !== '');
      for (const [at, name] of targets.entries()) this.#variables.set(name, names[at]?.[1] ?? NaN);
      return;
    }
    const assigned = /^(mpc\.)?([A-Za-z]\w*)\s*(\(([\s\S]*?)\))?\s*=(?!=)\s*([\s\S]+)$/.exec(text);
    if (assigned === null) throw refuse(line, `"${text.slice(0, 60)}" is not an assignment that this importer reads`);
    const [, field, name, slice, inner, right] = assigned;
    if (slice !== undefined) {
      this.#assignSlice({ field: field !== undefined, name: name!, inner: inner!, line }, right!);
    } else if (field !== undefined) {
      this.fields.set(name!, this.#literal(right!, line));
    } else {
      const value = this.evaluate(right!, line);
      this.#variables.set(name!, value);
    }
  }

  #literal(text: string, line: number): Value {
    if (text.startsWith("'")) return text.slice(1, -1);
    if (text.startsWith('{')) return undefined;
    return this.evaluate(text, line);
  }

  evaluate(text: string, line: number): number | Matrix {
    return new Expression(text, line, this).value();
  }

  read(name: string, line: number): number | Matrix {
    const value = name.startsWith('mpc.') ? this.fields.get(name.slice(4)) : this.#variables.get(name);
    if (typeof value === 'number' || Array.isArray(value)) return value;
    throw refuse(line, `"${name}" has no number here`);
  }

  /** Rows and columns of a slice, counted from 0. */
  select(of: Matrix, inner: string, line: number): { rows: number[]; columns: number[] } {
    const parts = splitTop(inner, ',');
    if (parts.length !== 2) throw refuse(line, `the slice (${inner}) must name rows and columns`);
    const indices = (part: string, count: number): number[] => {
      if (part.trim() === ':') return Array.from({ length: count }, (_, at) => at);
      const value = this.evaluate(part, line);
      const list = (typeof value === 'number' ? [value] : value.flat()).map((each) => each - 1);
      if (list.some((each) => !(Number.isInteger(each) && each >= 0 && each < count)))
        throw refuse(line, `the slice (${inner}) is outside the matrix`);
      return list;
    };
    return { rows: indices(parts[0]!, of.length), columns: indices(parts[1]!, of[0]?.length ?? 0) };
  }

  #assignSlice(target: { field: boolean; name: string; inner: string; line: number }, right: string): void {
    const { line } = target;
    const matrix = this.read(target.field ? `mpc.${target.name}` : target.name, line);
    if (typeof matrix === 'number') throw refuse(line, `"${target.name}" is not a matrix`);
    const { rows, columns } = this.select(matrix, target.inner, line);
    const value = this.evaluate(right, line);
    const fits = typeof value === 'number' || (value.length === rows.length && value[0]?.length === columns.length);
    if (!fits) throw refuse(line, 'both sides of the assignment must have one shape');
    for (const [i, row] of rows.entries())
      for (const [j, column] of columns.entries())
        matrix[row]![column] = typeof value === 'number' ? value : value[i]![j]!;
  }
}

type Operation = (a: number, b: number) => number;

/** Recursive descent: sum, product, sign, power, atom. */
class Expression {
  readonly #text: string;
  readonly #line: number;
  readonly #run: Run;
  #at = 0;

  constructor(text: string, line: number, run: Run) {
    this.#text = text;
    this.#line = line;
    this.#run = run;
  }

  value(): number | Matrix {
    const result = this.#sum();
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unknown();
    return result;
  }

  #sum(): number | Matrix {
    let left = this.#product();
    for (;;) {
      const operator = this.#take(/^[+-]/);
      if (operator === undefined) return left;
      left = this.#elementwise(left, this.#product(), operator === '+' ? (a, b) => a + b : (a, b) => a - b);
    }
  }

  #product(): number | Matrix {
    let left = this.#signed();
    for (;;) {
      const operator = this.#take(/^\.?[*/]/);
      if (operator === undefined) return left;
      const right = this.#signed();
      const scalar = typeof right === 'number' || (operator.endsWith('*') && typeof left === 'number');
      if (!scalar && !operator.startsWith('.')) throw refuse(this.#line, 'matrix products are not read');
      left = this.#elementwise(left, right, operator.endsWith('*') ? (a, b) => a * b : (a, b) => a / b);
    }
  }

  #signed(): number | Matrix {
    const sign = this.#take(/^[+-]/);
    if (sign === undefined) return this.#power();
    const value = this.#signed();
    return sign === '+' ? value : this.#elementwise(0, value, (a, b) => a - b);
  }

  #power(): number | Matrix {
    const base = this.#atom();
    const operator = this.#take(/^\.?\^/);
    if (operator === undefined) return base;
    const exponent =
      this.#take(/^-/) === undefined ? this.#atom() : this.#elementwise(0, this.#atom(), (a, b) => a - b);
    if (!operator.startsWith('.') && typeof base !== 'number') throw refuse(this.#line, 'matrix powers are not read');
    return this.#elementwise(base, exponent, (a, b) => a ** b);
  }

  #atom(): number | Matrix {
    const number = this.#take(/^(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?/);
    if (number !== undefined) return Number(number.replace(/[dD]/, 'e'));
    if (this.#peek() === '(') {
      const inner = this.#bracket();
      return this.#run.evaluate(inner, this.#line);
    }
    if (this.#peek() === '[')
      return matrixLiteral(this.#bracket(), (entry) => this.#run.evaluate(entry, this.#line), this.#line);
    const name = this.#take(/^(?:mpc\.)?[A-Za-z]\w*/);
    if (name === undefined) throw this.#unknown();
    if (this.#peek() !== '(') return this.#run.read(name, this.#line);
    const inner = this.#bracket();
    const apply = functions[name];
    if (apply !== undefined) return this.#elementwise(0, this.#run.evaluate(inner, this.#line), (_, b) => apply(b));
    const matrix = this.#run.read(name, this.#line);
    if (typeof matrix === 'number') throw refuse(this.#line, `"${name}" is not a matrix`);
    const { rows, columns } = this.#run.select(matrix, inner, this.#line);
    if (rows.length === 1 && columns.length === 1) return matrix[rows[0]!]![columns[0]!]!;
    return rows.map((row) => columns.map((column) => matrix[row]![column]!));
  }

  #elementwise(left: number | Matrix, right: number | Matrix, operation: Operation): number | Matrix {
    if (typeof left === 'number' && typeof right === 'number') return operation(left, right);
    if (typeof left === 'number') return (right as Matrix).map((row) => row.map((each) => operation(left, each)));
    if (typeof right === 'number') return left.map((row) => row.map((each) => operation(each, right)));
    if (left.length !== right.length || left[0]?.length !== right[0]?.length)
      throw refuse(this.#line, 'matrices of unlike shape');
    return left.map((row, i) => row.map((each, j) => operation(each, right[i]![j]!)));
  }

  #skip(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #peek(): string | undefined {
    this.#skip();
    return this.#text[this.#at];
  }

  #take(pattern: RegExp): string | undefined {
    this.#skip();
    const match = pattern.exec(this.#text.slice(this.#at));
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[0];
  }

  /** What stands between the bracket here and the one that closes it. */
  #bracket(): string {
    const start = this.#at + 1;
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      if ('([{'.includes(this.#text[this.#at]!)) depth++;
      if (')]}'.includes(this.#text[this.#at]!) && --depth === 0) return this.#text.slice(start, this.#at++);
    }
    throw this.#unknown();
  }

  #unknown(): LoadstoneError {
    return refuse(this.#line, `"${this.#text.slice(0, 60)}" is not an expression that this importer reads`);
  }
}

function matrixLiteral(text: string, evaluate: (entry: string) => number | Matrix, line: number): Matrix {
  const rows: Matrix = [];
  for (const [at, row] of text.split('\n').entries()) {
    for (const part of splitTop(row, ';')) {
      const entries = part.trim() === '' ? [] : splitTop(part.trim(), ' \t,').filter((entry) => entry !== '');
      if (entries.length === 0) continue;
      const values = entries.map((entry) => {
        const number = Number(entry);
        const value = Number.isNaN(number) ? evaluate(entry) : number;
        if (typeof value !== 'number') throw refuse(line + at, `"${entry}" is not a number`);
        return value;
      });
      if (rows.length > 0 && rows[0]!.length !== values.length)
        throw refuse(line + at, `a row of ${values.length} in a matrix of ${rows[0]!.length} columns`);
      rows.push(values);
    }
  }
  return rows;
}

/** Splits at any of the separators that stand outside brackets. */
function splitTop(text: string, separators: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of text) {
    if ('([{'.includes(char)) depth++;
    if (')]}'.includes(char)) depth--;
    if (depth === 0 && separators.includes(char)) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  parts.push(part);
  return parts;
}
