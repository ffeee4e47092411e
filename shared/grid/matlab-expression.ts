import { LoadstoneError } from '../outcome/outcome.ts';

export type Matrix = number[][];

/** Resolves the names in an expression. */
export interface Scope {
  read(name: string, line: number): number | Matrix;
  /** Whether the name is bound; answers `exist`. */
  knows(name: string): boolean;
  /**
   * Charges for `numbers` matrix elements that are computed or copied. Throws if a file exceeds its budget, which is proportional to its
   * length.
   */
  spend(numbers: number, line: number): void;
}

/** Rows and columns that a slice selects, zero-based. */
export interface Selection {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

export const refuse = (line: number, what: string): LoadstoneError =>
  new LoadstoneError('LS-GRID-004', `line ${line}: ${what}`);

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

/** Evaluates an arithmetic expression. Throws LS-GRID-004 with the line that it does not understand. */
export const evaluate = (text: string, line: number, scope: Scope): number | Matrix =>
  new Expression(text, line, scope).value();

/** Evaluates the text between the parentheses of a slice. Throws like `evaluate`. */
export const select = (of: Matrix, inner: string, line: number, scope: Scope): Selection =>
  new Expression(inner, line, scope).selection(of);

type Operation = (a: number, b: number) => number;

/** MATPOWER cases nest three deep. */
const MOST_DEPTH = 50;

/** Recursive descent over one text: "||", "&&", "|", "&", comparison, sum, product, sign, power, atom. Bracketed text is evaluated in place, once. */
class Expression {
  readonly #text: string;
  readonly #line: number;
  readonly #run: Scope;
  #closing: Int32Array | undefined;
  /** The range of the text that is being evaluated. */
  #start = 0;
  #at = 0;
  #end: number;
  #depth = 0;
  /** Above 0 while the text is read past without its names, because the result is known already. */
  #skipped = 0;

  constructor(text: string, line: number, run: Scope) {
    this.#text = text;
    this.#line = line;
    this.#run = run;
    this.#end = text.length;
  }

  value(): number | Matrix {
    const result = this.#or();
    this.#skip();
    if (this.#at < this.#end) throw this.#unknown();
    return result;
  }

  #or(): number | Matrix {
    return this.#logic(OR, 1, () => this.#logic(AND, 0, () => this.#elementOr()));
  }

  #elementOr(): number | Matrix {
    return this.#logic(ELEMENT_OR, 1, () => this.#logic(ELEMENT_AND, 0, () => this.#comparison()));
  }

