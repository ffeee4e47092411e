import { evaluate, refuse, splitTop, type Matrix, type Scope } from './matlab-expression.ts';

export type { Matrix };

/**
 * The small part of MATLAB that MATPOWER case files are written in: assignments of numbers, texts, matrices and cells to
 * variables, fields of `mpc` and column slices, with arithmetic. Anything else is refused with its line.
 */
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

/** Runs a case file and answers with the fields of `mpc`. Throws LS-GRID-004 with the line that it does not understand. */
export function runCaseFile(text: string): CaseFile {
  const run = new Run();
  for (const statement of statements(text)) run.statement(statement);
  return { fields: run.fields };
}

/** Statements end at `;`, `,` or a line's end outside brackets; `...` continues a line; `%` comments, and %{ %} blocks. */
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
    for (let at = 0; at < raw.length; at++) {
      const char = raw[at]!;
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
      if (empty && char.trim() !== '') {
        empty = false;
        start = index + 1;
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

/** A case of MATPOWER nests three. */
const MOST_DEPTH = 50;

class Run implements Scope {
  readonly fields = new Map<string, Value>();
  readonly #variables = new Map<string, number | Matrix>([
    ['pi', Math.PI],
    ['Inf', Infinity],
    ['NaN', NaN],
  ]);

  /** Of brackets that are being evaluated. */
  #depth = 0;
  /** Depth within a branch that is not taken; 0: none. */
  #skipped = 0;

  statement({ text, line }: Statement): void {
    if (this.#skipped > 0) {
      if (/^(if|for|while|switch)\b/.test(text)) this.#skipped++;
      else if (text === 'end') this.#skipped--;
      else if (text.startsWith('else')) throw refuse(line, 'a branch with "else" is not read');
      return;
    }
    const asked = /^if\s+([A-Za-z]\w*)$/.exec(text);
    if (asked !== null) {
      if (this.read(asked[1]!, line) === 0) this.#skipped = 1;
      return;
    }
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
    const assigned = /^(mpc\.)?([A-Za-z]\w*)\s*(?:(\(([^=]*?)\))\s*)?=(?!=)\s*(\S[\s\S]*)$/.exec(text);
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
    if (this.#depth === MOST_DEPTH) throw refuse(line, `brackets lie more than ${MOST_DEPTH} deep`);
    this.#depth++;
    try {
      return evaluate(text, line, this);
    } finally {
      this.#depth--;
    }
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
