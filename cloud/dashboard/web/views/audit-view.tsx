import { useState } from 'preact/hooks';
import { number } from '../lib/format.ts';
import { clockSeconds, day } from '../lib/zone.ts';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { NewerOlder, usePaged } from '../parts/pages.tsx';
import { useAnswer } from '../state/api.ts';
import { zone } from '../state/settings.ts';
import { t, translate, type Text } from '../words/t.ts';

interface Entry {
  readonly n: number;
  readonly at: number;
  readonly who: string;
  readonly what: string;
  readonly on: string | null;
  readonly from: unknown;
  readonly to: unknown;
  readonly why: string | null;
  readonly approver: string | null;
  readonly outcome: string;
}
interface Page {
  readonly items: readonly Entry[];
  readonly nextCursor: string | null;
}
interface Verdict {
  readonly entries: number;
  readonly problem: { readonly archive?: string; readonly line: number; readonly why: string } | null;
  readonly witness: WitnessView | null;
}
interface WitnessView {
  readonly until: string | null;
  readonly entry: number | null;
  readonly isStale: boolean;
  readonly lacks: string | null;
}

const FIELDS = ['who', 'what', 'on'] as const;
const NAMES = { who: 'Who', what: 'What', on: 'On' } as const satisfies Readonly<Record<string, Text>>;

/** The audit log with changes and reasons, and whether it verifies. */
export function AuditView() {
  const [filter, setFilter] = useState<Readonly<Record<string, string>>>({});
  const paged = usePaged();
  const query = new URLSearchParams(Object.entries(filter).filter(([, text]) => text !== ''));
  const asked = new URLSearchParams(query);
  asked.set('limit', '100');
  if (paged.cursor !== undefined) asked.set('cursor', paged.cursor);
  const answer = useAnswer<Page>(`/v1/audit?${asked.toString()}`, asked.toString());
  const set = (name: string, text: string): void => {
    setFilter({ ...filter, [name]: text });
    paged.toFirst();
  };
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Audit')}</h1>
        <VerdictLine />
      </div>
      <Panel
        title={t('Who did what')}
        aside={
          <form class="filters" onSubmit={(event) => event.preventDefault()}>
            {FIELDS.map((name) => (
              <label key={name}>
                {t(NAMES[name])}
                <input
                  type="search"
                  value={filter[name] ?? ''}
                  onInput={(event) => set(name, event.currentTarget.value)}
                />
              </label>
            ))}
            <label>
              {t('Outcome')}
              <select value={filter['outcome'] ?? ''} onChange={(event) => set('outcome', event.currentTarget.value)}>
                <option value="">{t('all')}</option>
                <option value="done">{t('done')}</option>
                <option value="refused">{t('refused')}</option>
              </select>
            </label>
            <a href={`/v1/audit/export?${query.toString()}`} download="loadstone-audit.csv" class="button">
              {t('CSV')}
            </a>
          </form>
        }
      >
        {answer.state === 'loading' && <Waiting what={t('the list')} />}
        {answer.state === 'bad' && <Problem problem={answer.problem} />}
        {answer.state === 'good' && (
          <>
            <div class="scroll log" tabIndex={0} role="group" aria-label={t('Audit list')}>
              <Entries items={answer.value.items} />
            </div>
            <NewerOlder paged={paged} next={answer.value.nextCursor} />
          </>
        )}
      </Panel>
    </>
  );
}

function VerdictLine() {
  const [asks, setAsks] = useState(0);
  const verdict = useAnswer<Verdict>('/v1/audit/verdict', asks);
  if (verdict.state === 'bad') return null;
  if (verdict.state === 'loading') return <span class="muted">{t('The chain is being verified.')}</span>;
  const { entries, problem, witness } = verdict.value;
  return (
    <span class="row" role="status">
      {problem === null ? (
        <span class="muted">
          {t('{entries, plural, one {# entry, intact.} other {# entries, all intact.}}', {
            entries,
          })}{' '}
          {witnessWords(witness)}
        </span>
      ) : (
        <span class="link-cell strong">
          <PriorityMark level={1} label={t('broken')} />
          {t(
            'Broken at line {line}{archive}: {why}. {entries, plural, =0 {No entry before it is known to be intact.} one {The # entry before it is intact.} other {The # entries before it are intact.}}',
            {
              line: problem.line,
              archive: problem.archive === undefined ? '' : ` ${t('of {archive}', { archive: problem.archive })}`,
              why: problem.why,
              entries,
            },
          )}
        </span>
      )}
      <button type="button" class="quiet" onClick={() => setAsks(asks + 1)}>
        {t('Verify again')}
      </button>
    </span>
  );
}

/** How far an external witness vouches for the log: without one, whoever holds its key could rewrite it. */
function witnessWords(witness: WitnessView | null): string {
  if (witness === null) return t('Unwitnessed: no signed state is kept elsewhere.');
  if (witness.lacks !== null) return t('Its witness cannot be read here: {why}.', { why: witness.lacks });
  if (witness.until === null || witness.entry === null) return t('Unwitnessed: its witness has no signed state yet.');
  const at = Date.parse(witness.until);
  const until = {
    when: `${day(at, zone())} ${clockSeconds(at, zone())}`,
    entry: number(witness.entry),
  };
  return witness.isStale
    ? t('Witnessed until {when}, up to entry {entry}: its witness got no new state for a day.', until)
    : t('Witnessed until {when}, up to entry {entry}.', until);
}

function Entries({ items }: { items: readonly Entry[] }) {
  if (items.length === 0) return <p class="waiting muted">{t('Nothing matches.')}</p>;
  return (
    <table class="data audit card-rows">
      <thead>
        <tr>
          <th scope="col">{t('Time')}</th>
          <th scope="col">{t('Who')}</th>
          <th scope="col">{t('What')}</th>
          <th scope="col">{t('From, to')}</th>
          <th scope="col">{t('Why')}</th>
          <th scope="col">{t('Outcome')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((entry) => (
          <tr key={entry.n}>
            <td class="when">
              <span class="muted">{day(entry.at, zone())}</span> {clockSeconds(entry.at, zone())}
            </td>
            <td data-name={t('Who')}>{entry.who}</td>
            <td class="what" data-name={t('What')}>
              {entry.what}
              {entry.on !== null && <span class="block muted">{entry.on}</span>}
            </td>
            <td class="changed" data-name={t('From, to')}>
              {changed(entry)}
            </td>
            <td data-name={t('Why')}>
              {entry.why}
              {entry.approver !== null && (
                <span class="block muted">{t('approved by {approver}', { approver: entry.approver })}</span>
              )}
            </td>
            <td class={entry.outcome === 'done' ? 'muted' : 'strong'} data-name={t('Outcome')}>
              {translate(entry.outcome)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function changed({ from, to }: Entry): string {
  const text = (value: unknown): string => (value === null ? '' : JSON.stringify(value));
  return [text(from), text(to)].filter((part) => part !== '').join(' to ');
}
