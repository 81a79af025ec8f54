export { type BiasCertificate, type BiasOptions, type BiasRow, checkBias } from './bias.js';
export { checkGradients, type GradientCertificate, type GradientRow } from './gradients.js';
export type { CertificateOptions } from './setting.js';
