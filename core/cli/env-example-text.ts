import { VARIABLES } from '../../config/environment.ts';
import type { VariableNotes } from '../../config/variable-kinds.ts';
import type { Registry } from '../registry/registry.ts';

interface Line {
  variable: string;
  description: string;
  value: unknown;
  /** Left empty and uncommented, so that a key is pasted where it belongs. */
  fill: boolean;
}

const HEAD = `# Configuração do Balto. Copie para .env e preencha só o que precisar.
# Gerado por: npm run docs:env. Linhas comentadas mostram o valor que já vale; variável vazia é variável ausente.
# Booleanos: 1 true yes on ou 0 false no off. Listas: separadas por vírgula.
`;

/** The text of `.env.example`: Balto's own variables, then those that the registered plugins declare. */
export function envExample(registry: Registry): string {
  const sections = new Map<string, Line[]>();
  for (const variable of VARIABLES) {
    const lines = sections.get(variable.section) ?? [];
    lines.push({
      variable: variable.env,
      description: described(variable),
      value: variable.schema['default'] ?? (variable.schema['examples'] as unknown[] | undefined)?.[0],
      fill: variable.secret === true && !variable.pending,
    });
    sections.set(variable.section, lines);
  }
  for (const [section, lines] of pluginSections(registry)) sections.set(section, lines);
  return [HEAD, ...[...sections].map(([section, lines]) => render(section, lines))].join('\n');
}

function described(variable: VariableNotes): string {
  return variable.pending ? `${variable.description} Ainda não faz nada nesta versão.` : variable.description;
}

/**
 * One section per vendor that reads a variable: its keys, then the settings of its providers. A variable of Balto's own
 * that a provider also reads stands in Balto's section only.
 */
function pluginSections(registry: Registry): [string, Line[]][] {
  const sections: [string, Line[]][] = [];
  const ours = new Set(VARIABLES.map(({ env }) => env));
  const byTitle = registry.vendors().sort((left, right) => left.id.localeCompare(right.id));
  for (const vendor of byTitle) {
    const lines: Line[] = (vendor.env ?? []).map((variable, index) => ({
      variable,
      description:
        index === 0 ? 'Chave; pode ser uma lista separada por vírgulas.' : `Outro nome de ${vendor.env?.[0]}.`,
      value: '',
      fill: index === 0,
    }));
    for (const provider of registry.list().filter((each) => each.vendor === vendor.id)) {
      for (const line of settingsOf(provider.settings)) {
        const isKnown = ours.has(line.variable) || lines.some(({ variable }) => variable === line.variable);
        if (!isKnown) lines.push(line);
      }
    }
    if (lines.length > 0) sections.push([`Fornecedor: ${vendor.title}`, lines]);
  }
  return sections;
}

function settingsOf(schema: object): Line[] {
  const properties = (schema as { properties?: Record<string, Record<string, unknown>> }).properties ?? {};
  return Object.values(properties).flatMap((property) => {
    const variable = property['env'];
    if (typeof variable !== 'string') return [];
    const description = String(property['title'] ?? property['description'] ?? '');
    return [{ variable, description, value: property['default'], fill: false }];
  });
}

function render(section: string, lines: Line[]): string {
  const rows = lines.map(({ variable, description, value, fill }) => {
    const assignment = fill ? `${variable}=` : `#${variable}=${valueText(value)}`;
    return `${description ? `# ${description}\n` : ''}${assignment}\n`;
  });
  return `# ---- ${section} ----\n\n${rows.join('\n')}`;
}

function valueText(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return Array.isArray(value) ? value.join(',') : String(value ?? '');
}
