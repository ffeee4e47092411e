import { randomBytes } from 'node:crypto';

/** A new id: its prefix and 80 bits by chance. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(10).toString('hex')}`;
