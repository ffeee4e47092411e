/** Style of every saved page: it works in any browser, without scripts or outside resources. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:2rem auto;padding:0 1rem;color:CanvasText;background:Canvas}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8886;vertical-align:top}
svg{width:100%;height:auto}.grid{stroke:#8884}.limit{stroke:#b45f00;stroke-dasharray:6 3}.limit-text{fill:#b45f00}
.worst{fill:#b45f00}.curve{fill:none;stroke:currentColor;stroke-width:1.6}.mark-line{stroke:currentColor;stroke-dasharray:2 2}
text{font-size:12px;fill:currentColor;paint-order:stroke;stroke:Canvas;stroke-width:4px;stroke-linejoin:round}.row-name{font-weight:600}@media print{body{margin:0}}`;

export function savePage(html: string, name: string): void {
  const url = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
