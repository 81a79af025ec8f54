import { unreachable } from '../support/bug.js';
import type * as ast from '../syntax/ast.js';

/** A name as an expression uses it. */
export interface Mention extends ast.Identifier {
  /** `value`: a name; `callee`: before `(`; `reduction`: before `[axes](`; `indexed`: before `[…]`. */
  readonly use: 'value' | 'callee' | 'reduction' | 'indexed';
}

/** The free names of an expression, in the order of the text; sample axes, layers and data sets are not among them. */
export function mentions(expression: ast.Expression): readonly Mention[] {
  switch (expression.kind) {
    case 'number':
    case 'data-reference':
    case 'hole':
      return [];
    case 'name':
      return [{ name: expression.name, span: expression.span, use: 'value' }];
    case 'list':
      return expression.elements.flatMap(mentions);
    case 'unary':
      return mentions(expression.operand);
    case 'binary':
      return [...mentions(expression.left), ...mentions(expression.right)];
    case 'call':
      return callMentions(expression);
    case 'index':
      return indexMentions(expression);
    case 'fold': {
      const bound = [expression.accumulator.name, expression.element.name];
      const body = mentions(expression.body).filter(({ name }) => !bound.includes(name));
      return [...mentions(expression.initial), ...mentions(expression.list), ...body];
    }
    default:
      return unreachable(expression, 'expression');
  }
}

/** In `log_q[h]` and `size[k]`, what stands in the brackets is a layer or an axis. */
function indexMentions({ target, indices }: ast.Index): readonly Mention[] {
  if (target.kind === 'name') return [{ name: target.name, span: target.span, use: 'indexed' }];
  return [...mentions(target), ...indices.flatMap(mentions)];
}

function callMentions({ callee, axes, arguments: given }: ast.Call): readonly Mention[] {
  const use = axes === null ? 'callee' : 'reduction';
  return [{ ...callee, use }, ...given.flatMap(({ value }) => mentions(value))];
}

/** Definitions and parameters of a block that none of its statements uses. */
export function unusedDefinitions(body: readonly ast.Statement[]): readonly ast.Identifier[] {
  const used = new Set(body.flatMap(({ value }) => mentions(value)).map(({ name }) => name));
  return body.flatMap(statement =>
    (statement.kind === 'let' || statement.kind === 'parameter') && !used.has(statement.name.name)
      ? [statement.name]
      : [],
  );
}
