import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { initialParameters, modelSizes } from './model.js';

/*
 * The program of a peer in JavaScript; serve.py is its twin. The bench starts it with a request as its one argument:
 *   { "task": "check", "layers", "device", "threads" }                          one fixed case: loss, gradients, six losses
 *   { "task": "steps", "layers", "batch", "k", "device", "threads", "rows" }    training; `rows` is a file of 0 and 1 bytes
 * The first reply of `steps` says how long the first step took from nothing. Then each line of stdin is a number of
 * steps to do, answered by their time. A reply is one line of JSON on stdout.
 */
export const request = JSON.parse(process.argv[2]);

const reply = message => process.stdout.write(`${JSON.stringify(message)}\n`);

const tensor = nested => {
  const shape = [];
  for (let at = nested; Array.isArray(at); at = at[0]) shape.push(at.length);
  return { shape, data: Float32Array.from(nested.flat(Infinity)) };
};

/** What the fixed case is computed from; what should come out stays with the bench. */
function fixedCase(layers) {
  const file = layers === 1 ? 'one-layer' : 'two-layers';
  const { params, order, x, eps } = JSON.parse(
    readFileSync(new URL(`fixtures/${file}.json`, import.meta.url), 'utf8'),
  );
  return {
    parameters: Object.fromEntries(order.map(name => [name, tensor(params[name])])),
    x: tensor(x),
    noise: eps.map(tensor),
  };
}

/** Batches of the data one after another, over and over; a batch is a view. */
function batches({ rows, batch }) {
  const data = Float32Array.from(readFileSync(rows));
  const size = batch * modelSizes.data;
  const count = Math.floor(data.length / size);
  let next = 0;
  return () => {
    const at = (next++ % count) * size;
    return data.subarray(at, at + size);
  };
}

/**
 * `check(case)` gives { loss, gradients, losses }; `open({ layers, batch, k, parameters, nextBatch })` gives a function
 * that trains so many steps and resolves with the last loss, all work done.
 */
export async function serve({ check, open }) {
  if (request.task === 'check') {
    reply(await check(fixedCase(request.layers)));
    process.exit(0);
  }
  const nextBatch = batches(request);
  const start = performance.now();
  const train = await open({ ...request, parameters: initialParameters(request.layers), nextBatch });
  await train(1);
  reply({ firstMilliseconds: performance.now() - start });
  for await (const line of createInterface({ input: process.stdin })) {
    const begin = performance.now();
    const loss = await train(Number(line));
    reply({ milliseconds: performance.now() - begin, loss });
  }
  process.exit(0);
}
