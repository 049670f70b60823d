/** The base of every emulated vendor: real sockets on 127.0.0.1, faults on demand, requests kept for inspection. */
export { type Fault, FaultSwitch, finalDelivery } from './faults.ts';
export * from './listening.ts';
export * from './server.ts';
export { wordListening } from './word-listening.ts';
