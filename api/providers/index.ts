/** All providers, one line each; their names, settings, prices and tests follow from it. */
export { local } from './local/provider';
export { replicate } from './replicate/provider';
export { sync } from './sync/provider';
