import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { RuleBook } from './alarm-rules.ts';

const SHIPPED = new URL('./rules.yaml', import.meta.url);

/** The shipped alarm rules, overridden by those of `file` unless it is empty. */
export function composeRules(file: string): RuleBook {
  const shipped = { text: readFileSync(SHIPPED, 'utf8'), file: 'rules.yaml' };
  if (file === '') return RuleBook.read(shipped);
  if (!existsSync(file))
    throw new LoadstoneError('LS-CONFIG-003', `alarms.rulesFile: there is no file ${resolve(file)}`);
  return RuleBook.read(shipped, { text: readFileSync(file, 'utf8'), file });
}