  /** Operands of one of the four. The first that equals `decides` decides; the rest may then name what does not exist. */
  #logic(operator: RegExp, decides: 0 | 1, operand: () => number | Matrix): number | Matrix {
    let left = operand();
    while (this.#take(operator) !== undefined) {
      const decided = typeof left === 'number' && Number(left !== 0) === decides;
      if (decided) this.#skipped++;
      const right = operand();
      if (decided) this.#skipped--;
      left = decided
        ? decides
        : this.#elementwise(left, right, (a, b) => Number(decides === 1 ? a !== 0 || b !== 0 : a !== 0 && b !== 0));
    }
    return left;
  }

  #comparison(): number | Matrix {
    let left = this.#sum();
    for (;;) {
      const operator = this.#take(COMPARISON);
      if (operator === undefined) return left;
      const compare = comparisons[operator]!;
      left = this.#elementwise(left, this.#sum(), (a, b) => Number(compare(a, b)));
    }
  }

  /** The selection that the current range describes. */
  selection(of: Matrix): Selection {
    const [from, to] = [this.#at, this.#end];
    const shown = (): string => this.#text.slice(from, Math.min(to, from + MOST_SHOWN));
    const comma = this.#comma(from, to);
    if (comma === to || this.#comma(comma + 1, to) !== to)
      throw refuse(this.#line, `the slice (${shown()}) must name rows and columns`);
    const indices = (first: number, last: number, count: number): number[] => {
      this.#run.spend(count, this.#line);
      if (this.#text.slice(first, last).trim() === ':') return Array.from({ length: count }, (_, at) => at);
      const value = this.#within(first, last);
      const list = (typeof value === 'number' ? [value] : value.flat()).map((each) => each - 1);
      if (list.some((each) => !(Number.isInteger(each) && each >= 0 && each < count)))
        throw refuse(this.#line, `the slice (${shown()}) is outside the matrix`);
      return list;
    };
    return { rows: indices(from, comma, of.length), columns: indices(comma + 1, to, of[0]?.length ?? 0) };
  }

  /** Evaluates a range of the text. */
  #within(from: number, to: number): number | Matrix {
    return this.#inside(from, to, () => this.value());
  }

  #inside<T>(from: number, to: number, read: () => T): T {
    if (this.#depth === MOST_DEPTH) throw refuse(this.#line, `brackets are nested more than ${MOST_DEPTH} deep`);
    const [start, at, end] = [this.#start, this.#at, this.#end];
    [this.#start, this.#at, this.#end] = [from, from, to];
    this.#depth++;
    const result = read();
    this.#depth--;
    [this.#start, this.#at, this.#end] = [start, at, end];
    return result;
  }

  #sum(): number | Matrix {
    let left = this.#product();
    for (;;) {
      const operator = this.#take(SIGN);
      if (operator === undefined) return left;
      left = this.#elementwise(left, this.#product(), operator === '+' ? (a, b) => a + b : (a, b) => a - b);
    }
  }

  #product(): number | Matrix {
    let left = this.#signed();
    for (;;) {
      const operator = this.#take(FACTOR);
      if (operator === undefined) return left;
      const right = this.#signed();
      const scalar = typeof right === 'number' || (operator.endsWith('*') && typeof left === 'number');
      if (!scalar && !operator.startsWith('.')) throw refuse(this.#line, 'matrix products are not supported');
      left = this.#elementwise(left, right, operator.endsWith('*') ? (a, b) => a * b : (a, b) => a / b);
    }
  }

  #signed(): number | Matrix {
    const signs: boolean[] = [];
    for (let sign = this.#take(PREFIX); sign !== undefined; sign = this.#take(PREFIX))
      if (sign !== '+') signs.push(sign !== '-');
    let value = this.#power();
    for (const not of signs.reverse())
      value = this.#elementwise(0, value, not ? (_, b) => Number(b === 0) : (a, b) => a - b);
    return value;
  }

  #power(): number | Matrix {
    const base = this.#atom();
    const operator = this.#take(POWER);
    if (operator === undefined) return base;
    const exponent =
      this.#take(MINUS) === undefined ? this.#atom() : this.#elementwise(0, this.#atom(), (a, b) => a - b);
    if (!operator.startsWith('.') && typeof base !== 'number')
      throw refuse(this.#line, 'matrix powers are not supported');
    return this.#elementwise(base, exponent, (a, b) => a ** b);
  }

  #atom(): number | Matrix {
    const number = this.#take(NUMBER);
    if (number !== undefined) return Number(number.replace(/[dD]/, 'e'));
    if (this.#peek() === '(') return this.#within(...this.#bracket());
    if (this.#peek() === '[') {
      const [from, to] = this.#bracket();
      return this.#inside(from, to, () => this.#literal());
    }
    const name = this.#take(NAME);
    if (name === undefined) throw this.#unknown();
    if (this.#peek() !== '(') return this.#skipped > 0 ? 0 : this.#run.read(name, this.#line);
    const [from, to] = this.#bracket();
    if (this.#skipped > 0) return 0;
    if (name === 'exist') return this.#exists(from, to);
    const apply = functions[name];
    if (apply !== undefined) return this.#elementwise(0, this.#within(from, to), (_, b) => apply(b));
    const matrix = this.#run.read(name, this.#line);
    if (typeof matrix === 'number') throw refuse(this.#line, `"${name}" is not a matrix`);
    const { rows, columns } = this.#inside(from, to, () => this.selection(matrix));
    this.#run.spend(rows.length * columns.length, this.#line);
    if (rows.length === 1 && columns.length === 1) return matrix[rows[0]!]![columns[0]!]!;
    return rows.map((row) => columns.map((column) => matrix[row]![column]!));
  }

  /** `exist('name')` or `exist('name', 'var')`. */
  #exists(from: number, to: number): number {
    const [, name] = /^\s*'(\w+)'\s*(?:,\s*'var'\s*)?$/.exec(this.#text.slice(from, to)) ?? [];
    if (name === undefined) throw refuse(this.#line, "exist takes the name of a variable: exist('name', 'var')");
    return Number(this.#run.knows(name));
  }

  /** The matrix literal in the current range. */
  #literal(): Matrix {
    const rows: Matrix = [];
    const end = this.#end;
    let row: number[] = [];
    let line = this.#line;
    let entry = this.#at;
    for (let at = entry; at <= end; at++) {
      const kind = at === end ? ROW : kindOf(this.#text.charCodeAt(at));
      if (kind === OPEN) at = Math.min(this.#closes(at), end - 1);
      if (kind !== COLUMN && kind !== ROW) continue;
      if (at > entry) row.push(this.#entry(entry, at, line));
      entry = at + 1;
      if (kind === COLUMN) continue;
      if (rows.length > 0 && row.length > 0 && rows[0]!.length !== row.length)
        throw refuse(line, `a row of ${row.length} in a matrix of ${rows[0]!.length} columns`);
      if (row.length > 0) {
        rows.push(row);
        row = [];
      }
      if (this.#text[at] === '\n') line++;
    }
    return rows;
  }

  #entry(from: number, to: number, line: number): number {
    const text = this.#text.slice(from, to);
    const number = Number(text);
    const value = Number.isNaN(number) ? this.#within(from, to) : number;
    if (typeof value === 'number') return value;
    throw refuse(line, `"${text.slice(0, MOST_SHOWN)}" is not a number`);
  }

  #elementwise(left: number | Matrix, right: number | Matrix, operation: Operation): number | Matrix {
    if (typeof left === 'number' && typeof right === 'number') return operation(left, right);
    const [first] = [left, right].filter((each) => typeof each !== 'number');
    this.#run.spend((first?.length ?? 0) * (first?.[0]?.length ?? 0), this.#line);
    if (typeof left === 'number') return (right as Matrix).map((row) => row.map((each) => operation(left, each)));
    if (typeof right === 'number') return left.map((row) => row.map((each) => operation(each, right)));
    if (left.length !== right.length || left[0]?.length !== right[0]?.length)
      throw refuse(this.#line, 'the matrices differ in shape');
    return left.map((row, i) => row.map((each, j) => operation(each, right[i]![j]!)));
  }

  #skip(): void {
    while (this.#at < this.#end && isBlank(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #peek(): string | undefined {
    this.#skip();
    return this.#at < this.#end ? this.#text[this.#at] : undefined;
  }

  /** Consumes the next token if it matches the sticky pattern. */
  #take(pattern: RegExp): string | undefined {
    this.#skip();
    if (this.#at === this.#end) return undefined;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** The range inside the bracket at the current position. Continues after the closing bracket. */
  #bracket(): [from: number, to: number] {
    const [open, close] = [this.#at, this.#closes(this.#at)];
    if (close >= this.#end) throw this.#unknown();
    this.#at = close + 1;
    return [open + 1, close];
  }

  /** Position of the first comma outside brackets; `to` if there is none. */
  #comma(from: number, to: number): number {
    for (let at = from; at < to; at++) {
      if (this.#text[at] === ',') return at;
      if (kindOf(this.#text.charCodeAt(at)) === OPEN) at = this.#closes(at);
    }
    return to;
  }

  /** Position of the bracket that closes the one at `at`; the end of the text if none does. */
  #closes(at: number): number {
    this.#closing ??= closingOf(this.#text);
    return this.#closing[at]!;
  }

  #unknown(): LoadstoneError {
    const text = this.#text.slice(this.#start, Math.min(this.#end, this.#start + MOST_SHOWN));
    return refuse(this.#line, `the expression "${text}" is not supported`);
  }
}

const MOST_SHOWN = 60;
const OR = /\|\|/y;
const AND = /&&/y;
const ELEMENT_OR = /\|(?!\|)/y;
const ELEMENT_AND = /&(?!&)/y;
const PREFIX = /[+-]|[~!](?!=)/y;
const COMPARISON = /[=~!<>]=|[<>]/y;
const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '~=': (a, b) => a !== b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};
const SIGN = /[+-]/y;
const MINUS = /-/y;
const FACTOR = /\.?[*/]/y;
const POWER = /\.?\^/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?/y;
const NAME = /(?:mpc\.)?[A-Za-z]\w*/y;
const [COLUMN, ROW, OPEN, CLOSE] = [1, 2, 3, 4];
/** Role of a character in a matrix literal, by its code. */
const KINDS = new Uint8Array(128);
for (const [kind, chars] of [
  [COLUMN, ' \t\r,'],
  [ROW, ';\n'],
  [OPEN, '([{'],
  [CLOSE, ')]}'],
] as const)
  for (const char of chars) KINDS[char.charCodeAt(0)] = kind;
const kindOf = (code: number): number => (code < KINDS.length ? KINDS[code]! : 0);

const isBlank = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0;

/** The closing position for each opening bracket, found in one pass over the text. */
function closingOf(text: string): Int32Array {
  const closing = new Int32Array(text.length).fill(text.length);
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind === OPEN) open.push(at);
    else if (kind === CLOSE) {
      const opened = open.pop();
      if (opened !== undefined) closing[opened] = at;
    }
  }
  return closing;
}
