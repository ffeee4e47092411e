import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import type { Language } from '../../shared/sentences/language.ts';
import type { TextContext } from './alarm-text.ts';
import type { Message } from './message-store.ts';
import type { NotifyRules, Wish } from './notify-rules.ts';

/** What a mail server or a receiver has said. */
export interface Sent {
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
  readonly response: string;
}

/** Sends one message. Rejects where it is taken for nobody. `id`: the same one for each attempt. */
export type Send = (message: Message, id: string) => Promise<Sent>;

export interface Text {
  readonly subject: string;
  readonly text: string;
}

/** Who gets one message together. */
export interface Group {
  readonly language: Language;
  readonly to: readonly string[];
}

/** A test message: who has asked for it, and where. */
export interface TestText {
  readonly by: string;
  readonly region: string;
}

/** In which language, and when, machine time. */
export interface Wording {
  readonly language: Language;
  readonly at: number;
}

/** A way on which alarms leave, with rules of its own. */
export interface Channel {
  /** What waits, and what was told, is of this name over restarts. */
  readonly name: string;
  readonly priority: NotifyRules['priority'];
  readonly to: readonly string[];
  /** Where nobody acknowledges; empty: nobody. */
  readonly escalateTo: readonly string[];
  readonly escalateAfterMin: number;
  readonly quietHours?: { readonly from: string; readonly to: string } | undefined;
  groups(to: readonly string[]): readonly Group[];
  write(wish: Wish, context: TextContext, wording: Wording): Text;
  writeTest(test: TestText, wording: Wording): Text;
  readonly send: Send;
  /** Whether whom a waiting message is for is no more, so that it goes to nobody; absent: it goes to whom it names. */
  readonly isForNobody?: (message: Message) => boolean;
  /** The code of what failed, and the events that tell of it. */
  readonly fault: ErrorCode;
  says(what: 'fault' | 'leaves' | 'given-up', detail: string): { readonly code: string; readonly text: string };
}
