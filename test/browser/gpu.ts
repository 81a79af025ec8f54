/* What runs in a page before anything of it, to give it another GPU than its browser has. */

/** Keeps the page's GPU devices in `window.openedGpus`, so that a test can lose them. */
export const keepGpus = `
  window.openedGpus = [];
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...args) {
    const device = await request.apply(this, args);
    window.openedGpus.push(device);
    return device;
  };`;

export const withoutWebGpu = `Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined });`;

export const withoutAdapter = `GPU.prototype.requestAdapter = async () => null;`;

/** A GPU that gives no more than every implementation must: what a phone may be. */
export const withSmallLimits = `
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = function () { return request.call(this); };`;
