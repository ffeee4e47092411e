/** Three digits: more is not known of what was measured once. */
export const threeDigits = (value: number): number => Number(value.toPrecision(3));
