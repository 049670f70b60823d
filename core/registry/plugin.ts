import fp from 'fastify-plugin';
import type { AnyProvider, VendorManifest } from '../contracts/index.ts';
import { Registry } from './registry.ts';

/** What a plugin sees of Balto: `app.balto.register(vendor, providers)`. */
export interface BaltoDecorator {
  readonly registry: Registry;
  register(vendor: VendorManifest, providers: AnyProvider[]): void;
}

declare module 'fastify' {
  interface FastifyInstance {
    balto: BaltoDecorator;
  }
}

/** Decorates the instance with its own registry. */
export default fp(
  async (app) => {
    const registry = new Registry();
    app.decorate('balto', {
      registry,
      register: (vendor: VendorManifest, providers: AnyProvider[]) => registry.register(vendor, providers),
    });
  },
  { name: 'balto-registry', fastify: '5.x' },
);
