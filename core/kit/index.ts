/** `balto/kit`: proves a provider against an emulator of its vendor, without a key. */
export * from './check.ts';
