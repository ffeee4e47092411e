import { HeldKeys } from '../api/answers/held-keys.ts';
import type { KeptAnswers } from '../api/answers/stored-answers.ts';
import type { GuardedOwner } from '../api/owner-acts.ts';
import { surfaceOf } from '../api/owner-surface.ts';
import { UnwrittenActs } from '../api/unwritten-acts.ts';
import { answerCalls, type CallLine } from '../compute/thread-calls.ts';
import type { ChangeFeed } from '../read-model/change-feed.ts';
import type { FeedWriter } from '../read-model/feed-writer.ts';
import type { RoleNotice } from '../read-model/notice.ts';
import { packedChanges, type PackedChanges } from '../read-model/packed-changes.ts';

/** What the owner answers an api role from. */
export interface AnsweringParts {
  readonly owner: GuardedOwner;
  /** Answers to requests that may come again. */
  readonly answers: KeptAnswers;
  readonly feed: ChangeFeed<RoleNotice>;
  readonly writer: Pick<FeedWriter, 'look'>;
  readonly onFailure: (error: unknown) => void;
}

/** The two lines between the owner and one api role: no act waits behind what is in force, and neither does that behind an act. */
export interface RoleLines {
  /** To the owner's functions. */
  readonly calls: CallLine;
  /** To the feed of what is in force. */
  readonly changes: CallLine;
}

/** The feed as an api role asks for it: what changed behind the position that it knows, as soon as there is something. */
export interface FeedCalls {
  after(position: number): PackedChanges<RoleNotice>;
}

/** Answers one api role. */
export function answerRole(parts: AnsweringParts, { calls, changes }: RoleLines): void {
  const { owner, feed, writer, onFailure } = parts;
  const idempotency = new HeldKeys(parts.answers, onFailure);
  const acts = new UnwrittenActs(owner.audit, onFailure);
  answerCalls(calls, { ...acts.watched(owner), idempotency: surfaceOf('idempotency', idempotency) }, () => {
    writer.look();
    return feed.position;
  });
  calls.onLost(() => {
    for (const each of [idempotency, acts]) each.giveUp().catch(onFailure);
  });
  answerCalls(changes, { after: async (position: number) => packedChanges(await feed.after(position)) });
}
