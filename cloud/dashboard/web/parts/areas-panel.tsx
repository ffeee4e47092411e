import { useState } from 'preact/hooks';
import type { ProblemAnswer } from '../lib/answers.ts';
import { holdersText, shares, type AreaPart, type AreaRow } from '../lib/areas.ts';
import { plural } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { changeAreas, rows, shared } from '../state/areas.ts';
import { may, session } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { areas, controlsOn, moment } from '../state/store.ts';
import { AreaDialog, type AreaWish } from './area-dialog.tsx';
import { Panel, Problem, Waiting } from './layout.tsx';

/** Who answers for which part of the grid, and how it changes hands. */
export function AreasPanel() {
  const [wish, setWish] = useState<AreaWish | null>(null);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const take = async (targets: readonly AreaPart[]): Promise<void> =>
    setProblem(await changeAreas('take', { areas: targets.map(({ target }) => target), freeOnly: true }));
  const asks: Asks = { take: (parts) => void take(parts), wish: setWish };
  return (
    <Panel title="Areas of responsibility" class="wide" aside={<Totals asks={asks} />}>
      {areas.value === null || rows.value.length === 0 ? <Waiting what="the areas" /> : <Table asks={asks} />}
      {problem !== null && <Problem problem={problem} />}
      <p class="muted foot">
        Commands to an area come from its holder; a stop comes from any operator. An area stays with its holder over
        sign-outs until it is handed over, taken over or let go.
      </p>
      {wish !== null && <AreaDialog wish={wish} onClose={() => setWish(null)} />}
    </Panel>
  );
}

interface Asks {
  take(parts: readonly AreaPart[]): void;
  wish(wish: AreaWish): void;
}

function Totals({ asks }: { asks: Asks }) {
  const { mine, free, offered } = shared.value;
  if (!may('operate')) return <span class="muted">{`${free.length} held by nobody`}</span>;
  return (
    <>
      <span class="muted">{`${mine.length} yours, ${free.length} nobody’s`}</span>
      {offered.length > 0 && (
        <AreaButton primary text={`Take ${offered.length} offered to you`} onClick={() => asks.take(offered)} />
      )}
      {free.length > 0 && <AreaButton primary text="Take what nobody holds" onClick={() => asks.take(free)} />}
      {mine.length > 0 && (
        <AreaButton
          text="Hand over all of mine"
          onClick={() =>
            asks.wish({ act: 'hand-over', name: plural(mine.length, 'area'), areas: mine.map(({ target }) => target) })
          }
        />
      )}
    </>
  );
}

function Table({ asks }: { asks: Asks }) {
  return (
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
          {rows.value.map((row) => [
            <Station key={row.id} row={row} asks={asks} />,
            ...row.parts.slice(1).map((part) => <Feeder key={part.target} part={part} asks={asks} />),
          ])}
        </tbody>
      </table>
    </div>
  );
}

function Station({ row, asks }: { row: AreaRow; asks: Asks }) {
  const { id, name, parts } = row;
  return (
    <tr class="desk-station">
      <th scope="row">
        <a href={`/substations/${id}`}>{name}</a>
      </th>
      <td data-name="Held by">
        <Holder part={parts[0]!} text={holdersText(parts)} />
      </td>
      <td class="when" data-name="Since">
        <Since part={parts[0]!} />
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
