import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import type { Language } from '../../shared/sentences/language.ts';
import type { TextContext } from './alarm-text.ts';
import type { Message } from './message-store.ts';
import type { NotifyRules, Wish } from './notify-rules.ts';

/** Answer of a mail server or receiver. */
export interface Sent {
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
  readonly response: string;
}

/** Sends one message. Rejects if no recipient accepts it. `id`: the same for every attempt. */
export type Send = (message: Message, id: string) => Promise<Sent>;

export interface Text {
  readonly subject: string;
  readonly text: string;
}

/** Recipients who share one message. */
export interface Group {
  readonly language: Language;
  readonly to: readonly string[];
}

/** A test message: the requester and the region. */
export interface TestText {
  readonly by: string;
  readonly region: string;
}

/** Language and time of a message; machine time. */
export interface Wording {
  readonly language: Language;
  readonly at: number;
}

/** A notification channel with its own rules. */
export interface Channel {
  /** Key of waiting messages and notified alarms, across restarts. */
  readonly name: string;
  readonly priority: NotifyRules['priority'];
  readonly to: readonly string[];
  /** Recipients if nobody acknowledges; empty: none. */
  readonly escalateTo: readonly string[];
  readonly escalateAfterMin: number;
  readonly quietHours?: { readonly from: string; readonly to: string } | undefined;
  groups(to: readonly string[]): readonly Group[];
  write(wish: Wish, context: TextContext, wording: Wording): Text;
  writeTest(test: TestText, wording: Wording): Text;
  readonly send: Send;
  /** Whether the recipient of a waiting message no longer exists, so that it is dropped; absent: never. */
  readonly isForNobody?: (message: Message) => boolean;
  /** Error code of a failure, and its events. */
  readonly fault: ErrorCode;
  says(what: 'fault' | 'leaves' | 'given-up', detail: string): { readonly code: string; readonly text: string };
}
