import { existsSync, readFileSync } from 'node:fs';
import { LoadstoneError } from '../outcome/outcome.ts';

/** Reads a file that a configuration key names, such as a password. Throws LS-CONFIG-003 if it is missing or empty. */
export function readNamed(key: string, file: string): string {
  if (!existsSync(file)) throw new LoadstoneError('LS-CONFIG-003', `${key}: there is no file ${file}`);
  const text = readFileSync(file, 'utf8').trim();
  if (text === '') throw new LoadstoneError('LS-CONFIG-003', `${key}: ${file} is empty`);
  return text;
}
