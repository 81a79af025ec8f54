import * as draw from '@prantlf/railroad-diagrams';
import type { Part, Rule } from './grammar.js';

/** Follows the reader's light or dark page: an image in a page does not see the page's own style. */
const style = `<style>
path { fill: none; stroke: #57606a; stroke-width: 1.5 }
rect { fill: #f6f8fa; stroke: #57606a; stroke-width: 1.5 }
text { font: 14px ui-monospace, Menlo, Consolas, monospace; text-anchor: middle; fill: #1f2328 }
.terminal rect { fill: #ddf4ff; stroke: #0969da }
@media (prefers-color-scheme: dark) {
  path { stroke: #8b949e }
  rect { fill: #161b22; stroke: #8b949e }
  text { fill: #e6edf3 }
  .terminal rect { fill: #0c2d6b; stroke: #58a6ff }
}
</style>`;

/** The rule as a railroad diagram: a file of its own. */
export function railroadDiagram(rule: Rule): string {
  const items = rule.part.kind === 'sequence' ? rule.part.parts : [rule.part];
  const svg = new draw.Diagram(...items.map(itemOf)).toString();
  const [opening] = /^<svg [^>]*>/.exec(svg)!;
  const named = opening.replace('<svg ', `<svg xmlns="http://www.w3.org/2000/svg" role="img" `);
  return `${named}\n<title>${rule.name}</title>\n${style}${svg.slice(opening.length).trimEnd()}\n`;
}

function itemOf(part: Part): draw.Item {
  switch (part.kind) {
    case 'text':
      return new draw.Terminal(part.name);
    case 'token':
    case 'rule':
      return new draw.NonTerminal(part.name);
    case 'sequence':
      return new draw.Sequence(...part.parts.map(itemOf));
    case 'choice':
      return new draw.Choice(0, ...part.parts.map(itemOf));
    case 'optional':
      return new draw.Optional(itemOf(part.part));
    case 'repeat': {
      const separator = part.separator === null ? [] : ([itemOf(part.separator)] as const);
      return part.least === 0
        ? new draw.ZeroOrMore(itemOf(part.part), ...separator)
        : new draw.OneOrMore(itemOf(part.part), ...separator);
    }
  }
}

/** The rule in one line: `{ x }` any number, `[ x ]` at most one, `x % ","` one or more with `,` between. */
export const railroadText = (rule: Rule): string => `${rule.name} = ${textOf(rule.part, 0)}`;

/** `level`: 0 where a choice may stand bare, 1 where a sequence may, 2 where neither may. */
function textOf(part: Part, level: 0 | 1 | 2): string {
  const grouped = (text: string, least: number) => (level > least ? `( ${text} )` : text);
  switch (part.kind) {
    case 'text':
      return `"${part.name}"`;
    case 'token':
      return part.name.toUpperCase();
    case 'rule':
      return part.name;
    case 'sequence':
      return grouped(part.parts.map(item => textOf(item, 1)).join(' '), 1);
    case 'choice':
      return grouped(part.parts.map(item => textOf(item, 1)).join(' | '), 0);
    case 'optional':
      return `[ ${textOf(part.part, 0)} ]`;
    case 'repeat': {
      const inner = textOf(part.part, part.separator === null ? 0 : 2);
      if (part.separator === null) return part.least === 0 ? `{ ${inner} }` : `${inner} { ${inner} }`;
      const list = `${inner} % ${textOf(part.separator, 2)}`;
      return part.least === 0 ? `[ ${list} ]` : list;
    }
  }
}
