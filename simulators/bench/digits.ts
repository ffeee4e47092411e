/** Rounds to three digits: a single measurement supports no more. */
export const threeDigits = (value: number): number => Number(value.toPrecision(3));
