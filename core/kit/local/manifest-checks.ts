import { type Kind, type Settings, SPEC_VERSION } from '../../contracts/index.ts';
import { validateAgainst } from '../../registry/validation.ts';
import { type Check, must } from '../check.ts';
import { type LocalSubject, localWorld } from './world.ts';

/** A value no setting of these types takes. */
const WRONG: Record<string, unknown> = { string: 7, number: 'x', integer: 'x', boolean: 'x', array: 'x', object: 'x' };

interface SettingSchema {
  type?: string;
  title?: string;
  minimum?: number;
  maximum?: number;
}

/** What every provider in this process must do, whatever its kind. */
export function localChecks<K extends Kind>(kind: K): readonly Check<LocalSubject<K>>[] {
  return [
    {
      id: 'manifest-named',
      title: 'The manifest says what it is: kind, ids, title, models, the contracts it was written for.',
      tier: 'bronze',
      async run({ vendor, provider }) {
        must(provider.kind === kind, `kind ${kind}`);
        must(provider.vendor === vendor.id, 'the vendor the provider names is the one it came with');
        must(/^[a-z0-9][a-z0-9-]*$/.test(provider.id), 'an id in kebab-case');
        must(provider.title !== '' && vendor.title !== '', 'titles');
        must(provider.models.length > 0, 'at least one model');
        must(vendor.specVersion === SPEC_VERSION, `contract version ${SPEC_VERSION}`);
      },
    },
    {
      id: 'stays-local',
      title: 'Nothing leaves the machine: neither construction nor use of a local provider asks for a connection.',
      tier: 'bronze',
      async run({ provider, settings }, life) {
        const { ctx, reached } = localWorld(life);
        const instance = (await provider.create({}, settings ?? {}, ctx)) as { close?(): Promise<void> };
        life.defer(() => instance.close?.());
        must(reached.length === 0, 'no connection while it is made');
      },
    },
    {
      id: 'settings-refused-by-name',
      title: 'A setting of a wrong type or outside its bounds is refused, and the refusal names the field.',
      tier: 'silver',
      async run({ provider, settings }) {
        const good = validateAgainst(provider.settings, settings ?? {}, 'settings');
        for (const [name, schema] of Object.entries(propertiesOf(provider.settings))) {
          must(schema.type !== undefined, `settings.${name} states a type`);
          for (const wrong of wrongFor(schema)) {
            must(refusedField(provider.settings, { ...good, [name]: wrong }) === `settings.${name}`, refusal(name));
          }
        }
      },
    },
    {
      id: 'settings-have-defaults',
      title: 'It works without any setting: each has a default, and a title for whoever fills it in.',
      tier: 'silver',
      async run({ provider }) {
        const filled = validateAgainst(provider.settings, {}, 'settings');
        for (const [name, schema] of Object.entries(propertiesOf(provider.settings))) {
          must(filled[name] !== undefined, `settings.${name} has a default`);
          must(schema.title !== undefined, `settings.${name} has a title`);
        }
      },
    },
  ];
}

function refusal(name: string): string {
  return `a wrong settings.${name} is refused by that name`;
}

function propertiesOf(schema: unknown): Record<string, SettingSchema> {
  return (schema as { properties?: Record<string, SettingSchema> }).properties ?? {};
}

function wrongFor({ type, minimum, maximum }: SettingSchema): unknown[] {
  const wrong = [WRONG[type ?? '']];
  if (minimum !== undefined) wrong.push(minimum - 1);
  if (maximum !== undefined) wrong.push(maximum + 1);
  return wrong;
}

function refusedField(schema: Parameters<typeof validateAgainst>[0], settings: Settings): string | undefined {
  try {
    validateAgainst(schema, settings, 'settings');
    return undefined;
  } catch (error) {
    return (error as { field?: string }).field;
  }
}
