import type { ErrorCode } from '../outcome/catalogue.ts';
import { bad, type Fault } from '../outcome/outcome.ts';
import { tells, type ToldCode, type ToldForm, type ToldValues } from './told-forms.ts';

/** A fault whose detail is a sentence of its code, so that the page can translate it. */
export const refused = <Code extends ToldCode & ErrorCode, Form extends ToldForm<Code>>(
  code: Code,
  form: Form,
  ...values: ToldValues<Form>
): { ok: false; fault: Fault } => bad(code, tells(code, form, ...values));
