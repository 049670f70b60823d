import type { AnyProvider, VendorManifest } from './manifest.ts';

/** What a package exports as default: Balto calls it once, at the start. */
export type BaltoPlugin = (app: {
  balto: { register(vendor: VendorManifest, providers: AnyProvider[]): void };
}) => Promise<void>;

/**
 * A plugin that registers one vendor and its providers, for a package that imports nothing but `balto/contracts`:
 *
 * ```ts
 * export default pluginOf(vendor, [acmeStt]);
 * ```
 */
export function pluginOf(vendor: VendorManifest, providers: AnyProvider[]): BaltoPlugin {
  const plugin: BaltoPlugin = async (app) => app.balto.register(vendor, providers);
  // What `fastify-plugin` puts there: the vendor belongs to the whole server, not to a scope of its own.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: `balto-${vendor.id}`,
    [Symbol.for('plugin-meta')]: { name: `balto-${vendor.id}`, fastify: '5.x' },
  });
}
