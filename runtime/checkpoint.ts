import { crc32 } from './crc32.js';
import { corrupt, joinFile, parseTensors, printHeader, splitFile, type Tensor } from './safetensors.js';

export type { Tensor } from './safetensors.js';

/** What a checkpoint says of the run it belongs to; written as strings in the file's `__metadata__`. */
export interface CheckpointFacts {
  /** Steps done. */
  readonly step: number;
  readonly seed: bigint;
  /** `ModelFacts.signature` of the program. */
  readonly signature: string;
  readonly model: string;
  /** SHA-256 of the spec's text, or '' where it is not known. */
  readonly specHash: string;
  /** SHA-256 of the training data, or '' where it is not known. */
  readonly dataHash: string;
  readonly binarise: string;
  /** The objective summed over the `epochSteps` steps that the epoch under way has had; 0 at the end of an epoch. */
  readonly epochSum: number;
  readonly epochSteps: number;
  readonly bound: string;
  readonly k: number;
  readonly programVersion: number;
}

/**
 * Parameters and optimizer states between two steps. Tensors: `parameters/<parameter>`, `<state>/<parameter>` and
 * `statistics/<data>` (mean of the training rows, so that a model samples without its data).
 */
export interface Checkpoint {
  readonly facts: CheckpointFacts;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

const format = 'iwaec-checkpoint';
const formatVersion = '1';
/** In place of the checksum while it is computed. */
const blankChecksum = '00000000';
const checksumPattern = /"checksum":"([0-9a-f]{8})"/;

/** One row a fact: its name in the file, and how it is written and read; reading gives undefined for nonsense. */
interface FactRow<Value> {
  readonly key: string;
  readonly print: (value: Value) => string;
  readonly parse: (text: string) => Value | undefined;
}

const text = (key: string): FactRow<string> => ({ key, print: value => value, parse: value => value });
const count = (key: string): FactRow<number> => ({
  key,
  print: String,
  parse: value => (/^\d{1,15}$/.test(value) ? Number(value) : undefined),
});
/** A finite f64, written so that reading gives the same bits. */
const real = (key: string): FactRow<number> => ({
  key,
  print: String,
  parse: value => (value !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined),
});
const wide = (key: string): FactRow<bigint> => ({
  key,
  print: String,
  parse: value => (/^\d{1,20}$/.test(value) && BigInt(value) < 2n ** 64n ? BigInt(value) : undefined),
});

const factRows: { readonly [Name in keyof CheckpointFacts]: FactRow<CheckpointFacts[Name]> } = {
  step: count('step'),
  seed: wide('seed'),
  signature: text('model_signature'),
  model: text('model'),
  specHash: text('spec_sha256'),
  dataHash: text('data_sha256'),
  binarise: text('binarise'),
  epochSum: real('epoch_bound_sum'),
  epochSteps: count('epoch_steps'),
  bound: text('bound'),
  k: count('k'),
  programVersion: count('program_version'),
};

/** The bytes of a safetensors file; the same bytes for the same checkpoint. */
export function encodeCheckpoint({ facts, tensors }: Checkpoint): Uint8Array<ArrayBuffer> {
  const metadata = new Map([
    ['format', format],
    ['format_version', formatVersion],
    ['checksum', blankChecksum],
    ...Object.entries(factRows).map(([name, row]): [string, string] => [
      row.key,
      (row as FactRow<unknown>).print(facts[name as keyof CheckpointFacts]),
    ]),
  ]);
  const header = printHeader({ metadata, tensors });
  const file = joinFile(header, tensors);
  const checksum = crc32(file).toString(16).padStart(8, '0');
  file.set(new TextEncoder().encode(checksum), checksumPlace(file, file.length)!);
  return file;
}

/**
 * Reads what `encodeCheckpoint` wrote. `where` names it in messages.
 * @throws RuntimeFault `checkpoint-corrupt` for anything but a whole checkpoint
 */
export function decodeCheckpoint(bytes: Uint8Array, where = ''): Checkpoint {
  const { header, data } = splitFile(bytes, where);
  const { metadata, tensors } = parseTensors(header, data, where);
  if (metadata.get('format') !== format) throw corrupt(where, 'it was not written by this program');
  const version = metadata.get('format_version');
  if (version !== formatVersion)
    throw corrupt(where, `it has format version ${version}, and this reads ${formatVersion}`);
  verifyChecksum(bytes, header.length, where);
  return { facts: parseFacts(metadata, where), tensors };
}

/** Byte offset of the checksum's digits in a file whose header ends before `headerEnd`. */
function checksumPlace(file: Uint8Array, headerEnd: number): number | undefined {
  // Metadata comes first, so that the search need not go through the whole header, let alone the data.
  const start = new TextDecoder('latin1').decode(file.subarray(0, Math.min(headerEnd, 4096)));
  const match = checksumPattern.exec(start);
  return match === null ? undefined : match.index + match[0].length - 1 - blankChecksum.length;
}

/** The sum covers the header's length, the header with the sum itself blanked, and the data. */
function verifyChecksum(bytes: Uint8Array, headerLength: number, where: string): void {
  const place = checksumPlace(bytes, 8 + headerLength);
  if (place === undefined) throw corrupt(where, 'it has no checksum');
  const end = place + blankChecksum.length;
  const stated = new TextDecoder('latin1').decode(bytes.subarray(place, end));
  const blank = new TextEncoder().encode(blankChecksum);
  const actual = crc32(bytes.subarray(0, place), blank, bytes.subarray(end));
  if (Number.parseInt(stated, 16) !== actual) throw corrupt(where, 'its checksum does not match its content');
}

function parseFacts(metadata: ReadonlyMap<string, string>, where: string): CheckpointFacts {
  const read = <Value>({ key, parse }: FactRow<Value>): Value => {
    const found = metadata.get(key);
    const value = found === undefined ? undefined : parse(found);
    if (value === undefined) throw corrupt(where, `its metadata has no valid '${key}'`);
    return value;
  };
  return {
    step: read(factRows.step),
    seed: read(factRows.seed),
    signature: read(factRows.signature),
    model: read(factRows.model),
    specHash: read(factRows.specHash),
    dataHash: read(factRows.dataHash),
    binarise: read(factRows.binarise),
    epochSum: read(factRows.epochSum),
    epochSteps: read(factRows.epochSteps),
    bound: read(factRows.bound),
    k: read(factRows.k),
    programVersion: read(factRows.programVersion),
  };
}
