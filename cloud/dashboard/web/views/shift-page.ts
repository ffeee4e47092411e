import type { HandOverContent, HandOverView } from '../../../../shared/contracts/shift.ts';
import { alarmText, handedControlText, incidentText, noteText, type Reader, signedText } from '../lib/shift-words.ts';
import { wallSeconds, date, zoneName } from '../lib/zone.ts';
import { escaped } from './incident-chart.ts';
import { PAGE_STYLE, savePage } from './saved-page.ts';
import { language, t } from '../words/t.ts';

interface Saved {
  readonly content: HandOverContent;
  /** Null: not signed. */
  readonly handOver: HandOverView | null;
  readonly reader: Reader;
}

/** A hand-over as a single file for any browser, to print or send. */
export function shiftPage({ content, handOver, reader }: Saved): string {
  const { at } = content;
  // The page will be read on another day, so its times are relative to its own moment.
  const then = { ...reader, now: at };
  const title = handOver === null ? t('Hand-over, not signed') : t('Hand-over {id}', { id: handOver.id });
  const when = (time: number): string =>
    `${date(time, reader.zone)} ${wallSeconds(time, reader.zone)} ${zoneName(time, reader.zone)}`;
  const part = <Item>(
    name: string,
    { items, total }: { readonly items: readonly Item[]; readonly total: number },
    text: (item: Item) => string,
    none: string,
  ): string =>
    `<h2>${escaped(name)}</h2>${
      items.length === 0
        ? `<p>${escaped(none)}</p>`
        : `<ul>${items.map((each) => `<li>${escaped(text(each))}</li>`).join('')}${total > items.length ? `<li>${escaped(t('and {total} more', { total: total - items.length }))}</li>` : ''}</ul>`
    }`;
  const priority = (level: number): string => `P${level} `;
  return `<!doctype html>
<html lang="${language()}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${PAGE_STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
<p>${escaped(t('As it was {time}.', { time: when(at) }))}</p>
${handOver === null ? '' : `<p>${escaped(signedText(handOver, then))}.</p>`}
${handOver === null || handOver.remark === '' ? '' : `<p>${escaped(handOver.remark)}</p>`}
${part(t('Alarms that stand'), content.alarms, (each) => priority(each.priority) + alarmText(each, then), t('No alarm stands.'))}
${part(t('Not left to the plan'), content.control, (each) => handedControlText(each, then), t('Everything is left to the plan.'))}
${part(t('Ongoing incidents'), content.incidents, (each) => incidentText(each, then), t('There is no ongoing incident.'))}
${part(t('Notes since the last hand-over'), content.notes, (each) => noteText(each, then), t('Nobody has written a note.'))}
</body></html>
`;
}

export function saveHandOver(saved: Saved): void {
  const { content, handOver, reader } = saved;
  const name = handOver === null ? 'draft' : String(handOver.id);
  savePage(shiftPage(saved), `hand-over-${name}-${date(content.at, reader.zone).replaceAll(' ', '-')}.html`);
}
