import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../compiler/tensor/autodiff.js';
import type { GraphBuilder } from '../../compiler/tensor/build.js';
import { type Bindings, evaluate } from '../../compiler/tensor/eval.js';
import type { Graph } from '../../compiler/tensor/ir.js';
import { eraseStops, simplify } from '../../compiler/tensor/passes/index.js';
import { printGraph } from '../../compiler/tensor/print.js';
import { verifyGraph } from '../../compiler/tensor/verify.js';
import { buildGraph, inputAxes, inputNames, ops, randomBindings, randomGraph } from './random-graph.js';
import { relativeError, tolerances } from './tolerances.js';

const { relative, spacings } = tolerances.gradient;

type Inputs = Record<string, Float64Array>;

/** f'(0) from f(-2h), f(-h), f(h), f(2h). */
const stencil = (f: (shift: number) => number, h: number) =>
  (f(-2 * h) - 8 * f(-h) + 8 * f(h) - f(2 * h)) / (12 * h);

/** Values that `stop` holds still while inputs move: the graph with every stop made an input of its value. */
function freezeStops(graph: Graph, bindings: Bindings): { graph: Graph; stopped: Inputs } {
  const stopped: Inputs = {};
  const probe = graph.nodes.flatMap((node, id) =>
    node.op === 'stop' ? [{ name: `stop ${id}`, node: node.arg, axes: node.axes }] : [],
  );
  const values = evaluate({ ...graph, outputs: probe }, bindings);
  for (const [name, value] of values) stopped[name] = value;
  const nodes = graph.nodes.map((node, id) =>
    node.op === 'stop' ? ({ op: 'input', name: `stop ${id}`, axes: node.axes } as const) : node,
  );
  return { graph: { ...graph, nodes }, stopped };
}

/** Central differences of the output `objective`, for each element of each input. */
function numericalGradient(graph: Graph, bindings: Bindings & { inputs: Inputs }, spacing: number): Inputs {
  const frozen = freezeStops(graph, bindings);
  const at = (inputs: Inputs) =>
    evaluate(frozen.graph, { ...bindings, inputs: { ...inputs, ...frozen.stopped } }).get('objective')![0]!;
  return Object.fromEntries(
    inputNames.map(name => {
      const values = bindings.inputs[name]!;
      const slope = (_: number, i: number) =>
        stencil(shift => at({ ...bindings.inputs, [name]: values.with(i, values[i]! + shift) }), spacing);
      return [name, values.map(slope)];
    }),
  );
}

const gradientGraph = (builder: GraphBuilder, objective: number): Graph => {
  const gradients = gradient(builder, objective, inputNames);
  inputNames.forEach((name, i) => {
    builder.output(name, gradients[i]!, inputAxes[name]!);
  });
  return builder.build();
};

describe('random graphs', () => {
  it('have the gradients that central differences have', () => {
    fc.assert(
      fc.property(randomGraph, description => {
        const { builder, objective } = buildGraph(description);
        const graph = gradientGraph(builder, objective);
        verifyGraph(graph);
        const bindings = randomBindings(description.seed);
        const exact = evaluate(graph, bindings);
        const objectiveGraph = { ...graph, outputs: [{ name: 'objective', node: objective, axes: [] }] };
        const errorAt = (spacing: number) => {
          const numerical = numericalGradient(objectiveGraph, bindings, spacing);
          return Math.max(...inputNames.map(name => relativeError(exact.get(name)!, numerical[name]!)));
        };
        if (!spacings.some(spacing => errorAt(spacing) < relative)) expect.fail(printGraph(objectiveGraph));
      }),
      { seed: 1509_00519, numRuns: 150 },
    );
  });

  it('hold every operation', () => {
    const graphs = fc
      .sample(randomGraph, { seed: 1509_00519, numRuns: 150 })
      .map(sample => buildGraph(sample).builder);
    const nodes = graphs.flatMap(builder => builder.nodes);
    const used = new Set(nodes.map(node => (node.op === 'map' ? node.scalar : node.op)));
    for (const op of ops) expect(used).toContain(op);
    for (const op of ['contract', 'reduce', 'rename', 'stop', 'index', 'noise']) expect(used).toContain(op);
  });

  it('keep every value and gradient when simplified', () => {
    fc.assert(
      fc.property(randomGraph, description => {
        const { builder, objective, nodes } = buildGraph(description);
        builder.output('objective', objective);
        nodes.forEach((node, i) => {
          builder.output(`node ${i}`, node);
        });
        const graph = gradientGraph(builder, objective);
        const bindings = randomBindings(description.seed);
        const before = evaluate(graph, bindings);
        for (const after of [simplify.run(graph), simplify.run(eraseStops.run(graph))]) {
          verifyGraph(after);
          for (const [name, values] of evaluate(after, bindings)) {
            const error = relativeError(values, before.get(name)!);
            if (error > tolerances.rewriting)
              expect.fail(`${name}: ${error}\n${printGraph(graph)}\n${printGraph(after)}`);
          }
        }
      }),
      { seed: 1312_6114, numRuns: 300 },
    );
  });
});
