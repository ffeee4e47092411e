import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import { costText, entryText, jumpText, limitText, reliefText, stateText, whoText } from '../lib/incident-words.ts';
import { wallSeconds, date, daySeconds, zoneName } from '../lib/zone.ts';
import { escaped, incidentChart, type ChartLine } from './incident-chart.ts';
import { PAGE_STYLE } from './saved-page.ts';
import { language, t } from '../words/t.ts';

interface IncidentPageOptions {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly zone: string;
  readonly now: number;
}

/** An incident as a single file for any browser: no script, no outside resources. */
export function incidentPage(incident: IncidentView, { title, lines, zone, now }: IncidentPageOptions): string {
  const { startedAt, entries, id } = incident;
  const short = [
    jumpText(incident),
    limitText(incident),
    reliefText(incident),
    t('Cost: {incident}.', { incident: costText(incident) }),
  ];
  const rows = entries.map(
    (entry) =>
      `<tr><td>${daySeconds(entry.at, zone)}</td><td>${escaped(entryText(entry))}</td><td>${escaped(whoText(entry))}</td></tr>`,
  );
  return `<!doctype html>
<html lang="${language()}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(`${t('Incident {id}', { id })}: ${title}`)}</title><style>${PAGE_STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
<p>${escaped(t('Incident {id}', { id }))}, ${date(startedAt, zone)} ${wallSeconds(startedAt, zone)} ${zoneName(startedAt, zone)}, ${escaped(stateText(incident, { now, zone }))}.</p>
<ul>${short.flatMap((each) => (each === null ? [] : [`<li>${escaped(each)}</li>`])).join('')}</ul>
${lines.length === 0 ? '' : `<h2>${t('Power, kW')}</h2>${incidentChart(incident, lines, { zone, width: 960 })}`}
<h2>${t('What happened')}</h2>
<table><thead><tr><th>${t('Time')}</th><th>${t('What')}</th><th>${t('Who')}</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<p>${t('Written at {time} plant time.', { time: `${date(now, zone)} ${wallSeconds(now, zone)} ${zoneName(now, zone)}` })}</p>
</body></html>
`;
}
