import type { Peaks } from '../device.js';
import { bufferUsage, shaderStageCompute } from './constants.js';
import { timePasses } from './timing.js';

const workgroup = 256;
/** Independent sums in registers, so that none waits for another, and steps of each. */
const sums = 8;
const steps = 256;
/** Four multiplications and four additions each. */
const operationsOf = (invocations: number) => invocations * sums * steps * 8;

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The factors come from memory, so that no compiler can do the work before. */
const registersText = `
@group(0) @binding(0) var<storage, read_write> values: array<vec4f>;
@compute @workgroup_size(${workgroup})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = values[0] * 0.5;
  ${range(sums)
    .map(i => `var s${i} = values[${i}u];`)
    .join(' ')}
  for (var i = 0u; i < ${steps}u; i++) {
    ${range(sums)
      .map(i => `s${i} = fma(s${i}, a, a);`)
      .join(' ')}
  }
  values[id.x] = ${range(sums)
    .map(i => `s${i}`)
    .join(' + ')};
}`;

const copyText = `
@group(0) @binding(0) var<storage, read_write> values: array<vec4f>;
@compute @workgroup_size(${workgroup})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  values[id.x + groups.x * ${workgroup}u] = values[id.x];
}`;

/** Doubled until a launch takes this long. */
const longEnoughSeconds = 0.02;
const mostWorkgroups = 32768;
const bytesOf = (invocations: number) => invocations * 16;
const repeats = 5;

/** @see Device.peaks */
export async function measurePeaks(device: GPUDevice): Promise<Peaks> {
  const most = Math.min(
    mostWorkgroups,
    device.limits.maxComputeWorkgroupsPerDimension,
    Math.floor(device.limits.maxStorageBufferBindingSize / (2 * bytesOf(workgroup))),
  );
  const buffer = device.createBuffer({
    label: 'peaks',
    size: 2 * bytesOf(workgroup) * most,
    usage: bufferUsage.storage,
  });
  try {
    const flops = await rate(device, buffer, registersText, most, operationsOf);
    // Each element is read and written.
    const bytes = await rate(device, buffer, copyText, most, invocations => 2 * bytesOf(invocations));
    return { flops, bytes };
  } finally {
    buffer.destroy();
  }
}

/** The most `amount` a second that launches of growing size reach. */
async function rate(
  device: GPUDevice,
  buffer: GPUBuffer,
  text: string,
  most: number,
  amount: (invocations: number) => number,
): Promise<number> {
  const layout = device.createBindGroupLayout({
    entries: [{ binding: 0, visibility: shaderStageCompute, buffer: { type: 'storage' } }],
  });
  const pipeline = await device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code: text, label: 'peaks' }), entryPoint: 'main' },
  });
  const group = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] });
  let best = 0;
  for (let groups = 64; groups <= most; groups *= 2) {
    const launch = (pass: GPUComputePassEncoder) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(groups);
    };
    const { begins, ends } = await timePasses(
      device,
      Array.from({ length: repeats }, () => launch),
    );
    const seconds = Math.min(...Array.from(ends, (end, i) => end - begins[i]!));
    best = Math.max(best, amount(groups * workgroup) / Math.max(seconds, 1e-9));
    if (seconds > longEnoughSeconds) break;
  }
  return best;
}
