import { LoadstoneError } from '../outcome/outcome.ts';

export type Matrix = number[][];

/** Where an expression finds its names. */
export interface Scope {
  evaluate(text: string, line: number): number | Matrix;
  read(name: string, line: number): number | Matrix;
  /** Rows and columns that a slice selects, counted from 0. */
  select(of: Matrix, inner: string, line: number): { rows: number[]; columns: number[] };
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

/** The value of an arithmetic expression. Throws LS-GRID-004 with the line that is not understood. */
export const evaluate = (text: string, line: number, scope: Scope): number | Matrix =>
  new Expression(text, line, scope).value();

type Operation = (a: number, b: number) => number;

/** Recursive descent: sum, product, sign, power, atom. */
class Expression {
  readonly #text: string;
  readonly #line: number;
  readonly #run: Scope;
  #at = 0;

  constructor(text: string, line: number, run: Scope) {
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
    let isNegative = false;
    for (let sign = this.#take(/^[+-]/); sign !== undefined; sign = this.#take(/^[+-]/))
      isNegative = isNegative !== (sign === '-');
    const value = this.#power();
    return isNegative ? this.#elementwise(0, value, (a, b) => a - b) : value;
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
export function splitTop(text: string, separators: string): string[] {
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
