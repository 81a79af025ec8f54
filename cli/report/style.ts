/** The page's only style sheet: light and dark, for screens of any width and for paper. */
export const style = `
:root { color-scheme: light dark; --back: #ffffff; --ink: #1c1f23; --soft: #5a626b; --line: #d5d9de; --panel: #f5f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171a; --ink: #e6e8ea; --soft: #a4acb5; --line: #3a4047; --panel: #1d2125; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { max-width: 46rem; }
.soft, figcaption, td small, th small { color: var(--soft); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-top: 1px solid var(--line); white-space: nowrap; }
thead th { border-top: 0; background: var(--panel); }
small { display: block; font-size: .8rem; font-weight: normal; white-space: normal; }
.number { text-align: right; }
.figures { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); align-items: start; }
.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
figure { margin: 0; min-width: 0; }
figure.wide { max-width: 44rem; }
figure svg { display: block; width: 100%; height: auto; }
figure img { display: block; max-width: 100%; height: auto; image-rendering: pixelated; }
.pair { display: flex; gap: .5rem; align-items: center; }
.pair img { flex: 0 0 auto; width: 3.75rem; }
.pair svg { flex: 1 1 auto; min-width: 0; }
figcaption { font-size: .85rem; margin-top: .35rem; max-width: 40rem; }
a { color: inherit; }
@media print { main { max-width: none; } figure { break-inside: avoid; } }
`;
