import { useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import {
  areaNames,
  holdersText,
  matching,
  paged,
  shares,
  targetsOf,
  type AreaPart,
  type AreaRow,
  type Whose,
} from '../lib/areas.ts';
import { number } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { changeAreas, rows } from '../state/areas.ts';
import { whyLost } from '../state/controls.ts';
import { may, session } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { areas, controlsOn, moment } from '../state/store.ts';
import { AreaDialog, type AreaWish } from './area-dialog.tsx';
import { SearchField } from './fields.tsx';
import { Panel, Problem, Waiting } from './layout.tsx';
import { Pages } from './pages.tsx';
import { t, type Text } from '../words/t.ts';
import { ColumnHeads } from './column-heads.tsx';

/** Areas of responsibility: who holds which, and how they change hands. */
export function AreasPanel() {
  const [wish, setWish] = useState<AreaWish | null>(null);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const [text, setText] = useState('');
  const [whose, setWhose] = useState<Whose>('');
  const [page, setPage] = useState(0);
  const take = async (parts: readonly AreaPart[]): Promise<void> =>
    setProblem(await changeAreas('take', { areas: targetsOf(rows.value, parts), freeOnly: true }));
  const asks: Asks = { take: (parts) => void take(parts), wish: setWish };
  const found = matching(rows.value, { text, whose }, session.value?.user?.name);
  const isWhole = text.trim() === '' && whose === '';
  return (
    <Panel
      title={t('Areas of responsibility')}
      class="wide"
      aside={<Totals parts={found.flatMap(({ parts }) => parts)} isWhole={isWhole} asks={asks} />}
    >
      <search class="row filters">
        <SearchField
          label={t('Search areas')}
          placeholder={t('Substation, feeder, holder')}
          value={text}
          onText={(next) => {
            setText(next);
            setPage(0);
          }}
        />
        <label>
          <span class="unseen">{t('Whose')}</span>
          <select
            value={whose}
            onChange={({ currentTarget }) => {
              setWhose(currentTarget.value as Whose);
              setPage(0);
            }}
          >
            {Object.entries(WHOSE).map(([value, name]) => (
              <option key={value} value={value}>
                {t(name)}
              </option>
            ))}
          </select>
        </label>
      </search>
      {areas.value === null || rows.value.length === 0 ? (
        <Waiting what={t('the areas')} />
      ) : (
        <Table found={found} page={page} onPage={setPage} asks={asks} />
      )}
      <Unseen />
      {problem !== null && <Problem problem={problem} />}
      <p class="muted foot">
        {t(
          'Only its holder can command a held area; any operator can stop it. It stays with its holder, also after signing out, until it is handed over, taken over or let go.',
        )}
      </p>
      {wish !== null && <AreaDialog wish={wish} onClose={() => setWish(null)} />}
    </Panel>
  );
}

const PAGE_LINES = 60;
const WHOSE: Readonly<Record<Whose, Text>> = {
  '': 'Whose: all',
  mine: 'Mine',
  free: 'Nobody’s',
  others: 'Of others',
  offered: 'Offered to me',
};

interface Asks {
  take(parts: readonly AreaPart[]): void;
  wish(wish: AreaWish): void;
}

/** Acts on all found areas at once. */
function Totals({ parts, isWhole, asks }: { parts: readonly AreaPart[]; isWhole: boolean; asks: Asks }) {
  const { mine, free, offered } = shares(parts, session.value?.user?.name);
  if (!may('operate')) return <span class="muted">{t('{free} held by nobody', { free: number(free.length) })}</span>;
  return (
    <>
      <span class="muted">
        {t('{mine} yours, {free} nobody’s', { mine: number(mine.length), free: number(free.length) })}
      </span>
      {offered.length > 0 && (
        <AreaButton
          primary
          text={t('Take {offered} offered to you', { offered: number(offered.length) })}
          onClick={() => asks.take(offered)}
        />
      )}
      {offered.length > 0 && (
        <AreaButton
          text={t('Decline {offered}', { offered: number(offered.length) })}
          onClick={() =>
            asks.wish({
              act: 'decline',
              name: t('{count, plural, one {# area} other {# areas}}', { count: offered.length }),
              areas: targetsOf(rows.value, offered),
            })
          }
        />
      )}
      {free.length > 0 && (
        <AreaButton
          primary
          text={isWhole ? t('Take what nobody holds') : t('Take these {count}', { count: number(free.length) })}
          onClick={() => asks.take(free)}
        />
      )}
      {mine.length > 0 && (
        <AreaButton
          text={isWhole ? t('Hand over all of mine') : t('Hand over these {count}', { count: number(mine.length) })}
          onClick={() =>
            asks.wish({
              act: 'hand-over',
              name: t('{count, plural, one {# area} other {# areas}}', { count: mine.length }),
              areas: targetsOf(rows.value, mine),
            })
          }
        />
      )}
    </>
  );
}

/** People who have not yet seen that they lost areas; the new holder should call them. */
function Unseen() {
  const losses = areas.value?.losses ?? [];
  if (losses.length === 0) return null;
  return (
    <ul class="unseen-losses muted">
      {losses.map(({ id, holder, how, by, areas: lost, at }) => (
        <li key={id}>
          {t('{holder} has not seen yet that {lost} was {how}{by} at {at}.', {
            holder,
            lost: areaNames(lost),
            how,
            by: by === null ? '' : ` ${t('by {by}', { by })}`,
            at: near(at, moment.value.now, zone()),
          })}
        </li>
      ))}
    </ul>
  );
}

interface AreaTableProps {
  readonly found: readonly AreaRow[];
  readonly page: number;
  readonly onPage: (page: number) => void;
  readonly asks: Asks;
}

function Table({ found, page, onPage, asks }: AreaTableProps) {
  const count = (of: readonly AreaRow[]): number => of.reduce((sum, { parts }) => sum + parts.length, 0);
  const pages = paged(found, PAGE_LINES, ({ parts }) => parts.length);
  const at = Math.min(page, pages.length - 1);
  const shown = pages[at];
  if (shown === undefined)
    return <p class="muted waiting">{t('No area matches. Shorten the search, or choose all.')}</p>;
  return (
    <>
      <div class="scroll" tabIndex={0} role="group" aria-label={t('Areas of responsibility')}>
        <table class="data desk-table areas-table card-rows">
          <thead>
            <ColumnHeads names={[t('Area'), t('Held by'), t('Since')]} act={t('Act')} />
          </thead>
          <tbody>
            {shown.map((row) => [
              <Station key={row.id} row={row} asks={asks} />,
              ...row.parts
                .filter(({ target }) => target.startsWith('feeder:'))
                .map((part) => <Feeder key={part.target} part={part} asks={asks} />),
            ])}
          </tbody>
        </table>
      </div>
      {pages.length > 1 && (
        <Pages
          from={count(pages.slice(0, at).flat())}
          shown={count(shown)}
          total={count(found)}
          what={t('areas')}
          onBack={at === 0 ? undefined : () => onPage(at - 1)}
          onNext={at === pages.length - 1 ? undefined : () => onPage(at + 1)}
        />
      )}
    </>
  );
}

function Station({ row, asks }: { row: AreaRow; asks: Asks }) {
  const { id, name, parts } = row;
  const own = parts.find(({ target }) => target === `substation:${id}`) ?? { target: '', id, held: null };
  return (
    <tr class="desk-station">
      <th scope="row">
        <a href={`/substations/${id}`}>{name}</a>
      </th>
      <td data-name={t('Held by')}>
        <Holder part={own} text={holdersText(parts)} />
      </td>
      <td class="when" data-name={t('Since')}>
        <Since part={own} />
      </td>
      <td class="desk-acts">
        <Acts parts={parts} name={id} asks={asks} />
      </td>
    </tr>
  );
}

function Feeder({ part, asks }: { part: AreaPart; asks: Asks }) {
  return (
    <tr>
      <th scope="row" class="desk-feeder">
        <a href={`/feeders/${part.id}`}>{part.id}</a>
      </th>
      <td data-name={t('Held by')}>
        <Holder part={part} text={part.held?.holder ?? t('nobody')} />
      </td>
      <td class="when" data-name={t('Since')}>
        <Since part={part} />
      </td>
      <td class="desk-acts">
        <Acts parts={[part]} name={part.id} asks={asks} />
      </td>
    </tr>
  );
}

function Holder({ part, text }: { part: AreaPart; text: string }) {
  const me = session.value?.user?.name;
  const absent = text === part.held?.holder && areas.value?.absent.includes(text) === true;
  const { offer = null } = part.held ?? {};
  return (
    <>
      <span class={part.held === null ? 'strong' : ''}>{text === me ? t('{text} (you)', { text }) : text}</span>
      {absent && <span class="muted">{t(', not signed in')}</span>}
      {offer !== null && (
        <span class="muted block">{t('offered to {to}: {reason}', { to: offer.to, reason: offer.reason })}</span>
      )}
    </>
  );
}

const Since = ({ part: { held } }: { part: AreaPart }) => (
  <>{held === null || held.since === null ? '' : near(held.since, moment.value.now, zone())}</>
);

function Acts({ parts, name, asks }: { parts: readonly AreaPart[]; name: string; asks: Asks }) {
  const { mine, free, others, offered } = shares(parts, session.value?.user?.name);
  const targets = (of: readonly AreaPart[]): string[] => of.map(({ target }) => target);
  const wish = (act: AreaWish['act'], of: readonly AreaPart[]) => () => asks.wish({ act, name, areas: targets(of) });
  if (!may('operate'))
    return may('access:write') && mine.length + others.length > 0 ? (
      <AreaButton text={t('Free')} on={name} onClick={wish('free', [...mine, ...others])} />
    ) : null;
  const open = [...free, ...offered];
  const foreign = others.filter((part) => !offered.includes(part));
  return (
    <>
      {open.length > 0 && <AreaButton text={t('Take')} on={name} onClick={() => asks.take(open)} />}
      {offered.length > 0 && <AreaButton text={t('Decline')} on={name} onClick={wish('decline', offered)} />}
      {foreign.length > 0 && <AreaButton text={t('Take over')} on={name} onClick={wish('take', foreign)} />}
      {mine.length > 0 && <AreaButton text={t('Hand over')} on={name} onClick={wish('hand-over', mine)} />}
      {mine.some(({ held }) => held?.offer !== null) && (
        <AreaButton text={t('Take back')} on={name} onClick={() => asks.take(mine)} />
      )}
      {mine.length > 0 && <AreaButton text={t('Let go')} on={name} onClick={wish('release', mine)} />}
    </>
  );
}

interface AreaButtonProps {
  readonly text: string;
  readonly on?: string;
  readonly primary?: boolean;
  readonly onClick: () => void;
}

function AreaButton({ text, on = '', primary = false, onClick }: AreaButtonProps) {
  return (
    <button
      type="button"
      class={primary ? 'primary' : 'quiet'}
      disabled={!controlsOn.value}
      title={whyLost()}
      onClick={onClick}
    >
      {text}
      {on !== '' && <span class="unseen">{` ${on}`}</span>}
    </button>
  );
}
