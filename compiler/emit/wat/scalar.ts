import { strideOf } from '../../kernel/affine.js';
import type { Affine, KernelBuffer, Scalar } from '../../kernel/ir.js';
import { dependsOn } from '../../kernel/verify.js';
import { frameHostStart, frameWords } from '../../program/frame.js';
import type { LaneAlgebra } from '../../scalar/lanes.js';
import { scalars } from '../../scalar/registry.js';
import { constantLanes, laneAlgebra, transpose, wordLanes } from './lanes.js';
import type { FunctionText, Node, NodeTable } from './nodes.js';
import { gatherWords, noiseLanes } from './noise.js';

/** A point, or four neighbours along one loop, where scalars are evaluated. */
export interface Point {
  /** Loop variables in scope. */
  readonly loops: ReadonlyMap<string, Node>;
  /** The loop along which lane l is l steps ahead; null: all lanes see the same point. */
  readonly lane: string | null;
  /** How many lanes count; the others may hold anything. */
  readonly lanes: 1 | 2 | 3 | 4;
  /** The lane loop's variable is a multiple of 4 here. */
  readonly aligned: boolean;
  /** This point is one of four along the lane loop, whose variable is `first` at the first of them. */
  readonly quad: { readonly first: Node; readonly position: number } | null;
  readonly accumulator: (reduction: number) => Node;
}

type NoiseScalar = Extract<Scalar, { kind: 'noise' }>;

const lanePositions = [0, 1, 2, 3] as const;

/** Evaluates scalars of one kernel into WebAssembly values. */
export class Evaluator {
  readonly nodes: NodeTable;
  readonly lanes: LaneAlgebra<Node>;
  readonly #frame: Node;

  constructor(
    readonly text: FunctionText,
    readonly buffer: (name: string) => { readonly pointer: Node; readonly facts: KernelBuffer },
  ) {
    this.nodes = text.nodes;
    this.lanes = laneAlgebra(text.nodes);
    this.#frame = text.nodes.local('$frame', 'i32', 0);
  }

  /** The values of several scalars at one point. */
  evaluate(roots: readonly Scalar[], point: Point): readonly Node[] {
    const known = new Map<Scalar, Node>();
    const visit = (scalar: Scalar): Node => {
      const value = known.get(scalar) ?? this.#compute(scalar, point, visit);
      known.set(scalar, value);
      return value;
    };
    return roots.map(visit);
  }

  /** constant + Σ stride · loop at lane 0; what is constant in the innermost loops is computed outside of them. */
  index(affine: Affine, point: Point): Node {
    const terms = affine.terms
      .map(term => this.nodes.scaleInteger(point.loops.get(term.loop)!, term.stride))
      .sort((a, b) => a.level - b.level);
    const sum = terms.reduce((total, term) => this.nodes.addInteger(total, term), this.nodes.integer(0));
    return this.nodes.addInteger(sum, this.nodes.integer(affine.constant));
  }

  /** Address of an element, and the rest of it as an instruction's offset. */
  address(buffer: string, affine: Affine, point: Point): { readonly base: Node; readonly offset: number } {
    const { pointer } = this.buffer(buffer);
    const terms = affine.terms.map(({ loop, stride }) =>
      this.nodes.scaleInteger(point.loops.get(loop)!, stride * 4),
    );
    const constant = affine.constant * 4;
    const parts = [pointer, this.nodes.integer(Math.min(constant, 0)), ...terms];
    const base = parts
      .sort((a, b) => a.level - b.level)
      .reduce((sum, part) => this.nodes.addInteger(sum, part), this.nodes.integer(0));
    return { base, offset: Math.max(constant, 0) };
  }

  #compute(scalar: Scalar, point: Point, visit: (scalar: Scalar) => Node): Node {
    switch (scalar.kind) {
      case 'constant':
        return constantLanes(this.nodes, scalar.value);
      case 'host':
        return this.nodes.make(`v128.load32_splat offset=${4 * (frameHostStart + scalar.slot)}`, 'v128', [
          this.#frame,
        ]);
      case 'load':
        return this.#load(scalar.buffer, scalar.index, point);
      case 'dataset':
        return this.#dataset(scalar, point);
      case 'noise':
        return this.#noise(scalar, scalar.choice && visit(scalar.choice), point);
      case 'index':
        return this.lanes.fromInteger(this.#integerLanes(scalar.value, point));
      case 'accumulator':
        return point.accumulator(scalar.reduction);
      case 'apply':
        return scalars[scalar.op].wat(this.lanes, ...scalar.args.map(visit));
    }
  }

