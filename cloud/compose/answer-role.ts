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

/** What the owner uses to answer an api role. */
export interface AnsweringParts {
  readonly owner: GuardedOwner;
  /** Stored answers to requests that may be retried. */
  readonly answers: KeptAnswers;
  readonly feed: ChangeFeed<RoleNotice>;
  readonly writer: Pick<FeedWriter, 'look'>;
  readonly onFailure: (error: unknown) => void;
}

/** The two lines between the owner and one api role, so that acts and the feed of the current state never wait for each other. */
export interface RoleLines {
  /** To the owner's functions. */
  readonly calls: CallLine;
  /** To the feed of the current state. */
  readonly changes: CallLine;
}

/** The feed as an api role calls it: returns the changes after a known position, as soon as there are any. */
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
