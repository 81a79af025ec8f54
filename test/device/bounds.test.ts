import { expect, it } from 'vitest';
import { deviceCases, estimated, expectBoundOnDevice } from '../numeric/bound-devices.js';
import { boundCases } from '../numeric/bound-formulas.js';
import { wgslProgram } from '../support/wgsl-program.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

describeOnDevice('bounds of the standard library on WebGPU', () => {
  const device = sharedDevice();

  it.each(Object.keys(boundCases))('%s has the value and gradients of the f64 graph', async name => {
    expect.hasAssertions();
    for (const { text } of deviceCases(name)) {
      await expectBoundOnDevice(text, await device(), (lowered, rows) =>
        wgslProgram(lowered, rows, 'software'),
      );
    }
  });

  it.each(estimated)('%s has the value and gradients of the f64 graph', async text => {
    expect.hasAssertions();
    await expectBoundOnDevice(text, await device(), (lowered, rows) =>
      wgslProgram(lowered, rows, 'software'),
    );
  });
});
