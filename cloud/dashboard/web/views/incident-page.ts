import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import { costText, entryText, jumpText, limitText, reliefText, stateText, whoText } from '../lib/incident-words.ts';
import { clockSeconds, date, daySeconds, zoneName } from '../lib/zone.ts';
import { escaped, incidentChart, type ChartLine } from './incident-chart.ts';
import { PAGE_STYLE } from './saved-page.ts';

interface Told {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly zone: string;
  readonly now: number;
}

/** An incident as one file that needs nothing but a browser: no script, nothing from elsewhere. */
export function incidentPage(incident: IncidentView, { title, lines, zone, now }: Told): string {
  const { startedAt, entries, id } = incident;
  const short = [jumpText(incident), limitText(incident), reliefText(incident), `Cost: ${costText(incident)}.`];
  const rows = entries.map(
    (entry) =>
      `<tr><td>${daySeconds(entry.at, zone)}</td><td>${escaped(entryText(entry))}</td><td>${escaped(whoText(entry))}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(`Incident ${id}: ${title}`)}</title><style>${PAGE_STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
<p>Incident ${id}, ${date(startedAt, zone)} ${clockSeconds(startedAt, zone)} ${zoneName(startedAt, zone)}, ${escaped(stateText(incident, { now, zone }))}.</p>
<ul>${short.flatMap((each) => (each === null ? [] : [`<li>${escaped(each)}</li>`])).join('')}</ul>
${lines.length === 0 ? '' : `<h2>Power, kW</h2>${incidentChart(incident, lines, zone)}`}
<h2>What happened</h2>
<table><thead><tr><th>Time</th><th>What</th><th>Who</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<p>Written at ${date(now, zone)} ${clockSeconds(now, zone)} ${zoneName(now, zone)} of plant time.</p>
</body></html>
`;
}