  #stride(affine: Affine, point: Point): number {
    return point.lane === null ? 0 : strideOf(affine, point.lane);
  }

  /** An affine form at each lane. */
  #integerLanes(affine: Affine, point: Point): Node {
    const first = this.nodes.make('i32x4.splat', 'v128', [this.index(affine, point)]);
    const stride = this.#stride(affine, point);
    if (stride === 0) return first;
    return this.lanes.integerAdd(
      first,
      wordLanes(
        this.nodes,
        lanePositions.map(lane => lane * stride),
      ),
    );
  }

  #load(buffer: string, affine: Affine, point: Point): Node {
    const { base, offset } = this.address(buffer, affine, point);
    const stride = this.#stride(affine, point);
    if (stride === 1) return this.nodes.make(`v128.load offset=${offset}`, 'v128', [base]);
    const first = this.nodes.make(`v128.load32_splat offset=${offset}`, 'v128', [base]);
    if (stride === 0) return first;
    // Lanes that do not count would lie outside of the array.
    return lanePositions.slice(1, point.lanes).reduce((vector: Node, lane) => {
      const step = 4 * stride * lane;
      const at = step < 0 ? this.nodes.addInteger(base, this.nodes.integer(step)) : base;
      const instruction = `v128.load32_lane offset=${offset + Math.max(step, 0)} ${lane}`;
      return this.nodes.make(instruction, 'v128', [at, vector]);
    }, first);
  }

  /** Index in the data set of the row that `row` names, at lane 0 or at a later one. */
  #rowIndex(rows: string, row: Affine, point: Point, lane = 0): Node {
    const shifted = { ...row, constant: row.constant + lane * this.#stride(row, point) };
    const { base, offset } = this.address(rows, shifted, point);
    return this.nodes.make(`i32.load offset=${offset}`, 'i32', [base]);
  }

  #dataset(scalar: Extract<Scalar, { kind: 'dataset' }>, point: Point): Node {
    const { pointer } = this.buffer(scalar.buffer);
    const size = scalar.encoding === 'byte' ? 1 : 4;
    const at = (lane: number) => {
      const row = this.nodes.scaleInteger(this.#rowIndex(scalar.rows, scalar.row, point, lane), scalar.width);
      const constant = scalar.feature.constant + lane * this.#stride(scalar.feature, point);
      const feature = this.index({ ...scalar.feature, constant }, point);
      const outer = this.nodes.addInteger(pointer, this.nodes.scaleInteger(row, size));
      return this.nodes.addInteger(outer, this.nodes.scaleInteger(feature, size));
    };
    const rowStride = this.#stride(scalar.row, point);
    if (rowStride === 0 && this.#stride(scalar.feature, point) === 1) {
      const instruction = size === 1 ? 'v128.load32_zero' : 'v128.load';
      const words = this.nodes.make(instruction, 'v128', [at(0)]);
      return size === 1 ? this.#bytesToNumbers(words) : words;
    }
    const last = point.lane === null ? 0 : point.lanes - 1;
    const addresses = lanePositions.map(lane => at(Math.min(lane, last)));
    const load = (address: Node) =>
      this.nodes.make(size === 1 ? 'i32.load8_u' : 'i32.load', 'i32', [address]);
    const words = gatherWords(this.nodes, addresses.map(load));
    return size === 1 ? this.lanes.fromInteger(words) : words;
  }

  #bytesToNumbers(bytes: Node): Node {
    const halves = this.nodes.make('i16x8.extend_low_i8x16_u', 'v128', [bytes]);
    return this.lanes.fromInteger(this.nodes.make('i32x4.extend_low_i16x8_u', 'v128', [halves]));
  }

  #frameWord(word: number): Node {
    return this.nodes.make(`i32.load offset=${4 * word}`, 'i32', [this.#frame]);
  }

  /** Data are the same in every block of samples. */
  #firstSample(clock: 'model' | 'data'): Node {
    return clock === 'model' ? this.#frameWord(frameWords.sampleOffset) : this.nodes.integer(0);
  }

  #noise(scalar: NoiseScalar, choice: Node | null, point: Point): Node {
    const clock =
      scalar.clock === 'model'
        ? [frameWords.seedLow, frameWords.seedHigh, frameWords.step]
        : [frameWords.dataSeedLow, frameWords.dataSeedHigh, frameWords.dataStep];
    const [seedLow, seedHigh, step] = clock.map(word => this.#frameWord(word)) as [Node, Node, Node];
    const key = [seedLow, seedHigh, this.nodes.integer(scalar.stream), step] as const;
    const { element, sample, row } = scalar;
    const oneBlock =
      point.aligned &&
      this.#stride(element, point) === 1 &&
      this.#stride(sample, point) === 0 &&
      this.#stride(row, point) === 0 &&
      (scalar.choice === null || point.lane === null || !dependsOn(scalar.choice, point.lane)) &&
      element.constant % 4 === 0 &&
      element.terms.every(term => term.loop === point.lane || term.stride % 4 === 0);
    // The number of the chosen sample, as integers.
    const chosen = choice && this.nodes.make('i32x4.trunc_sat_f32x4_s', 'v128', [choice]);
    return oneBlock
      ? this.#noiseOfBlock(scalar, chosen, key, point)
      : this.#noiseByLane(scalar, chosen, key, point);
  }

  /** Four successive elements of one counter: its four words are theirs. */
  #noiseOfBlock(
    scalar: NoiseScalar,
    chosen: Node | null,
    key: readonly [Node, Node, Node, Node],
    point: Point,
  ): Node {
    const { lane, quad } = point;
    const loops = quad === null ? point.loops : new Map([...point.loops, [lane!, quad.first]]);
    const block = this.nodes.make('i32.shr_u', 'i32', [
      this.index(scalar.element, { ...point, loops }),
      this.nodes.integer(2),
    ]);
    const counted = this.nodes.addInteger(this.index(scalar.sample, point), this.#firstSample(scalar.clock));
    const sample =
      chosen === null
        ? counted
        : this.nodes.addInteger(counted, this.nodes.make('i32x4.extract_lane 0', 'i32', [chosen]));
    const row = scalar.rows === null ? this.nodes.integer(0) : this.#rowIndex(scalar.rows, scalar.row, point);
    const [blocks, samples, rows, ...words] = [block, sample, row, ...key].map(word =>
      this.nodes.make('i32x4.splat', 'v128', [word]),
    ) as [Node, Node, Node, Node, Node, Node, Node];
    // The four points of a quad share the call, which has one of their counters in each lane.
    const counters =
      quad === null ? blocks : this.lanes.integerAdd(blocks, wordLanes(this.nodes, lanePositions));
    const elements = noiseLanes(this.nodes, scalar.law, [counters, samples, rows], words);
    return transpose(this.nodes, elements)[quad?.position ?? 0]!;
  }

  /** Each lane has a counter of its own and takes one word, or one pair, of it. */
  #noiseByLane(
    scalar: NoiseScalar,
    chosen: Node | null,
    key: readonly [Node, Node, Node, Node],
    point: Point,
  ): Node {
    const splat = (word: Node) => this.nodes.make('i32x4.splat', 'v128', [word]);
    const element = this.#integerLanes(scalar.element, point);
    const counted = this.lanes.integerAdd(
      this.#integerLanes(scalar.sample, point),
      splat(this.#firstSample(scalar.clock)),
    );
    const sample = chosen === null ? counted : this.lanes.integerAdd(counted, chosen);
    const block = this.lanes.shiftRight(element, 2);
    const counter = [block, sample, this.#rowLanes(scalar, point)] as const;
    const [a, b, c, d] = noiseLanes(
      this.nodes,
      scalar.law,
      counter,
      key.map(splat) as [Node, Node, Node, Node],
    );
    const bit = (position: number) =>
      this.lanes.shiftRightSigned(this.lanes.shiftLeft(element, 31 - position), 31);
    return this.lanes.choose(bit(1), this.lanes.choose(bit(0), d, c), this.lanes.choose(bit(0), b, a));
  }

  #rowLanes(scalar: NoiseScalar, point: Point): Node {
    const { rows, row } = scalar;
    if (rows === null) return wordLanes(this.nodes, [0, 0, 0, 0]);
    if (this.#stride(row, point) === 0) {
      return this.nodes.make('i32x4.splat', 'v128', [this.#rowIndex(rows, row, point)]);
    }
    const indices = lanePositions.map(lane =>
      this.#rowIndex(rows, row, point, Math.min(lane, point.lanes - 1)),
    );
    return gatherWords(this.nodes, indices);
  }
}
