import type { Role, TypedModel } from '../model/ir.js';
import type { Pass } from '../pipeline.js';
import { gradient } from '../tensor/autodiff.js';
import { GraphBuilder } from '../tensor/build.js';
import type { Graph, NodeId, Output } from '../tensor/ir.js';
import { rebuild } from '../tensor/passes/rebuild.js';
import { featureAxes } from './model-to-tensor/expression.js';
import { outputName } from './model-to-tensor/index.js';

/**
 * Replaces what each network ascends by the gradient of it with respect to that network's parameters. Networks that
 * ascend the same objective share one backward sweep.
 */
export const differentiate = (model: TypedModel): Pass<Graph> => ({
  name: 'differentiate',
  purpose: "the gradient of each network's objective with respect to its own parameters",
  run: graph => {
    const builder = new GraphBuilder(graph.name);
    const { outputs } = rebuild(graph, builder);
    const ascent = (role: Role) => outputs.find(({ name }) => name === outputName.ascent(role))!.node;
    const gradients = gradientsOf(model, builder, ascent);
    const ascents = new Set<string>([outputName.ascent('generative'), outputName.ascent('recognition')]);
    return {
      name: graph.name,
      nodes: builder.nodes,
      outputs: [...outputs.filter(({ name }) => !ascents.has(name)), ...gradients],
    };
  },
});

function gradientsOf(
  model: TypedModel,
  builder: GraphBuilder,
  ascent: (role: Role) => NodeId,
): readonly Output[] {
  const objectives = new Map<NodeId, Set<Role>>();
  for (const role of ['generative', 'recognition'] as const) {
    const objective = ascent(role);
    objectives.set(objective, (objectives.get(objective) ?? new Set()).add(role));
  }
  return [...objectives].flatMap(([objective, roles]) => {
    const parameters = model.parameters.filter(({ role }) => roles.has(role));
    const nodes = gradient(
      builder,
      objective,
      parameters.map(({ name }) => name),
    );
    return parameters.map(({ name, shape }, i) => ({
      name: outputName.gradient(name),
      node: nodes[i]!,
      axes: featureAxes(shape),
    }));
  });
}
