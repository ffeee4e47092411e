/** Rows of numbers, row-major. */
export interface Table {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}
