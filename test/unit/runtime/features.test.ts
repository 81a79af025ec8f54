import { expect, it } from 'vitest';
import { checkFeatures } from '../../../runtime/webgpu/limits.js';
import { tinyArtefact } from '../../support/tiny-program.js';

const { program } = tinyArtefact;
const half = { name: 'workspace.f16', role: 'workspace', element: 'f16', length: 8 } as const;
const mixed = { ...program, buffers: [...program.buffers, half] };
const without: GPUSupportedFeatures = new Set();

it('names the feature, the device and what to do where a device has no numbers of 16 bits', () => {
  expect(() => checkFeatures(program, without, 'toaster')).not.toThrow();
  expect(() => checkFeatures(mixed, new Set(['shader-f16']), 'toaster')).not.toThrow();
  expect(() => checkFeatures(mixed, without, 'toaster')).toThrow(
    expect.objectContaining({
      code: 'feature-missing',
      message: expect.stringMatching(
        /in mixed precision needs the feature shader-f16, which 'toaster' has not/,
      ),
    }),
  );
});
