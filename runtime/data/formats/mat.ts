import { fault } from '../../errors.js';
import { type StoredArray, type StoredData, sizeOf, typed } from '../array.js';
import { inflate } from './inflate.js';
import { type Element, elementAt, elementsOf, readNumbers } from './mat-elements.js';

/*
 * MATLAB level 5 files, as MathWorks' "MAT-File Format" describes them: a header of 128 bytes, then elements. A variable is
 * a matrix element, usually packed. Only arrays of real numbers are read; cells, structures, text and sparse or complex
 * arrays are named and left out.
 */

const headerBytes = 128;
const matrix = 14;
const packedElement = 15;
/** Classes of arrays of numbers: mxDOUBLE_CLASS to mxUINT64_CLASS. */
const firstNumericClass = 6;
const lastNumericClass = 15;
const complexFlag = 0x800;
const largestRank = 8;

/** Whether bytes are a level 5 file, by the version and byte order at the end of the header. */
export function looksLikeMat(bytes: Uint8Array): boolean {
  if (bytes.length < headerBytes) return false;
  const order = String.fromCharCode(bytes[126]!, bytes[127]!);
  const [major, minor] = order === 'IM' ? [bytes[125], bytes[124]] : [bytes[124], bytes[125]];
  return (order === 'IM' || order === 'MI') && major === 1 && minor === 0;
}

export const looksLikeMat73 = (bytes: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(bytes.subarray(0, 10)) === 'MATLAB 7.3';

/**
 * The variables of a MATLAB file, versions 5 to 7.
 * @throws RuntimeFault `data-corrupt`
 */
export function parseMat(bytes: Uint8Array, where: string): StoredData {
  const corrupt = (reason: string) => fault('data-corrupt', { where, reason });
  if (looksLikeMat73(bytes)) {
    throw corrupt("it is a MATLAB 7.3 file (HDF5), which is not read: save it with `save(…, '-v7')`");
  }
  if (!looksLikeMat(bytes)) throw corrupt('it is not a MATLAB level 5 file');
  const little = bytes[126] === 0x49;
  const arrays: StoredArray[] = [];
  const others: string[] = [];
  try {
    for (let offset = headerBytes; offset < bytes.length; ) {
      const element = elementAt(bytes, offset, little);
      const variable = variableOf(element, little);
      if (typeof variable === 'string') others.push(variable);
      else if (variable !== null) arrays.push(variable);
      offset = element.next;
    }
  } catch (error) {
    throw corrupt(error instanceof Error ? error.message : String(error));
  }
  return { arrays, others };
}

/** A variable; the name of one that is no array of real numbers; null for an element that is no variable. */
function variableOf(outer: Element, little: boolean): StoredArray | string | null {
  const element = outer.type === packedElement ? elementAt(inflate(outer.bytes), 0, little) : outer;
  if (element.type !== matrix || element.bytes.length === 0) return null;
  const [flags, dimensions, name, real] = elementsOf(element.bytes, little, 4);
  if (flags === undefined || dimensions === undefined || name === undefined) {
    throw new Error('a variable ends inside its description');
  }
  const facts = readNumbers(flags, little)[0]!;
  const title = new TextDecoder('latin1').decode(name.bytes);
  const type = facts & 0xff;
  const numeric = type >= firstNumericClass && type <= lastNumericClass && (facts & complexFlag) === 0;
  if (!numeric || real === undefined) return title;
  const shape = [...readNumbers(dimensions, little)];
  checkShape(title, shape, real);
  return { name: title, shape, columnMajor: true, read: () => typed(readNumbers(real, little)) };
}

function checkShape(name: string, shape: readonly number[], { count }: Element): void {
  const sound = shape.every(extent => Number.isSafeInteger(extent) && extent >= 0);
  if (!sound || shape.length < 2 || shape.length > largestRank) {
    throw new Error(`its variable '${name}' has the shape [${shape.join(', ')}]`);
  }
  if (sizeOf(shape) !== count) {
    throw new Error(
      `its variable '${name}' has the shape [${shape.join(', ')}], ${sizeOf(shape)} numbers, and holds ${count}`,
    );
  }
}
