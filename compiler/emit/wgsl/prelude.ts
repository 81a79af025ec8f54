import { threefryParity, threefryRotations } from '../../program/threefry.js';

/** Functions that kernels may call; each text stands in a module once, if the module needs it. */
export interface PreludeFunction {
  readonly text: string;
  /** Others that it calls. */
  readonly needs: readonly PreludeFunction[];
}

/** Two rounds: the second adds and turns the words crosswise. */
function twoRounds(pair: number): string {
  const [a, b] = threefryRotations[(2 * pair) % 8]!;
  const [c, d] = threefryRotations[(2 * pair + 1) % 8]!;
  const mix = (into: string, from: string, bits: number) =>
    `${into} += ${from}; ${from} = ((${from} << ${bits}u) | (${from} >> ${32 - bits}u)) ^ ${into};`;
  return `  ${mix('x.x', 'x.y', a)} ${mix('x.z', 'x.w', b)}
  ${mix('x.x', 'x.w', c)} ${mix('x.z', 'x.y', d)}`;
}

/** After every four rounds the key is added, rotated by one word more, and the number of the injection. */
function injection(number: number): string {
  const word = (i: number) => `k${(number + i) % 5}`;
  return `  x += vec4<u32>(${word(0)}, ${word(1)}, ${word(2)}, ${word(3)} + ${number}u);`;
}

const threefryRounds = [1, 2, 3, 4, 5]
  .map(number => `${twoRounds(2 * number - 2)}\n${twoRounds(2 * number - 1)}\n${injection(number)}`)
  .join('\n');

const threefry: PreludeFunction = {
  text: `// Threefry4x32-20; see NOISE in compiler/program/noise.ts.
fn threefry(counter: vec4<u32>, key: vec4<u32>) -> vec4<u32> {
  let k0 = key.x; let k1 = key.y; let k2 = key.z; let k3 = key.w;
  let k4 = 0x${threefryParity.toString(16)}u ^ k0 ^ k1 ^ k2 ^ k3;
  var x = counter + key;
${threefryRounds}
  return x;
}`,
  needs: [],
};

const noiseUnit: PreludeFunction = {
  text: `fn noise_unit(word: u32) -> f32 {
  return (f32(word >> 9u) + 0.5f) * 1.1920928955078125e-7f;
}`,
  needs: [],
};

/** WGSL promises its own sin and cos to 2^-11 only. */
const sineOfTurns: PreludeFunction = {
  text: `// sin(2π (u + q / 4)) for u in [0, 1]: Taylor series on an eighth of a turn, absolute error below 3e-7.
fn sine_of_turns(u: f32, q: u32) -> f32 {
  let nearest = floor(4.0f * u + 0.5f);
  let r = (u - 0.25f * nearest) * 6.2831855f;
  let s = r * r;
  let sine = r + r * s * (-0.16666667f + s * (0.008333334f + s * (-0.0001984127f + s * 2.7557319e-6f)));
  let cosine = 1.0f + s * (-0.5f + s * (0.041666668f + s * (-0.0013888889f + s * 2.4801587e-5f)));
  let quarter = u32(nearest) + q;
  let magnitude = select(sine, cosine, (quarter & 1u) == 1u);
  return select(magnitude, -magnitude, (quarter & 2u) == 2u);
}`,
  needs: [],
};

/** `key` = (seedLow, seedHigh, stream, step); `address` = (row, sample, element). */
export const noiseFunctions: Readonly<Record<'normal' | 'uniform', PreludeFunction>> = {
  uniform: {
    text: `fn noise_uniform(key: vec4<u32>, address: vec3<u32>) -> f32 {
  let words = threefry(vec4<u32>(address.z >> 2u, address.y, address.x, 0u), key);
  return noise_unit(words[address.z & 3u]);
}`,
    needs: [threefry, noiseUnit],
  },
  normal: {
    text: `fn noise_normal(key: vec4<u32>, address: vec3<u32>) -> f32 {
  let words = threefry(vec4<u32>(address.z >> 2u, address.y, address.x, 0u), key);
  let lane = address.z & 2u;
  let radius = sqrt(-2.0f * log(noise_unit(words[lane])));
  return radius * sine_of_turns(noise_unit(words[lane + 1u]), 1u - (address.z & 1u));
}`,
    needs: [threefry, noiseUnit, sineOfTurns],
  },
};

const scramble: PreludeFunction = {
  text: `fn scramble(half: u32, key: u32) -> u32 {
  var h = half ^ key;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}`,
  needs: [],
};

export const shuffledRow: PreludeFunction = {
  text: `// See shuffledRow in compiler/program/noise.ts. The walk ends: the network is a bijection.
fn shuffled_row(position: u32, count: u32, seed_low: u32, seed_high: u32, epoch: u32) -> u32 {
  var half_bits = 1u;
  while (half_bits < 16u && (1u << (2u * half_bits)) < count) { half_bits++; }
  let mask = (1u << half_bits) - 1u;
  let key = scramble(seed_low, scramble(seed_high, scramble(epoch, 0x9e3779b9u)));
  var row = position;
  loop {
    var left = row >> half_bits;
    var right = row & mask;
    for (var round = 0u; round < 6u; round++) {
      let next = (left ^ scramble(right, key + round * 0x9e3779b9u)) & mask;
      left = right;
      right = next;
    }
    row = (left << half_bits) | right;
    if (row < count) { break; }
  }
  return row;
}`,
  needs: [scramble],
};

/** Every text needed, callees first. */
export function preludeText(wanted: Iterable<PreludeFunction>): readonly string[] {
  const texts = new Set<string>();
  const visit = (part: PreludeFunction) => {
    part.needs.forEach(visit);
    texts.add(part.text);
  };
  for (const part of wanted) visit(part);
  return [...texts];
}
