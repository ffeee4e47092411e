import type { ErrorCode } from '../outcome/catalogue.ts';
import { bad, type Fault } from '../outcome/outcome.ts';
import { formatMessage, type MessageCode, type MessageForm, type MessageValues } from './message-forms.ts';

/** A fault whose detail is a sentence of its code, so that the page can translate it. */
export const refused = <Code extends MessageCode & ErrorCode, Form extends MessageForm<Code>>(
  code: Code,
  form: Form,
  ...values: MessageValues<Form>
): { ok: false; fault: Fault } => bad(code, formatMessage(code, form, ...values));
