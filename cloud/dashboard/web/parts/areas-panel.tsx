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
import { number, plural } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { changeAreas, rows } from '../state/areas.ts';
import { may, session } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { areas, controlsOn, moment } from '../state/store.ts';
import { AreaDialog, type AreaWish } from './area-dialog.tsx';
import { Panel, Problem, Waiting } from './layout.tsx';
import { Pages } from './pages.tsx';

/** Who answers for which part of the grid, and how it changes hands. */
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
      title="Areas of responsibility"
      class="wide"
      aside={<Totals parts={found.flatMap(({ parts }) => parts)} isWhole={isWhole} asks={asks} />}
    >
      <search class="row filters">
        <label>
          <span class="unseen">Search areas</span>
          <input
            type="search"
            placeholder="Substation, feeder, holder"
            value={text}
            onInput={({ currentTarget }) => {
              setText(currentTarget.value);
              setPage(0);
            }}
          />
        </label>
        <label>
          <span class="unseen">Whose</span>
          <select
            value={whose}
            onChange={({ currentTarget }) => {
              setWhose(currentTarget.value as Whose);
              setPage(0);
            }}
          >
            {Object.entries(WHOSE).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </search>
      {areas.value === null || rows.value.length === 0 ? (
        <Waiting what="the areas" />
      ) : (
        <Table found={found} page={page} onPage={setPage} asks={asks} />
      )}
      <Unseen />
      {problem !== null && <Problem problem={problem} />}
      <p class="muted foot">
        Commands to an area come from its holder; a stop comes from any operator. An area stays with its holder over
        sign-outs until it is handed over, taken over or let go.
      </p>
      {wish !== null && <AreaDialog wish={wish} onClose={() => setWish(null)} />}
    </Panel>
  );
}

const PAGE_LINES = 60;
const WHOSE: Readonly<Record<Whose, string>> = {
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

/** What may be done with all areas that are found at once. */
function Totals({ parts, isWhole, asks }: { parts: readonly AreaPart[]; isWhole: boolean; asks: Asks }) {
  const { mine, free, offered } = shares(parts, session.value?.user?.name);
  if (!may('operate')) return <span class="muted">{`${number(free.length)} held by nobody`}</span>;
  const these = (text: string, of: readonly AreaPart[]): string => `${text} these ${number(of.length)}`;
  return (
    <>
      <span class="muted">{`${number(mine.length)} yours, ${number(free.length)} nobody’s`}</span>
      {offered.length > 0 && (
        <AreaButton primary text={`Take ${number(offered.length)} offered to you`} onClick={() => asks.take(offered)} />
      )}
      {offered.length > 0 && (
        <AreaButton
          text={`Decline ${number(offered.length)}`}
          onClick={() =>
            asks.wish({ act: 'decline', name: plural(offered.length, 'area'), areas: targetsOf(rows.value, offered) })
          }
        />
      )}
      {free.length > 0 && (
        <AreaButton
          primary
          text={isWhole ? 'Take what nobody holds' : these('Take', free)}
          onClick={() => asks.take(free)}
        />
      )}
      {mine.length > 0 && (
        <AreaButton
          text={isWhole ? 'Hand over all of mine' : these('Hand over', mine)}
          onClick={() =>
            asks.wish({ act: 'hand-over', name: plural(mine.length, 'area'), areas: targetsOf(rows.value, mine) })
          }
        />
      )}
    </>
  );
}

/** Who has lost areas and does not know it yet: whoever took them over should call. */
function Unseen() {
  const losses = areas.value?.losses ?? [];
  if (losses.length === 0) return null;
  return (
    <ul class="unseen-losses muted">
      {losses.map(({ id, holder, how, by, areas: lost, at }) => (
        <li key={id}>
          {`${holder} has not seen yet that ${areaNames(lost)} was ${how}${by === null ? '' : ` by ${by}`} at ${near(at, moment.value.now, zone())}.`}
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
  if (shown === undefined) return <p class="muted waiting">No area fits. Search for less, or choose all.</p>;
  return (
    <>
      <div class="scroll" tabIndex={0} role="group" aria-label="Areas of responsibility">
        <table class="data desk-table areas-table card-rows">
          <thead>
            <tr>
              {['Area', 'Held by', 'Since'].map((name) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
              <th scope="col">
                <span class="unseen">Act</span>
              </th>
            </tr>
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
          what="areas"
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
      <td data-name="Held by">
        <Holder part={own} text={holdersText(parts)} />
      </td>
      <td class="when" data-name="Since">
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
      <td data-name="Held by">
        <Holder part={part} text={part.held?.holder ?? 'nobody'} />
      </td>
      <td class="when" data-name="Since">
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
      <span class={text === 'nobody' ? 'strong' : ''}>{text === me ? `${text} (you)` : text}</span>
      {absent && <span class="muted">, not signed in</span>}
      {offer !== null && <span class="muted block">{`offered to ${offer.to}: ${offer.reason}`}</span>}
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
      <AreaButton text="Free" on={name} onClick={wish('free', [...mine, ...others])} />
    ) : null;
  const open = [...free, ...offered];
  const foreign = others.filter((part) => !offered.includes(part));
  return (
    <>
      {open.length > 0 && <AreaButton text="Take" on={name} onClick={() => asks.take(open)} />}
      {offered.length > 0 && <AreaButton text="Decline" on={name} onClick={wish('decline', offered)} />}
      {foreign.length > 0 && <AreaButton text="Take over" on={name} onClick={wish('take', foreign)} />}
      {mine.length > 0 && <AreaButton text="Hand over" on={name} onClick={wish('hand-over', mine)} />}
      {mine.some(({ held }) => held?.offer !== null) && (
        <AreaButton text="Take back" on={name} onClick={() => asks.take(mine)} />
      )}
      {mine.length > 0 && <AreaButton text="Let go" on={name} onClick={wish('release', mine)} />}
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
    <button type="button" class={primary ? 'primary' : 'quiet'} disabled={!controlsOn.value} onClick={onClick}>
      {text}
      {on !== '' && <span class="unseen">{` ${on}`}</span>}
    </button>
  );
}
