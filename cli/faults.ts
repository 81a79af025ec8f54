import type { FaultCode } from '../runtime/index.js';
import { runtime } from './doors.js';

/** Whether a fault of the runtime with this code was thrown. */
export async function isFaultOf(error: unknown, code: FaultCode): Promise<boolean> {
  const { isFault } = await runtime();
  return isFault(error) && error.code === code;
}
