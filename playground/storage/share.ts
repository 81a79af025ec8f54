import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate';

/** Addresses longer than this are cut by some programs on the way. */
const longestFragment = 32_000;
/** As much text as the compiler reads at all; a small fragment can unpack to a very large one. */
const longestText = 256 * 1024;
const prefix = '#model=';

export class ShareError extends Error {}

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

function fromBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]+$/.test(text))
    throw new ShareError('its address holds characters that no shared model has');
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), letter =>
      letter.charCodeAt(0),
    );
  } catch {
    throw new ShareError('its address is cut off');
  }
}

/** Unpacks piece by piece, and stops where it becomes too long. */
function inflate(packed: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  const inflater = new Inflate((piece, final) => {
    length += piece.length;
    ended ||= final;
    if (length > longestText) throw new ShareError(`its text is longer than ${longestText / 1024} KiB`);
    pieces.push(piece);
  });
  try {
    for (let at = 0; at < packed.length; at += 1024) {
      inflater.push(packed.subarray(at, at + 1024), at + 1024 >= packed.length);
    }
  } catch (error) {
    if (error instanceof ShareError) throw error;
    throw new ShareError('its address is damaged or cut off');
  }
  if (!ended) throw new ShareError('its address is cut off');
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The fragment of an address that carries the text. @throws ShareError if that is too long for an address */
export function fragmentOf(text: string): string {
  const packed = deflateSync(strToU8(text), { level: 9 });
  if (prefix.length + Math.ceil((packed.length * 4) / 3) > longestFragment) {
    throw new ShareError('it is too long for an address, so send it as a file');
  }
  return prefix + toBase64Url(packed);
}

/** The text that a fragment carries, or null where it carries none. @throws ShareError for one made by hand or cut off */
export function textOfFragment(fragment: string): string | null {
  if (!fragment.startsWith(prefix)) return null;
  if (fragment.length > longestFragment) throw new ShareError('its address is too long');
  const bytes = inflate(fromBase64Url(fragment.slice(prefix.length)));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ShareError(
      `it holds no text (${strFromU8(bytes.subarray(0, 8), true).length} bytes that are not UTF-8)`,
    );
  }
}
