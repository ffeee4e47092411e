import { randomBytes } from 'node:crypto';

/** A new id: its prefix and 80 random bits. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(10).toString('hex')}`;
