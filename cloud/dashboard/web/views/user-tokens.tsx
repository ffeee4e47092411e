import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { clock, date } from '../lib/zone.ts';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { sendJson, useAnswer } from '../state/api.ts';
import { zone } from '../state/settings.ts';
import { controlsOn } from '../state/store.ts';
import { t } from '../words/t.ts';

export interface TokenEntry {
  readonly id: string;
  readonly label: string;
  readonly scopes: readonly string[];
  /** Null for tokens older than this field. */
  readonly createdAt: string | null;
  /** To the minute; null if never used. */
  readonly lastUsedAt: string | null;
  readonly expiresAt: string;
}

interface UserTokensProps {
  readonly name: string;
  /** Counts up when the tokens may have changed. */
  readonly version: number;
  readonly onEnded: () => void;
}

/** A user's API tokens, for an admin, who can end one or all. */
export function UserTokens({ name, version, onEnded }: UserTokensProps) {
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const line = useRef<HTMLParagraphElement>(null);
  const path = `/v1/users/${name}/tokens`;
  const answer = useAnswer<{ items: readonly TokenEntry[] }>(path, version);
  const tokens = answer.state === 'good' ? answer.value.items : [];
  // The pressed button disappears with its row.
  useEffect(() => {
    if (said !== '') line.current?.focus();
  }, [said]);
  const end = async (url: string, what: string): Promise<void> => {
    const sent = await sendJson('DELETE', url);
    setProblem(sent.state === 'bad' ? sent.problem : null);
    setSaid(sent.state === 'bad' ? '' : what);
    onEnded();
  };
  return (
    <Panel
      title={t('API tokens of {name}', { name })}
      aside={
        tokens.length > 0 && (
          <EndAll
            onEnd={() =>
              void end(path, t('{count, plural, one {# token} other {# tokens}} ended.', { count: tokens.length }))
            }
          />
        )
      }
    >
      {answer.state === 'loading' && <Waiting what={t('the tokens')} />}
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'good' && tokens.length === 0 && (
        <p class="muted">{t('{name} holds no API token.', { name })}</p>
      )}
      {tokens.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label={t('API tokens of {name}, list', { name })}>
          <TokenTable
            tokens={tokens}
            onEnd={({ id, label }) => void end(`${path}/${encodeURIComponent(id)}`, t('{label} has ended.', { label }))}
          />
        </div>
      )}
      <p role="status" tabIndex={-1} ref={line} class={said === '' ? 'unseen' : 'foot'}>
        {said}
      </p>
      {problem !== null && <Problem problem={problem} />}
    </Panel>
  );
}

function EndAll({ onEnd }: { onEnd: () => void }) {
  const [sure, setSure] = useState(false);
  const yes = useRef<HTMLButtonElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  // Moves the focus at once, so that a key pressed in between cannot hit another button.
  useLayoutEffect(() => {
    if (sure) yes.current?.focus();
    else if (asked.current) first.current?.focus();
    asked.current = sure;
  }, [sure]);
  if (!sure)
    return (
      <button type="button" ref={first} disabled={!controlsOn.value} onClick={() => setSure(true)}>
        {t('End all')}
      </button>
    );
  return (
    <>
      <button type="button" ref={yes} class="primary" disabled={!controlsOn.value} onClick={onEnd}>
        {t('Yes, end all')}
      </button>
      <button type="button" onClick={() => setSure(false)}>
        {t('Keep them')}
      </button>
    </>
  );
}

const TokenTable = ({ tokens, onEnd }: { tokens: readonly TokenEntry[]; onEnd: (token: TokenEntry) => void }) => (
  <table class="data card-rows">
    <thead>
      <tr>
        <th scope="col">{t('Token')}</th>
        <th scope="col">{t('May')}</th>
        <th scope="col">{t('Made')}</th>
        <th scope="col">{t('Last used')}</th>
        <th scope="col">{t('Expires')}</th>
        <th scope="col">
          <span class="unseen">{t('End')}</span>
        </th>
      </tr>
    </thead>
    <tbody>
      {tokens.map((token) => (
        <tr key={token.id}>
          <th scope="row">{token.label}</th>
          <td data-name={t('May')}>{token.scopes.join(', ')}</td>
          <td class="when" data-name={t('Made')}>
            {dateOf(token.createdAt) ?? <span class="muted">{t('not known')}</span>}
          </td>
          <td class="when" data-name={t('Last used')}>
            {token.lastUsedAt === null ? (
              <span class="muted">{token.createdAt === null ? t('not known') : t('never')}</span>
            ) : (
              `${dateOf(token.lastUsedAt)!} ${clock(Date.parse(token.lastUsedAt), zone())}`
            )}
          </td>
          <td class="when" data-name={t('Expires')}>
            {dateOf(token.expiresAt)}
          </td>
          <td>
            <button
              type="button"
              class="quiet"
              aria-label={t('End {label}', { label: token.label })}
              disabled={!controlsOn.value}
              onClick={() => onEnd(token)}
            >
              {t('End')}
            </button>
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

const dateOf = (time: string | null): string | null => (time === null ? null : date(Date.parse(time), zone()));
